/* SPDX-License-Identifier: Apache-2.0 */
#include "operator.h"

#include "sim.h"

static int64_t
waiting(struct sim *s)
{
	return rows_number(&s->rows,
	    "SELECT (SELECT count(*) FROM hold"
	    " WHERE state = 'open') + (SELECT count(*) FROM matter WHERE"
	    " state = 'open' AND kind = 'clock')",
	    0, 0);
}

int64_t
operator_next(struct sim *s)
{
	if (s->looks == 0) {
		if (waiting(s) == 0)
			return 0;
		s->looks = s->boot +
		    (s->calm ? SECOND :
			       chance_span(&s->chance, SECOND, 2 * HOUR));
	}
	return s->looks;
}

static void
command(struct sim *s, const char *actor, const char *verb, const char *body)
{
	wire_command(s, s->boot, actor, verb, body, true);
}

static void
holds_decide(struct sim *s)
{
	sqlite3_stmt *st = rows_begin(&s->rows,
	    "SELECT id FROM hold"
	    " WHERE state = 'open'",
	    0, 0);

	while (rows_next(st)) {
		const char *body = arena_printf(&s->arena, "{\"id\":%lld}",
		    (long long)sqlite3_column_int64(st, 0));

		if (!s->calm && chance_of(&s->chance, 0.3)) {
			command(s, "uid:30 kim", "hold.reject", body);
			continue;
		}
		command(s, "uid:30 kim", "hold.release", body);
		command(s, "uid:31 lee", "hold.release", body);
	}
}

static void
clock_confirm(struct sim *s)
{
	int64_t id = rows_number(&s->rows,
	    "SELECT id FROM matter"
	    " WHERE state = 'open' AND kind = 'clock'",
	    0, 0);

	if (id > 0)
		command(s, "uid:20 ops", "case.answer",
		    arena_printf(&s->arena,
			"{\"id\":%lld,\"answer\":\"go on\"}", (long long)id));
}

void
operator_look(struct sim *s)
{
	if (s->looks == 0 || s->looks > s->boot)
		return;
	s->looks = 0;
	holds_decide(s);
	clock_confirm(s);
}

void
operator_converge(struct sim *s)
{
	sqlite3_stmt *st = rows_begin(&s->rows,
	    "SELECT uid FROM identity"
	    " ORDER BY id",
	    0, 0);

	while (rows_next(st))
		command(s, "uid:20 ops", "identity.converge",
		    arena_printf(&s->arena, "{\"identity\":\"%s\"}",
			rows_text(st, 0)));
}
