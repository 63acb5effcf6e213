/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a tick collects to hand out after its commit.
 */
#ifndef ENGINE_OUTGOING_H
#define ENGINE_OUTGOING_H

#include "engine/inside.h"

/* A new zeroed element at the end of the array, which grows in the arena
   by doubling (its room is the power of two that holds n). */
void *out_add(struct arena *, struct many *, size_t size);

/* ask.c: an answer of the evaluator, and the questions of a lost one. */
int ask_answer(struct engine *, const struct incoming *, struct err *)
    __attribute__((warn_unused_result));
int ask_recover(struct engine *, struct err *)
    __attribute__((warn_unused_result));

#endif
