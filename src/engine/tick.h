/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one tick is made of.
 */
#ifndef ENGINE_TICK_H
#define ENGINE_TICK_H

#include "engine/inside.h"

/* admin.c: commands that belong to neither side: cases, systems, freeze,
   restore, evidence, notices, secrets.  1 mine, 0 not, -1. */
int admin_command(struct engine *, const struct input *, struct buf *reply,
    struct err *) __attribute__((warn_unused_result));

/* engine.c: calls and questions of a daemon that is gone. */
int engine_recover(struct engine *, struct err *)
    __attribute__((warn_unused_result));

#endif
