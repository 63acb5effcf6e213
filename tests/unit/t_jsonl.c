/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Lines as they come: one object a line, and nothing else is one.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "feeds/reader.h"

#define B(text) text, sizeof(text) - 1
#define GOOD "{\"k\":\"1\"}"

static const struct {
	const char *name, *bytes;
	size_t n;
	const char *want; /* as in t_csv.c */
} cases[] = {
	{ "plain", B(GOOD "\n{\"k\":\"2\"}\n"),
	    "1 {\"k\":\"1\"};2 {\"k\":\"2\"};end" },
	{ "CRLF", B(GOOD "\r\n"), "1 {\"k\":\"1\"};end" },
	{ "no newline at the end", B(GOOD), "1 {\"k\":\"1\"};end" },
	{ "empty lines", B("\n" GOOD "\n \t\n"), "2 {\"k\":\"1\"};end" },
	{ "empty", B(""), "end" },
	{ "as it is spelt", B(" { \"b\" : 0.5, \"a\":\"\\u00e9\" }\n"),
	    "1 { \"b\" : 0.5, \"a\":\"\\u00e9\" };end" },
	/* Set aside, and the next line is read. */
	{ "a list", B("[1]\n" GOOD "\n"),
	    "1 bad: not an object;2 {\"k\":\"1\"};end" },
	{ "a number", B("7\n" GOOD "\n"),
	    "1 bad: not an object;2 {\"k\":\"1\"};end" },
	{ "broken", B("{\"k\":\n" GOOD "\n"), "1 bad: ;2 {\"k\":\"1\"};end" },
	{ "two in a line", B(GOOD GOOD "\n" GOOD "\n"),
	    "1 bad: ;2 {\"k\":\"1\"};end" },
	{ "a member twice", B("{\"k\":1,\"k\":2}\n" GOOD "\n"),
	    "1 bad: ;2 {\"k\":\"1\"};end" },
	{ "a comment", B("// hello\n" GOOD "\n"),
	    "1 bad: ;2 {\"k\":\"1\"};end" },
	{ "NaN", B("{\"k\":NaN}\n" GOOD "\n"), "1 bad: ;2 {\"k\":\"1\"};end" },
	{ "a NUL", B("{\"k\":\"a\0b\"}\n" GOOD "\n"),
	    "1 bad: ;2 {\"k\":\"1\"};end" },
	{ "Latin-1", B("{\"k\":\"Zo\xeb\"}\n" GOOD "\n"),
	    "1 bad: ;2 {\"k\":\"1\"};end" },
	{ "half a surrogate", B("{\"k\":\"\\ud800\"}\n" GOOD "\n"),
	    "1 bad: ;2 {\"k\":\"1\"};end" },
	/* Refused whole. */
	{ "cut within a line", B(GOOD "\n{\"k\":\"2"),
	    "1 {\"k\":\"1\"};refused: f:2: the file ends in the middle" },
	{ "cut before its first end", B("{\"k\""),
	    "refused: f:1: the file ends in the middle" },
};

static const char *
outcome(struct arena *a, const char *bytes, size_t n)
{
	struct reader r = { .name = "f" };
	enum row_kind kind = ROW_GOOD;
	struct buf b = { .arena = a };
	struct err e = { 0 };
	const char *row = NULL;
	int ret = 0;

	r.in = n == 0 ? fopen("/dev/null", "r") :
			fmemopen((void *)(uintptr_t)bytes, n, "r");
	assert_non_null(r.in);
	while (ret == 0 && kind != ROW_END) {
		ret = jsonl_row(&r, a, &row, &kind, &e);
		if (ret == 0 && kind == ROW_GOOD)
			buf_printf(&b, "%lld %s;", (long long)r.line, row);
		else if (ret == 0 && kind == ROW_BAD)
			buf_printf(&b, "%lld bad: %s;", (long long)r.line,
			    e.text);
	}
	if (ret != 0)
		assert_int_equal(e.cls, ERR_INPUT);
	if (ret != 0)
		buf_printf(&b, "refused: %s", e.text);
	else
		buf_str(&b, "end");
	fclose(r.in);
	reader_fini(&r);
	return buf_text(&b);
}

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
lines_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena a = { 0 };

		is_like(cases[i].name, outcome(&a, cases[i].bytes, cases[i].n),
		    cases[i].want);
		arena_fini(&a);
	}
}

static void
a_line_is_bounded(void **state)
{
	static const size_t sizes[] = { ROW_MAX, ROW_MAX + 1 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct arena a = { 0 };
		char *line = arena_zero(&a, sizes[i] + 2, 1);

		memset(line, 'x', sizes[i]);
		memcpy(line, "{\"k\":\"", 6);
		memcpy(line + sizes[i] - 2, "\"}\n", 3);
		const char *got = outcome(&a, line, sizes[i] + 1);
		const char *want = i == 0 ? "1 {\"k\":\"xxx" :
					    "refused: f:1: a line of more than";
		if (strncmp(got, want, strlen(want)) != 0)
			fail_msg("%zu bytes: %.60s", sizes[i], got);
		arena_fini(&a);
	}
}

/* Millions of them are no rows, and leave nothing behind. */
static void
empty_lines_cost_nothing(void **state)
{
	const size_t n = 20000, end = sizeof("{}\n") - 1;
	struct arena a = { 0 }, rows = { 0 };
	char *bytes = arena_zero(&a, 1, 0 + 2 * n + end + 1), *at = bytes;
	struct reader r = { .name = "f" };
	enum row_kind kind = ROW_BAD;
	const char *row = NULL;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < n; i++, at += 2)
		memcpy(at, " \n", 2);
	memcpy(at, "{}\n", end);
	r.in = fmemopen(bytes, (size_t)(at - bytes) + end, "r");
	assert_non_null(r.in);
	size_t before = mallinfo2().uordblks;
	assert_int_equal(jsonl_row(&r, &rows, &row, &kind, &e), 0);
	assert_int_equal(kind, ROW_GOOD);
	assert_int_equal(r.line, (int64_t)n + 1);
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
		cmocka_unit_test(lines_are_read),
		cmocka_unit_test(a_line_is_bounded),
		cmocka_unit_test(empty_lines_cost_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
