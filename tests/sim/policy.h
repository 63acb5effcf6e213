/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The evaluator: it knows the few programs of the played company by heart.
 */
#ifndef TESTS_SIM_POLICY_H
#define TESTS_SIM_POLICY_H

#include <stdbool.h>

struct sim;
struct question;

/* The answer; if bad, one program gives an error or no boolean. */
const char *policy_say(struct sim *, const struct question *, bool bad);
/* As if every condition were false. */
const char *policy_deny(struct sim *, const struct question *);

#endif
