/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run.h"

#include <string.h>

#include "engine/identity.h"
#include "engine/pipe.h"
#include "engine/step.h"
#include "engine/steprow.h"

static int64_t
class_rank(const char *class)
{
	for (int64_t i = 0; run_classes[i] != NULL; i++)
		if (strcmp(run_classes[i], class) == 0)
			return i;
	return 5;
}

static const char *
run_subject(struct engine *e, const struct run *r)
{
	return arena_printf(e->arena, "run/%lld", (long long)r->id);
}

int
run_load(struct engine *e, int64_t id, struct run *r, struct err *err)
{
	struct by_id key = { id };

	if (store_get(e->store, e->arena, STMT_RUN_BY_ID, by_id_fields, &key,
		run_fields, r, err) != 0)
		return err_within(err, "run %lld: ", (long long)id);
	return 0;
}

static int
run_note(struct engine *e, const struct run *r, const char *kind,
    struct err *err)
{
	return note(e, kind, run_subject(e, r), r->id, r->identity, run_fields,
	    r, err);
}

int
run_move(struct engine *e, struct run *r, const char *state, const char *kind,
    struct err *err)
{
	r->state = state;
	if (store_put(e->store, STMT_RUN_SAVE, run_fields, r, err) != 0)
		return -1;
	return run_note(e, r, kind, err);
}

static int
lane(struct engine *e, int64_t identity, struct many *runs, struct err *err)
{
	struct by_id key = { identity };

	return store_list(e->store, e->arena, STMT_RUN_OF_LANE, by_id_fields,
	    &key, run_fields, sizeof(struct run), 0, runs, err);
}

int
run_busy(struct engine *e, int64_t identity, struct err *err)
{
	struct many runs = { 0 };

	if (lane(e, identity, &runs, err) != 0)
		return -1;
	return runs.n > 0;
}

/*
 * Ends what has not begun of a run.  Calls in flight end by themselves; one
 * of unknown outcome is never sent again, and what overtook the run cuts
 * once more after it may have arrived.  A removal that has begun goes on.
 */
int
run_cut_short(struct engine *e, struct run *r, const char *why, struct err *err)
{
	struct many steps = { 0 };

	if (steprow_list(e, r->id, &steps, err) != 0)
		return -1;
	for (size_t i = 0; i < steps.n; i++) {
		struct step *s = (struct step *)steps.item + i;

		if (s->call != 0 || step_ended(s) ||
		    (s->removes && s->tries > 0))
			continue;
		s->error = why;
		s->due = 0;
		if (step_move(e, s, "cancelled", err) != 0)
			return -1;
	}
	r->cause = why;
	r->ended = e->now;
	return run_move(e, r, "cancelled", "run.cancelled", err);
}

/* A leaver overtakes all but revocations and other leavers, so also the
   run of a leave of absence. */
static bool
is_overtaken(const struct engine *e, const struct run *r)
{
	const struct workflow_def *w = config_workflow(e->config, r->workflow);

	return r->priority >= OVERTAKES * 1000 ||
	    (w != NULL && w->on != NULL && strcmp(w->on, "leave") == 0);
}

int
run_overtake(struct engine *e, int64_t identity, struct err *err)
{
	struct many runs = { 0 };

	if (lane(e, identity, &runs, err) != 0)
		return -1;
	for (size_t i = 0; i < runs.n; i++) {
		struct run *r = (struct run *)runs.item + i;

		if (is_overtaken(e, r) &&
		    run_cut_short(e, r, "overtaken by a leaver", err) != 0)
			return -1;
	}
	return 0;
}

int
runs_drop(struct engine *e, const char *why, struct err *err)
{
	struct run key = { .priority = OVERTAKES * 1000 };
	struct many runs = { 0 };

	if (store_list(e->store, e->arena, STMT_RUN_GIVING, run_fields, &key,
		run_fields, sizeof(struct run), 0, &runs, err) != 0)
		return -1;
	for (size_t i = 0; i < runs.n; i++)
		if (run_cut_short(e, (struct run *)runs.item + i, why, err) !=
		    0)
			return -1;
	return 0;
}

/* Whether a group that a step waits for is released for it. */
enum verdict { WAIT, GO, NEVER };

static enum verdict
group_verdict(const struct step *s, const char *name, size_t len,
    const struct many *all)
{
	enum verdict v = GO;

	for (size_t i = 0; i < all->n; i++) {
		const struct step *p = (const struct step *)all->item + i;

		if (strlen(p->name) != len ||
		    strncmp(p->name, name, len) != 0 ||
		    (p->account != s->account && p->account != 0 &&
			s->account != 0) ||
		    step_released(p))
			continue;
		if (step_ended(p))
			return NEVER;
		v = WAIT;
	}
	return v;
}

