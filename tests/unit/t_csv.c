/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV as it comes: what is a row, what is set aside, and what makes a file
 * unfit as a whole.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feeds/reader.h"

#define B(text) text, sizeof(text) - 1
#define HEAD "k,v\n"

static const struct {
	const char *name, *bytes;
	size_t n;
	const char *want; /* "LINE OBJECT;", "LINE bad: ...;", "end" or
				   "refused: ..." */
} cases[] = {
	{ "plain", B(HEAD "1,a\n2,b\n"),
	    "2 {\"k\":\"1\",\"v\":\"a\"};3 {\"k\":\"2\",\"v\":\"b\"};end" },
	{ "CRLF", B("k,v\r\n1,a\r\n"), "2 {\"k\":\"1\",\"v\":\"a\"};end" },
	{ "no newline at the end", B(HEAD "1,a"),
	    "2 {\"k\":\"1\",\"v\":\"a\"};end" },
	{ "CR at the end of the file", B(HEAD "1,a\r"),
	    "2 {\"k\":\"1\",\"v\":\"a\"};end" },
	{ "quotes", B(HEAD "1,\"a,\"\"b\"\"\"\n"),
	    "2 {\"k\":\"1\",\"v\":\"a,\\\"b\\\"\"};end" },
	{ "a line break within", B(HEAD "1,\"a\nb\"\n2,c\n"),
	    "2 {\"k\":\"1\",\"v\":\"a\\nb\"};"
	    "4 {\"k\":\"2\",\"v\":\"c\"};end" },
	{ "empty values", B(HEAD ",\n\"\",\"\"\n"),
	    "2 {\"k\":\"\",\"v\":\"\"};3 {\"k\":\"\",\"v\":\"\"};end" },
	{ "an empty line", B(HEAD "\n1,a\n\n"),
	    "3 {\"k\":\"1\",\"v\":\"a\"};end" },
	{ "one column, an empty value", B("k\n\na\n"),
	    "2 {\"k\":\"\"};3 {\"k\":\"a\"};end" },
	{ "byte order mark", B("\xef\xbb\xbf" HEAD "1,a\n"),
	    "2 {\"k\":\"1\",\"v\":\"a\"};end" },
	{ "UTF-8", B(HEAD "1,Zo\xc3\xab\n"),
	    "2 {\"k\":\"1\",\"v\":\"Zo\xc3\xab\"};end" },
	{ "quoted column", B("\"k\",\"v\"\n1,a\n"),
	    "2 {\"k\":\"1\",\"v\":\"a\"};end" },
	{ "only a header", B(HEAD), "end" },
	/* Set aside, and the next row is read. */
	{ "too few", B(HEAD "1\n2,b\n"),
	    "2 bad: 1 fields;"
	    "3 {\"k\":\"2\",\"v\":\"b\"};end" },
	{ "too many", B(HEAD "1,a,x\n2,b\n"),
	    "2 bad: 3 fields;"
	    "3 {\"k\":\"2\",\"v\":\"b\"};end" },
	{ "a quote in a plain value", B(HEAD "1,a\"b\n2,b\n"),
	    "2 bad: a NUL;3 {\"k\":\"2\",\"v\":\"b\"};end" },
	{ "text behind a quote", B(HEAD "1,\"a\"b\n2,b\n"),
	    "2 bad: a NUL;3 {\"k\":\"2\",\"v\":\"b\"};end" },
	{ "a NUL", B(HEAD "1,a\0b\n2,b\n"),
	    "2 bad: a NUL;3 {\"k\":\"2\",\"v\":\"b\"};end" },
	{ "a NUL in quotes", B(HEAD "1,\"a\0b\"\n2,b\n"),
	    "2 bad: a NUL;3 {\"k\":\"2\",\"v\":\"b\"};end" },
	{ "a NUL in the header", B("k,\"v\0w\"\n1,a\n"),
	    "refused: f.csv:1: the header" },
	{ "a bare CR", B(HEAD "1,a\rb\n2,b\n"),
	    "2 bad: a NUL;3 {\"k\":\"2\",\"v\":\"b\"};end" },
	{ "Latin-1", B(HEAD "1,Zo\xeb\n2,b\n"),
	    "2 bad: not UTF-8;3 {\"k\":\"2\",\"v\":\"b\"};end" },
	{ "half a surrogate", B(HEAD "1,\xed\xa0\x80\n2,b\n"),
	    "2 bad: not UTF-8;3 {\"k\":\"2\",\"v\":\"b\"};end" },
	{ "an overlong slash", B(HEAD "1,\xc0\xaf\n2,b\n"),
	    "2 bad: not UTF-8;3 {\"k\":\"2\",\"v\":\"b\"};end" },
	/* Refused whole. */
	{ "empty", B(""), "refused: f.csv:1: the file is empty" },
	{ "a mark alone", B("\xef\xbb\xbf"),
	    "refused: f.csv:1: the file is empty" },
	{ "half a mark", B("\xef\xbb"), "refused: f.csv:1: the header" },
	{ "a quote left open", B(HEAD "1,a\n2,\"b\n"),
	    "2 {\"k\":\"1\",\"v\":\"a\"};"
	    "refused: f.csv:3: the file ends within quotes" },
	{ "cut within a row", B(HEAD "1,a\n2"),
	    "2 {\"k\":\"1\",\"v\":\"a\"};"
	    "refused: f.csv:3: the file ends in the middle" },
	{ "cut within the header", B("k"), "refused: f.csv:1: column v" },
	{ "a column is missing", B("k,w\n1,a\n"),
	    "refused: f.csv:1: column v is missing" },
	{ "a column twice", B("k,v,k\n1,a,b\n"),
	    "refused: f.csv:1: column k stands twice" },
	{ "no CSV header", B("k,v\"\n1,a\n"), "refused: f.csv:1: the header" },
	{ "a header of Latin-1", B("k,v,\xeb\n"),
	    "refused: f.csv:1: the header" },
	{ "a page of HTML", B("<!DOCTYPE html>\n<p>Log in, please</p>\n"),
	    "refused: f.csv:1: column k is missing" },
	{ "UTF-16", B("\xff\xfek\0,\0v\0\n\0"),
	    "refused: f.csv:1: the header" },
};

