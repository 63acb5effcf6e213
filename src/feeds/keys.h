/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of one file and the lines in which they stand: an open hash
 * table of 64-bit digests.  Two keys of one digest would only make two rows
 * look like duplicates, which sets both aside.
 */
#ifndef FEEDS_KEYS_H
#define FEEDS_KEYS_H

#include <stddef.h>
#include <stdint.h>

struct key_slot {
	uint64_t digest;
	int64_t line; /* 0: empty */
};

struct keys { /* zeroed is empty */
	struct key_slot *slot;
	size_t n, room;
};

/* 0: it is new, and kept; else the line in which it stood first. */
int64_t keys_add(struct keys *, const char *key, int64_t line);
void keys_fini(struct keys *);

#endif
