/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be so once everything has come to rest.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "evidence/inside.h"
#include "sim.h"

static void
stuck(struct sim *s, const char *what, const char *sql)
{
	int64_t id = rows_number(&s->rows, sql, 0, 0);

	if (id > 0)
		sim_break(s, "stuck", "%s %lld", what, (long long)id);
}

static void
nothing_stuck(struct sim *s)
{
	stuck(s, "under way is step",
	    "SELECT id FROM step WHERE state NOT IN"
	    " ('done', 'failed', 'cancelled', 'skipped', 'debt')");
	stuck(s, "a call is waited for by step",
	    "SELECT id FROM step"
	    " WHERE \"call\" != 0");
	stuck(s, "not ended is run",
	    "SELECT id FROM run WHERE state IN"
	    " ('queued', 'open')");
	stuck(s, "not settled is debt",
	    "SELECT id FROM debt"
	    " WHERE settled = 0");
	stuck(s, "not answered is question", "SELECT id FROM ask");
	stuck(s, "waiting for policy is identity",
	    "SELECT id FROM identity"
	    " WHERE converging != 0");
	stuck(s, "not decided is hold",
	    "SELECT id FROM hold"
	    " WHERE state = 'open'");
	stuck(s, "not applied is event",
	    "SELECT id FROM event WHERE state IN"
	    " ('assess', 'due', 'future', 'held')");
}

static int64_t
identity_of(struct sim *s, const struct person_truth *p)
{
	return rows_number(&s->rows,
	    "SELECT coalesce(max(identity), 0) FROM"
	    " affiliation WHERE \"key\" = 'p' || ?1",
	    p->key[1] - '0', 0);
}

static void
dwellers(struct sim *s)
{
	const struct world *w = &s->world;

	for (int i = 0; i < w->n; i++) {
		const struct dweller *d = &w->dweller[i];

		for (int k = 0; k < i && !d->gone; k++) {
			const struct dweller *o = &w->dweller[k];

			if (!o->gone && o->system == d->system &&
			    o->identity == d->identity &&
			    strcmp(o->kind, d->kind) == 0)
				sim_break(s, "single",
				    "%s #%lld and #%lld are"
				    " both the %s account of identity %lld",
				    world_systems[d->system], (long long)o->id,
				    (long long)d->id, d->kind,
				    (long long)d->identity);
		}
		if (d->gone || check_known(s, d))
			continue;
		sim_break(s, d->active ? "exposed" : "ledger",
		    "%s #%lld (%s) of identity %lld is not in the ledger",
		    world_systems[d->system], (long long)d->id, d->name,
		    (long long)d->identity);
	}
}

/* Groups that a grant of unknown outcome may have given. */
static unsigned
groups_unsure(struct sim *s, int64_t account)
{
	sqlite3_stmt *st = rows_begin(&s->rows,
	    "SELECT entitlement FROM"
	    " holding h WHERE account = ?1 AND state = 'planned' AND EXISTS"
	    " (SELECT 1 FROM step t WHERE t.holding = h.id AND t.unsure > 0)",
	    account, 0);
	unsigned groups = 0;

	while (rows_next(st))
		groups |= world_group(rows_text(st, 0));
	return groups;
}

static unsigned
groups_of(struct sim *s, int64_t account)
{
	sqlite3_stmt *st = rows_begin(&s->rows,
	    "SELECT entitlement FROM"
	    " holding WHERE account = ?1 AND seen = 1 AND closed = 0",
	    account, 0);
	unsigned groups = 0;

	while (rows_next(st))
		groups |= world_group(rows_text(st, 0));
	return groups;
}

/* One row of the ledger against the system. */
static void
row_agrees(struct sim *s, sqlite3_stmt *st)
{
	int64_t id = sqlite3_column_int64(st, 0);
	const char *status = rows_text(st, 3), *name = rows_text(st, 4);
	const struct dweller *d = world_find(&s->world,
	    world_system(rows_text(st, 1)), atoll(rows_text(st, 2)));

	if (d == NULL) {
		if (strcmp(status, "absent") != 0 && *status != '\0')
			sim_break(s, "ledger",
			    "account %lld is %s and not "
			    "there",
			    (long long)id, status);
		return;
	}
	if (strcmp(status, d->active ? "active" : "disabled") != 0)
		sim_break(s, "ledger", "account %lld is %s, and is there %s",
		    (long long)id, status, d->active ? "active" : "disabled");
	if (strcmp(name, d->name) != 0)
		sim_break(s, "ledger",
		    "account %lld is called %s, and there "
		    "%s",
		    (long long)id, name, d->name);
	unsigned unsure = groups_unsure(s, id);
	if ((groups_of(s, id) | unsure) != (d->groups | unsure))
		sim_break(s, "ledger",
		    "account %lld is in groups %x, and "
		    "there in %x",
		    (long long)id, groups_of(s, id), d->groups);
}

static void
ledger(struct sim *s)
{
	sqlite3_stmt *st = rows_begin(&s->rows,
	    "SELECT id, system,"
	    " coalesce(native, ''), coalesce(seen_status, ''),"
	    " coalesce(seen_name, '') FROM account",
	    0, 0);

	while (rows_next(st))
		row_agrees(s, st);
}

