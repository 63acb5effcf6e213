/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the simulator reads, and when it plants a bug writes, in the
 * engine's rows, by statements that are prepared once.
 */
#ifndef TESTS_SIM_ROWS_H
#define TESTS_SIM_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

struct store;

#define ROWS_MOST 96

struct rows {
	sqlite3 *db;
	struct {
		const char *sql;
		sqlite3_stmt *st;
	} known[ROWS_MOST];
	int n;
};

void rows_open(struct rows *, struct store *);
void rows_close(struct rows *);
/* Everything of the last schedule goes. */
void rows_empty(struct rows *);

/* A query with up to two numbers in it; NULL when it has no more rows. */
sqlite3_stmt *rows_begin(struct rows *, const char *sql, int64_t a, int64_t b);
bool rows_next(sqlite3_stmt *);
/* The first column of the first row; -1 if there is none. */
int64_t rows_number(struct rows *, const char *sql, int64_t a, int64_t b);
/* How many rows it changed. */
int rows_change(struct rows *, const char *sql, int64_t a, int64_t b);

static inline const char *
rows_text(sqlite3_stmt *st, int column)
{
	const void *t = sqlite3_column_text(st, column);

	return t != NULL ? t : "";
}

#endif
