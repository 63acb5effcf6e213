/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows on paper: as a table, or one of them in full.
 */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli/cli.h"

struct rows { /* JSON texts of objects */
	const char **item;
	size_t n, room;
};

/* Adds the items of a page of the API; next gets its "next" or NULL. */
int rows_add(struct cli *, struct rows *, const char *page, const char **next,
    struct err *) __attribute__((warn_unused_result));

/* Aligned columns with a heading; a terminal's width is kept by cutting the
   widest.  Says "none" when there is nothing. */
void show_table(struct cli *, const struct rows *, const struct field *,
    const char *columns);
/* Every member on a line of its own, in the table's order; objects
   indented below their name. */
void show_object(struct cli *, const char *object, const struct field *);
/* In bold on a terminal. */
void show_heading(struct cli *, const char *);

#endif