static const struct dweller *
account_of(struct sim *s, int64_t identity, const char *system,
    const char *kind)
{
	const struct world *w = &s->world;

	for (int i = 0; i < w->n; i++)
		if (w->dweller[i].identity == identity && !w->dweller[i].gone &&
		    strcmp(world_systems[w->dweller[i].system], system) == 0 &&
		    strcmp(w->dweller[i].kind, kind) == 0)
			return &w->dweller[i];
	return NULL;
}

/* NULL department: not wanted. */
static void
wants(struct sim *s, const struct person_truth *p, int64_t identity,
    const char *state, const char *system, const char *kind, bool wanted,
    unsigned groups)
{
	const struct dweller *d = account_of(s, identity, system, kind);
	bool works = wanted && strcmp(state, "active") == 0;

	if (d == NULL ? works : d->active != works)
		sim_break(s, strcmp(state, "left") == 0 ? "cut" : "truth",
		    "%s is %s, and the %s account on %s %s", p->key, state,
		    kind, system,
		    d == NULL	  ? "is not there" :
			d->active ? "works" :
				    "does not work");
	if (d == NULL || strcmp(state, "suspended") == 0)
		return;
	if (d->groups != (works ? groups : 0))
		sim_break(s, "truth",
		    "%s is %s, and its %s account on %s is "
		    "in groups %x",
		    p->key, state, kind, system, d->groups);
}

static void
attributes(struct sim *s, const struct person_truth *p, int64_t identity,
    const struct standing *now)
{
	const struct dweller *d = account_of(s, identity, "dir", "primary");

	if (p->service || d == NULL || now->department == NULL ||
	    strcmp(now->state, "active") != 0)
		return;
	if (strcmp(d->department, now->department) != 0)
		sim_break(s, "truth", "%s works for %s, and there for %s",
		    p->key, now->department, d->department);
	if (strncmp(d->name, now->given, strlen(now->given)) != 0)
		sim_break(s, "truth", "%s is called %s, and there %s", p->key,
		    now->given, d->name);
}

static void
truth(struct sim *s, const struct person_truth *p)
{
	struct standing now = people_standing(s, p);
	int64_t id = identity_of(s, p);
	bool eng, ops;

	if (now.state == NULL || id == 0)
		return;
	eng = now.department != NULL && strcmp(now.department, "eng") == 0;
	ops = now.department != NULL && strcmp(now.department, "ops") == 0;
	if (p->service) {
		wants(s, p, id, now.state, "dir", "service", true,
		    world_group("svc"));
		return;
	}
	wants(s, p, id, now.state, "dir", "primary", true,
	    world_group("all") | (eng ? world_group("eng") : 0));
	wants(s, p, id, now.state, "lab", "primary", eng, world_group("bench"));
	wants(s, p, id, now.state, "dir", "privileged", ops,
	    world_group("root"));
	attributes(s, p, id, &now);
}

struct reading { /* the records once more */
	struct sim *s;
	struct merkle tree;
	struct buf entry;
	bool sent[4096];
};

static int
record_look(void *ctx, const struct record *r, struct err *e)
{
	struct reading *g = ctx;
	merkle_hash leaf;
	const char *id;
	int64_t step = 0;

	(void)e;
	record_leaf(&g->entry, r, leaf);
	merkle_add(&g->tree, leaf);
	if (strncmp(r->kind, "step.", 5) != 0 || r->body == NULL)
		return 0;
	id = json_member_text(&g->s->arena, r->body, "id");
	if (id != NULL)
		step = atoll(id) % 4096;
	if (strcmp(r->kind, "step.sent") == 0)
		g->sent[step] = true;
	else if (strcmp(r->kind, "step.done") == 0 && !g->sent[step])
		sim_break(g->s, "evidence",
		    "step %lld is done, and was never "
		    "sent",
		    (long long)step);
	return 0;
}

static void
evidence(struct sim *s)
{
	struct reading g = { .s = s, .entry.arena = &s->arena };
	struct err e = { 0 };
	merkle_hash root, said;
	int64_t n = evidence_size(s->evidence);

	if (records_each(s->store, STMT_RECORD_RANGE,
		(struct record_page){ 0, n, 512 }, record_look, &g, &e) != 0) {
		sim_break(s, "evidence", "%s", e.text);
		return;
	}
	merkle_root(&g.tree, root);
	evidence_root(s->evidence, said);
	if (memcmp(root, said, sizeof(root)) != 0)
		sim_break(s, "evidence",
		    "the tree of %lld records has "
		    "another root",
		    (long long)n);
	if (rows_number(&s->rows, "SELECT count(*) FROM record", 0, 0) != n)
		sim_break(s, "evidence", "there are records beyond %lld",
		    (long long)n);
}

void
check_rest(struct sim *s)
{
	plant_rest(s);
	nothing_stuck(s);
	dwellers(s);
	for (int i = 0; i < s->people.n; i++)
		truth(s, &s->people.who[i]);
	ledger(s);
	evidence(s);
}
