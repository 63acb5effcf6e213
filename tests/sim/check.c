/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "sim.h"

static bool
is_one_of(const char *word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, word) == 0)
			return true;
	return false;
}

struct going { /* a step whose call leaves */
	int64_t id, run, identity, account;
	const char *verb, *after;
	bool removes;
	int64_t priority;
};

static bool
was_committed(struct sim *s, const struct outcall *c, struct going *g)
{
	sqlite3_stmt *st = rows_begin(&s->rows,
	    "SELECT id, run, identity,"
	    " account, verb, \"after\", removes, state, priority FROM step"
	    " WHERE \"call\" = ?1 AND \"call\" != 0",
	    c->call, 0);

	if (!rows_next(st))
		return false;
	*g = (struct going){ sqlite3_column_int64(st, 0),
		sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2),
		sqlite3_column_int64(st, 3),
		arena_str(&s->arena, rows_text(st, 4)),
		arena_str(&s->arena, rows_text(st, 5)),
		sqlite3_column_int64(st, 6) != 0, sqlite3_column_int64(st, 8) };
	bool sent = strcmp(rows_text(st, 7), "sent") == 0;
	sqlite3_reset(st);
	return sent;
}

static void
intent(struct sim *s, const struct outcall *c, const struct going *g)
{
	if (rows_number(&s->rows,
		"SELECT count(*) FROM record"
		" WHERE kind = 'step.sent' AND run = ?1 AND instr(body, '\"id\":'"
		" || ?2 || ',') > 0",
		g->run, g->id) < 1)
		sim_break(s, "intent",
		    "call %llx of step %lld left without "
		    "evidence",
		    (unsigned long long)c->call, (long long)g->id);
}

/* Is name one of a comma separated list? */
static bool
is_after(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = list; *at != '\0';) {
		size_t len = strcspn(at, ",");

		if (len == n && strncmp(at, name, n) == 0)
			return true;
		at += len + (at[len] == ',');
	}
	return false;
}

static void
order(struct sim *s, const struct going *g)
{
	static const char *const released[] = { "done", "skipped", "debt",
		NULL };
	sqlite3_stmt *st = rows_begin(&s->rows,
	    "SELECT name, account, state,"
	    " on_failure, EXISTS (SELECT 1 FROM debt d WHERE d.step = step.id)"
	    " FROM step WHERE run = ?1",
	    g->run, 0);

	while (rows_next(st)) {
		int64_t account = sqlite3_column_int64(st, 1);
		const char *state = rows_text(st, 2);

		if (!is_after(g->after, rows_text(st, 0)) ||
		    (account != g->account && account != 0 &&
			g->account != 0) ||
		    is_one_of(state, released) ||
		    sqlite3_column_int(st, 4) != 0)
			continue;
		if (strcmp(state, "failed") != 0 ||
		    strcmp(rows_text(st, 3), "continue") != 0)
			sim_break(s, "order",
			    "step %lld (%s) went out while "
			    "%s is %s",
			    (long long)g->id, g->verb, rows_text(st, 0), state);
	}
}

static bool
has_left(struct sim *s, int64_t identity)
{
	return rows_number(&s->rows,
		   "SELECT state = 'left' FROM identity"
		   " WHERE id = ?1",
		   identity, 0) == 1;
}

static void
held_back(struct sim *s, const struct going *g)
{
	if (!g->removes || g->identity == 0 || has_left(s, g->identity))
		return;
	if (rows_number(&s->rows,
		"SELECT count(*) FROM parked p JOIN hold h"
		" ON h.id = p.hold WHERE p.identity = ?1 AND p.passed = 0 AND"
		" h.state = 'open' AND NOT EXISTS (SELECT 1 FROM debt"
		" WHERE step = ?2)",
		g->identity, g->id) > 0)
		sim_break(s, "hold",
		    "step %lld (%s) went out while its "
		    "identity waits for people",
		    (long long)g->id, g->verb);
}

/* Systems, by their bit, to which only cuts may go. */
static unsigned
frozen_now(struct sim *s)
{
	unsigned bits = 0;
	sqlite3_stmt *st;

	if (rows_number(&s->rows,
		"SELECT value FROM meta"
		" WHERE name = 'frozen' AND value != '0'",
		0, 0) > 0)
		return ~0u;
	st = rows_begin(&s->rows,
	    "SELECT system FROM system_state WHERE paused = 1", 0, 0);
	while (rows_next(st))
		bits |= 1u << world_system(rows_text(st, 0));
	return bits;
}

