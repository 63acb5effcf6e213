/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that is only checked: every bad row that a reading of it would set
 * aside is told to who asked, and the engine hears of nothing.
 */
#ifndef FEEDS_DRY_H
#define FEEDS_DRY_H

#include <muster/field.h>

struct feed_def;

struct dry {
	struct buf bad; /* JSON rows, comma separated; of the asker's arena */
	size_t n;	/* of them: the first DRY_MAX */
};

enum { DRY_MAX = 1000 };

/* What the engine would say of a good row's body: ERR_INPUT if it would set
   it aside (a date, a zone, its size). */
int dry_row(struct arena *, const struct feed_def *, const char *body,
    struct err *) __attribute__((warn_unused_result));
/* Keeps bad rows (struct bad_row) for the report. */
void dry_bad(struct dry *, const struct many *bad);

/* The answer to who asked. */
struct dry_counts {
	int64_t rows, bad, skipped;
};
const char *dry_report(const struct dry *, const struct dry_counts *);

#endif
