/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guard of explicit leavers: so many a day as their feed says go
 * through at once; those beyond, and whoever is protected, wait together
 * for people.  They are never held with a snapshot.
 */
#ifndef ENGINE_LEAVERS_H
#define ENGINE_LEAVERS_H

#include "engine/intake.h"

/*
 * Does this event end access, whatever it calls itself?  One that ends it
 * now becomes a leaver; one that brings an end within AHEAD forward is
 * counted like one (event.leaves) and stays what it is.
 */
int leavers_look(struct engine *, const struct feed_def *, struct event *,
    const struct person *, struct err *) __attribute__((warn_unused_result));
/* 1: it is held, and v->hold says by what; 0: it goes on; -1. */
int leavers_hold(struct engine *, const struct feed_def *, struct event *,
    struct err *) __attribute__((warn_unused_result));

#endif
