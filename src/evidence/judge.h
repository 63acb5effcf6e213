/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with a bundle: reads its lines in order, after the header,
 * and stops at the first that is not as it was signed.
 */
#ifndef EVIDENCE_JUDGE_H
#define EVIDENCE_JUDGE_H

#include "evidence/bundle.h"
#include "evidence/scan.h"

/* A tile line, and whether its path leads to the signed root. */
struct tile_seen {
	struct tile tile;
	enum { TILE_GOOD, TILE_FORGED, TILE_MALFORMED } is;
};

struct judge {
	struct bundle_report *report;
	struct tile tile; /* the one that records stand under */
	bool in_tile, ended;
	int64_t next; /* the record that must follow; of a
				   selection the least that may */
	/* Erased records, in order, marked when a record that says so has
	   come by. */
	int64_t *erased;
	size_t erased_n, erased_room;
};

void judge_fini(struct judge *);

/* Lines that wait their turn, for a look ahead. */
struct lines {
	const char *at, *end;
};

bool lines_next(struct lines *, struct line *);

/* All answer whether to go on; if not, the report says why. */
bool judge_tile(struct judge *, const struct tile_seen *);
bool judge_record(struct judge *, struct line, struct lines ahead);
bool judge_end(struct judge *, struct line);
/* No line follows. */
bool judge_close(struct judge *);
bool judge_refuse(struct judge *, int64_t record, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
