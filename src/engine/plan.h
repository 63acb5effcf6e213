/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans: computed over all identities without touching any, known by their
 * digest, and applied item by item, nothing else and nothing that moved.
 */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include "engine/policy.h"

struct plan_memory; /* a digest that is being made over slices */
void plan_forget(struct plan_memory *);
/* Rows that it has taken in were undone: it is made anew. */
void plan_sum_undo(struct engine *);

/* plan.c */
int plan_load(struct engine *, int64_t id, struct plan *, struct err *)
    __attribute__((warn_unused_result));
/* Writes the row, and evidence of that kind unless it is NULL. */
int plan_save(struct engine *, const struct plan *, const char *kind,
    struct err *) __attribute__((warn_unused_result));
/* Questions of this plan that are out. */
int plan_asked(struct engine *, const struct plan *, int64_t *n, struct err *)
    __attribute__((warn_unused_result));
/* The identity as of now; 1: policy has nothing to say yet (not begun). */
int plan_phase(struct engine *, struct identity *, struct err *)
    __attribute__((warn_unused_result));

/* It ends here, and says why. */
int plan_fail(struct engine *, struct plan *, const char *why, struct err *)
    __attribute__((warn_unused_result));

/* plan_scope.c: nobody is asked about before the scope compiles. */
int plan_scope_ask(struct engine *, struct plan *, struct err *)
    __attribute__((warn_unused_result));
bool plan_scope_unasked(const struct plan *);
int plan_scope_answer(struct engine *, int64_t plan, const char *results,
    const struct err *why, struct err *) __attribute__((warn_unused_result));

/* plan_sum.c: a slice of its digest and counts; 1 when both are complete. */
int plan_sum(struct engine *, struct plan *, struct err *)
    __attribute__((warn_unused_result));

/* apply.c */
int plan_apply(struct engine *, const struct input *, struct buf *reply,
    struct err *) __attribute__((warn_unused_result));
int plan_apply_due(struct engine *, struct plan *, struct err *)
    __attribute__((warn_unused_result));
/* Whether its hold was decided. */
int plan_held_due(struct engine *, struct plan *, struct err *)
    __attribute__((warn_unused_result));
int plan_apply_answer(struct engine *, struct plan *, int64_t identity,
    const char *results, const struct err *why, struct err *)
    __attribute__((warn_unused_result));

#endif
