/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/pool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "supervisor/inside.h"
#include "supervisor/waiting.h"
#include "supervisor/worker.h"

#define PAUSE_FIRST (1 * SECOND) /* after a failed start, doubling */
#define PAUSE_MOST (60 * SECOND)

struct pool {
	struct supervisor *sup;
	struct worker_def def;	/* texts are owned, config in secure heap */
	struct worker *workers; /* with those that end */
	struct waiting *first;	/* those that may be sent ahead come last */
	int64_t way; /* boot clock: until then others make way for what
				   needs a worker of its own */
	bool shut;
	bool good;	    /* the last start went well */
	int64_t pause;	    /* after the last failed start; 0: none */
	int64_t next_start; /* boot clock */
	int64_t next_kept;  /* the same of the one that is kept for cuts */
	struct supervisor_counts counts;
};

static char *
text_copy(const char *s)
{
	char *copy = strdup(s);

	if (copy == NULL)
		abort();
	return copy;
}

static void
def_copy(struct worker_def *to, const struct worker_def *from)
{
	*to = *from;
	to->config = secret_copy(from->config);
	to->system = text_copy(from->system);
	to->provider = text_copy(from->provider);
}

static void
def_free(struct worker_def *d)
{
	secret_free((char *)(uintptr_t)d->config);
	free((char *)(uintptr_t)d->system);
	free((char *)(uintptr_t)d->provider);
}

/* Answers a call that no worker has seen. */
static void
call_refuse(struct pool *p, const struct outcall *c, const struct err *why)
{
	int64_t now = clock_wall();
	struct incoming in = { .kind = INCOMING_REPLY,
		.call = c->call,
		.epoch = c->epoch,
		.system = p->def.system,
		.cut = c->cut,
		.why = *why,
		.taken = now,
		.answered = now };

	supervisor_give(p->sup, &in);
}

static void
all_refuse(struct pool *p, const struct err *why)
{
	while (p->first != NULL) {
		call_refuse(p, &p->first->call, why);
		waiting_free(waiting_take(&p->first));
	}
}

struct pool *
pool_new(struct supervisor *s, const struct worker_def *d)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (p == NULL)
		abort();
	p->sup = s;
	def_copy(&p->def, d);
	return p;
}

const char *
pool_system(const struct pool *p)
{
	return p->def.system;
}

/* It is to be there before a cut comes; so no cut waits for its start. */
static bool
kept_starts(const struct worker *w)
{
	return w->kept && !w->ready;
}

static int64_t
live_count(const struct pool *p)
{
	int64_t n = 0;

	for (const struct worker *w = p->workers; w != NULL; w = w->next)
		n += worker_is_live(w);
	return n;
}

/* With those whose start has failed, until that is known for certain. */
static int64_t
starting_count(const struct pool *p)
{
	int64_t n = 0;

	for (const struct worker *w = p->workers; w != NULL; w = w->next)
		n += !w->ready && !w->stale && !w->kept;
	return n;
}

/* Those that calls may count on. */
static int64_t
serving_count(const struct pool *p)
{
	int64_t n = 0;

	for (const struct worker *w = p->workers; w != NULL; w = w->next)
		n += worker_is_live(w) && !kept_starts(w);
	return n;
}

static void
start_failed(struct pool *p, const struct err *why)
{
	struct incoming in = { .kind = INCOMING_STATE,
		.system = p->def.system,
		.why = *why,
		.answered = clock_wall() };
	struct err busy;

	p->good = false;
	p->pause = p->pause == 0 ? PAUSE_FIRST : 2 * p->pause;
	if (p->pause < why->after_ms)
		p->pause = why->after_ms;
	if (p->pause > PAUSE_MOST)
		p->pause = PAUSE_MOST;
	p->next_start = clock_boot() + p->pause;
	log_warn("worker of %s does not start: %s", p->def.system, why->text);
	supervisor_give(p->sup, &in);
	/* While another worker lives, calls may wait for that one. */
	if (live_count(p) > 0) {
		supervisor_wake(p->sup, p->next_start);
		return;
	}
	err_set(&busy, ERR_BUSY, "the worker does not start: %s", why->text);
	busy.after_ms = p->pause;
	all_refuse(p, &busy);
}

/* How many workers calls may keep busy: one is kept for those that may not
   stand behind others. */
