/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes every identity hold what it should: what its affiliations say now,
 * what policy then wants, and the run that brings it about.
 */
#include "engine/converge.h"

#include <string.h>

#include "engine/outgoing.h"
#include "engine/owner.h"
#include "engine/pipe.h"
#include "engine/restore.h"
#include "engine/trial.h"
#include "engine/turn.h"
#include "engine/verdict.h"
#include "engine/window.h"

#define SLICE 4 /* identities in one tick: the LIMIT of the statement */
#define BUSY_PAUSE (5 * SECOND)

int
identity_touch(struct engine *e, int64_t identity, int64_t due, struct err *err)
{
	struct identity key = { .id = identity, .due = due };

	e->policy_woken |= due <= e->now;
	return store_put(e->store, STMT_POLICY_IDENTITY_TOUCH, identity_fields,
	    &key, err);
}

static const char *
subject_of(struct engine *e, const struct identity *who)
{
	return arena_printf(e->arena, "identity/%s", who->uid);
}

static void
due_min(int64_t *due, int64_t at)
{
	if (at > 0 && (*due == 0 || at < *due))
		*due = at;
}

int
identity_mark(struct engine *e, const struct identity *who, struct err *err)
{
	return store_put(e->store, STMT_POLICY_IDENTITY_MARK, identity_fields,
	    who, err);
}

static bool
has_verb(const struct difference *d, const char *verb)
{
	const struct item *i = d->items.item;

	for (size_t k = 0; k < d->items.n; k++)
		if (strcmp(i[k].verb, verb) == 0)
			return true;
	return false;
}

const char *
converge_trigger(const struct identity *who, const struct difference *d)
{
	bool enables = has_verb(d, "account.enable");

	if (strcmp(who->state, "left") == 0)
		return "leaver";
	if (!d->existed)
		return "joiner";
	if (who->left_at != 0)
		return "rehire";
	if (strcmp(who->state, "suspended") == 0 &&
	    has_verb(d, "account.disable"))
		return "leave";
	if (enables)
		return d->was_cut ? "return" : "joiner";
	return "mover";
}

int
converge_matters(struct engine *e, const struct difference *d, struct err *err)
{
	const struct matter_want *w = d->matters.item;

	for (size_t i = 0; i < d->matters.n; i++)
		if (matter_open(e, &w[i], NULL, err) != 0)
			return -1;
	return 0;
}

static int
workflow_missing(struct engine *e, const struct identity *who,
    const char *trigger, struct err *err)
{
	struct matter_want w = { .kind = "policy",
		.identity = who->id,
		.subject = arena_printf(e->arena, "workflow/%s", trigger),
		.what = arena_printf(e->arena, "No workflow is defined on %s",
		    trigger),
		.why = "what policy wants waits until one is" };

	return matter_open(e, &w, NULL, err);
}

int
converge_run(struct engine *e, const struct identity *who,
    const struct difference *d, const struct many *items, int64_t plan,
    const char *policy, struct err *err)
{
	const char *trigger = converge_trigger(who, d);
	struct run_want w = { .identity = who->id,
		.plan = plan,
		.items = *items,
		.cause = who->cause,
		.policy = policy,
		.workflow = config_workflow_on(e->config, trigger) };
	struct by_id key = { who->id }, event = { 0 };

	if (items->n == 0)
		return 0;
	if (w.workflow == NULL)
		return workflow_missing(e, who, trigger, err);
	if (store_get(e->store, e->arena, STMT_POLICY_EVENT_LAST, by_id_fields,
		&key, by_id_fields, &event, err) != 0)
		return -1;
	w.event = event.id;
	if (strcmp(trigger, "leaver") != 0)
		w.cause = trigger;
	else if (who->cause != NULL && strcmp(who->cause, "for_cause") == 0)
		w.risk = 200;
	if (w.risk == 0 && d->privileged)
		w.risk = 100;
	return run_start(e, &w, NULL, err);
}

/* A leaver's names rest once the last of its accounts is gone. */
static int
names_rest(struct engine *e, const struct identity *who, struct err *err)
{
	struct by_id key = { who->id };
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, STMT_POLICY_ACCOUNTS, by_id_fields,
		&key, account_fields, sizeof(struct account), 0, &rows,
		err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		const char *s = presence_status(
		    (const struct account *)rows.item + i);

		if (s != NULL && strcmp(s, "absent") != 0)
			return 0;
	}
	return name_release(e, who->id, e->now + e->config->settings.tombstone,
	    err);
}

#define PLAN_CASE "plan" /* its kind */

/* Is the account cut, or about to be, without a plan?  1, 0, -1. */
static int
is_cut_anyway(struct engine *e, const struct many *items, int64_t account,
    struct err *err)
{
	const struct item *i = items->item;
	struct by_id key = { account };
	struct account a = { 0 };

