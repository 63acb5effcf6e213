/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One muster-worker as the supervisor sees it: starting, idle, or busy
 * with one call.  It tells its pool what becomes of it.
 */
#ifndef SUPERVISOR_WORKER_H
#define SUPERVISOR_WORKER_H

#include "supervisor/child.h"
#include "supervisor/supervisor.h"

struct pool;

enum worker_state { WORKER_STARTING, WORKER_IDLE, WORKER_BUSY };

struct worker {
	struct child child;
	struct worker *next; /* of its pool */
	struct pool *pool;
	enum worker_state state;
	bool stale;  /* its definition is old: no further call */
	bool silent; /* its call was dropped */
	int64_t due; /* boot clock: start or call must be over by
				   then, or idle for too long */
	int64_t call, epoch, taken;
	int ahead;	/* frames of rows not yet acknowledged */
	struct err why; /* what its end means; ERR_NONE: a crash */
};

/* Starts one, for the definition of its pool.  NULL with ERR_BUSY. */
struct worker *worker_start(struct supervisor *, struct pool *,
    const struct worker_def *, struct err *);
/* Gives it a call; false: it is gone, and has not seen the call. */
bool worker_take(struct worker *, const struct outcall *);
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
