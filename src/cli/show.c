/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show.h"

#include <ctype.h>
#include <string.h>

#include "cli/text.h"

enum { COLUMNS_MAX = 16, COLUMN_LEAST = 12 };

struct adding {
	struct cli *cli;
	struct rows *rows;
};

static int
row_add(void *ctx, const char *key, const char *value, struct err *e)
{
	struct adding *add = ctx;
	struct rows *r = add->rows;

	(void)key;
	(void)e;
	if (r->n == r->room) {
		size_t room = r->room == 0 ? 128 : 2 * r->room;
		const char **more = arena_zero(&add->cli->arena, room,
		    sizeof(*more));

		if (r->n > 0)
			memcpy(more, r->item, r->n * sizeof(*more));
		r->item = more;
		r->room = room;
	}
	r->item[r->n++] = arena_str(&add->cli->arena, value);
	return 0;
}

int
rows_add(struct cli *cli, struct rows *rows, const char *page,
    const char **next, struct err *e)
{
	struct adding add = { cli, rows };
	const char *items = json_member(&cli->arena, page, "items");

	if (items == NULL)
		return err_set(e, ERR_BUG, "the answer is not a list");
	*next = json_member_text(&cli->arena, page, "next");
	return json_each(&cli->arena, items, row_add, &add, e);
}

struct column {
	char name[32];
	int width;
};

static size_t
columns_read(const char *text, struct column *c)
{
	size_t n = 0;

	while (*text != '\0' && n < COLUMNS_MAX) {
		size_t len = strcspn(text, ",");

		snprintf(c[n].name, sizeof(c[n].name), "%.*s", (int)len, text);
		c[n].width = (int)strlen(c[n].name);
		n++;
		text += len + (text[len] == ',');
	}
	return n;
}

/* Takes from the widest column until all fit. */
static void
columns_fit(struct column *c, size_t n, int width)
{
	for (;;) {
		int sum = -2;
		struct column *widest = c;

		for (size_t i = 0; i < n; i++) {
			sum += c[i].width + 2;
			if (c[i].width > widest->width)
				widest = &c[i];
		}
		if (sum <= width || widest->width <= COLUMN_LEAST)
			return;
		widest->width--;
	}
}

static void
line_print(struct cli *cli, const struct column *c, size_t n,
    const char **cells)
{
	for (size_t i = 0; i < n; i++) {
		const char *cell = text_cut(&cli->arena, cells[i], c[i].width);
		int pad = i + 1 == n ? 0 : c[i].width - text_width(cell) + 2;

		fprintf(cli->out, "%s%*s", cell, pad, "");
	}
	fputc('\n', cli->out);
}

void
show_heading(struct cli *cli, const char *text)
{
	fprintf(cli->out, cli->color ? "\033[1m%s\033[0m\n" : "%s\n", text);
}

static void
heading_print(struct cli *cli, const struct column *c, size_t n)
{
	const char *cells[COLUMNS_MAX];

	for (size_t i = 0; i < n; i++) {
		char *name = arena_str(&cli->arena, c[i].name);

		for (char *p = name; *p != '\0'; p++)
			*p = (char)(*p == '_' ? ' ' :
						toupper((unsigned char)*p));
		cells[i] = name;
	}
	if (cli->color)
		fputs("\033[1m", cli->out);
	line_print(cli, c, n, cells);
	if (cli->color)
		fputs("\033[0m", cli->out);
}

void
show_table(struct cli *cli, const struct rows *rows, const struct field *table,
    const char *columns)
{
	struct column c[COLUMNS_MAX];
	size_t n = columns_read(columns, c);
	const char **cells = arena_zero(&cli->arena, rows->n * n + 1,
	    sizeof(*cells));

	if (rows->n == 0) {
		fputs("none\n", cli->out);
		return;
	}
	for (size_t r = 0; r < rows->n; r++)
		for (size_t i = 0; i < n; i++) {
			const char *cell = cell_text(&cli->arena, rows->item[r],
			    table, c[i].name);
			int width = text_width(cell);

			cells[r * n + i] = cell;
			if (width > c[i].width)
				c[i].width = width;
		}
	if (cli->width > 0)
		columns_fit(c, n, cli->width);
	heading_print(cli, c, n);
	for (size_t r = 0; r < rows->n; r++)
		line_print(cli, c, n, cells + r * n);
}

static int
member_print(void *ctx, const char *key, const char *value, struct err *e)
{
	struct cli *cli = ctx;
	const char *row = arena_printf(&cli->arena, "{\"v\":%s}", value);

	(void)e;
	fprintf(cli->out, "    %s%s%s\n",
	    key == NULL ? "- " : text_plain(&cli->arena, key),
	    key == NULL ? "" : ": ", cell_text(&cli->arena, row, NULL, "v"));
	return 0;
}

/* An absent reference is 0, an absent text "". */
static bool
says_nothing(const char *value)
{
	static const char *const nothing[] = { "null", "{}", "[]", "0",
		"\"\"" };

	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		if (strcmp(nothing[i], value) == 0)
			return true;
	return false;
}

static void
value_print(struct cli *cli, const char *name, const char *object,
    const struct field *table)
{
	const char *value = json_member(&cli->arena, object, name);
	struct err e;

	if (value == NULL || says_nothing(value))
		return;
	if (*value != '{' && *value != '[') {
		fprintf(cli->out, "%-14s %s\n", name,
		    cell_text(&cli->arena, object, table, name));
		return;
	}
	fprintf(cli->out, "%s\n", name);
	if (json_each(&cli->arena, value, member_print, cli, &e) != 0)
		fprintf(cli->out, "    %s\n", text_plain(&cli->arena, value));
}

struct showing {
	struct cli *cli;
	const char *object;
	const struct field *table;
};

/* What the table does not know, such as the name of the identity. */
static int
other_print(void *ctx, const char *key, const char *value, struct err *e)
{
	struct showing *s = ctx;

	(void)value;
	(void)e;
	if (s->table == NULL || field_find(s->table, key, strlen(key)) == NULL)
		value_print(s->cli, key, s->object, s->table);
	return 0;
}

void
show_object(struct cli *cli, const char *object, const struct field *table)
{
	struct showing s = { cli, object, table };
	struct err e;

	for (const struct field *f = table; f != NULL && f->name != NULL; f++)
		value_print(cli, f->name, object, table);
	if (json_each(&cli->arena, object, other_print, &s, &e) != 0)
		fprintf(cli->out, "%s\n", text_plain(&cli->arena, object));
}