	for (size_t k = 0; k < items->n; k++)
		if (strcmp(i[k].effect, "disable") == 0 &&
		    i[k].account == account)
			return 1;
	if (store_find(e->store, e->arena, STMT_RUN_ACCOUNT, by_id_fields, &key,
		account_fields, &a, err) < 0)
		return -1;
	return a.cut_at != 0;
}

/* A system of a restored backup is only observed: that says nothing of what
   waits there. */
static bool
any_restored(const struct engine *e)
{
	const struct pipe *p = e->pipes.item;

	for (size_t i = 0; i < e->pipes.n; i++)
		if (p[i].state.restored)
			return true;
	return false;
}

/* Where only a plan changes anything, the access of who has left does not
   fall by itself, and somebody must know that. */
static int
plan_awaited(struct engine *e, const struct identity *who,
    const struct difference *d, const struct many *done, struct err *err)
{
	const struct many items = difference_items(e, d, "propose");
	const struct item *i = items.item, *first = NULL;
	size_t n = 0;

	for (size_t k = 0; k < items.n; k++) {
		bool removes = strcmp(i[k].effect, "remove") == 0;
		int cut = removes ? is_cut_anyway(e, done, i[k].account, err) :
				    0;

		if (cut < 0)
			return -1;
		if (cut != 0 ||
		    (!removes && strcmp(i[k].effect, "disable") != 0))
			continue;
		first = n++ == 0 ? &i[k] : first;
	}
	if (n == 0)
		return any_restored(e) ?
		    0 :
		    matter_settle(e, PLAN_CASE, subject_of(e, who),
			"nothing of it waits for a plan", err);
	struct matter_want w = { .kind = PLAN_CASE,
		.identity = who->id,
		.subject = subject_of(e, who),
		.what = arena_printf(e->arena,
		    "%s has left and still has access: %s on %s%s",
		    who->display != NULL ? who->display : who->uid, first->verb,
		    first->system,
		    n == 1 ? " waits for a plan" :
			     arena_printf(e->arena,
				 ", and %zu more, wait for a plan", n - 1)),
		.why =
		    "the mode there is propose: \"muster plan\" shows it, and "
		    "\"muster apply\" carries it out",
		.choices = { "{\"close\":\"somebody has seen to it\"}" } };

	return matter_open(e, &w, NULL, err);
}

/* No question: whatever happens to the evaluator or to a rule, access
   falls.  What was under way ends first, so that the difference knows what
   may still arrive, even where nothing has yet to be taken away. */
static int
leave(struct engine *e, struct identity *who, bool now_left, struct err *err)
{
	struct desired none = { 0 };
	struct difference d;
	struct many items;

	if (run_overtake(e, who->id, err) != 0 ||
	    difference_make(e, who, &none, &d, err) != 0)
		return -1;
	items = difference_items(e, &d, "enforce");
	due_min(&who->due, d.due);
	if (converge_matters(e, &d, err) != 0 ||
	    plan_awaited(e, who, &d, &items, err) != 0 ||
	    (now_left &&
		(owner_left(e, who, err) != 0 ||
		    restore_left(e, who, err) != 0)) ||
	    converge_run(e, who, &d, &items, 0, NULL, err) != 0)
		return -1;
	if (window_done(e, who->id, err) != 0 || names_rest(e, who, err) != 0)
		return -1;
	if (who->converging == TURN_WAITS)
		who->converging = 0;
	return identity_mark(e, who, err);
}

static int
state_change(struct engine *e, struct identity *who, const struct phase *p,
    struct err *err)
{
	if (strcmp(who->state, "left") == 0 &&
	    matter_settle(e, PLAN_CASE, subject_of(e, who), "is back", err) !=
		0)
		return -1;
	who->state = p->state;
	if (strcmp(p->state, "left") == 0) {
		who->cause = p->cause;
		who->left_at = p->left_at != 0 ? p->left_at : e->now;
	}
	who->version++;
	if (store_put(e->store, STMT_POLICY_IDENTITY_STATE, identity_fields,
		who, err) != 0)
		return -1;
	return note(e, "identity.state", subject_of(e, who), 0, who->id,
	    identity_fields, who, err);
}

/* When accounts may be made ahead of a start; 0: now. */
static int64_t
prehire_at(const struct engine *e, const struct many *rows)
{
	const struct affiliation *a = rows->item;
	int64_t first = 0;

	for (size_t i = 0; i < rows->n; i++)
		if (a[i].starts > e->now &&
		    (a[i].ends == 0 || a[i].ends > a[i].starts))
			due_min(&first, a[i].starts);
	if (first == 0)
		return INT64_MAX;
	first -= e->config->settings.prehire;
	return first <= e->now ? 0 : first;
}

