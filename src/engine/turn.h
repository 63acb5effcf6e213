/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose turn it is to be asked about.  Of a crowd only so many questions
 * are out at one time: the others wait as rows, so that memory is bounded,
 * the first ones are at work while the last ones wait, and what needs no
 * question (whoever leaves) never waits behind them.
 */
#ifndef ENGINE_TURN_H
#define ENGINE_TURN_H

#include "engine/policy.h"

#define TURN_STALE (-1) /* identity.converging: the answer will be stale */
#define TURN_WAITS (-2) /* nothing is asked yet */

/* Policy is asked about it when its turn comes.  Writes the row.  Whoever
   leaves gives its turn up. */
int turn_take(struct engine *, struct identity *, struct err *)
    __attribute__((warn_unused_result));
/* Asks now, in the place of the question that was just answered. */
int turn_again(struct engine *, struct identity *, struct err *)
    __attribute__((warn_unused_result));
/* As many as may be asked now. */
int turn_due(struct engine *, struct err *) __attribute__((warn_unused_result));

#endif
