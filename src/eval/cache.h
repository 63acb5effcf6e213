/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled programs.  libjq 1.6 takes some 20 ms to compile anything,
 * because it reads its own library each time, and hardly longer for a
 * hundred programs in one text: what a question brings anew is compiled
 * together, and kept until the room is needed.
 */
#ifndef EVAL_CACHE_H
#define EVAL_CACHE_H

#include <stddef.h>

#include <jq.h>

#include <muster/arena.h>

#define CACHE_PROGRAMS 4096
#define CACHE_SETS 64 /* each holds libjq's library: ~1 MiB */

struct set;

/* A program ready to run: start set's jq with program_input(). */
struct compiled {
	struct set *set; /* NULL: refused, and error says why */
	size_t index;
	const char *error;
};

struct cache;

struct cache *cache_open(void);
void cache_close(struct cache *);

/*
 * Finds or compiles n programs.  The answers, and the sets that they point
 * into, are valid until the next call.  The arena takes the errors.
 */
void cache_find(struct cache *, struct arena *, const char *const *programs,
    size_t n, struct compiled *out);

jq_state *set_jq(struct set *);
/* What is handed to jq_start(); takes over value.  $now is the member now
   of an object, else null. */
jv program_input(jv value, size_t index);

#endif
