/* SPDX-License-Identifier: Apache-2.0 */
#include "operator.h"

#include "sim.h"

static int64_t
waiting(struct sim *s)
{
	return rows_number(&s->rows,
	    "SELECT (SELECT count(*) FROM hold"
	    " WHERE state = 'open') + (SELECT count(*) FROM matter WHERE"
	    " state = 'open' AND (kind = 'clock' OR why LIKE"
	    " '%ended twice%'))",
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

/* Nothing is wrong with them: it was the crashes. */
static void
events_retry(struct sim *s)
{
	sqlite3_stmt *st = rows_begin(&s->rows,
	    "SELECT id FROM matter WHERE state = 'open' AND kind = 'event'"
	    " AND why LIKE '%ended twice%'",
	    0, 0);

	while (rows_next(st))
		command(s, "uid:20 ops", "case.answer",
		    arena_printf(&s->arena,
			"{\"id\":%lld,\"answer\":\"again\"}",
			(long long)sqlite3_column_int64(st, 0)));
}

static void
later(struct sim *s, int64_t after, const char *verb, const char *body)
{
	wire_command(s, s->boot + after, "uid:20 ops", verb, body, true);
}

static void
switched(struct sim *s, const char *verb, const char *on, const char *off,
    const char *back)
{
	struct chance *c = &s->chance;
	int64_t at = chance_span(c, SECOND, 4 * HOUR);

	later(s, at, verb, on);
	later(s, at + chance_span(c, SECOND, 20 * MINUTE), back, off);
}

void
operator_begin(struct sim *s)
{
	struct chance *c = &s->chance;
	const char *system = arena_printf(&s->arena, "{\"system\":\"%s\"}",
	    world_systems[chance_in(c, 0, 1)]);

	if (chance_of(c, 0.15))
		switched(s, "freeze", "{\"on\":true}", "{\"on\":false}",
		    "freeze");
	if (chance_of(c, 0.15))
		switched(s, "system.pause", system, system, "system.resume");
	if (chance_of(c, 0.1))
		later(s, chance_span(c, SECOND, 4 * HOUR), "system.reset",
		    system);
	for (int64_t n = chance_of(c, 0.3) ? chance_in(c, 1, 8) : 0; n > 0; n--)
		later(s, chance_span(c, SECOND, 4 * HOUR),
		    chance_of(c, 0.5) ? "run.cancel" : "run.retry",
		    arena_printf(&s->arena, "{\"id\":%lld}",
			(long long)chance_in(c, 4, 25)));
}

void
operator_end(struct sim *s)
{
	command(s, "uid:20 ops", "freeze", "{\"on\":false}");
	for (int i = 0; i < WORLD_SYSTEMS; i++)
		command(s, "uid:20 ops", "system.resume",
		    arena_printf(&s->arena, "{\"system\":\"%s\"}",
			world_systems[i]));
}

void
operator_look(struct sim *s)
{
	if (s->looks == 0 || s->looks > s->boot)
		return;
	s->looks = 0;
	holds_decide(s);
	clock_confirm(s);
	events_retry(s);
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
