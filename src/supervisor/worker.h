/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One muster-worker as the supervisor sees it: starting, idle, or busy with
 * one call.  More may stand behind that one, so that the worker goes on
 * without being told; until it takes them they can be called back.  It
 * tells its pool what becomes of it.
 */
#ifndef SUPERVISOR_WORKER_H
#define SUPERVISOR_WORKER_H

#include "supervisor/child.h"
#include "supervisor/supervisor.h"

struct pool;
struct waiting;

#define WORKER_HELD 50 /* ms that others stand behind the one that runs */

struct given { /* a call that it has */
	int64_t call, epoch, timeout;
	int64_t ticket;	      /* it can be called back by; 0: it is its for
				   good */
	struct waiting *kept; /* to give it to another; NULL without ticket */
	bool cut;
	bool ahead;  /* others may stand behind it */
	bool silent; /* it was dropped: nothing is delivered */
};

struct worker {
	struct child child;
	struct worker *next; /* of its pool */
	struct pool *pool;
	bool ready;  /* it has greeted; until then it starts */
	bool kept;   /* started ahead of a cut, and without a call yet */
	bool stale;  /* its definition is old: no further call */
	int64_t due; /* boot clock: start or call must be over by
				   then, or idle for too long */
	struct given queue[CALL_AHEAD_MOST]; /* the first one is running */
	int calls;
	int64_t begun, taken; /* the first one: boot and wall clock */
	int64_t held_at;      /* boot clock: others stand behind it for too
				   long then; INT64_MAX: none do */
	int tickets[2];	      /* sockets, if calls are sent ahead; the worker
				   has the first one too */
	int64_t ticket;	      /* the newest */
	int ahead;	      /* frames of rows not yet acknowledged */
	struct err why;	      /* what its end means; ERR_NONE: a crash */
};

/* Starts one, for the definition of its pool; kept: ahead of a cut, so it
   connects before it greets.  NULL with ERR_BUSY. */
struct worker *worker_start(struct supervisor *, struct pool *,
    const struct worker_def *, bool kept, struct err *);
void worker_free(struct worker *);
/* Gives an idle one a call; false: it is gone, and has not seen the call. */
bool worker_take(struct worker *, const struct outcall *);
/* Lets a call stand behind others, with what it was kept in; false: as
   above, and the caller still has that. */
bool worker_queue(struct worker *, const struct outcall *, struct waiting *);
/* Calls back whatever it has not taken: to pool_regain(). */
void worker_recall(struct worker *);
/* Where the call stands with it; -1: nowhere. */
int worker_find(const struct worker *, int64_t call);
/* The engine took a page. */
void worker_more(struct worker *);
/* Ends it with the reason that its call gets. */
void worker_fail(struct worker *, enum err_class, const char *reason);

static inline bool
worker_is_live(const struct worker *w)
{
	return w->child.fd >= 0;
}

#endif
