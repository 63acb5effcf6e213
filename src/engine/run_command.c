/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people ask of runs: to begin one, to try it again, to cancel it.
 */
#include <string.h>

#include "engine/command.h"
#include "engine/identity.h"
#include "engine/run.h"
#include "engine/step.h"
#include "engine/steprow.h"

/*
 * What a newer run has decided is not overturned by an old one, and nothing
 * is given to somebody who left.
 */
static int
may_retry(struct engine *e, const struct run *r, struct err *err)
{
	struct run newest = { 0 };

	if (strcmp(r->state, "failed") != 0)
		return err_set(err, ERR_CONFLICT,
		    "run %lld is %s: only a "
		    "failed run can be retried",
		    (long long)r->id, r->state);
	if (r->identity == 0)
		return 0;
	if (store_get(e->store, e->arena, STMT_RUN_NEWER, run_fields, r,
		run_fields, &newest, err) != 0)
		return -1;
	if (newest.id > r->id)
		return err_set(err, ERR_CONFLICT,
		    "run %lld is over: run %lld "
		    "came after it",
		    (long long)r->id, (long long)newest.id);
	if (r->priority >= OVERTAKES * 1000 && newest.state != NULL &&
	    strcmp(newest.state, "left") == 0)
		return err_set(err, ERR_REFUSED,
		    "run %lld gives access, and "
		    "its identity left",
		    (long long)r->id);
	return 0;
}

/* A failed or cancelled run goes on from the steps that did not succeed. */
static int
run_retry(struct engine *e, int64_t id, struct buf *reply, struct err *err)
{
	struct many steps = { 0 };
	struct run r = { 0 };
	int64_t n = 0;

	if (run_load(e, id, &r, err) != 0 ||
	    steprow_list(e, id, &steps, err) != 0 || may_retry(e, &r, err) != 0)
		return -1;
	for (size_t i = 0; i < steps.n; i++) {
		struct step *s = (struct step *)steps.item + i;
		bool failed = strcmp(s->state, "failed") == 0;

		if (!failed && strcmp(s->state, "cancelled") != 0)
			continue;
		s->limit = s->tries + (s->limit > 0 ? s->limit : 1);
		s->error = NULL;
		s->gone = 0;
		if (step_move(e, s, "blocked", err) != 0 ||
		    (failed &&
			matter_settle(e, "step",
			    arena_printf(e->arena, "step/%lld",
				(long long)s->id),
			    "the run is retried", err) != 0))
			return -1;
		n++;
	}
	r.ended = 0;
	if (run_move(e, &r, "open", "run.retried", err) != 0 ||
	    run_advance(e, id, err) != 0)
		return -1;
	buf_printf(reply, "{\"run\":%lld,\"steps\":%lld}", (long long)id,
	    (long long)n);
	return 0;
}

static int
run_cancel(struct engine *e, int64_t id, const char *why, struct buf *reply,
    struct err *err)
{
	struct run r = { 0 };

	if (run_load(e, id, &r, err) != 0)
		return -1;
	if (r.ended != 0)
		return err_set(err, ERR_CONFLICT, "run %lld is %s already",
		    (long long)id, r.state);
	if (r.priority < OVERTAKES * 1000)
		return err_set(err, ERR_REFUSED,
		    "run %lld takes access away; "
		    "that is never given up",
		    (long long)id);
	if (run_cut_short(e, &r, why != NULL ? why : "cancelled by a person",
		err) != 0 ||
	    run_next(e, &r, err) != 0)
		return -1;
	buf_printf(reply, "{\"run\":%lld}", (long long)id);
	return 0;
}

static int
run_begin(struct engine *e, const struct input *in, const struct run_begin *b,
    struct buf *reply, struct err *err)
{
	struct run_want w = { .workflow = config_workflow(e->config,
				  b->workflow),
		.actor = in->actor.name,
		.cause = b->cause,
		.input = b->input };
	struct identity who = { 0 };
	int64_t id = 0, first = 0, n = b->count > 0 ? b->count : 1;

	if (w.workflow == NULL)
		return err_set(err, ERR_GONE, "%s: no such workflow",
		    b->workflow);
	if (w.workflow->on != NULL)
		return err_set(err, ERR_REFUSED,
		    "%s starts on %s events; it "
		    "is not started by hand",
		    b->workflow, w.workflow->on);
	if (b->input.text != NULL && b->input.text[0] != '{')
		return err_set(err, ERR_INPUT, "input: wants an object");
	if (n > 20000)
		return err_set(err, ERR_INPUT, "count: at most 20000");
	if (b->identity != NULL &&
	    identity_named(e, b->identity, &who, err) != 0)
		return -1;
	w.identity = who.id;
	for (int64_t i = 0; i < n; i++) {
		if (run_start(e, &w, &id, err) != 0)
			return -1;
		first = first == 0 ? id : first;
	}
	buf_printf(reply, "{\"run\":%lld,\"last\":%lld}", (long long)first,
	    (long long)id);
	return 0;
}

int
run_command(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	const char *body = in->body != NULL ? in->body : "{}";
	struct by_number by = { 0 };
	struct run_begin begin = { 0 };
	bool retry = strcmp(in->verb, "run.retry") == 0;

	if (strcmp(in->verb, "run.start") == 0) {
		if (json_decode(e->arena, run_begin_fields, body, strlen(body),
			&begin, err) != 0 ||
		    run_begin(e, in, &begin, reply, err) != 0)
			return -1;
		return 1;
	}
	if (!retry && strcmp(in->verb, "run.cancel") != 0)
		return 0;
	if (json_decode(e->arena, by_number_fields, body, strlen(body), &by,
		err) != 0)
		return -1;
	if (retry ? run_retry(e, by.id, reply, err) :
		    run_cancel(e, by.id, by.note, reply, err))
		return -1;
	return 1;
}
