/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Succession: every non-human identity has a living owner, or a person is
 * asked for one.
 */
#ifndef ENGINE_OWNER_H
#define ENGINE_OWNER_H

#include "engine/policy.h"

/* Of a non-human identity: opens or settles its case; *due is brought
   forward when time alone will say more. */
int owner_check(struct engine *, const struct identity *, int64_t *due,
    struct err *) __attribute__((warn_unused_result));
/* Of a leaver: what it owned, and the secrets that it could read. */
int owner_left(struct engine *, const struct identity *, struct err *)
    __attribute__((warn_unused_result));
/* A person answered a case of kind owner: applies it. */
int owner_answer(struct engine *, const struct input *, struct err *)
    __attribute__((warn_unused_result));

#endif
