/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/tick.h"

#include <string.h>

#include "engine/command.h"
#include "engine/jump.h"
#include "engine/meta.h"
#include "engine/outgoing.h"
#include "engine/pipe.h"
#include "engine/plan.h"
#include "engine/run.h"
#include "engine/scan.h"
#include "engine/step.h"
#include "engine/steprow.h"
#include "engine/trial.h"

#define NAP SECOND			/* a tick at least this often */
#define LITTLE_ROOM (INT64_C(24) << 20) /* bytes left on the disk */

static int
command_apply(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	static int (*const sides[])(struct engine *, const struct input *,
	    struct buf *,
	    struct err *) = { policy_command, run_command, admin_command };
	const struct command *c = command_find(in->verb);

	e->policy_woken = true;
	if (c == NULL)
		return err_set(err, ERR_GONE, "%s: no such command", in->verb);
	if ((in->actor.roles & (c->roles | ROLE_ADMIN)) == 0)
		return err_set(err, ERR_DENIED,
		    "%s: %s has no role that may "
		    "do this",
		    in->verb, in->actor.name);
	if (e->only_read && strcmp(in->verb, "restore.accept") != 0)
		return err_set(err, ERR_CONFLICT,
		    "the store is older than "
		    "its last outside checkpoint (a restored backup?): "
		    "musterd only reads until `muster restore accept`");
	for (size_t i = 0; i < 3; i++) {
		int mine = sides[i](e, in, reply, err);

		if (mine != 0)
			return mine < 0 ? -1 : 0;
	}
	return err_set(err, ERR_BUG, "%s: nobody takes it", in->verb);
}

static int
reply_apply(struct engine *e, const struct incoming *in, struct err *err)
{
	struct by_id key = { in->call };
	int found;

	if (step_reply(e, in, err) == 0)
		return 0;
	if (err->cls != ERR_GONE)
		return -1;
	found = store_find(e->store, e->arena, STMT_RUN_SCAN_BY_CALL,
	    by_id_fields, &key, by_id_fields, &key, err);
	if (found <= 0) /* late: nobody waits for it */
		return found;
	struct pipe *p = in->system != NULL ? pipe_find(e, in->system) : NULL;
	if (p != NULL) {
		pipe_gave(e, p);
		if ((in->why.cls == ERR_NONE ? pipe_good(e, p, err) : 0) != 0)
			return -1;
	}
	e->policy_woken = true;
	return scan_end(e, key.id, &in->why, err);
}

static int
rows_apply(struct engine *e, const struct incoming *in, struct err *err)
{
	struct by_id key = { in->call };
	int found = store_find(e->store, e->arena, STMT_RUN_SCAN_BY_CALL,
	    by_id_fields, &key, by_id_fields, &key, err);

	if (found < 0)
		return -1;
	struct many *to = found > 0 ? &e->out->more : &e->out->drops;
	if (found > 0 && scan_rows(e, key.id, in->out, err) != 0)
		return -1;
	int64_t *call = out_add(e->arena, to, sizeof(*call));
	*call = in->call;
	return 0;
}

static int
state_apply(struct engine *e, const struct incoming *in, struct err *err)
{
	struct pipe *p = in->system != NULL ? pipe_find(e, in->system) : NULL;

	if (p == NULL || in->why.cls == ERR_NONE)
		return 0;
	return pipe_bad(e, p, &in->why, err);
}

static int
incoming_apply(struct engine *e, const struct incoming *in, struct err *err)
{
	e->policy_woken |= in->kind != INCOMING_REPLY;
	switch (in->kind) {
	case INCOMING_REPLY:
		return reply_apply(e, in, err);
	case INCOMING_ROWS:
		return rows_apply(e, in, err);
	case INCOMING_ANSWER:
		return ask_answer(e, in, err);
	case INCOMING_STATE:
		return state_apply(e, in, err);
	}
	return err_set(err, ERR_BUG, "no such input");
}

/*
 * An answer that cannot be applied is set aside with a case, and its step
 * settles as an unknown outcome would.
 */
static int
set_aside(struct engine *e, const struct input *in, const struct err *why,
    struct err *err)
{
	struct incoming lost = in->incoming;
	struct matter_want w = { .kind = "input",
		.subject = arena_printf(e->arena, "call/%lld",
		    (long long)in->incoming.call),
		.what = "an answer could not be applied and was set aside",
		.why = arena_str(e->arena, why->text) };

