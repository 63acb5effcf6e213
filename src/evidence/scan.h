/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of a bundle, read strictly and in place: a line is exactly what
 * bundle_export() writes, or it is refused.  Nothing is allocated.
 */
#ifndef EVIDENCE_SCAN_H
#define EVIDENCE_SCAN_H

#include "evidence/entry.h"
#include "evidence/tile.h"

enum line_kind { LINE_OTHER, LINE_TILE, LINE_RECORD, LINE_END };

struct line { /* without its newline */
	const char *at;
	size_t n;
};

struct record_line {
	struct line entry;	   /* whose hash is the leaf */
	struct line kind, subject; /* of it, as JSON has them in quotes */
	int64_t seq;
	unsigned char digest[DIGEST_LEN]; /* of the body, as it says */
	bool erased;			  /* then the rest is not set */
	unsigned char salt[SALT_LEN];
	struct line body;
};

struct tile_line {
	struct tile tile;
	merkle_hash path[MERKLE_DEPTH];
	int path_len;
};

enum line_kind line_kind(struct line);
bool record_scan(struct line, struct record_line *);
/* Whether the record says that another one was erased, and which. */
bool erasure_scan(const struct record_line *, int64_t *seq);
bool tile_scan(struct line, struct tile_line *);
bool end_scan(struct line, int64_t *records);

#endif
