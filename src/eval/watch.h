/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names the program that ends this process.  libjq cannot be interrupted,
 * and ends the process when memory is out; so when a run uses up its
 * processor time, its memory or its stack, a signal handler says on the
 * channel which program and which input it was, and the process ends:
 * musterd starts another one and leaves that run out.
 */
#ifndef EVAL_WATCH_H
#define EVAL_WATCH_H

#include <stddef.h>
#include <stdint.h>

#include <muster/err.h>

/* Installs the handlers; frames go to channel. */
int watch_open(int channel, struct err *) __attribute__((warn_unused_result));
/* Between begin and end, a run (program: how many there are, if it is one
   of all) has budget ms of processor time. */
void watch_begin(int64_t question, size_t program, size_t input,
    int64_t budget);
void watch_end(void);

#endif
