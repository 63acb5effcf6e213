/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of convergence that a plan shares.
 */
#ifndef ENGINE_CONVERGE_H
#define ENGINE_CONVERGE_H

#include "engine/differ.h"

/* Draws the user name that the rules want now, if it is another than the
   identity has: 1, and policy must be asked again.  ERR_CONFLICT: every
   candidate is taken. */
int username_settle(struct engine *, struct identity *, const struct desired *,
    struct err *) __attribute__((warn_unused_result));
/* The workflow's trigger for what a difference does. */
const char *converge_trigger(const struct identity *,
    const struct difference *);
/* Starts the run of these items; none: nothing. */
int converge_run(struct engine *, const struct identity *,
    const struct difference *, const struct many *items, int64_t plan,
    const char *policy, struct err *) __attribute__((warn_unused_result));
int converge_matters(struct engine *, const struct difference *, struct err *)
    __attribute__((warn_unused_result));

/* Writes what convergence itself keeps in the row. */
int identity_mark(struct engine *, const struct identity *, struct err *)
    __attribute__((warn_unused_result));
/* In a savepoint of its own: what cannot be decided about one identity is
   its own trouble. */
typedef int converge_fn(struct engine *, struct identity *, struct err *);
int converge_try(struct engine *, const struct identity *, converge_fn *,
    struct err *) __attribute__((warn_unused_result));

#endif
