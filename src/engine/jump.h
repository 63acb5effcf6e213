/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the time can be believed.  Where it may not, access still ends on
 * time, but what cannot be taken back (deletes) waits until a person has
 * looked: that is a case.
 */
#ifndef ENGINE_JUMP_H
#define ENGINE_JUMP_H

#include "engine/inside.h"

/* At each tick: the wall clock against boot time. */
int jump_check(struct engine *, struct err *)
    __attribute__((warn_unused_result));
/* At the start: against the time at which musterd last ran. */
int jump_since(struct engine *, struct err *)
    __attribute__((warn_unused_result));

#endif
