/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call that is kept until a worker takes it, with texts of its own: in the
 * list of its pool, or with the worker that it was sent ahead to.
 */
#ifndef SUPERVISOR_WAITING_H
#define SUPERVISOR_WAITING_H

#include <stddef.h>

#include "model/call.h"

struct waiting {
	struct waiting *next;
	struct outcall call; /* its texts are in text */
	size_t n;
	char text[];
};

/* A copy, in locked memory if it carries a secret. */
struct waiting *waiting_new(const struct outcall *);
/* Wipes it; NULL is nothing. */
void waiting_free(struct waiting *);
/* Into the list at first: those that may be sent ahead come last, in the
   order in which they were decided, though some were called back. */
void waiting_add(struct waiting **first, struct waiting *);
/* The one at this place of a list, which no longer has it. */
struct waiting *waiting_take(struct waiting **at);
/* False: it has no such call. */
bool waiting_forget(struct waiting **first, int64_t call);

#endif
