/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the supervisor share: the supervisor itself, which
 * owns every child, and the one way by which inputs reach the engine.
 */
#ifndef SUPERVISOR_INSIDE_H
#define SUPERVISOR_INSIDE_H

#include "supervisor/supervisor.h"

struct child;
struct evals;
struct late;
struct pool;

struct supervisor {
	int epoll;
	int lock, null; /* both at 10 or above: see child.c */
	char *worker, *eval, *providers, *sandbox;
	struct pool **pools; /* sorted by system */
	size_t npools, room;
	struct evals *evals;
	struct child *running, *ending;
	bool backlog; /* frames were read that had no room */
	struct late *late, **late_end;
	size_t left; /* deliveries that this poll may still make */
	bool within; /* a delivery */
	void (*deliver)(void *ctx, const struct incoming *);
	void *ctx;
	int64_t due; /* boot clock; INT64_MAX: nothing */
};

/* Hands an input to the engine now, or in the next poll if this one has no
   room; the texts are copied in that case. */
void supervisor_give(struct supervisor *, const struct incoming *);
/* Asks for a poll at that time. */
void supervisor_wake(struct supervisor *, int64_t boot_ms);

#endif
