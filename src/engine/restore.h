/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After a restored backup was accepted.  The store knows nothing of what
 * was done since the backup, so every system is only observed until a whole
 * reconcile of it; what was about to give access is dropped; and an account
 * that the store has as working, and that was found not to work, is not
 * given back before a person has said so: its owner may have left.
 */
#ifndef ENGINE_RESTORE_H
#define ENGINE_RESTORE_H

#include "engine/inside.h"

struct pipe;

/* Of the command that accepts it, once the new log has begun. */
int restore_begin(struct engine *, const struct input *, struct err *)
    __attribute__((warn_unused_result));
/* A reconcile of a restored system found it otherwise than it left it. */
int restore_doubt(struct engine *, const struct account *, const char *seen,
    struct err *) __attribute__((warn_unused_result));
/* The system is no longer only observed: policy looks at everybody anew. */
int restore_end(struct engine *, struct pipe *, const char *kind, struct err *)
    __attribute__((warn_unused_result));
/* A person says that the identity is still here. */
int restore_believe(struct engine *, int64_t identity, struct err *)
    __attribute__((warn_unused_result));
/* It left: nobody need say whether it had.  A rehire is a new beginning. */
int restore_left(struct engine *, const struct identity *, struct err *)
    __attribute__((warn_unused_result));

#endif
