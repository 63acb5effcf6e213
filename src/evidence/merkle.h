/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 9162 section 2.1 Merkle trees over SHA-256: growing one by its
 * frontier, paths and their verification.
 */
#ifndef EVIDENCE_MERKLE_H
#define EVIDENCE_MERKLE_H

#include <stdbool.h>
#include <stdint.h>

#include <muster/err.h>

#include "base/digest.h"

#define MERKLE_DEPTH 64 /* no path is longer */

typedef unsigned char merkle_hash[DIGEST_LEN];

void merkle_leaf(merkle_hash out, const void *entry, size_t n);
/* out may be one of the two. */
void merkle_node(merkle_hash out, const merkle_hash left,
    const merkle_hash right);

/*
 * The roots of the full subtrees that make up the first size leaves,
 * largest first, one for each bit of size that is set.
 */
struct merkle {
	int64_t size;
	merkle_hash frontier[MERKLE_DEPTH];
};

int merkle_width(int64_t size); /* how many of the frontier are in use */
void merkle_add(struct merkle *, const merkle_hash leaf);
void merkle_root(const struct merkle *, merkle_hash root);
/* The root of n hashes; the empty tree's if n is 0. */
void merkle_root_of(const merkle_hash *, int64_t n, merkle_hash root);

/*
 * A tree whose nodes are all at hand, for many paths.  An odd last node
 * rises unchanged, which is the same tree as the RFC's.
 */
struct merkle_levels {
	int count;
	int64_t width[MERKLE_DEPTH];
	merkle_hash *level[MERKLE_DEPTH];
};

/* Takes n >= 1 hashes over (malloc'd); fini frees them all. */
void merkle_levels_init(struct merkle_levels *, merkle_hash *, int64_t n);
void merkle_levels_fini(struct merkle_levels *);
/* The inclusion path of one of them; answers its length. */
int merkle_path(const struct merkle_levels *, int64_t index,
    merkle_hash path[MERKLE_DEPTH]);

/* RFC 9162 2.1.3.2: node stands at index in the tree of size with root. */
bool merkle_included(int64_t index, int64_t size, const merkle_hash node,
    const merkle_hash *path, int n, const merkle_hash root);

/*
 * The proof that the tree of size extends the one of the first old leaves;
 * range answers the root of the leaves [from, to), which is always one that
 * the RFC's recursion names.  Answers the length, or -1 as range did.
 */
typedef int merkle_range_fn(void *ctx, int64_t from, int64_t to,
    merkle_hash root, struct err *);
int merkle_consistency(int64_t old, int64_t size, merkle_range_fn *range,
    void *ctx, merkle_hash proof[MERKLE_DEPTH], struct err *);
/* RFC 9162 2.1.4.2. */
bool merkle_consistent(int64_t old, int64_t size, const merkle_hash old_root,
    const merkle_hash root, const merkle_hash *proof, int n);

#endif
