/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/reader.h"

#include <string.h>

#include "base/json_scan.h"

/* What ended a field. */
enum end { END_FIELD, END_ROW, END_FILE };

static int
next(struct reader *r)
{
	int c = getc_unlocked(r->in);

	if (c == '\n')
		r->next_line++;
	return c;
}

static int
refuse(struct reader *r, struct err *err, const char *why)
{
	return err_set(err, ERR_INPUT, "%s:%lld: %s", r->name,
	    (long long)r->line, why);
}

/* The rest of a quoted field; what follows the closing quote in *after. */
static int
quoted_read(struct reader *r, struct buf *b, int *after, bool *bad,
    struct err *err)
{
	int c;

	while ((c = next(r)) != EOF) {
		if (c == '"' && (c = next(r)) != '"') {
			*after = c;
			return 0;
		}
		if (b->len >= FIELD_MAX)
			return refuse(r, err,
			    "a field is too long, or a "
			    "quote is never closed");
		*bad |= c == '\0'; /* a text would end there */
		buf_char(b, (char)c);
	}
	return refuse(r, err, "the file ends within quotes: it is truncated");
}

/* 0 with *end and *bad (a stray quote), or -1: refuse the file. */
static int
field_read(struct reader *r, struct buf *b, enum end *end, bool *bad,
    struct err *err)
{
	int c = next(r);

	if (c == '"') {
		if (quoted_read(r, b, &c, bad, err) != 0)
			return -1;
		*bad |= c != r->separator && c != '\r' && c != '\n' && c != EOF;
	}
	for (;; c = next(r)) {
		if (c == r->separator || c == '\n' || c == EOF)
			break;
		if (c == '\r') {
			int then = next(r);

			if (then == '\n' || then == EOF) {
				c = then;
				break;
			}
			*bad = true;
			c = then;
		}
		*bad |= c == '"' || c == '\0';
		if (b->len >= FIELD_MAX)
			return refuse(r, err, "a field is too long");
		buf_char(b, (char)c);
	}
	if (ferror(r->in))
		return err_set(err, ERR_BUSY, "%s: cannot be read", r->name);
	*end = c == r->separator ? END_FIELD : c == '\n' ? END_ROW : END_FILE;
	return 0;
}

/* All fields of a row; none at the end of the file. */
static int
fields_read(struct reader *r, struct arena *a, struct texts *out, bool *bad,
    bool *whole, struct err *err)
{
	enum end end = END_FIELD;
	size_t all = 0;

	out->n = 0;
	out->item = arena_zero(a, COLUMNS_MAX, sizeof(char *));
	r->line = r->next_line + 1;
	while (end == END_FIELD) {
		struct buf b = { .arena = a };

		if (field_read(r, &b, &end, bad, err) != 0)
			return -1;
		if (out->n == COLUMNS_MAX)
			return refuse(r, err, "more than 512 columns");
		out->item[out->n++] = buf_text(&b);
		if ((all += b.len) > ROW_MAX)
			return refuse(r, err, "a row of more than 1 MiB");
	}
	*whole = end == END_ROW;
	if (end == END_FILE && out->n == 1 && out->item[0][0] == '\0')
		out->n = 0;
	return 0;
}

/* Passes over a byte order mark; anything else is read again. */
static void
bom_skip(struct reader *r)
{
	static const int mark[] = { 0xef, 0xbb, 0xbf };

	for (size_t i = 0; i < sizeof(mark) / sizeof(*mark); i++)
		if (getc_unlocked(r->in) != mark[i]) {
			rewind(r->in);
			return;
		}
}

static bool
has(const struct texts *t, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(t->item[i], name) == 0)
			return true;
	return false;
}

static bool
is_utf8(const struct texts *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const char *s = t->item[i], *end = s + strlen(s);

		while (s < end) {
			size_t n = (unsigned char)*s < 0x80 ?
			    1 :
			    utf8_length(s, end);

			if (n == 0)
				return false;
			s += n;
		}
	}
	return true;
}

int
csv_header(struct reader *r, const struct texts *want, struct err *err)
{
	bool bad = false, whole;

	bom_skip(r);
	if (fields_read(r, &r->header, &r->columns, &bad, &whole, err) != 0)
		return -1;
	if (r->columns.n == 0)
		return refuse(r, err, "the file is empty: not even a header");
	if (bad)
		return refuse(r, err, "the header row is not CSV");
	if (!is_utf8(&r->columns))
		return refuse(r, err, "the header row is not UTF-8");
	for (size_t i = 0; i < r->columns.n; i++)
		if (has(&r->columns, i, r->columns.item[i]))
			return err_set(err, ERR_INPUT,
			    "%s:1: column %s "
			    "stands twice",
			    r->name, r->columns.item[i]);
	for (size_t i = 0; i < want->n; i++)
		if (!has(&r->columns, r->columns.n, want->item[i]))
			return err_set(err, ERR_INPUT,
			    "%s:1: column %s is "
			    "missing",
			    r->name, want->item[i]);
	return 0;
}

static const char *
object(struct reader *r, struct arena *a, const struct texts *fields)
{
	struct buf b = { .arena = a };

	for (size_t i = 0; i < fields->n; i++) {
		buf_char(&b, i == 0 ? '{' : ',');
		json_string(&b, r->columns.item[i]);
		buf_char(&b, ':');
		json_string(&b, fields->item[i]);
	}
	buf_char(&b, '}');
	return b.at;
}

int
csv_row(struct reader *r, struct arena *a, const char **row,
    enum row_kind *kind, struct err *err)
{
	struct texts fields;
	bool bad, whole;

	do { /* an empty line is no row */
		bad = false;
		arena_reset(&r->row);
		if (fields_read(r, &r->row, &fields, &bad, &whole, err) != 0)
			return -1;
		if (fields.n == 0) {
			*kind = ROW_END;
			return 0;
		}
	} while (
	    fields.n == 1 && fields.item[0][0] == '\0' && r->columns.n > 1);
	*kind = ROW_GOOD;
	if (!bad && fields.n == r->columns.n && is_utf8(&fields)) {
		*row = object(r, a, &fields);
		return 0;
	}
	if (!whole && fields.n < r->columns.n)
		return refuse(r, err,
		    "the file ends in the middle of a row:"
		    " it is truncated");
	*kind = ROW_BAD;
	if (bad)
		err_set(err, ERR_INPUT,
		    "a NUL, or a quote or a carriage return outside of "
		    "quotes");
	else if (fields.n == r->columns.n)
		err_set(err, ERR_INPUT, "not UTF-8");
	else
		err_set(err, ERR_INPUT, "%zu fields, and the header has %zu",
		    fields.n, r->columns.n);
	return 0;
}