/* What became of the bytes, in one text. */
static const char *
outcome(struct arena *a, const char *bytes, size_t n, char separator)
{
	static const char *want[] = { "k", "v" };
	const struct texts columns = { 2, want };
	const struct texts one = { 1, want };
	struct reader r = { .name = "f.csv", .separator = separator };
	enum row_kind kind = ROW_GOOD;
	struct buf b = { .arena = a };
	struct err e = { 0 };
	const char *row = NULL;

	r.in = n == 0 ? fopen("/dev/null", "r") :
			fmemopen((void *)(uintptr_t)bytes, n, "r");
	assert_non_null(r.in);
	int ret = csv_header(&r, n > 1 && bytes[1] == '\n' ? &one : &columns,
	    &e);
	while (ret == 0 && kind != ROW_END) {
		ret = csv_row(&r, a, &row, &kind, &e);
		if (ret == 0 && kind == ROW_GOOD)
			buf_printf(&b, "%lld %s;", (long long)r.line, row);
		else if (ret == 0 && kind == ROW_BAD)
			buf_printf(&b, "%lld bad: %s;", (long long)r.line,
			    e.text);
	}
	if (ret != 0)
		buf_printf(&b, "refused: %s", e.text);
	else
		buf_str(&b, "end");
	if (ret != 0)
		assert_int_equal(e.cls, ERR_INPUT);
	fclose(r.in);
	reader_fini(&r);
	return buf_text(&b);
}

/* Every piece between ';' begins as wanted. */
static void
is_like(const char *name, const char *got, const char *want)
{
	while (*want != '\0') {
		size_t n = strcspn(want, ";");

		if (strncmp(got, want, n) != 0)
			fail_msg("%s: got \"%s\", want \"%s\"", name, got,
			    want);
		want += n + (want[n] == ';');
		got += strcspn(got, ";");
		got += *got == ';';
	}
	if (*got != '\0')
		fail_msg("%s: more than wanted: %s", name, got);
}

