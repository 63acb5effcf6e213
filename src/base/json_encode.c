/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <muster/field.h>

#include "base/clock.h"
#include "base/json_scan.h"

/* How a struct is written, and what of it could not be. */
struct way {
	bool clear;	/* secrets too */
	bool canonical; /* as RFC 8785 says */
	int depth;
	const char *fault;
};

static void object(struct buf *, const struct field *, const void *,
    struct way *);

static bool
is_absent(const struct field *f, const void *p)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return *(const char *const *)p == NULL;
	case FIELD_JSON:
		return ((const struct json *)p)->text == NULL;
	case FIELD_INT:
		return (f->flags & (F_TIME | F_SPAN)) != 0 &&
		    *(const int64_t *)p == 0;
	default:
		return false;
	}
}

static void
number(struct buf *b, const struct field *f, int64_t v, struct way *way)
{
	char time[TIME_TEXT], span[SPAN_TEXT];

	if ((f->flags & F_TIME) != 0)
		json_string(b, time_format(time, v));
	else if ((f->flags & F_SPAN) != 0)
		json_string(b, span_format(span, v));
	else if (way->canonical && (v > SAFE_INTEGER || v < -SAFE_INTEGER))
		way->fault = "an integer beyond 2^53 - 1";
	else
		buf_int(b, v);
}

static void
document(struct buf *b, const char *text, struct way *way)
{
	struct json_scan s = { .at = text,
		.end = text + strlen(text),
		.depth = way->depth };

	if (!way->canonical)
		buf_str(b, text);
	else if (!json_canonical_add(&s, b) || !json_scan_end(&s))
		way->fault = s.fault;
}

static void
texts(struct buf *b, const struct texts *t)
{
	buf_char(b, '[');
	for (size_t i = 0; i < t->n; i++) {
		if (i > 0)
			buf_char(b, ',');
		json_string(b, t->item[i]);
	}
	buf_char(b, ']');
}

static void
many(struct buf *b, const struct field *f, const struct many *m,
    struct way *way)
{
	buf_char(b, '[');
	for (size_t i = 0; i < m->n; i++) {
		if (i > 0)
			buf_char(b, ',');
		object(b, f->sub, (const char *)m->item + i * f->size, way);
	}
	buf_char(b, ']');
}

static void
value(struct buf *b, const struct field *f, const void *p, struct way *way)
{
	if ((f->flags & F_SECRET) != 0 && !way->clear) {
		buf_str(b, "\"[secret]\"");
		return;
	}
	switch (f->kind) {
	case FIELD_TEXT:
		json_string(b, *(const char *const *)p);
		break;
	case FIELD_INT:
		number(b, f, *(const int64_t *)p, way);
		break;
	case FIELD_BOOL:
		buf_str(b, *(const bool *)p ? "true" : "false");
		break;
	case FIELD_JSON:
		document(b, ((const struct json *)p)->text, way);
		break;
	case FIELD_TEXTS:
		texts(b, p);
		break;
	case FIELD_ONE:
		object(b, f->sub, p, way);
		break;
	case FIELD_MANY:
		many(b, f, p, way);
		break;
	}
}

/* The members to write, in their order: the table's, or by name. */
static size_t
present(const struct field *table, const void *in, const struct way *way,
    const struct field **list)
{
	size_t n = 0, at;

	for (const struct field *f = table; f->name != NULL; f++) {
		if (is_absent(f, (const char *)in + f->at))
			continue;
		if (n == TABLE_MAX)
			abort();
		for (at = n++; way->canonical && at > 0 &&
		     strcmp(list[at - 1]->name, f->name) > 0;
		     at--)
			list[at] = list[at - 1];
		list[at] = f;
	}
	return n;
}

static void
object(struct buf *b, const struct field *table, const void *in,
    struct way *way)
{
	const struct field *list[TABLE_MAX];
	size_t n = present(table, in, way, list);

	way->depth++;
	buf_char(b, '{');
	for (size_t i = 0; i < n; i++) {
		buf_str(b, i > 0 ? ",\"" : "\"");
		buf_str(b, list[i]->name);
		buf_add(b, "\":", 2);
		value(b, list[i], (const char *)in + list[i]->at, way);
	}
	buf_char(b, '}');
	way->depth--;
}

void
json_encode(struct buf *b, const struct field *table, const void *in)
{
	struct way way = { 0 };

	object(b, table, in, &way);
}

void
json_encode_clear(struct buf *b, const struct field *table, const void *in)
{
	struct way way = { .clear = true };

	object(b, table, in, &way);
}

int
json_encode_canonical(struct buf *b, const struct field *table, const void *in,
    struct err *e)
{
	struct way way = { .canonical = true };

	object(b, table, in, &way);
	if (way.fault != NULL)
		return err_set(e, ERR_INPUT, "%s", way.fault);
	return 0;
}
