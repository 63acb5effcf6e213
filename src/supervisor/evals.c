/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/evals.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "supervisor/asked.h"
#include "supervisor/child.h"
#include "supervisor/inside.h"
#include "supervisor/reply.h"

#define START_LIMIT (20 * SECOND)
#define PAUSE_FIRST (1 * SECOND)
#define PAUSE_MOST (60 * SECOND)
#define STARVED_MOST 30 /* timeouts, of one that gets little processor time */
#define AHEAD 2 /* questions in one process: it need not wait for a turn */

struct eval { /* one process */
	struct child child;
	struct eval *next;
	struct evals *of;
	bool ready;
	struct asked *now;     /* what it works on, and after it what it has
				  in its channel; NULL: nothing */
	size_t held;	       /* so many */
	int64_t due;	       /* boot clock: ready or answered by then */
	int64_t latest;	       /* and by then, however busy the machine is */
	int64_t began, looked; /* processor time when it began with now, and
				  when it was looked at last */
};

struct evals {
	struct supervisor *sup;
	struct eval *processes;
	int64_t most, timeout;
	int64_t pause, next_start;
	struct asked *first, **last;
};

struct evals *
evals_new(struct supervisor *s, int64_t timeout, int64_t processes)
{
	struct evals *all = calloc(1, sizeof(*all));

	if (all == NULL)
		abort();
	all->sup = s;
	all->timeout = timeout < 1 ? 10 * SECOND : timeout;
	all->most = processes < 1 ? 1 : processes;
	all->last = &all->first;
	return all;
}

static void
give(struct evals *all, int64_t id, const char *out, const struct err *why,
    int64_t taken)
{
	struct incoming in = { .kind = INCOMING_ANSWER,
		.call = id,
		.out = out,
		.taken = taken,
		.answered = clock_wall() };

	if (why != NULL)
		in.why = *why;
	supervisor_give(all->sup, &in);
}

/* The question is over: with its answer, or with why there is none. */
static void
asked_end(struct evals *all, struct asked *q, const struct err *why)
{
	give(all, q->id, why == NULL ? asked_answer(q) : NULL, why, q->taken);
	asked_free(q);
}

static struct asked *
first_take(struct evals *all)
{
	struct asked *q = all->first;

	all->first = q->next;
	if (all->first == NULL)
		all->last = &all->first;
	q->next = NULL;
	return q;
}

/* To the head of the queue: it has waited for its turn before. */
static void
first_put(struct evals *all, struct asked *q)
{
	q->next = all->first;
	all->first = q;
	if (q->next == NULL)
		all->last = &q->next;
}

/* It begins with the next one now. */
static void
now_begin(struct eval *v)
{
	if (v->now == NULL)
		return;
	if (v->now->taken == 0)
		v->now->taken = clock_wall();
	v->due = clock_boot() + v->of->timeout;
	v->latest = v->due + (STARVED_MOST - 1) * v->of->timeout;
	v->began = v->looked = child_used(&v->child);
	supervisor_wake(v->child.sup, v->due);
}

static void
now_put(struct eval *v, struct asked *q)
{
	struct asked **at = &v->now;

	while (*at != NULL)
		at = &(*at)->next;
	*at = q;
	if (v->held++ == 0)
		now_begin(v);
}

static struct asked *
now_take(struct eval *v)
{
	struct asked *q = v->now;

	v->now = q->next;
	q->next = NULL;
	v->held--;
	return q;
}

/* What a process that ended had not begun, back in its order. */
static void
rest_put(struct evals *all, struct eval *v)
{
	struct asked **at = &v->now;

	if (v->now == NULL)
		return;
	while (*at != NULL)
		at = &(*at)->next;
	*at = all->first;
	if (all->first == NULL)
		all->last = at;
	all->first = v->now;
	v->now = NULL;
	v->held = 0;
}

static bool
slice_put(struct eval *v, struct asked *q)
{
	struct arena a = { NULL, 0 };
	struct buf frame = { .arena = &a };

	asked_slice(q, v->of->timeout, &frame);
	const struct iovec piece = { frame.at, frame.len };
	bool sent = child_send(&v->child, &piece, 1) == 0;
	arena_fini(&a);
	if (!sent)
		return false;
	now_put(v, q);
	return true;
}

static int64_t
live_count(const struct evals *all)
{
	int64_t n = 0;

	for (const struct eval *v = all->processes; v != NULL; v = v->next)
		n += v->child.fd >= 0;
	return n;
}

static void evals_pump(struct evals *);

static bool
answer_take(struct eval *v, const char *text, size_t n)
{
	struct asked *q = v->now;
	struct evals *all = v->of;
	struct verdicts said;

	if (!verdicts_read(text, n, q->programs.n, &said) || said.id != q->id)
		return false;
	if (said.stuck) {
		log_warn("evaluator: a program %.*s", 47, said.what);
		if (!asked_stuck(q, (size_t)said.program, (size_t)said.input))
			return false;
		q = now_take(v);
		rest_put(all, v);
		first_put(all, q);
		child_kill(&v->child, "a program used it up");
		return true;
	}
	if (!asked_take(q, &said))
		return false;
	(void)now_take(v);
	now_begin(v);
	if (asked_is_done(q))
		asked_end(all, q, NULL);
	else
		first_put(all, q);
	evals_pump(all);
	return true;
}

static bool
eval_frame(struct child *c, char *text, size_t n)
{
	struct eval *v = (struct eval *)c;
	struct err why;

	if (v->ready)
		return v->now != NULL && answer_take(v, text, n);
	if (!ready_read(text, n, &why) || why.cls != ERR_NONE)
		return false;
	v->ready = true;
	v->of->pause = v->of->next_start = 0;
	evals_pump(v->of);
	return true;
}