static int64_t
workers_most(const struct pool *p, bool ahead)
{
	return p->def.concurrency - (ahead && p->def.concurrency > 1);
}

static bool
is_idle(const struct worker *w)
{
	return w->ready && w->calls == 0 && worker_is_live(w);
}

static struct worker *
idle_find(const struct pool *p, bool ahead)
{
	struct worker *idle = NULL;
	int64_t busy = 0;

	for (struct worker *w = p->workers; w != NULL; w = w->next) {
		busy += w->calls > 0 && worker_is_live(w);
		if (is_idle(w) && !w->stale)
			idle = w;
	}
	return busy < workers_most(p, ahead) ? idle : NULL;
}

/* The one with the fewest calls, and none among them that may take its
   time. */
static struct worker *
behind_find(const struct pool *p)
{
	struct worker *best = NULL;
	int64_t now = clock_boot();

	for (struct worker *w = p->workers; w != NULL; w = w->next)
		if (w->calls > 0 && w->calls < p->def.ahead &&
		    w->queue[0].ahead && w->tickets[1] >= 0 && !w->stale &&
		    worker_is_live(w) && now - w->begun < WORKER_HELD &&
		    (best == NULL || w->calls < best->calls))
			best = w;
	return best;
}

/* It does not read any more: its end tells the rest. */
static void
worker_dead(struct worker *w)
{
	w->child.eof = true;
	child_kill(&w->child, NULL);
}

/* A worker without calls: it is done with, or waits for some. */
static bool
rests(struct pool *p, struct worker *w)
{
	if (w->stale || p->shut) {
		child_retire(&w->child);
		return false;
	}
	w->due = clock_boot() + p->def.idle;
	supervisor_wake(p->sup, w->due);
	return true;
}

/* For what needs a worker of its own nobody waits behind others, and for a
   moment none of the crowd begins beside it: it may be a cut. */
static void
way_make(struct pool *p)
{
	for (struct worker *w = p->workers; w != NULL; w = w->next) {
		if (w->calls == 0)
			continue;
		worker_recall(w);
		if (is_idle(w))
			rests(p, w);
	}
	p->way = clock_boot() + CALL_WAY;
	supervisor_wake(p->sup, p->way);
}

/* One that needs a worker of its own waits or runs, for not long yet. */
static bool
way_is_made(const struct pool *p)
{
	if (p->way <= clock_boot())
		return false;
	for (const struct worker *w = p->workers; w != NULL; w = w->next)
		if (w->calls > 0 && !w->queue[0].ahead && worker_is_live(w))
			return true;
	return p->first != NULL && !p->first->call.ahead;
}

/* Gives the call to an idle worker, if there is one that still lives. */
static bool
call_place(struct pool *p, const struct outcall *c)
{
	struct worker *w;

	if (c->ahead && way_is_made(p))
		return false;

	while ((w = idle_find(p, c->ahead)) != NULL) {
		if (worker_take(w, c))
			return true;
		worker_dead(w);
	}
	return false;
}

/* Lets the first of those that wait stand behind others. */
static bool
first_ahead(struct pool *p)
{
	struct worker *w;

	while (p->first->call.ahead && !way_is_made(p) &&
	    (w = behind_find(p)) != NULL) {
		if (worker_queue(w, &p->first->call, p->first)) {
			waiting_take(&p->first);
			return true;
		}
		w->stale = true; /* what it still has to say is read */
	}
	return false;
}

static bool
wants_worker(const struct pool *p)
{
	int64_t waiting = 0, starting = starting_count(p);

	if (p->first == NULL || clock_boot() < p->next_start ||
	    serving_count(p) >= workers_most(p, p->first->call.ahead))
		return false;
	for (const struct waiting *w = p->first; w != NULL; w = w->next)
		if (++waiting > starting)
			return true;
	return false;
}

/* All places are taken but the one that is kept for cuts. */
static bool
crowd_is_full(const struct pool *p)
{
	int64_t busy = 0;

	for (const struct worker *w = p->workers; w != NULL; w = w->next)
		busy += w->calls > 0 && worker_is_live(w);
	return p->def.concurrency > 1 && busy >= p->def.concurrency - 1;
}

/* Who is dismissed while a crowd is at work should wait neither for a process
   nor for a connection. */