static enum verdict
step_verdict(const struct step *s, const struct many *all)
{
	enum verdict v = GO, g;

	for (const char *at = s->after; at != NULL && *at != '\0';) {
		size_t len = strcspn(at, ",");

		g = group_verdict(s, at, len, all);
		if (g == NEVER)
			return NEVER;
		if (g == WAIT)
			v = WAIT;
		at += len + (at[len] == ',');
	}
	return v;
}

static int
step_free(struct engine *e, struct step *s, enum verdict v, struct err *err)
{
	int sent = v == GO ? pipe_offer(e, s, err) : 0;

	if (sent != 0)
		return sent < 0 ? -1 : 0;
	if (v == NEVER)
		s->error = "a step that it comes after did not succeed";
	return step_move(e, s, v == GO ? "ready" : "cancelled", err);
}

/* A failed step that asks for it has what was done taken back. */
static int
run_undo(struct engine *e, struct run *r, bool *again, struct err *err)
{
	struct many steps = { 0 };
	bool wants = false, undone = false;

	if (steprow_list(e, r->id, &steps, err) != 0)
		return -1;
	for (size_t i = 0; i < steps.n; i++) {
		const struct step *s = (const struct step *)steps.item + i;

		undone |= strncmp(s->name, "undo ", 5) == 0;
		wants |= strcmp(s->state, "failed") == 0 &&
		    strcmp(s->on_failure, "compensate") == 0;
	}
	if (!wants || undone)
		return 0;
	int64_t before = r->steps;
	if (compensate(e, r, steps.item, steps.n, err) != 0)
		return -1;
	*again = r->steps > before;
	return 0;
}

static int run_open(struct engine *, struct run *, const struct workflow_def *,
    struct err *) __attribute__((warn_unused_result));

int
run_next(struct engine *e, const struct run *ended, struct err *err)
{
	struct many runs = { 0 };
	struct by_name key = { ended->workflow };
	const struct workflow_def *w = config_workflow(e->config,
	    ended->workflow);

	if (ended->identity != 0) {
		if (lane(e, ended->identity, &runs, err) != 0)
			return -1;
	} else if (w != NULL && w->parallel > 0) {
		if (store_list(e->store, e->arena, STMT_RUN_QUEUED,
			by_name_fields, &key, run_fields, sizeof(struct run), 1,
			&runs, err) != 0)
			return -1;
	}
	if (runs.n == 0)
		return ended->identity == 0 ||
			strcmp(ended->state, "failed") == 0 ?
		    0 :
		    identity_touch(e, ended->identity, e->now, err);
	struct run *r = runs.item;
	for (size_t i = 0; i < runs.n; i++)
		if (strcmp(r[i].state, "queued") != 0)
			return 0;
	return run_open(e, r, config_workflow(e->config, r->workflow), err);
}

static int
run_end(struct engine *e, struct run *r, const struct many *steps,
    struct err *err)
{
	const char *state = "done";
	bool again = false;

	for (size_t i = 0; i < steps->n; i++) {
		const struct step *s = (const struct step *)steps->item + i;

		if (strcmp(s->state, "failed") == 0 ||
		    strcmp(s->state, "debt") == 0)
			state = "failed";
	}
	if (strcmp(r->state, "open") != 0)
		return strcmp(r->state, "cancelled") == 0 ?
		    run_next(e, r, err) :
		    0;
	if (strcmp(state, "failed") == 0 && run_undo(e, r, &again, err) != 0)
		return -1;
	if (again)
		return run_move(e, r, "open", "run.undoing", err);
	r->ended = e->now;
	r->open_steps = 0;
	e->counts.runs_done++;
	if (run_move(e, r, state,
		strcmp(state, "done") == 0 ? "run.done" : "run.failed",
		err) != 0)
		return -1;
	return run_next(e, r, err);
}