static void
files_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena a = { 0 };

		is_like(cases[i].name,
		    outcome(&a, cases[i].bytes, cases[i].n, ','),
		    cases[i].want);
		arena_fini(&a);
	}
}

static void
separators_are_taken(void **state)
{
	static const char bytes[] = "k;v\n1;a,b\n";
	struct arena a = { 0 };

	(void)state;
	assert_string_equal(outcome(&a, bytes, sizeof(bytes) - 1, ';'),
	    "2 {\"k\":\"1\",\"v\":\"a,b\"};end");
	assert_non_null(strstr(outcome(&a, bytes, sizeof(bytes) - 1, ','),
	    "refused: f.csv:1: column k is missing"));
	arena_fini(&a);
}

/* A file of so many fields of so many bytes in its second row. */
static const char *
long_outcome(struct arena *a, size_t fields, size_t bytes, bool quoted)
{
	struct buf b = { .arena = a };
	char *value = arena_zero(a, bytes + 1, 1);

	memset(value, 'x', bytes);
	buf_str(&b, "k,v");
	for (size_t i = 2; i < fields; i++)
		buf_printf(&b, ",c%zu", i);
	buf_char(&b, '\n');
	for (size_t i = 0; i < fields; i++)
		buf_printf(&b, "%s%s%s%s", i == 0 ? "" : ",",
		    quoted ? "\"" : "", value, quoted ? "\"" : "");
	buf_char(&b, '\n');
	return outcome(a, b.at, b.len, ',');
}

static void
sizes_are_bounded(void **state)
{
	static const struct {
		size_t fields, bytes;
		bool quoted;
		const char *want;
	} sizes[] = {
		{ 2, FIELD_MAX, false, "2 {" },
		{ 2, FIELD_MAX, true, "2 {" },
		{ 2, FIELD_MAX + 1, false, "refused: f.csv:2: a field" },
		{ 2, FIELD_MAX + 1, true, "refused: f.csv:2: a field" },
		{ COLUMNS_MAX, 1, false, "2 {" },
		{ COLUMNS_MAX + 1, 1, false, "refused: f.csv:1: more than" },
		{ 16, FIELD_MAX, false, "2 {" },
		{ 17, FIELD_MAX, false, "refused: f.csv:2: a row of more" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct arena a = { 0 };
		const char *got = long_outcome(&a, sizes[i].fields,
		    sizes[i].bytes, sizes[i].quoted);

		if (strncmp(got, sizes[i].want, strlen(sizes[i].want)) != 0)
			fail_msg("%zu: %.60s", i, got);
		arena_fini(&a);
	}
}

/* Millions of them are no rows, and leave nothing behind. */
static void
empty_lines_cost_nothing(void **state)
{
	const size_t n = 20000, end = sizeof("1,a\n") - 1;
	struct arena a = { 0 }, rows = { 0 };
	char *bytes = arena_zero(&a, 1, 4 + 2 * n + end + 1), *at = bytes;
	struct reader r = { .name = "f", .separator = ',' };
	enum row_kind kind = ROW_BAD;
	const char *row = NULL;
	struct err e = { 0 };

	(void)state;
	memcpy(at, HEAD, 4);
	at += 4;
	for (size_t i = 0; i < n; i++, at += 2)
		memcpy(at, "\r\n", 2);
	memcpy(at, "1,a\n", end);
	r.in = fmemopen(bytes, (size_t)(at - bytes) + end, "r");
	assert_non_null(r.in);
	assert_int_equal(csv_header(&r, &(struct texts){ 0 }, &e), 0);
	size_t before = mallinfo2().uordblks;
	assert_int_equal(csv_row(&r, &rows, &row, &kind, &e), 0);
	assert_int_equal(kind, ROW_GOOD);
	assert_int_equal(r.line, (int64_t)n + 2);
	assert_true(mallinfo2().uordblks < before + 100000);
	fclose(r.in);
	reader_fini(&r);
	arena_fini(&rows);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read),
		cmocka_unit_test(separators_are_taken),
		cmocka_unit_test(sizes_are_bounded),
		cmocka_unit_test(empty_lines_cost_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
