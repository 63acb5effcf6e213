/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as people read them.  Whatever came from outside is printed so
 * that it cannot move the cursor, start an escape sequence or reorder the
 * line.
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <muster/field.h>

/* The text with control characters, bidirectional controls and bytes that
   are no UTF-8 escaped as \n, \x1b, \u202e; valid UTF-8 stays. */
const char *text_plain(struct arena *, const char *);
/* Columns of a terminal that a plain text takes. */
int text_width(const char *);
/* The text in at most so many columns, with an ellipsis if it was cut. */
const char *text_cut(struct arena *, const char *, int columns);

/* "1 row", "2 rows": n and the word for so many. */
const char *text_count(struct arena *, long long n, const char *one,
    const char *many);

/*
 * The member of a row's JSON as a cell: plain, one line, "" if absent;
 * times short (2026-11-29 02:39:38Z), booleans yes or no, lists joined.
 */
const char *cell_text(struct arena *, const char *row,
    const struct field *table, const char *name);

#endif
