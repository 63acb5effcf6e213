/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events after a start.  One of them may be why the last process ended, and
 * it is among the first to be met again: so those are taken singly, each
 * attempt is counted and committed before it is made, and what did not
 * survive two of them is set aside, so that the others go on.
 */
#ifndef ENGINE_CAREFUL_H
#define ENGINE_CAREFUL_H

#include "engine/intake.h"

#define CAREFUL 64 /* events after a start */

/* Takes the next one instead of these rows, of which there are some. */
int careful_take(struct engine *, const struct many *rows, struct err *)
    __attribute__((warn_unused_result));

#endif
