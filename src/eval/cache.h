/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled programs, kept until the room is needed: lists of programs as
 * they are asked together, and single ones for where that does not work.
 */
#ifndef EVAL_CACHE_H
#define EVAL_CACHE_H

#include <stddef.h>

#include <jq.h>

#include <muster/arena.h>

#define CACHE_PROGRAMS 4096 /* single ones */
#define CACHE_SETS 1024	    /* that were compiled together: ~10 KiB each */
#define CACHE_WHOLES 1024   /* lists */
#define CACHE_BYTES ((size_t)32 << 20) /* of their texts */

struct set;

/* A program ready to run: start set's jq with choice_input(). */
struct compiled {
	struct set *set; /* NULL: refused, and error says why */
	size_t index;
	const char *error;
};

struct cache;

struct cache *cache_open(void);
void cache_close(struct cache *);

/*
 * Finds or compiles n programs, one by one.  The answers, and the sets that
 * they point into, are valid until the next call.  The arena takes the
 * errors.
 */
void cache_find(struct cache *, struct arena *, const char *const *programs,
    size_t n, struct compiled *out);
jq_state *set_jq(struct set *);

/* The list as one (see compile_all), valid until the next call; NULL if
   one of them is bad. */
jq_state *cache_whole(struct cache *, struct arena *,
    const char *const *programs, size_t n);

#endif
