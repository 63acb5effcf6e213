/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "evidence/merkle.h"

void
merkle_leaf(merkle_hash out, const void *entry, size_t n)
{
	const struct part parts[] = { { "\0", 1 }, { entry, n } };

	digest_parts(out, parts, 2);
}

void
merkle_node(merkle_hash out, const merkle_hash left, const merkle_hash right)
{
	unsigned char both[1 + 2 * DIGEST_LEN];

	both[0] = 1;
	memcpy(both + 1, left, DIGEST_LEN);
	memcpy(both + 1 + DIGEST_LEN, right, DIGEST_LEN);
	digest(out, both, sizeof(both));
}

int
merkle_width(int64_t size)
{
	return __builtin_popcountll((unsigned long long)size);
}

/* The new leaf closes as many subtrees as size has low bits set. */
void
merkle_add(struct merkle *m, const merkle_hash leaf)
{
	int at = merkle_width(m->size);
	merkle_hash node;

	memcpy(node, leaf, DIGEST_LEN);
	for (int64_t bits = m->size; (bits & 1) != 0; bits >>= 1)
		merkle_node(node, m->frontier[--at], node);
	memcpy(m->frontier[at], node, DIGEST_LEN);
	m->size++;
}

void
merkle_root(const struct merkle *m, merkle_hash root)
{
	int at = merkle_width(m->size);

	if (at == 0) {
		digest(root, "", 0);
		return;
	}
	memcpy(root, m->frontier[--at], DIGEST_LEN);
	while (at > 0)
		merkle_node(root, m->frontier[--at], root);
}

void
merkle_root_of(const merkle_hash *hashes, int64_t n, merkle_hash root)
{
	struct merkle m = { .size = 0 };

	for (int64_t i = 0; i < n; i++)
		merkle_add(&m, hashes[i]);
	merkle_root(&m, root);
}

static merkle_hash *
hashes_new(int64_t n)
{
	merkle_hash *h = calloc((size_t)n, DIGEST_LEN);

	if (h == NULL)
		abort();
	return h;
}

static merkle_hash *
level_above(const merkle_hash *below, int64_t width)
{
	merkle_hash *above = hashes_new((width + 1) / 2);

	for (int64_t i = 0; i + 1 < width; i += 2)
		merkle_node(above[i / 2], below[i], below[i + 1]);
	if (width % 2 != 0)
		memcpy(above[width / 2], below[width - 1], DIGEST_LEN);
	return above;
}

void
merkle_levels_init(struct merkle_levels *l, merkle_hash *hashes, int64_t n)
{
	l->width[0] = n;
	l->level[0] = hashes;
	l->count = 1;
	for (; n > 1; l->count++) {
		l->level[l->count] = level_above(l->level[l->count - 1], n);
		n = (n + 1) / 2;
		l->width[l->count] = n;
	}
}

void
merkle_levels_fini(struct merkle_levels *l)
{
	while (l->count > 0)
		free(l->level[--l->count]);
}

int
merkle_path(const struct merkle_levels *l, int64_t index,
    merkle_hash path[MERKLE_DEPTH])
{
	int n = 0;

	for (int i = 0; i < l->count; i++, index >>= 1)
		if ((index ^ 1) < l->width[i])
			memcpy(path[n++], l->level[i][index ^ 1], DIGEST_LEN);
	return n;
}

/* Where a proof's walk stands: the node's and the last node's index. */
struct walk {
	int64_t at, last;
};

/* Whether the next hash of the proof stands to the left of the node. */
static bool
is_left(const struct walk *w)
{
	return (w->at & 1) != 0 || w->at == w->last;
}

/* Up one level, past those on which the node has no sibling. */
static void
rise(struct walk *w, bool left)
{
	while (left && (w->at & 1) == 0 && w->at != 0) {
		w->at >>= 1;
		w->last >>= 1;
	}
	w->at >>= 1;
	w->last >>= 1;
}

bool
merkle_included(int64_t index, int64_t size, const merkle_hash node,
    const merkle_hash *path, int n, const merkle_hash root)
{
	struct walk w = { index, size - 1 };
	merkle_hash r;

	if (index < 0 || index >= size)
		return false;
	memcpy(r, node, DIGEST_LEN);
	for (int i = 0; i < n; i++) {
		bool left = is_left(&w);

		if (w.last == 0)
			return false;
		if (left)
			merkle_node(r, path[i], r);
		else
			merkle_node(r, r, path[i]);
		rise(&w, left);
	}
	return w.last == 0 && memcmp(r, root, DIGEST_LEN) == 0;
}

static int64_t
split(int64_t n)
{
	int64_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

/*
 * SUB of RFC 9162 2.1.4.1 for the leaves [from, to), of which the first old
 * are the older tree's; whole: they have been one complete subtree so far,
 * whose root the verifier knows.
 */
static int
subproof(int64_t old, int64_t from, int64_t to, bool whole,
    merkle_range_fn *range, void *ctx, merkle_hash *proof, struct err *e)
{
	int64_t n = to - from, k = split(n);
	int got;

	if (old == n && whole)
		return 0;
	if (old == n)
		return range(ctx, from, to, proof[0], e) != 0 ? -1 : 1;
	if (old <= k) {
		got = subproof(old, from, from + k, whole, range, ctx, proof,
		    e);
		if (got < 0 || range(ctx, from + k, to, proof[got], e) != 0)
			return -1;
		return got + 1;
	}
	got = subproof(old - k, from + k, to, false, range, ctx, proof, e);
	if (got < 0 || range(ctx, from, from + k, proof[got], e) != 0)
		return -1;
	return got + 1;
}

int
merkle_consistency(int64_t old, int64_t size, merkle_range_fn *range, void *ctx,
    merkle_hash proof[MERKLE_DEPTH], struct err *e)
{
	if (old < 1 || old > size)
		return err_set(e, ERR_INPUT,
		    "no tree of size %lld in one of "
		    "%lld",
		    (long long)old, (long long)size);
	return subproof(old, 0, size, true, range, ctx, proof, e);
}

/* Both roots are rebuilt at once; a hash on the right is of the newer tree
   only. */
static bool
both_rebuilt(struct walk w, const merkle_hash start, const merkle_hash *proof,
    int n, const merkle_hash old_root, const merkle_hash root)
{
	merkle_hash was, is;

	memcpy(was, start, DIGEST_LEN);
	memcpy(is, start, DIGEST_LEN);
	for (int i = 0; i < n; i++) {
		bool left = is_left(&w);

		if (w.last == 0)
			return false;
		if (left) {
			merkle_node(was, proof[i], was);
			merkle_node(is, proof[i], is);
		} else {
			merkle_node(is, is, proof[i]);
		}
		rise(&w, left);
	}
	return w.last == 0 && memcmp(was, old_root, DIGEST_LEN) == 0 &&
	    memcmp(is, root, DIGEST_LEN) == 0;
}

bool
merkle_consistent(int64_t old, int64_t size, const merkle_hash old_root,
    const merkle_hash root, const merkle_hash *proof, int n)
{
	struct walk w = { old - 1, size - 1 };

	if (old == size)
		return n == 0 && memcmp(old_root, root, DIGEST_LEN) == 0;
	if (old < 1 || old > size || n == 0)
		return false;
	while ((w.at & 1) != 0) {
		w.at >>= 1;
		w.last >>= 1;
	}
	if ((old & (old - 1)) == 0)
		return both_rebuilt(w, old_root, proof, n, old_root, root);
	return both_rebuilt(w, proof[0], proof + 1, n - 1, old_root, root);
}