static void
start_failed(struct evals *all, const char *how)
{
	struct err busy;

	all->pause = all->pause == 0 ? PAUSE_FIRST : 2 * all->pause;
	if (all->pause > PAUSE_MOST)
		all->pause = PAUSE_MOST;
	all->next_start = clock_boot() + all->pause;
	log_error("the evaluator does not start: %s", how);
	if (live_count(all) > 0)
		return;
	err_set(&busy, ERR_BUSY, "the evaluator does not start: %s", how);
	busy.after_ms = all->pause;
	while (all->first != NULL)
		asked_end(all, first_take(all), &busy);
}

/* A question whose evaluator was lost is put once more; a second loss is
   its own doing. */
static void
question_lost(struct evals *all, struct asked *q, const char *how)
{
	struct err why;

	if (++q->losses < 2) {
		first_put(all, q);
		return;
	}
	err_set(&why, ERR_REFUSED, "no verdict: %s", how);
	asked_end(all, q, &why);
}

static void
eval_ended(struct child *c, const char *how)
{
	struct eval *v = (struct eval *)c;
	struct evals *all = v->of;
	struct eval **at = &all->processes;

	while (*at != v)
		at = &(*at)->next;
	*at = v->next;
	if (v->now != NULL) {
		log_warn("evaluator: %s", how);
		struct asked *q = now_take(v);

		rest_put(all, v);
		question_lost(all, q, how);
	}
	if (!v->ready)
		start_failed(all, how);
	free(v);
	evals_pump(all);
}

static const struct child_owner eval_owner = {
	.frame = eval_frame,
	.ended = eval_ended,
};

static bool
eval_start(struct evals *all)
{
	struct eval *v = calloc(1, sizeof(*v));
	struct err e;

	if (v == NULL)
		abort();
	if (child_start(&v->child, all->sup, &eval_owner, all->sup->eval,
		all->sup->sandbox, -1, &e) != 0) {
		free(v);
		start_failed(all, e.text);
		return false;
	}
	v->of = all;
	v->due = clock_boot() + START_LIMIT;
	supervisor_wake(all->sup, v->due);
	v->next = all->processes;
	all->processes = v;
	return true;
}

/* The one with the least to do, if it may take one more. */
static struct eval *
free_find(const struct evals *all)
{
	struct eval *least = NULL;

	for (struct eval *v = all->processes; v != NULL; v = v->next)
		if (v->ready && v->child.fd >= 0 && v->held < AHEAD &&
		    (least == NULL || v->held < least->held))
			least = v;
	return least;
}

/* Whether the waiting questions want one more.  A start that has failed
   counts until that is known for certain. */
static bool
wants_eval(const struct evals *all)
{
	int64_t starting = 0;

	if (all->first == NULL || live_count(all) >= all->most)
		return false;
	for (const struct eval *v = all->processes; v != NULL; v = v->next)
		starting += !v->ready;
	for (const struct asked *q = all->first; q != NULL; q = q->next)
		if (--starting < 0)
			return true;
	return false;
}

static void
evals_pump(struct evals *all)
{
	struct eval *v;

	while (all->first != NULL && (v = free_find(all)) != NULL) {
		struct asked *q = first_take(all);

		if (!slice_put(v, q)) {
			first_put(all, q);
			child_kill(&v->child, NULL);
		}
	}
	if (clock_boot() < all->next_start) {
		supervisor_wake(all->sup, all->next_start);
		return;
	}
	while (wants_eval(all) && eval_start(all))
		;
}

void
evals_ask(struct evals *all, const struct question *from)
{
	struct err e = { ERR_NONE, 0, "" };
	int64_t pause = all->next_start - clock_boot();
	struct asked *q = asked_new(from, &e);

	if (q != NULL && pause > 0 && live_count(all) == 0) {
		err_set(&e, ERR_BUSY,
		    "the evaluator did not start; the next "
		    "attempt is in %" PRId64 " ms",
		    pause);
		e.after_ms = pause;
		asked_free(q);
		q = NULL;
	}
	if (q == NULL) {
		give(all, from->id, NULL, &e, clock_wall());
		return;
	}
	if (asked_is_done(q)) {
		q->taken = clock_wall();
		asked_end(all, q, NULL);
		return;
	}
	*all->last = q;
	all->last = &q->next;
	evals_pump(all);
}

/*
 * The timeout is meant as processor time, which on a busy machine takes
 * longer to come by, and most of all for one that stands back.  So one that
 * moves goes on until it has used that much; one that does not is stuck.
 */
static bool
is_starved(struct eval *v, int64_t now)
{
	int64_t used, moved;

	if (!v->ready || now >= v->latest)
		return false;
	used = child_used(&v->child);
	moved = used - v->looked;
	if (moved <= v->of->timeout / 1000 || used - v->began >= v->of->timeout)
		return false;
	v->looked = used;
	v->due = now + v->of->timeout;
	return true;
}

void
evals_tick(struct evals *all, int64_t now)
{
	for (struct eval *v = all->processes; v != NULL; v = v->next) {
		if (v->child.fd < 0 || (v->ready && v->now == NULL))
			continue;
		if (v->due > now || is_starved(v, now))
			supervisor_wake(all->sup, v->due);
		else
			child_kill(&v->child,
			    v->ready ? "no answer before the deadline" :
				       "it does not get ready");
	}
	evals_pump(all);
}

void
evals_free(struct evals *all)
{
	while (all->processes != NULL) {
		struct eval *v = all->processes;

		all->processes = v->next;
		child_destroy(&v->child);
		while (v->now != NULL)
			asked_free(now_take(v));
		free(v);
	}
	while (all->first != NULL)
		asked_free(first_take(all));
	free(all);
}
