/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs: lanes, order, and their end.  run_start() is declared in inside.h.
 */
#ifndef ENGINE_RUN_H
#define ENGINE_RUN_H

#include "engine/inside.h"

/* Looks at a run after one of its steps moved: releases what waited, ends
   the run, opens the next of its lane. */
int run_advance(struct engine *, int64_t run, struct err *)
    __attribute__((warn_unused_result));
/* Opens queued runs of workflows that had no room. */
int run_due(struct engine *, struct err *) __attribute__((warn_unused_result));
/* What has not begun of all runs that give access is dropped. */
int runs_drop(struct engine *, const char *why, struct err *)
    __attribute__((warn_unused_result));
int run_load(struct engine *, int64_t id, struct run *, struct err *)
    __attribute__((warn_unused_result));

#define OVERTAKES 2 /* classes revoke and leave do */

/* The only way a run changes: row and evidence together. */
int run_move(struct engine *, struct run *, const char *state, const char *kind,
    struct err *) __attribute__((warn_unused_result));
/* Ends what has not begun of a run, and the run. */
int run_cut_short(struct engine *, struct run *, const char *why, struct err *)
    __attribute__((warn_unused_result));
/* Opens the next queued run: of the ended one's lane, or of its workflow
   where there is room. */
int run_next(struct engine *, const struct run *ended, struct err *)
    __attribute__((warn_unused_result));

/* expand.c: the steps of a run, from its workflow and what it draws on. */
int run_expand(struct engine *, struct run *, const struct workflow_def *,
    const struct many *items, struct err *) __attribute__((warn_unused_result));

#endif
