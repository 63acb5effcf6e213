/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/plan.h"

#include <stdlib.h>
#include <string.h>

#include "engine/command.h"
#include "engine/converge.h"
#include "engine/outgoing.h"
#include "engine/trial.h"

#define ASKED_MOST 128 /* questions of one plan that are out */
#define LIFE DAY       /* of a plan, unless the settings say */

int
plan_load(struct engine *e, int64_t id, struct plan *p, struct err *err)
{
	struct by_id key = { id };

	if (store_get(e->store, e->arena, STMT_PLAN_BY_ID, by_id_fields, &key,
		plan_fields, p, err) != 0)
		return err_within(err, "plan %lld: ", (long long)id);
	return 0;
}

int
plan_save(struct engine *e, const struct plan *p, const char *kind,
    struct err *err)
{
	if (store_put(e->store, STMT_PLAN_SAVE, plan_fields, p, err) != 0)
		return -1;
	return kind == NULL ?
	    0 :
	    note(e, kind, arena_printf(e->arena, "plan/%lld", (long long)p->id),
		0, 0, plan_fields, p, err);
}

int
plan_asked(struct engine *e, const struct plan *p, int64_t *n, struct err *err)
{
	struct ask key = { .kind = ASK_PLAN, .subject = p->id };
	struct by_id out = { 0 };

	if (store_get(e->store, e->arena, STMT_PLAN_ASKED, ask_fields, &key,
		by_id_fields, &out, err) != 0)
		return -1;
	*n = out.id;
	return 0;
}

int
plan_phase(struct engine *e, struct identity *who, struct err *err)
{
	struct by_id key = { who->id };
	struct many rows = { 0 };
	struct phase p = { 0 };

	if (store_list(e->store, e->arena, STMT_POLICY_AFFILIATIONS,
		by_id_fields, &key, affiliation_fields,
		sizeof(struct affiliation), 0, &rows, err) != 0)
		return -1;
	phase_of(rows.item, rows.n, who, &e->config->settings, e->now, &p);
	who->state = p.state;
	return strcmp(p.state, "pending") == 0;
}

static int
looked(struct engine *e, const struct plan *p, const char *miss,
    struct err *err)
{
	struct plan row = *p;
	const char *had = json_member_text(e->arena,
	    row.counts.text != NULL ? row.counts.text : "{}", "no_verdict");

	if (miss != NULL)
		row.counts.text = arena_printf(e->arena,
		    "{\"no_verdict\":%lld}",
		    1 + (had != NULL ? atoll(had) : 0));
	return store_put(e->store, STMT_PLAN_LOOKED, plan_fields, &row, err);
}

/* Rows that only the undone savepoint had are no rows; and an item was
   made from the version that stands in the store. */
static int
item_rebase(struct engine *e, struct item *i, struct err *err)
{
	struct by_id account = { i->account }, holding = { i->holding };
	struct account a = { 0 };
	struct holding h = { 0 };
	int found = store_find(e->store, e->arena, STMT_POLICY_ACCOUNT,
	    by_id_fields, &account, account_fields, &a, err);

	if (found < 0)
		return -1;
	i->version = found > 0 ? a.version : 0;
	if (found == 0)
		i->account = 0;
	if (i->holding == 0)
		return 0;
	found = store_find(e->store, e->arena, STMT_POLICY_HOLDING,
	    by_id_fields, &holding, holding_fields, &h, err);
	if (found < 0)
		return -1;
	if (found > 0)
		i->version = h.version;
	else
		i->holding = 0;
	return 0;
}

static int
items_keep(struct engine *e, const struct plan *p, const struct difference *d,
    struct err *err)
{
	struct item *items = d->items.item;

	for (size_t i = 0; i < d->items.n; i++) {
		items[i].plan = p->id;
		items[i].state = strcmp(items[i].mode, "observe") == 0 ?
		    "skipped" :
		    "planned";
		if (item_rebase(e, &items[i], err) != 0 ||
		    store_put(e->store, STMT_ITEM_ADD, item_fields, &items[i],
			err) != 0)
			return -1;
	}
	return 0;
}

/* Computes in a savepoint that is undone: a plan changes nothing. */
static int
difference_keep(struct engine *e, const struct plan *p,
    const struct identity *who, const struct desired *want, struct err *err)
{
	struct difference d;
	struct trial t;
	struct err why = { 0 };
	int failed;

	if (trial_begin(e, &t, err) != 0)
		return -1;
	failed = difference_make(e, who, want, &d, &why);
	if (trial_undo(e, &t, err) != 0)
		return -1;
	if (failed && trial_is_fatal(&why)) {
		*err = why;
		return -1;
	}
	if (!failed && items_keep(e, p, &d, err) != 0)
		return -1;
	return looked(e, p, failed ? why.text : NULL, err);
}

