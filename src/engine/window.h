/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What convergence takes away of late, counted for the guards.  An event
 * by event stream, or a changed rule, removes as much as a bad snapshot
 * does; so removals of the last hour are counted together, and what would
 * go beyond a guard waits for a person.  Leavers and whatever an accepted
 * snapshot brought were counted where they came in, and pass.
 */
#ifndef ENGINE_WINDOW_H
#define ENGINE_WINDOW_H

#include "engine/differ.h"

struct window {		  /* of the last hour, with one difference */
	struct many sums; /* struct effect_count */
	struct texts trips;
	bool waits; /* it is parked already */
};
/*
 * 1: the removals of this difference would trip a guard; nothing was
 * written.  0: they may go on, and are counted from now on.
 */
int window_trips(struct engine *, const struct identity *,
    const struct difference *, struct window *, struct err *)
    __attribute__((warn_unused_result));
/* The identity waits for the hold that such removals share. */
int window_park(struct engine *, int64_t identity, const struct window *,
    struct err *) __attribute__((warn_unused_result));
/* What was released or decided otherwise is no longer parked. */
int window_done(struct engine *, int64_t identity, struct err *)
    __attribute__((warn_unused_result));
/* What waited under the rules of that digest is judged anew. */
int window_rules_changed(struct engine *, const char *digest, struct err *)
    __attribute__((warn_unused_result));
/* Identities whose hold was decided are made due. */
int window_due(struct engine *, struct err *)
    __attribute__((warn_unused_result));
/* How many there are that an effect could meet on a system. */
int window_total(struct engine *, const char *effect, const char *system,
    int64_t *n, struct err *) __attribute__((warn_unused_result));
/* Counts the items by effect and system. */
void effects_count(struct engine *, const struct item *, size_t n,
    struct many *counts);
bool effect_removes(const char *effect);
struct json trips_json(struct engine *, const struct texts *);
extern const struct field effect_count_fields[];

#endif
