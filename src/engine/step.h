/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps: the durable units of a run.  step_move() is the only place where a
 * step's state changes; it writes the row and its evidence together.
 */
#ifndef ENGINE_STEP_H
#define ENGINE_STEP_H

#include <muster/provider.h>

#include "engine/inside.h"

/*
 * Writes the step with its new state; what else changed in *s is written
 * too.  "why" of the evidence comes from s->failure and s->error.
 */
int step_move(struct engine *, struct step *, const char *state, struct err *)
    __attribute__((warn_unused_result));
/* Is the step finished, or released as a debt is? */
bool step_ended(const struct step *);
bool step_released(const struct step *);

/* Marks it sent and puts its call into the tick's output; a step that cannot
   even be asked for is failed, or a debt, and its run is to be advanced. */
int step_send(struct engine *, struct step *, const struct system_def *,
    struct err *) __attribute__((warn_unused_result));
/* An answer for one of its calls; ERR_GONE: nobody waits for it (late). */
int step_reply(struct engine *, const struct incoming *, struct err *)
    __attribute__((warn_unused_result));
/* Waiting, unknown and debt steps whose time has come are ready. */
int step_due(struct engine *, int64_t *next, struct err *)
    __attribute__((warn_unused_result));
/* What failed on the system is tried again now.  What waits for a settle time
   goes on waiting, for that is no pause. */
int step_hurry(struct engine *, const char *system, struct err *)
    __attribute__((warn_unused_result));
/* Its system is no longer configured: it fails, and a removal is a debt
   that is looked at once a day. */
int step_strand(struct engine *, struct step *, struct err *)
    __attribute__((warn_unused_result));
/* Ready steps of such systems, a slice. */
int steps_strand(struct engine *, struct err *)
    __attribute__((warn_unused_result));
/* After a crash: sent steps are unknown. */
int step_recover(struct engine *, struct err *)
    __attribute__((warn_unused_result));

/* effect.c: what a verified step means for its account and holding. */
int effect_write(struct engine *, const struct step *, const struct change *,
    struct err *) __attribute__((warn_unused_result));

/* compensate.c: steps that take back what a failed run had done. */
int compensate(struct engine *, struct run *, const struct step *, size_t n,
    struct err *) __attribute__((warn_unused_result));

#endif
