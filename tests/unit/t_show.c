/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people read: tables that fit, and hostile values that stay values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/show.h"
#include "cli/text.h"

struct plain_case {
	const char *in, *out;
	int width;
};

static const struct plain_case plain_cases[] = {
	{ "", "", 0 },
	{ "Ada Lovelace", "Ada Lovelace", 12 },
	{ "Zo\xc3\xab", "Zo\xc3\xab", 3 },
	{ "\xe6\x9d\x8e", "\xe6\x9d\x8e", 2 }, /* wide */
	{ "a\nb\tc", "a\\nb\\tc", 7 },
	{ "\033[31mred", "\\x1b[31mred", 11 },
	{ "a\x07", "a\\x07", 5 },
	{ "\x7f", "\\x7f", 4 },
	{ "\xc2\x9b"
	  "31m",
	    "\\x9b31m", 7 },		 /* C1 control */
	{ "\xff\xfe", "\\xff\\xfe", 8 }, /* no UTF-8 */
	{ "\xc3", "\\xc3", 4 },
	{ "\xe2\x80\xae"
	  "exe",
	    "\\u202eexe", 9 }, /* right to left */
	{ "\xe2\x81\xa6x", "\\u2066x", 7 },
	{ "\xef\xbb\xbfx", "\\ufeffx", 7 },
};

static void
t_plain(void **state)
{
	struct arena a = { NULL, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(plain_cases) / sizeof(*plain_cases);
	     i++) {
		const struct plain_case *c = &plain_cases[i];
		const char *got = text_plain(&a, c->in);

		assert_string_equal(got, c->out);
		assert_int_equal(text_width(got), c->width);
	}
	assert_string_equal(text_cut(&a, "abcdef", 6), "abcdef");
	assert_string_equal(text_cut(&a, "abcdef", 4), "abc…");
	assert_string_equal(text_cut(&a, "\xe6\x9d\x8e\xe6\x9d\x8e", 3),
	    "\xe6\x9d\x8e…");
	arena_fini(&a);
}

static void
t_count(void **state)
{
	struct arena a = { NULL, 0 };

	(void)state;
	assert_string_equal(text_count(&a, 0, "row", "rows"), "0 rows");
	assert_string_equal(text_count(&a, 1, "row", "rows"), "1 row");
	assert_string_equal(text_count(&a, 2, "person", "people"), "2 people");
	arena_fini(&a);
}

struct row {
	int64_t id, at;
	bool ok;
	const char *name;
	struct json list;
};

static const struct field row_fields[] = { FIELD(struct row, id, F_KEY),
	FIELD(struct row, at, F_TIME), FIELD(struct row, ok, 0),
	FIELD(struct row, name, 0), FIELD(struct row, list, 0), FIELD_END };

static const char page[] =
    "{\"items\":["
    "{\"id\":1,\"at\":\"2026-11-29T02:39:38.123Z\",\"ok\":true,"
    "\"name\":\"Zo\xc3\xab\",\"list\":[\"role a\",\"role b\"],"
    "\"who\":\"x\\u001b[2J\"},"
    "{\"id\":22,\"ok\":false,\"name\":\"a name that is long\","
    "\"list\":{\"disable\":3}}],\"next\":\"22\"}";

struct cell_case {
	int row;
	const char *name, *text;
};

static const struct cell_case cell_cases[] = {
	{ 0, "id", "1" },
	{ 0, "at", "2026-11-29 02:39:38Z" },
	{ 0, "ok", "yes" },
	{ 0, "name", "Zo\xc3\xab" },
	{ 0, "list", "role a, role b" },
	{ 0, "who", "x\\x1b[2J" },
	{ 0, "none", "" },
	{ 1, "at", "" },
	{ 1, "ok", "no" },
	{ 1, "list", "disable=3" },
};

static char *
printed(struct cli *cli, const struct rows *rows, const char *columns)
{
	char *text = NULL;
	size_t n = 0;

	cli->out = open_memstream(&text, &n);
	show_table(cli, rows, row_fields, columns);
	fclose(cli->out);
	return text;
}

static void
t_table(void **state)
{
	struct cli cli = { .width = 0 };
	struct rows rows = { 0 };
	const char *next;
	struct err e;

	(void)state;
	assert_int_equal(rows_add(&cli, &rows, page, &next, &e), 0);
	assert_string_equal(next, "22");
	assert_int_equal(rows.n, 2);
	for (size_t i = 0; i < sizeof(cell_cases) / sizeof(*cell_cases); i++) {
		const struct cell_case *c = &cell_cases[i];

		assert_string_equal(cell_text(&cli.arena, rows.item[c->row],
					row_fields, c->name),
		    c->text);
	}
	char *text = printed(&cli, &rows, "id,name,ok");
	assert_string_equal(text,
	    "ID  NAME                 OK\n"
	    "1   Zo\xc3\xab                  yes\n"
	    "22  a name that is long  no\n");
	free(text);
	/* A terminal that is too narrow costs the widest column. */
	cli.width = 22;
	text = printed(&cli, &rows, "id,name,ok");
	assert_string_equal(text,
	    "ID  NAME           OK\n"
	    "1   Zo\xc3\xab            yes\n"
	    "22  a name that …  no\n");
	free(text);
	rows.n = 0;
	text = printed(&cli, &rows, "id,name");
	assert_string_equal(text, "none\n");
	free(text);
	assert_int_equal(rows_add(&cli, &rows, "{}", &next, &e), -1);
	arena_fini(&cli.arena);
}

static void
t_object(void **state)
{
	struct cli cli = { .width = 0 };
	struct rows rows = { 0 };
	const char *next;
	char *text = NULL;
	size_t n = 0;
	struct err e;

	(void)state;
	assert_int_equal(rows_add(&cli, &rows, page, &next, &e), 0);
	cli.out = open_memstream(&text, &n);
	show_object(&cli, rows.item[0], row_fields);
	fclose(cli.out);
	assert_string_equal(text,
	    "id             1\n"
	    "at             2026-11-29 02:39:38Z\n"
	    "ok             yes\nname           Zo\xc3\xab\n"
	    "list\n    - role a\n    - role b\n"
	    "who            x\\x1b[2J\n");
	free(text);
	arena_fini(&cli.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_plain),
		cmocka_unit_test(t_count),
		cmocka_unit_test(t_table),
		cmocka_unit_test(t_object),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("show", tests, NULL, NULL);
}
