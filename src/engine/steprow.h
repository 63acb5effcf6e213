/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of steps: here they are added, saved and read by run or by call.
 * Those of runs under way are also kept in memory, exactly as the store has
 * them, so that the next answer need not read them again; whoever undoes
 * something forgets them.
 */
#ifndef ENGINE_STEPROW_H
#define ENGINE_STEPROW_H

#include "engine/inside.h"

struct steprows;

struct steprows *steprow_init(void);
void steprow_fini(struct steprows *);

/* A run that has no step yet. */
void steprow_begin(struct engine *, int64_t run);
/* Adds the step; its id is set. */
int steprow_add(struct engine *, struct step *, struct err *)
    __attribute__((warn_unused_result));
/* Writes what changes in a step's life: state, attempts, outcome. */
int steprow_save(struct engine *, const struct step *, struct err *)
    __attribute__((warn_unused_result));
/* All steps of a run, in the order of their ids; the array is the caller's,
   texts last until the end of the tick. */
int steprow_list(struct engine *, int64_t run, struct many *, struct err *)
    __attribute__((warn_unused_result));
/* The step that waits for this call's answer: 1, 0 there is none, -1. */
int steprow_called(struct engine *, int64_t call, struct step *, struct err *)
    __attribute__((warn_unused_result));
/* A statement that changes whichever rows of steps it finds. */
int steprow_change(struct engine *, enum stmt, const struct step *key,
    struct err *) __attribute__((warn_unused_result));
/* How many there were; to see whether something undid one. */
int64_t steprow_writes(const struct engine *);
/* What is kept may be another than what the store has. */
void steprow_forget(struct engine *);
/* Whether all that is kept is what the store has; ERR_BUG names what is
   not.  For the simulator and tests. */
int steprow_check(struct engine *, struct err *)
    __attribute__((warn_unused_result));

#endif
