/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Planted bugs: each makes the invariant of its target fail, which shows
 * that the invariant can.  They live in the played world, or change the
 * engine's rows behind its back.
 */
#ifndef TESTS_SIM_PLANT_H
#define TESTS_SIM_PLANT_H

#include <stdbool.h>
#include <stdint.h>

struct sim;
struct flight;
struct outcall;

struct plant {
	const char *name; /* NULL: none */
	bool fired;
};

/* Is it this one?  Then it fires. */
bool plant_is(struct sim *, const char *name);
bool plant_known(const char *name);
void plant_list(void);
/* After a commit, and at rest: what is done to the rows. */
void plant_rows(struct sim *);
void plant_rest(struct sim *);
/* The call that a reply says it answers. */
int64_t plant_call(struct sim *, const struct flight *);
/* Does nothing ever come of this call, not even its deadline? */
bool plant_swallows(struct sim *, const struct outcall *);

#endif
