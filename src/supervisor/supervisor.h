/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The children: muster-worker processes (one provider, one system, one call
 * at a time) and muster-eval.  The supervisor starts them on demand, hands
 * them calls, kills them at a deadline, reaps them when idle, and turns
 * whatever they do into one of a few inputs for the engine.  It lives in
 * the engine's thread: no call of it blocks.
 *
 * A child that crashes, hangs, floods, answers garbage or answers for
 * another call is killed; its call is delivered as failed: "unknown" if it
 * may have begun it, "busy" if not; what it can be called back goes to another
 * one.  Nothing that a child says can end the daemon.
 */
#ifndef SUPERVISOR_SUPERVISOR_H
#define SUPERVISOR_SUPERVISOR_H

#include <muster/field.h>

#include "model/call.h"

struct supervisor;

struct supervisor_paths {
	const char *worker;    /* program muster-worker */
	const char *eval;      /* program muster-eval */
	const char *providers; /* folder of NAME.so */
	const char *lock;      /* file that workers hold a shared lock on */
	const char *sandbox;   /* required, best-effort, off */
	int64_t eval_timeout;  /* ms for one call of the evaluator */
	int64_t eval_workers;  /* processes, at least 1 */
};

/* What a system's workers are started with. */
struct worker_def {
	const char *system;
	const char *provider;
	const char *config;  /* JSON object, secrets in clear: the caller
				   keeps it in the secure heap and it is
				   copied into it here */
	int64_t concurrency; /* workers at most */
	int64_t ahead;	     /* calls that one may have at a time; at most
				   CALL_AHEAD_MOST */
	int64_t idle;	     /* ms without a call before one is reaped */
	bool verify;	     /* false: no read-back (settings of the system) */
};

/*
 * Takes the lock exclusively first (so that no worker of an older daemon
 * still acts; waits up to 10 s for them to die), then shares it with the
 * workers that it starts.
 */
struct supervisor *supervisor_open(const struct supervisor_paths *,
    struct err *);
/* Kills all children and waits for them. */
void supervisor_close(struct supervisor *);

/* Makes a system known, or replaces its definition: running calls end as
   they began, idle workers are replaced. */
int supervisor_define(struct supervisor *, const struct worker_def *,
    struct err *) __attribute__((warn_unused_result));
void supervisor_forget(struct supervisor *, const char *system);

/* Hands over a call; it waits here only for its worker to start, or, if it
   may be sent ahead, for its turn.  The engine sends no more than concurrency
   at once of those that may not.  An unknown system is delivered as failure
   "input". */
void supervisor_send(struct supervisor *, const struct outcall *);
void supervisor_ask(struct supervisor *, const struct question *);
/* Gives up a call: nothing is delivered, and a worker that has taken it is
   killed. */
void supervisor_drop(struct supervisor *, int64_t call);

/* An epoll descriptor, readable when supervisor_poll has work. */
int supervisor_fd(const struct supervisor *);
/* When supervisor_poll wants to be called at the latest (clock_boot ms). */
int64_t supervisor_due(const struct supervisor *);

/*
 * Does what is due and hands each input to deliver; texts are valid until
 * it returns.  Delivers at most max inputs.  A page of rows is
 * acknowledged (so that the worker may send more) by supervisor_more().
 */
void supervisor_poll(struct supervisor *, size_t max,
    void (*deliver)(void *ctx, const struct incoming *), void *ctx);
void supervisor_more(struct supervisor *, int64_t call);

/* Counters for metrics and status. */
struct supervisor_counts {
	int64_t workers, starts, crashes, kills;
	int64_t calls; /* that are over, and that run now, as far as is known:
			  one that was called back did not */
	int64_t ahead; /* calls that stand behind others now */
};
void supervisor_counts(const struct supervisor *, const char *system,
    struct supervisor_counts *);

#endif
