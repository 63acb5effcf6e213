/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of programs over one input, with bounds on what it answers.
 */
#ifndef EVAL_RUN_H
#define EVAL_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include <jq.h>

#include <muster/arena.h>

#define RUN_VALUES 1000
#define RUN_BYTES (256u << 10)
#define RUN_LEAST 64 /* bytes that a refusal always fits into */

struct compiled;

/* Appends {"values":[...]} or {"error":"..."}, at most room bytes (at
   least RUN_LEAST); takes over value. */
void run_program(const struct compiled *, jv value, size_t room,
    struct buf *out);
/* Appends the row of n programs that were compiled as one; takes over
   value.  False, and nothing appended: they must be run one by one. */
bool run_all(jq_state *, size_t n, jv value, size_t limit, struct buf *out);
/* Appends {"error":text}, cut to what fits. */
void run_refuse(const char *text, size_t room, struct buf *out);

#endif
