/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The people who answer: two approvers who release or reject holds, one
 * operator who says that the clock is right, and who at the end has
 * everybody looked at once more.
 */
#ifndef TESTS_SIM_OPERATOR_H
#define TESTS_SIM_OPERATOR_H

#include <stdint.h>

struct sim;

/* What people do on their own: freezes, pauses, cancels, retries. */
void operator_begin(struct sim *);
/* And take back when all is over. */
void operator_end(struct sim *);
void operator_look(struct sim *);
/* Boot time of the next look; 0: there is nothing to look at. */
int64_t operator_next(struct sim *);
/* Has everybody looked at. */
void operator_converge(struct sim *);

#endif