	if (matter_open(e, &w, NULL, err) != 0)
		return -1;
	if (lost.kind != INCOMING_REPLY && lost.kind != INCOMING_ROWS)
		return 0;
	lost.kind = INCOMING_REPLY;
	lost.out = NULL;
	err_set(&lost.why, ERR_UNKNOWN, "its answer could not be applied: %s",
	    why->text);
	return reply_apply(e, &lost, err);
}

typedef int apply_fn(struct engine *, const struct input *, struct buf *,
    const struct err *, struct err *);

static int
apply_first(struct engine *e, const struct input *in, struct buf *reply,
    const struct err *why, struct err *err)
{
	(void)why;
	e->actor = in->kind == INPUT_COMMAND && in->actor.name != NULL ?
	    in->actor.name :
	    "muster";
	return in->kind == INPUT_COMMAND ?
	    command_apply(e, in, reply, err) :
	    incoming_apply(e, &in->incoming, err);
}

static int
apply_again(struct engine *e, const struct input *in, struct buf *reply,
    const struct err *why, struct err *err)
{
	(void)reply;
	return set_aside(e, in, why, err);
}

/* What memory keeps of the rows, once something was undone. */
static int
memory_read(struct engine *e, struct err *err)
{
	steprow_forget(e);
	e->steps_at = 0;
	e->policy_woken = true;
	return meta_load(e, err) != 0 ? -1 : pipe_recount(e, err);
}

/* In a trial of its own: 0 it held, 1 it was undone (why says), -1 the whole
   tick cannot go on. */
static int
guarded(struct engine *e, apply_fn *fn, const struct input *in,
    struct buf *reply, const struct err *before, struct err *why,
    struct err *err)
{
	bool only_read = e->only_read;
	struct trial t;

	if (trial_begin(e, &t, err) != 0)
		return -1;
	*why = (struct err){ 0 };
	if (fn(e, in, reply, before, why) == 0)
		return trial_keep(e, err);
	if (why->cls == ERR_FULL) {
		*err = *why;
		return -1;
	}
	if (trial_undo(e, &t, err) != 0)
		return -1;
	e->only_read = only_read;
	return memory_read(e, err) != 0 ? -1 : 1;
}

static int
input_apply(struct engine *e, const struct input *in, struct err *err)
{
	struct buf reply = { .arena = e->arena };
	struct err why, worse;
	int undone = guarded(e, apply_first, in, &reply, NULL, &why, err);

	e->counts.inputs++;
	if (undone < 0)
		return -1;
	if (in->kind == INPUT_COMMAND) {
		struct engine_reply *r = out_add(e->arena, &e->out->replies,
		    sizeof(*r));

		*r = (struct engine_reply){ in->cookie, why, buf_text(&reply) };
	} else if (undone &&
	    guarded(e, apply_again, in, NULL, &why, &worse, err) < 0) {
		return -1;
	}
	e->actor = "muster";
	return 0;
}

static int
checkpoint_due(struct engine *e, struct err *err)
{
	int64_t size = evidence_size(e->evidence);

	if (size == e->checked_size || e->now - e->checked_at < MINUTE)
		return 0;
	if (evidence_checkpoint(e->evidence, e->now, err) != 0)
		return -1;
	e->checked_at = e->now;
	e->checked_size = size;
	e->out->checkpoint = true;
	return 0;
}

static void
due_at(struct engine *e, int64_t at)
{
	if (at > 0 && (e->out->due == 0 || at < e->out->due))
		e->out->due = at;
}

/* The policy side, when an input, a touched identity or the time says that
   it may have something to do. */
static int
policy_work(struct engine *e, struct err *err)
{
	int64_t before = e->out->due;

	if (e->policy_woken || e->now >= e->policy_at ||
	    e->policy_at > e->now + NAP) {
		e->policy_woken = false;
		e->out->due = 0;
		if (policy_due(e, err) != 0)
			return -1;
		e->policy_woken |= e->out->again;
		due_at(e, e->now + NAP);
		e->policy_at = e->out->due;
		e->out->due = before;
	}
	due_at(e, e->policy_at);
	return 0;
}

/* Work that is due by rows and the time alone. */
static int
due_work(struct engine *e, struct err *err)
{
	if (e->now >= e->steps_at && step_due(e, &e->steps_at, err) != 0)
		return -1;
	if (e->steps_at == 0)
		e->steps_at = INT64_MAX; /* until a step says so */
	due_at(e, e->steps_at);
	if (e->roomless)
		return 0;
	if (policy_work(e, err) != 0)
		return -1;
	if (e->now - e->minded < 10 * SECOND && e->now >= e->minded)
		return 0;
	e->minded = e->now;
	return matter_due(e, err) != 0 ? -1 : run_due(e, err);
}

