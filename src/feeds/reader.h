/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of a feed's file as JSON objects, one at a time, whatever the format.
 * A row that is wrong is set aside by the caller; a file that is wrong as a
 * whole (truncated, without its columns, not text) is refused whole.
 */
#ifndef FEEDS_READER_H
#define FEEDS_READER_H

#include <stdio.h>

#include <muster/field.h>

#define ROW_MAX (1u << 20)    /* bytes of one row */
#define FIELD_MAX (64u << 10) /* bytes of one CSV field */
#define COLUMNS_MAX 512

struct reader {
	FILE *in;
	const char *name; /* of the file, for places */
	char separator;	  /* CSV */
	int64_t line;	  /* where the row began, from 1 */
	int64_t next_line;
	struct texts columns; /* CSV: of the header row */
	struct arena header;  /* owns them */
	struct arena row;     /* what is read of one row, or of an empty line:
				 a file may have millions of these */
};

enum row_kind {
	ROW_END,  /* no more rows: the file is whole */
	ROW_GOOD, /* *row is the object */
	ROW_BAD	  /* err says why; the next may be good */
};

/* -1: the file must be refused whole, and err says why. */
typedef int reader_fn(struct reader *, struct arena *, const char **row,
    enum row_kind *, struct err *);

/* CSV: RFC 4180, UTF-8, a header row first.  want: columns that it must
   have (may be empty). */
int csv_header(struct reader *, const struct texts *want, struct err *)
    __attribute__((warn_unused_result));
int csv_row(struct reader *, struct arena *, const char **row, enum row_kind *,
    struct err *) __attribute__((warn_unused_result));

/* JSON Lines: one object a line. */
int jsonl_row(struct reader *, struct arena *, const char **row,
    enum row_kind *, struct err *) __attribute__((warn_unused_result));

void reader_fini(struct reader *);

#endif