void
check_sent(struct sim *s, const struct outcall *c)
{
	static const char *const gives[] = { "account.ensure", "account.enable",
		"entitlement.grant", NULL };
	struct going g;

	if (strstr(c->verb, ".list") != NULL)
		return;
	if (!was_committed(s, c, &g)) {
		sim_break(s, "intent",
		    "call %llx (%s on %s) left and no "
		    "committed step is sent",
		    (unsigned long long)c->call, c->verb, c->system);
		return;
	}
	intent(s, c, &g);
	order(s, &g);
	if (g.identity > 0 && g.identity < 64 && is_one_of(c->verb, gives) &&
	    has_left(s, g.identity) && (s->left >> g.identity & 1) != 0)
		sim_break(s, "revived",
		    "step %lld: %s on %s for identity "
		    "%lld, who left",
		    (long long)g.id, c->verb, c->system, (long long)g.identity);
	held_back(s, &g);
	if (g.priority >= 2000 &&
	    ((s->frozen & frozen_now(s)) >> world_system(c->system) & 1) != 0)
		sim_break(s, "frozen", "step %lld: %s went out to %s",
		    (long long)g.id, c->verb, c->system);
}

/* A query whose every row is one break of the invariant. */
static void
none(struct sim *s, const char *invariant, const char *what, const char *sql)
{
	int64_t id = rows_number(&s->rows, sql, 0, 0);

	if (id > 0)
		sim_break(s, invariant, "%s %lld", what, (long long)id);
}

static void
rows_hold(struct sim *s)
{
	none(s, "lane", "two runs are open for identity",
	    "SELECT identity"
	    " FROM run WHERE state = 'open' AND identity > 0"
	    " GROUP BY identity HAVING count(*) > 1");
	none(s, "debt", "no debt is open for step",
	    "SELECT s.id FROM step s"
	    " WHERE s.state = 'debt' AND NOT EXISTS (SELECT 1 FROM debt d"
	    " WHERE d.step = s.id AND d.settled = 0)");
	none(s, "debt", "a removal was given up: step",
	    "SELECT id FROM step"
	    " WHERE removes = 1 AND state IN ('failed', 'skipped')");
	none(s, "debt", "nobody tries to settle debt",
	    "SELECT d.id FROM debt"
	    " d JOIN step s ON s.id = d.step WHERE d.settled = 0 AND s.state"
	    " IN ('done', 'failed', 'cancelled', 'skipped')");
	none(s, "debt", "a removal was dropped: step",
	    "SELECT s.id FROM step"
	    " s JOIN run r ON r.id = s.run WHERE s.removes = 1 AND s.state ="
	    " 'cancelled' AND r.state = 'done'");
	none(s, "hold", "what is held went on: event",
	    "SELECT e.id FROM event"
	    " e JOIN hold h ON h.id = e.hold AND h.state = 'open' WHERE e.hold"
	    " > 0 AND e.state NOT IN ('held', 'withdrawn', 'superseded')");
	none(s, "sound", "the engine could not go on with something: case",
	    "SELECT id FROM matter WHERE kind = 'policy'");
	none(s, "proof", "nothing proves step",
	    "SELECT id FROM step"
	    " WHERE state = 'done' AND verified = 0 AND coalesce(how, '')"
	    " NOT IN ('acknowledged', 'not verified')");
}

/* Of two replies to one call the first counts. */
static bool
is_first(struct parcel **p, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (p[i]->kind == PARCEL_REPLY && p[i]->flight == p[at]->flight)
			return false;
	return true;
}

/* Is the reply that ended a step one that may? */
static void
proven(struct sim *s, const struct parcel *p)
{
	const struct flight *f = &s->wire.flight[p->flight];
	sqlite3_stmt *st = rows_begin(&s->rows,
	    "SELECT state, verified,"
	    " coalesce(how, ''), acknowledged FROM step WHERE id = ?1",
	    f->step, 0);

	if (!rows_next(st))
		return;
	bool done = strcmp(rows_text(st, 0), "done") == 0 &&
	    sqlite3_column_int64(st, 1) == sim_wall(s) &&
	    sqlite3_column_int64(st, 3) == sim_wall(s);
	bool gone = strcmp(rows_text(st, 2), "gone, seen twice") == 0;
	sqlite3_reset(st);
	if (!done || parcel_is_late(s, p))
		return;
	if (gone ? world_find(&s->world, f->system, f->ask.id) != NULL :
		   !p->result || !f->done || f->why.cls != ERR_NONE ||
		    f->fault == FAULT_UNVERIFIED || f->fault == FAULT_GARBAGE)
		sim_break(s, "proof",
		    "step %lld (%s) is verified, and the "
		    "system did not say so",
		    (long long)f->step, f->verb);
}

/* A leaver's run is HR's word, and asks for no verdict; within one tick one
   may leave, come back, and be asked about. */
static void
decided(struct sim *s, const struct parcel *p)
{
	if (!p->bad || p->identity <= 0 || has_left(s, p->identity))
		return;
	if (rows_number(&s->rows,
		"SELECT count(*) FROM run r JOIN step s"
		" ON s.run = r.id WHERE r.identity = ?1 AND r.id > ?2 AND"
		" s.removes = 1 AND r.workflow <> 'leaver'",
		p->identity, s->last_run) > 0)
		sim_break(s, "verdict",
		    "something of identity %lld is taken "
		    "away, and there is no verdict",
		    (long long)p->identity);
}

