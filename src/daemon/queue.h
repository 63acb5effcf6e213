/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of other threads on their way to the engine, in the order in
 * which they came.  A ticket belongs to whoever made it; it is answered
 * exactly once, on the engine's thread, after the tick that applied its
 * input was committed.  The input's texts must live until then.
 */
#ifndef DAEMON_QUEUE_H
#define DAEMON_QUEUE_H

#include "engine/engine.h"

struct ticket {
	struct input input;
	/* why NULL: success.  body is valid until it returns. */
	void (
	    *answer)(struct ticket *, const struct err *why, const char *body);
	void *ctx;
	struct ticket *next;
};

struct queue;

struct queue *queue_new(void);
void queue_free(struct queue *);
/* Readable when something waits. */
int queue_fd(const struct queue *);
/* From any thread; ERR_BUSY when too many wait. */
int queue_add(struct queue *, struct ticket *, struct err *)
    __attribute__((warn_unused_result));
/* Takes up to max tickets as a list; NULL when none waits. */
struct ticket *queue_take(struct queue *, size_t max);
/* Wakes the engine's thread without an input. */
void queue_wake(struct queue *);

/* Adds the command and waits for its answer: for threads of the daemon
   itself.  The answer's body is copied into the arena. */
int queue_call(struct queue *, const char *verb, const char *body,
    const struct actor *, struct arena *, const char **reply, struct err *)
    __attribute__((warn_unused_result));
/* Answers whatever still waits with ERR_BUSY, and all that comes later. */
void queue_close(struct queue *);

#endif
