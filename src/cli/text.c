/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/text.h"

#include <string.h>
#include <wchar.h>

#include "base/json_scan.h"

static uint32_t
utf8_code(const char *p, size_t n)
{
	static const unsigned char first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code = (unsigned char)*p & first[n];

	for (size_t i = 1; i < n; i++)
		code = code << 6 | ((unsigned char)p[i] & 0x3f);
	return code;
}

/* Controls of the line, of the terminal and of its direction. */
static bool
unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c ||
	    (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void
escape(struct buf *b, uint32_t c)
{
	if (c == '\n')
		buf_str(b, "\\n");
	else if (c == '\t')
		buf_str(b, "\\t");
	else
		buf_printf(b, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
}

const char *
text_plain(struct arena *a, const char *s)
{
	struct buf b = { .arena = a };
	const char *end = s + strlen(s);

	while (s < end) {
		size_t n = utf8_length(s, end);
		uint32_t c = n == 0 ? (unsigned char)*s : utf8_code(s, n);

		if (n == 0 || unsafe(c))
			escape(&b, c);
		else
			buf_add(&b, s, n);
		s += n == 0 ? 1 : n;
	}
	return buf_text(&b);
}

/* Columns of the character at s, whose length *n gets. */
static int
char_width(const char *s, const char *end, size_t *n)
{
	*n = utf8_length(s, end);
	if (*n == 0)
		return *n = 1, 1;
	int w = wcwidth((wchar_t)utf8_code(s, *n));
	return w < 0 ? 1 : w;
}

int
text_width(const char *s)
{
	const char *end = s + strlen(s);
	int width = 0;
	size_t n;

	for (; s < end; s += n)
		width += char_width(s, end, &n);
	return width;
}

const char *
text_cut(struct arena *a, const char *s, int columns)
{
	const char *at = s, *end = s + strlen(s);
	int width = 0;

	if (text_width(s) <= columns)
		return s;
	while (at < end) {
		size_t n;
		int w = char_width(at, end, &n);

		if (width + w > columns - 1)
			break;
		width += w;
		at += n;
	}
	return arena_printf(a, "%.*s…", (int)(at - s), s);
}

const char *
text_count(struct arena *a, long long n, const char *one, const char *many)
{
	return arena_printf(a, "%lld %s", n, n == 1 ? one : many);
}

/* 2026-11-29T02:39:38.123Z as 2026-11-29 02:39:38Z */
static const char *
time_short(struct arena *a, const char *t)
{
	if (strlen(t) < 20 || t[10] != 'T')
		return text_plain(a, t);
	return arena_printf(a, "%.10s %.8sZ", t, t + 11);
}

static int
joined(void *ctx, const char *key, const char *value, struct err *e)
{
	struct buf *b = ctx;
	const char *text = value;

	(void)e;
	if (*value == '"')
		text = json_scalar(b->arena, value);
	buf_printf(b, "%s%s%s%s",
	    b->len == 0	    ? "" :
		key == NULL ? ", " :
			      " ",
	    key == NULL ? "" : key, key == NULL ? "" : "=",
	    text == NULL ? "" : text);
	return 0;
}

static const char *
value_text(struct arena *a, const char *value)
{
	struct buf b = { .arena = a };
	struct err e;

	if (strcmp(value, "true") == 0)
		return "yes";
	if (strcmp(value, "false") == 0)
		return "no";
	if (strcmp(value, "null") == 0)
		return "";
	if (*value != '[' && *value != '{')
		return value;
	return json_each(a, value, joined, &b, &e) == 0 ? buf_text(&b) : value;
}

const char *
cell_text(struct arena *a, const char *row, const struct field *table,
    const char *name)
{
	const struct field *f = table == NULL ?
	    NULL :
	    field_find(table, name, strlen(name));
	const char *text = json_member_text(a, row, name);

	if (text != NULL && f != NULL && (f->flags & F_TIME) != 0)
		return time_short(a, text);
	if (text != NULL)
		return text_plain(a, text);
	text = json_member(a, row, name);
	return text == NULL ? "" : text_plain(a, value_text(a, text));
}
