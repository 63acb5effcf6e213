/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tiles: the leaf hashes of 256 records in a row, the last one fewer.  The
 * tree above them is an RFC 9162 tree over their roots.
 */
#ifndef EVIDENCE_TILE_H
#define EVIDENCE_TILE_H

#include "evidence/merkle.h"

#define TILE_WIDTH 256

struct tile {
	int64_t index;
	int n; /* leaves in it */
	merkle_hash leaf[TILE_WIDTH];
};

static inline int64_t
tile_count(int64_t size)
{
	return (size + TILE_WIDTH - 1) / TILE_WIDTH;
}

/* How many leaves a tile has in a tree of size; 0 if it is not of it. */
static inline int
tile_width(int64_t index, int64_t size)
{
	int64_t left = size - index * TILE_WIDTH;

	return left <= 0 ? 0 : left < TILE_WIDTH ? (int)left : TILE_WIDTH;
}

#endif
