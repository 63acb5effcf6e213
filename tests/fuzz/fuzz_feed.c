/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any file as a feed: a first byte says which format, the rest is the file.
 * Every good row is one JSON object, and the readers always come to an end.
 */
#include <stdlib.h>

#include "base/json_scan.h"
#include "feeds/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
row_check(const char *row)
{
	size_t n = 0;
	struct err e;

	while (row[n] != '\0')
		n++;
	if (row[0] != '{' || json_check(row, n, &e) != 0)
		abort();
}

static void
rows_read(struct reader *r, reader_fn *next)
{
	enum row_kind kind = ROW_GOOD;
	struct arena a = { 0 };
	int64_t line = 0;

	while (kind != ROW_END) {
		const char *row = NULL;
		struct err e;

		if (next(r, &a, &row, &kind, &e) != 0)
			break;
		if (kind == ROW_GOOD)
			row_check(row);
		if (kind != ROW_END && r->line <= line)
			abort();
		line = r->line;
		arena_reset(&a);
	}
	arena_fini(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *columns[] = { "id", "name" };
	const struct texts want = { n > 0 && data[0] == ';' ? 0 : 2, columns };
	struct reader r = { .name = "feed" };
	struct err e;

	if (n < 2)
		return 0;
	r.in = fmemopen((void *)(uintptr_t)(data + 1), n - 1, "r");
	if (r.in == NULL)
		return 0;
	r.separator = (char)data[0];
	if (data[0] == '{')
		rows_read(&r, jsonl_row);
	else if (csv_header(&r, &want, &e) == 0)
		rows_read(&r, csv_row);
	fclose(r.in);
	reader_fini(&r);
	return 0;
}