static int
identity_look(struct engine *e, struct identity *who, struct err *err)
{
	struct by_id key = { who->id };
	struct many rows = { 0 };
	struct phase p = { 0 };
	bool changed, left;
	int busy;

	if (store_list(e->store, e->arena, STMT_POLICY_AFFILIATIONS,
		by_id_fields, &key, affiliation_fields,
		sizeof(struct affiliation), 0, &rows, err) != 0)
		return -1;
	phase_of(rows.item, rows.n, who, &e->config->settings, e->now, &p);
	changed = strcmp(p.state, who->state) != 0;
	left = strcmp(p.state, "left") == 0;
	who->due = p.next > e->now ? p.next : 0;
	if (changed && state_change(e, who, &p, err) != 0)
		return -1;
	if (owner_check(e, who, &who->due, err) != 0 ||
	    (busy = run_busy(e, who->id, err)) < 0)
		return -1;
	if (left && (changed || !busy))
		return leave(e, who, changed, err);
	if (busy) { /* its end looks again, unless it fails */
		due_min(&who->due, e->now + MINUTE);
		return identity_mark(e, who, err);
	}
	if (strcmp(p.state, "pending") == 0) {
		int64_t at = prehire_at(e, &rows);

		if (at != 0) {
			if (at != INT64_MAX)
				due_min(&who->due, at);
			return identity_mark(e, who, err);
		}
	}
	return turn_take(e, who, err);
}

/* What cannot be decided about one identity is its own trouble. */
static int
set_aside(struct engine *e, struct identity *who, const struct err *why,
    struct err *err)
{
	bool name = why->cls == ERR_CONFLICT;
	struct matter_want w = { .kind = name ? "name" : "identity",
		.identity = who->id,
		.subject = subject_of(e, who),
		.what = arena_printf(e->arena,
		    name ? "No user name for %s" : "%s could not be converged",
		    who->display != NULL ? who->display : who->uid),
		.why = arena_str(e->arena, why->text) };

	due_min(&who->due, e->now + (name ? DAY : 10 * MINUTE));
	if (identity_mark(e, who, err) != 0)
		return -1;
	return matter_open(e, &w, NULL, err);
}

int
converge_try(struct engine *e, const struct identity *row, converge_fn *fn,
    struct err *err)
{
	struct identity who = *row;
	struct trial t;
	struct err why = { 0 };

	if (trial_begin(e, &t, err) != 0)
		return -1;
	if (fn(e, &who, &why) == 0)
		return trial_keep(e, err);
	if (trial_is_fatal(&why)) {
		*err = why;
		return -1;
	}
	who = *row;
	who.due = 0;
	if (who.converging == TURN_WAITS)
		who.converging = 0;
	return trial_undo(e, &t, err) != 0 ? -1 : set_aside(e, &who, &why, err);
}

/* How many there were; -1. */
static int
identities_look(struct engine *e, int64_t due, struct err *err)
{
	struct by_id key = { due };
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, STMT_POLICY_IDENTITY_DUE,
		by_id_fields, &key, identity_fields, sizeof(struct identity),
		SLICE, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++)
		if (converge_try(e, (const struct identity *)rows.item + i,
			identity_look, err) != 0)
			return -1;
	if (rows.n == SLICE)
		e->out->again = true;
	return (int)rows.n;
}

int
converge_leavers(struct engine *e, struct err *err)
{
	int n = identities_look(e, AT_ONCE, err);

	e->out->leavers |= n == SLICE;
	return n < 0 ? -1 : 0;
}

int
converge_due(struct engine *e, struct err *err)
{
	struct by_id now = { e->now }, next = { 0 };

	if (identities_look(e, e->now, err) < 0 || turn_due(e, err) != 0)
		return -1;
	if (store_get(e->store, e->arena, STMT_POLICY_IDENTITY_NEXT,
		by_id_fields, &now, by_id_fields, &next, err) != 0)
		return -1;
	due_min(&e->out->due, next.id);
	return 0;
}

/* Nothing is removed for want of a verdict; it is asked again when the
   identity or the rules change. */
static int
no_verdict(struct engine *e, struct identity *who, const struct err *why,
    struct err *err)
{
	struct matter_want w = { .kind = "no_verdict",
		.identity = who->id,
		.subject = subject_of(e, who),
		.what = arena_printf(e->arena, "Policy gives no verdict on %s",
		    who->display != NULL ? who->display : who->uid),
		.why = arena_str(e->arena, why->text) };
	bool said = who->verdict != NULL && strcmp(who->verdict, w.why) == 0;

