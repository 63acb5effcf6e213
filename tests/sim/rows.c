/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/inside.h"

void
rows_open(struct rows *r, struct store *s)
{
	*r = (struct rows){ .db = s->db };
}

void
rows_close(struct rows *r)
{
	for (int i = 0; i < r->n; i++)
		sqlite3_finalize(r->known[i].st);
	r->n = 0;
}

static void
die(struct rows *r, const char *sql)
{
	fprintf(stderr, "sim: %s: %s\n", sql, sqlite3_errmsg(r->db));
	abort();
}

void
rows_empty(struct rows *r)
{
	sqlite3_stmt *st;
	char sql[160];

	if (sqlite3_prepare_v2(r->db,
		"SELECT name FROM sqlite_master"
		" WHERE type = 'table'",
		-1, &st, NULL) != SQLITE_OK)
		die(r, "sqlite_master");
	while (rows_next(st)) {
		snprintf(sql, sizeof(sql), "DELETE FROM %s", rows_text(st, 0));
		if (sqlite3_exec(r->db, sql, NULL, NULL, NULL) != SQLITE_OK)
			die(r, sql);
	}
	sqlite3_finalize(st);
}

static sqlite3_stmt *
prepared(struct rows *r, const char *sql)
{
	for (int i = 0; i < r->n; i++)
		if (r->known[i].sql == sql)
			return r->known[i].st;
	if (r->n == ROWS_MOST)
		die(r, "too many statements");
	r->known[r->n].sql = sql;
	if (sqlite3_prepare_v2(r->db, sql, -1, &r->known[r->n].st, NULL) !=
	    SQLITE_OK)
		die(r, sql);
	return r->known[r->n++].st;
}

sqlite3_stmt *
rows_begin(struct rows *r, const char *sql, int64_t a, int64_t b)
{
	sqlite3_stmt *st = prepared(r, sql);
	int n = sqlite3_bind_parameter_count(st);

	sqlite3_reset(st);
	if (n > 0)
		sqlite3_bind_int64(st, 1, a);
	if (n > 1)
		sqlite3_bind_int64(st, 2, b);
	return st;
}

bool
rows_next(sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE) {
		fprintf(stderr, "sim: %s: %s\n", sqlite3_sql(st),
		    sqlite3_errmsg(sqlite3_db_handle(st)));
		abort();
	}
	sqlite3_reset(st);
	return false;
}

int64_t
rows_number(struct rows *r, const char *sql, int64_t a, int64_t b)
{
	sqlite3_stmt *st = rows_begin(r, sql, a, b);
	int64_t n = rows_next(st) ? sqlite3_column_int64(st, 0) : -1;

	sqlite3_reset(st);
	return n;
}

int
rows_change(struct rows *r, const char *sql, int64_t a, int64_t b)
{
	sqlite3_stmt *st = rows_begin(r, sql, a, b);

	rows_next(st);
	return sqlite3_changes(r->db);
}
