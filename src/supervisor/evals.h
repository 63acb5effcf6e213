/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The evaluators and the questions that wait for one.  A question is put in
 * slices that fit into a frame; a run that ends its evaluator is left out
 * of the next attempt and answered as an error; a slice that was lost
 * without a culprit is put once more, and then the question has no verdict
 * (ERR_REFUSED).
 */
#ifndef SUPERVISOR_EVALS_H
#define SUPERVISOR_EVALS_H

#include "supervisor/supervisor.h"

struct evals;

struct evals *evals_new(struct supervisor *, int64_t timeout,
    int64_t processes);
void evals_free(struct evals *);
void evals_ask(struct evals *, const struct question *);
void evals_tick(struct evals *, int64_t now);

#endif
