/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many programs become one.  libjq 1.6 takes some 20 ms to compile
 * anything, because it reads its own library each time, and hardly longer
 * for a hundred programs in one text; and starting it costs several times
 * what a usual expression does, so one start for all of them is cheaper
 * still.  The programs have passed program_vet().
 */
#ifndef EVAL_COMPILE_H
#define EVAL_COMPILE_H

#include <stddef.h>

#include <jq.h>

#include <muster/arena.h>

/* One of the programs at a time, picked by choice_input().  NULL, and the
   first reason in error, if they do not compile together. */
jq_state *compile_choice(struct arena *, const char *const *programs, size_t n,
    const char **error);
/* Takes over value.  $now is the member now of an object, else null. */
jv choice_input(jv value, size_t index);

/* All at once over all_input(): one array that has, for each program, the
   array of its values or {"e": what it was ended by}. */
jq_state *compile_all(struct arena *, const char *const *programs, size_t n,
    const char **error);
jv all_input(jv value);

#endif
