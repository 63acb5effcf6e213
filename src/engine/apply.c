/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applies a plan: for each identity policy is asked once more, and what is
 * then wanted and stands in the plan word for word is started; what moved
 * is skipped and planned anew.  Nothing outside the plan is done.
 */
#include <string.h>

#include "engine/command.h"
#include "engine/converge.h"
#include "engine/outgoing.h"
#include "engine/plan.h"
#include "engine/trial.h"
#include "engine/window.h"

#define ASKED_MOST 64

/* 1: a guard trips, trips says which; *removes when it is a removal. */
static int
plan_trips(struct engine *e, const struct plan *p, struct texts *trips,
    bool *removes, struct err *err)
{
	struct by_id key = { p->id };
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, STMT_ITEM_COUNTS, by_id_fields, &key,
		effect_count_fields, sizeof(struct effect_count), 0, &rows,
		err) != 0)
		return -1;
	struct effect_count *c = rows.item;
	for (size_t i = 0; i < rows.n; i++) {
		*removes |= effect_removes(c[i].effect);
		if (window_total(e, c[i].effect, c[i].system, &c[i].of, err) !=
		    0)
			return -1;
	}
	return guard_trips(e, &e->config->settings.guards, c, rows.n, trips,
	    err);
}

static int
apply_hold(struct engine *e, struct plan *p, const struct texts *trips,
    bool removes, struct buf *reply, struct err *err)
{
	struct hold_want w = { .kind = "plan",
		.subject = arena_printf(e->arena, "plan/%s", p->digest),
		.reason = "the plan goes beyond a guard",
		.loaded_by = p->actor,
		.counts = p->counts,
		.trips = trips_json(e, trips),
		.need = removes ? e->config->settings.mass_people : 1 };

	if (hold_open(e, &w, &p->hold, err) != 0)
		return -1;
	buf_printf(reply, "{\"plan\":%lld,\"state\":\"held\",\"hold\":%lld}",
	    (long long)p->id, (long long)p->hold);
	return plan_save(e, p, "plan.held", err);
}

static int
applicable(struct engine *e, const struct plan *p, struct err *err)
{
	if (strcmp(p->state, "ready") != 0)
		return err_set(err, ERR_CONFLICT, "plan %lld is %s",
		    (long long)p->id, p->state);
	if (p->expires <= e->now)
		return err_set(err, ERR_CONFLICT,
		    "plan %lld expired: compute "
		    "a new one",
		    (long long)p->id);
	if (strcmp(p->definitions, e->config->digest) != 0)
		return err_set(err, ERR_CONFLICT,
		    "the configuration changed "
		    "since plan %lld was computed: compute a new one",
		    (long long)p->id);
	if (p->hold != 0)
		return err_set(err, ERR_CONFLICT,
		    "plan %lld waits for the "
		    "decision on hold %lld",
		    (long long)p->id, (long long)p->hold);
	return 0;
}

/* A plan for systems that are only observed is there to be read. */
static int
doable(struct engine *e, const struct plan *p, struct err *err)
{
	struct item key = { .plan = p->id };
	struct by_id next = { 0 };

	if (store_get(e->store, e->arena, STMT_ITEM_NEXT_IDENTITY, item_fields,
		&key, by_id_fields, &next, err) != 0)
		return -1;
	if (next.id == 0)
		return err_set(err, ERR_REFUSED,
		    "plan %lld has nothing to do%s", (long long)p->id,
		    json_member(e->arena,
			p->counts.text != NULL ? p->counts.text : "{}",
			"observe") != NULL ?
			": its systems are only observed" :
			"");
	return 0;
}

