/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What events make of one affiliation.  Pure: an affiliation is the fold of
 * all events about its key in the order of their effective times, then of
 * their places in the source; so what comes in late can undo nothing that
 * is newer, member by member, and an amended event needs no other rule.
 */
#ifndef ENGINE_FOLD_H
#define ENGINE_FOLD_H

#include "engine/policy.h"

/* Lays one event over the affiliation; the feed may be NULL.  ERR_INPUT: a
   date or a zone is wrong. */
int fold_event(struct arena *, const struct feed_def *, const struct event *,
    struct affiliation *, struct err *) __attribute__((warn_unused_result));

/*
 * The last moment of what a date names: a plain date belongs to it whole,
 * so it is over when the next one begins; a time is itself.
 */
int fold_end_of(const char *zone, const char *text, int64_t *ms, struct err *)
    __attribute__((warn_unused_result));

/* Can an event of this kind be the first one of a key? */
bool fold_begins(const char *kind);

#endif