/* A full disk stops new work before it stops the answers to old work. */
static void
room_check(struct engine *e)
{
	if (e->boot - e->room_seen < SECOND && e->room_seen != 0)
		return;
	e->room_seen = e->boot;
	e->roomless = store_room(e->store) < LITTLE_ROOM;
	if (!e->roomless)
		e->counts.full_since = 0;
	else if (e->counts.full_since == 0)
		e->counts.full_since = e->now;
}

/*
 * Answers of children hardly ever fail, so they are first applied without a
 * savepoint each; when one does fail, the tick begins again with them.
 * Commands fail as people do.
 */
static bool
must_guard(const struct input *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (in[i].kind == INPUT_COMMAND)
			return true;
	return false;
}

/* 1: an input failed that was not guarded. */
static int
inputs_apply(struct engine *e, const struct input *in, size_t n, bool guard,
    struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (guard) {
			if (input_apply(e, &in[i], err) != 0)
				return -1;
			continue;
		}
		e->counts.inputs++;
		if (apply_first(e, &in[i], NULL, NULL, err) != 0)
			return err->cls == ERR_FULL ? -1 : 1;
	}
	return 0;
}

static int
tick_body(struct engine *e, const struct input *in, size_t n, bool guard,
    struct err *err)
{
	int ret;

	e->guarded = guard;
	/* Its time has come, or there are commands. */
	e->policy_woken |= n == 0 || guard || e->now >= e->policy_at;
	if (jump_check(e, err) != 0)
		return -1;
	if ((ret = inputs_apply(e, in, n, guard, err)) != 0)
		return ret;
	if (e->only_read)
		return 0;
	/* Policy tries again, one duty at a time: policy.c. */
	if (due_work(e, err) != 0)
		return guard || err->cls == ERR_FULL ? -1 : 1;
	if (!e->roomless && pipe_send(e, err) != 0)
		return -1;
	return checkpoint_due(e, err);
}

/* Back to where the tick began. */
static int
tick_undo(struct engine *e, const struct evidence_mark *mark, struct err *err)
{
	store_rollback(e->store);
	evidence_undo(e->evidence, mark);
	scan_undo(e);
	plan_sum_undo(e);
	return memory_read(e, err);
}

static int
tick_try(struct engine *e, const struct input *in, size_t n, bool guard,
    struct err *err)
{
	const struct output before = *e->out;
	struct evidence_mark mark;
	struct err worse;
	int64_t skew = e->skew;
	int64_t careful = e->careful, tried = e->tried, at = e->tried_at;
	bool only_read = e->only_read;
	int64_t rests[POLICY_PARTS];
	int ret;

	memcpy(rests, e->rests, sizeof(rests));
	evidence_mark(e->evidence, &mark);
	scan_mark(e);
	if (store_begin(e->store, err) != 0)
		return -1;
	ret = tick_body(e, in, n, guard, err);
	if (ret == 0 && store_commit(e->store, err) == 0)
		return 0;
	if (tick_undo(e, &mark, &worse) != 0) {
		*err = worse;
		return -1;
	}
	*e->out = before;
	e->skew = skew;
	e->careful = careful;
	e->tried = tried;
	e->tried_at = at;
	e->only_read = only_read;
	/* What a duty came to in this tick is not known any more. */
	for (size_t i = 0; i < POLICY_PARTS; i++)
		if (e->rests[i] != rests[i])
			e->rests[i] = 0;
	return ret == 1 ? tick_try(e, in, n, true, err) : -1;
}

int
engine_tick(struct engine *e, const struct input *in, size_t n, int64_t wall,
    int64_t boot, struct output *out, struct err *err)
{
	const struct output first = e->pending;
	struct arena *last = e->arena;

	e->arena = last == &e->ticks[0] ? &e->ticks[1] : &e->ticks[0];
	arena_reset(e->arena);
	arena_fini(&e->vaults[e->arena - e->ticks]);
	e->now = wall;
	e->boot = boot;
	room_check(e);
	*out = e->pending;
	e->out = out;
	e->pending = (struct output){ 0 };
	if (tick_try(e, in, n, must_guard(in, n), err) != 0) {
		e->pending = first; /* which lives in the last arena */
		e->arena = last;
		return -1;
	}
	e->counts.ticks++;
	e->counts.commits++;
	due_at(e, wall + NAP);
	return 0;
}