/* What is decided and what goes out in one tick are of one moment. */
void
check_before(struct sim *s)
{
	sqlite3_stmt *st = rows_begin(&s->rows,
	    "SELECT id FROM identity"
	    " WHERE state = 'left'",
	    0, 0);

	s->frozen = frozen_now(s);
	s->left = 0;
	while (rows_next(st))
		s->left |= UINT64_C(1) << (sqlite3_column_int64(st, 0) & 63);
	s->last_run = rows_number(&s->rows,
	    "SELECT coalesce(max(id), 0) FROM run", 0, 0);
}

/* Is something still to be taken away from somebody who left, or looked at
   for him? */
static bool
is_seen_to(struct sim *s, int64_t identity)
{
	return rows_number(&s->rows,
		   "SELECT (SELECT count(*) FROM step WHERE"
		   " identity = ?1 AND (\"call\" != 0 OR unsure > ?2 OR (removes = 1"
		   " AND state NOT IN ('done', 'failed', 'cancelled', 'skipped'))))"
		   " + (SELECT count(*) FROM identity WHERE id = ?1 AND due > 0 AND"
		   " due <= ?2 + 60000)",
		   identity, sim_wall(s)) > 0;
}

bool
check_known(struct sim *s, const struct dweller *d)
{
	sqlite3_stmt *st = rows_begin(&s->rows,
	    "SELECT system FROM account"
	    " WHERE native = CAST(?1 AS TEXT) AND identity = ?2",
	    d->id, d->identity);
	bool known = false;

	while (rows_next(st))
		known |= world_system(rows_text(st, 0)) == d->system;
	return known;
}

void
check_left(struct sim *s)
{
	const struct world *w = &s->world;

	for (int i = 0; i < w->n; i++) {
		const struct dweller *d = &w->dweller[i];

		if (d->active && !d->gone && has_left(s, d->identity))
			sim_break(s, check_known(s, d) ? "cut" : "exposed",
			    "identity %lld left, and %s #%lld (%s) works",
			    (long long)d->identity, world_systems[d->system],
			    (long long)d->id, d->name);
	}
}

/* Who left is cut, or being cut. */
static void
cutting(struct sim *s)
{
	const struct world *w = &s->world;

	for (int i = 0; i < w->n; i++)
		if (w->dweller[i].active && !w->dweller[i].gone &&
		    has_left(s, w->dweller[i].identity) &&
		    !is_seen_to(s, w->dweller[i].identity))
			check_left(s);
}

void
check_tick(struct sim *s, struct parcel **p, size_t n)
{
	int64_t seq = evidence_size(s->evidence);

	if (seq == s->last_seq && n == 0)
		return;
	s->last_seq = seq;
	rows_hold(s);
	cutting(s);
	for (size_t i = 0; i < n; i++)
		if (p[i]->kind == PARCEL_REPLY && is_first(p, i))
			proven(s, p[i]);
		else if (p[i]->kind == PARCEL_ANSWER)
			decided(s, p[i]);
}

/* What is ready and does not go out has a limit or a person to wait for,
   and is looked at now and then. */
int64_t
check_due(struct sim *s)
{
	return rows_number(&s->rows,
	    "SELECT coalesce(min(due), 0) FROM ("
	    "SELECT min(due) AS due FROM step WHERE state IN ('waiting',"
	    " 'unknown', 'debt') AND due > 0 AND \"call\" = 0"
	    " UNION ALL SELECT min(due) FROM identity WHERE due > 0"
	    " UNION ALL SELECT min(due) FROM event WHERE due > 0"
	    " UNION ALL SELECT ?1 + 1000 FROM sweep WHERE cursor >= 0"
	    " UNION ALL SELECT max(coalesce(b.breaker_until, 0), ?1 + 30000)"
	    " FROM step s LEFT JOIN system_state b ON b.system = s.system"
	    " WHERE s.state = 'ready')",
	    sim_wall(s), 0);
}

static void
sum_add(uint64_t *sum, sqlite3_stmt *st)
{
	int n = sqlite3_column_count(st);

	for (int i = 0; i < n; i++)
		for (const char *t = rows_text(st, i);; t++) {
			*sum = (*sum ^ (unsigned char)*t) *
			    UINT64_C(1099511628211);
			if (*t == '\0')
				break;
		}
}

uint64_t
check_sum(struct sim *s)
{
	static const char *const tables[] = { "SELECT * FROM step",
		"SELECT * FROM run", "SELECT * FROM account",
		"SELECT * FROM holding", "SELECT * FROM identity",
		"SELECT * FROM debt", "SELECT * FROM system_state",
		"SELECT kind, subject FROM record", "SELECT * FROM matter",
		NULL };
	uint64_t all = 0;

	for (int i = 0; tables[i] != NULL; i++) {
		sqlite3_stmt *st = rows_begin(&s->rows, tables[i], 0, 0);
		uint64_t sum = UINT64_C(14695981039346656037);

		while (rows_next(st))
			sum_add(&sum, st);
		if (s->sums[i] != sum)
			sim_say(s, "  (other rows: %s)", tables[i] + 14);
		s->sums[i] = sum;
		all = all * 31 + sum;
	}
	return all;
}
