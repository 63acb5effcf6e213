/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single durable numbers: the epoch, the freeze, a jump of the clock.
 */
#ifndef ENGINE_META_H
#define ENGINE_META_H

#include "engine/inside.h"

#define RULES_AT "rules_at" /* when another configuration was taken up */

struct meta {
	const char *name, *value;
};

/* 0 where there is none. */
int meta_get(struct engine *, const char *name, int64_t *value, struct err *)
    __attribute__((warn_unused_result));
int meta_put(struct engine *, const char *name, int64_t value, struct err *)
    __attribute__((warn_unused_result));

/* What memory keeps of them: the freeze, a jump, the time last noted. */
int meta_load(struct engine *, struct err *)
    __attribute__((warn_unused_result));

#endif
