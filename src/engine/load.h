/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A load's life: reading, assessing (its differences become events, and
 * their effects are counted), held or accepted; or refused, rejected,
 * superseded.  Only load_move() changes its state.
 */
#ifndef ENGINE_LOAD_H
#define ENGINE_LOAD_H

#include "engine/policy.h"

/* What cases of a feed are about. */
const char *feed_subject(struct engine *, const char *feed);
int load_move(struct engine *, struct load *, const char *state, struct err *)
    __attribute__((warn_unused_result));
/* Refused whole: nothing of it is applied, a case says why. */
int load_refuse(struct engine *, struct load *, const char *why, struct err *)
    __attribute__((warn_unused_result));
/* At start: files whose reader ended with the last daemon. */
int load_recover(struct engine *, struct err *)
    __attribute__((warn_unused_result));
/* Rows that were set aside are somebody's business. */
int load_tell_bad(struct engine *, const struct load *, struct err *)
    __attribute__((warn_unused_result));

/* late.c: a feed of snapshots whose file has not come for longer than it may
   be old is a case, once for each time. */
int late_due(struct engine *, struct err *) __attribute__((warn_unused_result));
int late_settle(struct engine *, const char *feed, struct err *)
    __attribute__((warn_unused_result));

/* gate.c: is the file fit to be compared at all?  1 it is, 0 it is not
   (*why says what is wrong), -1. */
int gate_pass(struct engine *, const struct feed_def *, const struct load *,
    const char **why, struct err *) __attribute__((warn_unused_result));

#endif