int
plan_apply(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	const char *body = in->body != NULL ? in->body : "{}";
	struct plan_apply a = { 0 };
	struct plan p = { 0 };
	struct texts trips = { 0 };
	bool removes = false;
	int found, trip;

	if (json_decode(e->arena, plan_apply_fields, body, strlen(body), &a,
		err) != 0)
		return -1;
	struct by_name key = { a.digest };
	found = store_find(e->store, e->arena, STMT_PLAN_BY_DIGEST,
	    by_name_fields, &key, plan_fields, &p, err);
	if (found == 0)
		return err_set(err, ERR_GONE, "no plan has the digest %s",
		    a.digest);
	if (found < 0 || applicable(e, &p, err) != 0 ||
	    doable(e, &p, err) != 0 ||
	    (trip = plan_trips(e, &p, &trips, &removes, err)) < 0)
		return -1;
	p.applied_by = in->actor.name;
	if (trip > 0)
		return apply_hold(e, &p, &trips, removes, reply, err);
	p.state = "applying";
	p.cursor = 0;
	buf_printf(reply, "{\"plan\":%lld,\"state\":\"applying\"}",
	    (long long)p.id);
	return plan_save(e, &p, "plan.applying", err);
}

int
plan_held_due(struct engine *e, struct plan *p, struct err *err)
{
	struct by_id key = { p->hold };
	struct hold h = { 0 };
	int found = p->hold == 0 ?
	    0 :
	    store_find(e->store, e->arena, STMT_POLICY_HOLD_STATE, by_id_fields,
		&key, hold_fields, &h, err);

	if (found <= 0)
		return found;
	if (strcmp(h.state, "rejected") == 0) {
		p->state = "cancelled";
		return plan_save(e, p, "plan.cancelled", err);
	}
	if (strcmp(h.state, "released") != 0)
		return 0;
	if (strcmp(p->definitions, e->config->digest) != 0) {
		p->state = "expired";
		return plan_save(e, p, "plan.expired", err);
	}
	p->state = "applying";
	p->cursor = 0;
	return plan_save(e, p, "plan.applying", err);
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* The same action on the same thing. */
static bool
is_planned(const struct item *p, const struct item *now)
{
	return strcmp(p->verb, now->verb) == 0 &&
	    strcmp(p->system, now->system) == 0 && same(p->kind, now->kind) &&
	    same(p->name, now->name) &&
	    same(p->entitlement, now->entitlement) &&
	    same(p->in.text, now->in.text) &&
	    (p->account == 0 || p->account == now->account);
}

static int
item_settle(struct engine *e, const struct item *i, const char *state,
    struct err *err)
{
	struct item row = *i;

	row.state = state;
	return store_put(e->store, STMT_ITEM_STATE, item_fields, &row, err);
}

/* What is wanted now and planned, as the items of a run. */
static int
items_match(struct engine *e, const struct many *planned,
    const struct difference *d, struct many *out, int64_t *moved,
    struct err *err)
{
	const struct item *now = d->items.item;

	for (size_t i = 0; i < planned->n; i++) {
		const struct item *p = (const struct item *)planned->item + i;
		size_t k = 0;

		while (k < d->items.n &&
		    (strcmp(now[k].mode, "observe") == 0 ||
			!is_planned(p, &now[k])))
			k++;
		if (k < d->items.n)
			*(struct item *)out_add(e->arena, out,
			    sizeof(struct item)) = now[k];
		else
			++*moved;
		if (item_settle(e, p, k < d->items.n ? "applied" : "moved",
			err) != 0)
			return -1;
	}
	return 0;
}

static int
identity_apply(struct engine *e, struct plan *p, struct identity *who,
    const struct desired *want, const struct many *planned, struct err *err)
{
	struct difference d;
	struct many items = { 0 };
	int64_t moved = 0;

	if (difference_make(e, who, want, &d, err) != 0 ||
	    items_match(e, planned, &d, &items, &moved, err) != 0)
		return -1;
	if (converge_run(e, who, &d, &items, p->id, NULL, err) != 0)
		return -1;
	return moved > 0 ? identity_touch(e, who->id, e->now, err) : 0;
}

static int
all_moved(struct engine *e, const struct many *planned, int64_t identity,
    struct err *err)
{
	for (size_t i = 0; i < planned->n; i++)
		if (item_settle(e, (const struct item *)planned->item + i,
			"moved", err) != 0)
			return -1;
	return identity_touch(e, identity, e->now, err);
}

/* An identity whose row changed, or on which something runs, has moved. */
static int
has_moved(struct engine *e, const struct identity *who,
    const struct many *planned, struct err *err)
{
	const struct item *i = planned->item;

	for (size_t k = 0; k < planned->n; k++)
		if (i[k].basis != who->version)
			return 1;
	return run_busy(e, who->id, err);
}

/* results NULL: a leaver, of whom policy is not asked. */
static int
apply_one(struct engine *e, struct plan *p, struct identity *who,
    const char *results, struct err *err)
{
	struct item key = { .plan = p->id, .identity = who->id };
	struct many planned = { 0 };
	struct desired want = { 0 };
	struct trial t;
	struct err why = { 0 };
	int moved;

	if (store_list(e->store, e->arena, STMT_ITEM_OF_IDENTITY, item_fields,
		&key, item_fields, sizeof(struct item), 0, &planned, err) != 0)
		return -1;
	if (planned.n == 0)
		return 0;
	if ((moved = has_moved(e, who, &planned, err)) < 0)
		return -1;
	if (moved > 0)
		return all_moved(e, &planned, who->id, err);
	if (trial_begin(e, &t, err) != 0)
		return -1;
	if ((results == NULL ||
		desired_read(e, who, results, &want, &why) == 0) &&
	    identity_apply(e, p, who, &want, &planned, &why) == 0)
		return trial_keep(e, err);
	if (trial_is_fatal(&why)) {
		*err = why;
		return -1;
	}
	if (trial_undo(e, &t, err) != 0)
		return -1;
	return all_moved(e, &planned, who->id, err);
}

int
plan_apply_answer(struct engine *e, struct plan *p, int64_t identity,
    const char *results, const struct err *why, struct err *err)
{
	struct by_id key = { identity };
	struct identity who = { 0 };
	int found;

	if (why->cls == ERR_BUSY || why->cls == ERR_UNKNOWN) {
		if (p->cursor >= identity) /* its turn comes again */
			p->cursor = identity - 1;
		return plan_save(e, p, NULL, err);
	}
	if ((found = store_find(e->store, e->arena, STMT_POLICY_IDENTITY,
		 by_id_fields, &key, identity_fields, &who, err)) <= 0 ||
	    plan_phase(e, &who, err) < 0)
		return found;
	return apply_one(e, p, &who,
	    strcmp(who.state, "left") == 0 ? NULL :
		why->cls != ERR_NONE	   ? "[]" :
					     results,
	    err);
}

static int
apply_ask(struct engine *e, struct plan *p, int64_t identity, struct err *err)
{
	struct by_id key = { identity };
	struct identity who = { 0 };

	if (store_get(e->store, e->arena, STMT_POLICY_IDENTITY, by_id_fields,
		&key, identity_fields, &who, err) != 0 ||
	    plan_phase(e, &who, err) < 0)
		return -1;
	if (strcmp(who.state, "left") == 0)
		return apply_one(e, p, &who, NULL, err);
	return desired_ask(e, identity, ASK_PLAN, p->id, err);
}

int
plan_apply_due(struct engine *e, struct plan *p, struct err *err)
{
	struct item key = { .plan = p->id };
	struct by_id next = { 0 };
	int64_t asked = 0;

	if (plan_asked(e, p, &asked, err) != 0)
		return -1;
	for (; asked < ASKED_MOST; asked++) {
		key.identity = p->cursor;
		if (store_get(e->store, e->arena, STMT_ITEM_NEXT_IDENTITY,
			item_fields, &key, by_id_fields, &next, err) != 0)
			return -1;
		if (next.id == 0)
			break;
		p->cursor = next.id;
		if (apply_ask(e, p, next.id, err) != 0)
			return -1;
	}
	if (next.id != 0 || asked > 0)
		return plan_save(e, p, NULL, err);
	p->state = "applied";
	p->applied = e->now;
	return plan_save(e, p, "plan.applied", err);
}