int
run_advance(struct engine *e, int64_t run, struct err *err)
{
	struct many steps = { 0 };
	struct run r = { 0 };
	bool moved = true, open = false;

	if (steprow_list(e, run, &steps, err) != 0)
		return -1;
	while (moved) {
		moved = false;
		for (size_t i = 0; i < steps.n; i++) {
			struct step *s = (struct step *)steps.item + i;
			enum verdict v;

			if (strcmp(s->state, "blocked") != 0 ||
			    (v = step_verdict(s, &steps)) == WAIT)
				continue;
			if (step_free(e, s, v, err) != 0)
				return -1;
			moved |= step_ended(s);
		}
	}
	for (size_t i = 0; i < steps.n; i++)
		open |= !step_ended((const struct step *)steps.item + i);
	if (open)
		return 0;
	if (run_load(e, run, &r, err) != 0)
		return -1;
	return run_end(e, &r, &steps, err);
}

static int
run_open(struct engine *e, struct run *r, const struct workflow_def *w,
    struct err *err)
{
	const struct many none = { 0 };

	if (w == NULL && r->steps == 0) {
		r->cause = "its workflow is no longer defined";
		r->ended = e->now;
		if (run_move(e, r, "cancelled", "run.cancelled", err) != 0)
			return -1;
		return run_next(e, r, err);
	}
	if (r->steps == 0 && run_expand(e, r, w, &none, err) != 0)
		return -1;
	r->started = e->now;
	r->open_steps = r->steps;
	if (run_move(e, r, "open", "run.opened", err) != 0)
		return -1;
	return run_advance(e, r->id, err);
}

/* Must it wait for its lane, or for room among its like? */
static int
must_queue(struct engine *e, const struct run *r, const struct workflow_def *w,
    struct err *err)
{
	struct by_name key = { w->workflow };
	struct by_id n = { 0 };

	if (r->identity != 0)
		return run_busy(e, r->identity, err);
	if (w->parallel == 0)
		return 0;
	if (store_get(e->store, e->arena, STMT_RUN_OPEN_COUNT, by_name_fields,
		&key, by_id_fields, &n, err) != 0)
		return -1;
	return n.id >= w->parallel;
}

int
run_start(struct engine *e, const struct run_want *w, int64_t *id,
    struct err *err)
{
	int64_t rank = class_rank(w->workflow->class_);
	struct run r = { .workflow = w->workflow->workflow,
		.class_ = w->workflow->class_,
		.state = "queued",
		.identity = w->identity,
		.priority = rank * 1000 - w->risk,
		.event = w->event,
		.plan = w->plan,
		.hold = w->hold,
		.actor = w->actor != NULL ? w->actor : e->actor,
		.cause = w->cause,
		.input = w->input,
		.policy = w->policy,
		.definitions = e->config->digest,
		.requested = e->now };
	int queue;

	if (rank < OVERTAKES && r.identity != 0 && !is_overtaken(e, &r) &&
	    run_overtake(e, r.identity, err) != 0)
		return -1;
	if ((queue = must_queue(e, &r, w->workflow, err)) < 0 ||
	    store_add(e->store, STMT_RUN_ADD, run_fields, &r, &r.id, err) != 0)
		return -1;
	if (id != NULL)
		*id = r.id;
	if (w->items.n > 0 &&
	    run_expand(e, &r, w->workflow, &w->items, err) != 0)
		return -1;
	if (queue && r.steps == 0)
		return run_note(e, &r, "run.queued", err); /* as it was added */
	if (queue)
		return run_move(e, &r, "queued", "run.queued", err);
	return run_open(e, &r, w->workflow, err);
}

/* Queued runs whose room came free while nobody looked, and steps whose
   system is gone (a changed definition, a restart). */
int
run_due(struct engine *e, struct err *err)
{
	struct many names = { 0 }, runs;
	struct by_id none = { 0 };

	if (steps_strand(e, err) != 0 ||
	    store_list(e->store, e->arena, STMT_RUN_QUEUED_WORKFLOWS,
		by_id_fields, &none, by_name_fields, sizeof(struct by_name), 0,
		&names, err) != 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		const struct by_name *key = (const struct by_name *)names.item +
		    i;
		const struct workflow_def *w = config_workflow(e->config,
		    key->name);

		runs = (struct many){ 0 };
		if (store_list(e->store, e->arena, STMT_RUN_QUEUED,
			by_name_fields, key, run_fields, sizeof(struct run), 0,
			&runs, err) != 0)
			return -1;
		for (size_t k = 0; k < runs.n; k++) {
			struct run *r = (struct run *)runs.item + k;
			int wait = r->identity != 0 ? 1 :
			    w == NULL		    ? 0 :
						      must_queue(e, r, w, err);

			if (wait < 0 ||
			    (wait == 0 && run_open(e, r, w, err) != 0))
				return -1;
		}
	}
	return 0;
}
