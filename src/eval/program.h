/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a jq program may contain.  A program is a pure function of its
 * input: words that reach for the environment, the clock, other input,
 * files or the terminal are refused before libjq sees them, and brackets
 * must pair, so that programs can be compiled together and none can reach
 * out of its place.
 */
#ifndef EVAL_PROGRAM_H
#define EVAL_PROGRAM_H

#include <muster/err.h>

#define PROGRAM_MAX (64u << 10) /* bytes */

/* Names that begin so belong to the text around the programs. */
#define PROGRAM_OURS "__muster"

/* ERR_INPUT with the reason and its line. */
int program_vet(const char *text, struct err *)
    __attribute__((warn_unused_result));

#endif