static bool
wants_kept(const struct pool *p)
{
	int64_t now = clock_boot();

	for (const struct worker *w = p->workers; w != NULL; w = w->next)
		if (kept_starts(w) || (w->kept && !worker_is_live(w)))
			return false; /* its end is still to be judged */
	return p->good && !p->shut && crowd_is_full(p) &&
	    live_count(p) < p->def.concurrency && p->next_start <= now &&
	    p->next_kept <= now;
}

/* Nobody asked for it, so that it fails is no news of the system; but it is
   not tried again at once. */
static void
kept_failed(struct pool *p)
{
	p->next_kept = clock_boot() + PAUSE_MOST;
}

static void
worker_add(struct pool *p, bool kept)
{
	struct err e = { ERR_NONE, 0, "" };
	struct worker *w = worker_start(p->sup, p, &p->def, kept, &e);

	if (w == NULL) {
		if (kept)
			kept_failed(p);
		else
			start_failed(p, &e);
		return;
	}
	p->counts.starts++;
	w->next = p->workers;
	p->workers = w;
}

/* Calls to workers, and workers for the calls that are left. */
static void
pool_pump(struct pool *p)
{
	while (p->first != NULL) {
		if (call_place(p, &p->first->call))
			waiting_free(waiting_take(&p->first));
		else if (!first_ahead(p))
			break;
	}
	while (wants_worker(p))
		worker_add(p, false);
	if (wants_kept(p))
		worker_add(p, true);
}

void
pool_started(struct pool *p, struct worker *w, const char *greeting,
    const struct err *why)
{
	if (why->cls != ERR_NONE) {
		w->why = *why;
		child_kill(&w->child, "it refused to start");
		return;
	}
	w->ready = true;
	p->pause = p->next_start = 0;
	if (!p->good) {
		struct incoming in = { .kind = INCOMING_STATE,
			.system = p->def.system,
			.out = greeting,
			.answered = clock_wall() };

		p->good = true;
		supervisor_give(p->sup, &in);
	}
	pool_freed(p, w);
}

void
pool_freed(struct pool *p, struct worker *w)
{
	if (w->calls > 0 || rests(p, w))
		pool_pump(p);
}

void
pool_over(struct pool *p)
{
	p->counts.calls++;
}

void
pool_regain(struct pool *p, struct waiting *w)
{
	waiting_add(&p->first, w);
}

void
pool_lost(struct pool *p, struct worker *w, const char *how)
{
	struct worker **at = &p->workers;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	if (w->child.fault != NULL || w->child.eof) {
		*(w->child.fault != NULL ? &p->counts.kills :
					   &p->counts.crashes) += 1;
		log_warn("worker of %s: %s", p->def.system, how);
	}
	if (w->kept && !w->stale) {
		if (!w->ready || w->child.fault != NULL || w->child.eof)
			kept_failed(p);
	} else if (!w->ready && !w->stale) {
		if (w->why.cls == ERR_NONE)
			err_set(&w->why, ERR_BUSY, "%s", how);
		start_failed(p, &w->why);
	}
	if (!p->shut)
		pool_pump(p);
}

void
pool_send(struct pool *p, const struct outcall *c)
{
	struct err busy;

	if (!c->ahead && p->def.ahead > 1)
		way_make(p);
	if ((p->first == NULL || (p->first->call.ahead && !c->ahead)) &&
	    call_place(p, c)) {
		if (wants_kept(p))
			worker_add(p, true);
		return;
	}
	int64_t pause = p->next_start - clock_boot();
	if (pause > 0 && live_count(p) == 0) {
		err_set(&busy, ERR_BUSY,
		    "the worker did not start; the next "
		    "attempt is in %" PRId64 " ms",
		    pause);
		busy.after_ms = pause;
		call_refuse(p, c, &busy);
		return;
	}
	waiting_add(&p->first, waiting_new(c));
	pool_pump(p);
}

static struct worker *
busy_find(const struct pool *p, int64_t call)
{
	for (struct worker *w = p->workers; w != NULL; w = w->next)
		if (worker_find(w, call) >= 0)
			return w;
	return NULL;
}

/* Calls back what the worker has not taken, and gives it to others. */
static void
recall(struct pool *p, struct worker *w)
{
	worker_recall(w);
	pool_freed(p, w);
}