/* A user name is reserved at plan time; then policy is asked with it. */
static int
name_reserve(struct engine *e, const struct plan *p, struct identity *who,
    const struct desired *want, struct err *err)
{
	int drawn = username_settle(e, who, want, err);

	if (drawn == 0)
		return 0;
	if (drawn < 0) {
		if (err->cls != ERR_CONFLICT)
			return -1;
		return looked(e, p, err->text, err) != 0 ? -1 : 1;
	}
	if (p->scope != NULL ?
		desired_ask_scoped(e, who->id, p->id, p->scope, err) :
		desired_ask(e, who->id, ASK_PLAN, p->id, err))
		return -1;
	return 1;
}

/* What is no scope says nothing of anybody. */
static int
no_scope(struct engine *e, struct plan *p, const struct err *why,
    struct err *err)
{
	const char *text = arena_str(e->arena, why->text);

	if (why->cls == ERR_INPUT)
		return plan_fail(e, p, text, err);
	return why->cls == ERR_REFUSED ? looked(e, p, text, err) : -1;
}

static int
answer_keep(struct engine *e, struct plan *p, struct identity *who,
    const char *results, struct err *err)
{
	struct desired want = { 0 };
	bool inside = true;
	int done;

	if (p->scope != NULL && desired_scope(e, results, &inside, err) != 0)
		return no_scope(e, p, err, err);
	if (!inside)
		return looked(e, p, NULL, err);
	if (strcmp(who->state, "left") != 0) {
		if (desired_read(e, who, results, &want, err) != 0)
			return err->cls == ERR_REFUSED ?
			    looked(e, p, err->text, err) :
			    -1;
		if ((done = name_reserve(e, p, who, &want, err)) != 0)
			return done < 0 ? -1 : 0;
	}
	return difference_keep(e, p, who, &want, err);
}

int
plan_fail(struct engine *e, struct plan *p, const char *why, struct err *err)
{
	p->state = "failed";
	p->error = why;
	return plan_save(e, p, "plan.failed", err);
}

int
plan_answer(struct engine *e, int64_t plan, int64_t identity,
    const char *results, const struct err *why, struct err *err)
{
	struct by_id key = { identity }, by = { plan };
	struct identity who = { 0 };
	struct plan p = { 0 };
	int found = store_find(e->store, e->arena, STMT_PLAN_BY_ID,
	    by_id_fields, &by, plan_fields, &p, err);

	if (found <= 0)
		return found;
	if (strcmp(p.state, "applying") == 0)
		return plan_apply_answer(e, &p, identity, results, why, err);
	if (strcmp(p.state, "computing") != 0)
		return 0;
	if (why->cls == ERR_BUSY || why->cls == ERR_UNKNOWN)
		return plan_fail(e, &p, why->text, err);
	if (why->cls != ERR_NONE)
		return looked(e, &p, why->text, err);
	if ((found = store_find(e->store, e->arena, STMT_POLICY_IDENTITY,
		 by_id_fields, &key, identity_fields, &who, err)) <= 0 ||
	    plan_phase(e, &who, err) < 0)
		return found;
	if (answer_keep(e, &p, &who, results, err) == 0)
		return 0;
	if (err->cls != ERR_CONFLICT)
		return -1;
	const char *text = arena_str(e->arena, err->text);
	return plan_fail(e, &p, text, err);
}

/* A leaver is not asked about, unless the plan's own scope must be. */
static int
identity_plan(struct engine *e, const struct plan *p, int64_t id,
    struct err *err)
{
	struct by_id key = { id };
	struct identity who = { 0 };
	struct desired none = { 0 };
	int early;

	if (store_get(e->store, e->arena, STMT_POLICY_IDENTITY, by_id_fields,
		&key, identity_fields, &who, err) != 0 ||
	    (early = plan_phase(e, &who, err)) < 0)
		return -1;
	if (early)
		return looked(e, p, NULL, err);
	if (p->scope != NULL)
		return desired_ask_scoped(e, id, p->id, p->scope, err);
	if (strcmp(who.state, "left") != 0)
		return desired_ask(e, id, ASK_PLAN, p->id, err);
	return difference_keep(e, p, &who, &none, err);
}