	who->verdict = w.why;
	if (identity_mark(e, who, err) != 0)
		return -1;
	if (!said &&
	    note(e, "policy.no_verdict", w.subject, 0, who->id, identity_fields,
		who, err) != 0)
		return -1;
	return matter_open(e, &w, NULL, err);
}

/* The difference, its guards and its run: all of it, or nothing. */
static int
carry_out(struct engine *e, struct identity *who, const struct desired *d,
    const char *policy, struct window *w, struct err *err)
{
	struct difference diff;
	struct many items;
	int trips;

	if (difference_make(e, who, d, &diff, err) != 0 ||
	    (trips = window_trips(e, who, &diff, w, err)) < 0)
		return -1;
	if (trips > 0)
		return 1;
	items = difference_items(e, &diff, "enforce");
	if (converge_matters(e, &diff, err) != 0 ||
	    converge_run(e, who, &diff, &items, 0, policy, err) != 0 ||
	    window_done(e, who->id, err) != 0)
		return -1;
	if (strcmp(who->state, "active") == 0)
		who->left_at = 0;
	who->guarded = d->protected_;
	due_min(&who->due, diff.due);
	return identity_mark(e, who, err);
}

static int
verdict_settle(struct engine *e, struct identity *who, struct err *err)
{
	if (who->verdict == NULL)
		return 0;
	who->verdict = NULL;
	return matter_settle(e, "no_verdict", subject_of(e, who),
	    "policy gives a verdict again", err);
}

/* A name case closes by itself when a name was found. */
static int
answer_use(struct engine *e, struct identity *who, const char *results,
    const char *policy, struct window *w, struct err *err)
{
	struct desired d;
	int drawn;

	if (desired_read(e, who, results, &d, err) != 0) {
		if (err->cls != ERR_CONFLICT)
			return -1;
		who->due = e->now; /* other rules were asked */
		return identity_mark(e, who, err);
	}
	verdict_keep(e, who->id, policy, results);
	if ((drawn = username_settle(e, who, &d, err)) < 0)
		return -1;
	if (drawn > 0) {
		if (matter_settle(e, "name", subject_of(e, who),
			"a user name was found", err) != 0)
			return -1;
		return turn_again(e, who, err);
	}
	if (verdict_settle(e, who, err) != 0)
		return -1;
	return carry_out(e, who, &d, policy, w, err);
}

static int
answer_try(struct engine *e, struct identity *who, const char *results,
    const char *policy, struct err *err)
{
	struct identity was = *who;
	struct window w = { 0 };
	struct trial t;
	struct err why = { 0 };
	int parked;

	if (trial_begin(e, &t, err) != 0)
		return -1;
	parked = answer_use(e, who, results, policy, &w, &why);
	if (parked == 0)
		return trial_keep(e, err);
	if (parked < 0 && trial_is_fatal(&why)) {
		*err = why;
		return -1;
	}
	*who = was;
	if (trial_undo(e, &t, err) != 0)
		return -1;
	if (parked > 0)
		return identity_mark(e, who, err) != 0 ?
		    -1 :
		    window_park(e, who->id, &w, err);
	return why.cls == ERR_REFUSED ? no_verdict(e, who, &why, err) :
					set_aside(e, who, &why, err);
}

/* Asked of an older row, or in vain: the answer means nothing. */
static bool
answer_is_stale(struct engine *e, struct identity *who, bool moved,
    const struct err *why)
{
	if (why->cls == ERR_BUSY || why->cls == ERR_UNKNOWN) {
		who->due = 0;
		due_min(&who->due,
		    e->now + (why->after_ms > 0 ? why->after_ms : BUSY_PAUSE));
		return true;
	}
	if (moved || strcmp(who->state, "left") == 0) {
		who->due = e->now;
		return true;
	}
	return false;
}

int
converge_answer(struct engine *e, const struct ask *a, const char *results,
    const struct err *why, struct err *err)
{
	struct by_id key = { a->identity };
	struct identity who = { 0 };
	int busy,
	    found = store_find(e->store, e->arena, STMT_POLICY_IDENTITY,
		by_id_fields, &key, identity_fields, &who, err);

	if (found <= 0 || who.converging == 0 || who.converging == TURN_WAITS)
		return found < 0 ? -1 : 0;
	bool moved = who.converging != who.version;
	who.converging = 0;
	if (answer_is_stale(e, &who, moved, why))
		return identity_mark(e, &who, err);
	if (why->cls != ERR_NONE)
		return no_verdict(e, &who, why, err);
	if ((busy = run_busy(e, who.id, err)) < 0)
		return -1;
	if (busy) {
		due_min(&who.due, e->now + MINUTE);
		return identity_mark(e, &who, err);
	}
	return answer_try(e, &who, results, a->digest, err);
}
