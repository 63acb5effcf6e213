/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of one program over one input, with bounds on what it answers.
 */
#ifndef EVAL_RUN_H
#define EVAL_RUN_H

#include <stddef.h>

#include <jv.h>

#include <muster/arena.h>

#define RUN_VALUES 1000
#define RUN_BYTES (256u << 10)
#define RUN_LEAST 64 /* bytes that a refusal always fits into */

struct compiled;

/* Appends {"values":[...]} or {"error":"..."}, at most room bytes (at
   least RUN_LEAST); takes over value. */
void run_program(const struct compiled *, jv value, size_t room,
    struct buf *out);
/* Appends {"error":text}, cut to what fits. */
void run_refuse(const char *text, size_t room, struct buf *out);

#endif