static int
compute_due(struct engine *e, struct plan *p, struct err *err)
{
	struct by_id key = { p->cursor };
	struct many rows = { 0 };
	int64_t asked = 0;
	int done;

	if (plan_scope_unasked(p))
		return 0;
	if (plan_asked(e, p, &asked, err) != 0)
		return -1;
	if (asked >= ASKED_MOST)
		return 0;
	if (store_list(e->store, e->arena, STMT_POLICY_IDENTITY_AFTER,
		by_id_fields, &key, by_id_fields, sizeof(struct by_id), 0,
		&rows, err) != 0)
		return -1;
	const struct by_id *ids = rows.item;
	for (size_t i = 0; i < rows.n; i++) {
		if (identity_plan(e, p, ids[i].id, err) != 0)
			return -1;
		p->cursor = ids[i].id;
	}
	if (rows.n > 0) {
		struct plan now = { 0 };

		e->out->again = true;
		if (plan_load(e, p->id, &now, err) != 0)
			return -1;
		now.cursor = p->cursor;
		return plan_save(e, &now, NULL, err);
	}
	if (asked > 0)
		return 0;
	if ((done = plan_sum(e, p, err)) < 0)
		return -1;
	if (!done) {
		e->out->again = true;
		return 0;
	}
	p->state = "ready";
	p->cursor = 0;
	p->expires = e->now +
	    (e->config->settings.plan_expires > 0 ?
		    e->config->settings.plan_expires :
		    LIFE);
	return plan_save(e, p, "plan.ready", err);
}

/* Nobody need decide any more on what keeps it. */
static int
plan_end(struct engine *e, struct plan *p, const char *state, const char *why,
    struct err *err)
{
	p->state = state;
	if (p->hold != 0 && hold_supersede(e, p->hold, why, err) != 0)
		return -1;
	return plan_save(e, p, arena_printf(e->arena, "plan.%s", state), err);
}

static int
one_due(struct engine *e, struct plan *p, struct err *err)
{
	if (strcmp(p->state, "computing") == 0)
		return strcmp(p->definitions, e->config->digest) != 0 ?
		    plan_fail(e, p, "the configuration changed", err) :
		    compute_due(e, p, err);
	if (strcmp(p->state, "applying") == 0)
		return plan_apply_due(e, p, err);
	if (p->expires > e->now)
		return plan_held_due(e, p, err);
	return plan_end(e, p, "expired", "the plan expired", err);
}

int
plan_due(struct engine *e, struct err *err)
{
	struct by_id now = { e->now }, next = { 0 };
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, STMT_PLAN_DUE, by_id_fields, &now,
		plan_fields, sizeof(struct plan), 0, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++)
		if (one_due(e, (struct plan *)rows.item + i, err) != 0)
			return -1;
	if (store_get(e->store, e->arena, STMT_PLAN_NEXT_EXPIRY, by_id_fields,
		&now, by_id_fields, &next, err) != 0)
		return -1;
	if (next.id > 0 && (e->out->due == 0 || next.id < e->out->due))
		e->out->due = next.id;
	return 0;
}

static int
plan_compute(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	const char *body = in->body != NULL ? in->body : "{}";
	struct plan_begin b = { 0 };
	struct by_id none = { 0 }, n = { 0 };

	if (json_decode(e->arena, plan_begin_fields, body, strlen(body), &b,
		err) != 0 ||
	    store_get(e->store, e->arena, STMT_POLICY_IDENTITY_COUNT,
		by_id_fields, &none, by_id_fields, &n, err) != 0)
		return -1;
	struct plan p = { .state = "computing",
		.actor = in->actor.name,
		.scope = b.scope,
		.definitions = e->config->digest,
		.as_of = e->now,
		.identities = n.id };
	if (store_add(e->store, STMT_PLAN_ADD, plan_fields, &p, &p.id, err) !=
		0 ||
	    (p.scope != NULL && plan_scope_ask(e, &p, err) != 0) ||
	    plan_save(e, &p, "plan.computing", err) != 0)
		return -1;
	buf_printf(reply, "{\"plan\":%lld}", (long long)p.id);
	return 0;
}

static int
plan_cancel(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	const char *body = in->body != NULL ? in->body : "{}";
	struct by_number b = { 0 };
	struct plan p = { 0 };

	if (json_decode(e->arena, by_number_fields, body, strlen(body), &b,
		err) != 0 ||
	    plan_load(e, b.id, &p, err) != 0)
		return -1;
	if (strcmp(p.state, "computing") != 0 &&
	    strcmp(p.state, "ready") != 0 && strcmp(p.state, "applying") != 0)
		return err_set(err, ERR_CONFLICT, "plan %lld is %s",
		    (long long)p.id, p.state);
	buf_printf(reply, "{\"plan\":%lld}", (long long)p.id);
	return plan_end(e, &p, "cancelled", "the plan was cancelled", err);
}

int
plan_command(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	int ret;

	if (strcmp(in->verb, "plan.compute") == 0)
		ret = plan_compute(e, in, reply, err);
	else if (strcmp(in->verb, "plan.apply") == 0)
		ret = plan_apply(e, in, reply, err);
	else if (strcmp(in->verb, "plan.cancel") == 0)
		ret = plan_cancel(e, in, reply, err);
	else
		return 0;
	return ret != 0 ? -1 : 1;
}