bool
pool_drop(struct pool *p, int64_t call)
{
	struct worker *w = busy_find(p, call);

	if (w != NULL)
		worker_recall(w);
	if (waiting_forget(&p->first, call)) {
		if (w != NULL)
			pool_freed(p, w);
		return true;
	}
	if (w == NULL)
		return false;
	w->queue[worker_find(w, call)].silent = true;
	child_kill(&w->child, "its call was dropped");
	return true;
}

bool
pool_more(struct pool *p, int64_t call)
{
	struct worker *w = busy_find(p, call);

	if (w != NULL && worker_is_live(w))
		worker_more(w);
	return w != NULL;
}

/* It may have answered while musterd did not look. */
static void
deadline_judge(struct worker *w, int64_t now)
{
	struct supervisor *s = w->child.sup;

	if (s->left == 0) { /* it cannot be heard in this poll */
		supervisor_wake(s, now);
		return;
	}
	child_ready(&w->child, EPOLLIN);
	if (worker_is_live(w) && w->calls > 0 && w->due <= now)
		worker_fail(w, ERR_UNKNOWN, "no answer before the deadline");
}

static void
worker_tick(struct pool *p, struct worker *w, int64_t now)
{
	if (!worker_is_live(w))
		return;
	if (w->held_at <= now) {
		w->held_at = INT64_MAX;
		recall(p, w);
	}
	supervisor_wake(p->sup, w->held_at);
	if (w->due > now) {
		supervisor_wake(p->sup, w->due);
	} else if (!w->ready) {
		worker_fail(w, ERR_BUSY, "it does not get ready");
	} else if (w->calls > 0) {
		deadline_judge(w, now);
	} else if (crowd_is_full(p) && live_count(p) <= p->def.concurrency) {
		rests(p, w);
	} else {
		child_retire(&w->child);
	}
}

void
pool_tick(struct pool *p, int64_t now)
{
	for (struct worker *w = p->workers; w != NULL; w = w->next)
		worker_tick(p, w, now);
	if (p->first == NULL || p->shut)
		return;
	if (p->next_start > now)
		supervisor_wake(p->sup, p->next_start);
	else
		pool_pump(p);
}

/* Ends workers that no call keeps; busy ones end after theirs. */
static void
workers_replace(struct pool *p)
{
	for (struct worker *w = p->workers; w != NULL; w = w->next) {
		w->stale = true;
		worker_recall(w);
		if (is_idle(w))
			child_retire(&w->child);
		else if (!w->ready)
			child_kill(&w->child, "its definition is old");
	}
}

static bool
is_same_start(const struct worker_def *a, const struct worker_def *b)
{
	return strcmp(a->provider, b->provider) == 0 &&
	    strcmp(a->config, b->config) == 0 && a->verify == b->verify;
}

void
pool_define(struct pool *p, const struct worker_def *d)
{
	bool same = is_same_start(&p->def, d) && !p->shut;
	struct worker_def old = p->def;

	def_copy(&p->def, d);
	def_free(&old);
	p->shut = false;
	if (same)
		return;
	p->good = false;
	p->pause = p->next_start = p->next_kept = 0;
	workers_replace(p);
	pool_pump(p);
}

void
pool_shut(struct pool *p)
{
	struct err gone;

	p->shut = true;
	workers_replace(p);
	err_set(&gone, ERR_INPUT, "no system is called %s", p->def.system);
	all_refuse(p, &gone);
}

bool
pool_is_shut(const struct pool *p)
{
	return p->shut;
}

bool
pool_is_over(const struct pool *p)
{
	return p->shut && p->workers == NULL;
}

void
pool_free(struct pool *p)
{
	while (p->workers != NULL) {
		struct worker *w = p->workers;

		p->workers = w->next;
		child_destroy(&w->child);
		worker_free(w);
	}
	while (p->first != NULL)
		waiting_free(waiting_take(&p->first));
	def_free(&p->def);
	free(p);
}

void
pool_counts(const struct pool *p, struct supervisor_counts *c)
{
	c->workers += live_count(p);
	for (const struct worker *w = p->workers; w != NULL; w = w->next)
		if (w->calls > 0) {
			c->calls++;
			c->ahead += w->calls - 1;
		}
	c->starts += p->counts.starts;
	c->crashes += p->counts.crashes;
	c->kills += p->counts.kills;
	c->calls += p->counts.calls;
}
