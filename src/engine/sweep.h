/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new configuration is put before every identity, some at a time; and so
 * is each new day, where a program of it names the day.  How far that has come
 * is a row, so a restart goes on with it.
 */
#ifndef ENGINE_SWEEP_H
#define ENGINE_SWEEP_H

#include "engine/inside.h"

int sweep_due(struct engine *, struct err *)
    __attribute__((warn_unused_result));
/* Every identity is looked at once more under the same configuration. */
int sweep_again(struct engine *, struct err *)
    __attribute__((warn_unused_result));

#endif
