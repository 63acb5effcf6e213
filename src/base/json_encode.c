/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <muster/field.h>

#include "base/clock.h"

static void object(struct buf *, const struct field *, const void *,
    bool clear);

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
number(struct buf *b, const struct field *f, int64_t v)
{
	char time[TIME_TEXT], span[SPAN_TEXT];

	if ((f->flags & F_TIME) != 0)
		json_string(b, time_format(time, v));
	else if ((f->flags & F_SPAN) != 0)
		json_string(b, span_format(span, v));
	else
		buf_int(b, v);
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
many(struct buf *b, const struct field *f, const struct many *m, bool clear)
{
	buf_char(b, '[');
	for (size_t i = 0; i < m->n; i++) {
		if (i > 0)
			buf_char(b, ',');
		object(b, f->sub, (const char *)m->item + i * f->size, clear);
	}
	buf_char(b, ']');
}

static void
value(struct buf *b, const struct field *f, const void *p, bool clear)
{
	if ((f->flags & F_SECRET) != 0 && !clear) {
		buf_str(b, "\"[secret]\"");
		return;
	}
	switch (f->kind) {
	case FIELD_TEXT:
		json_string(b, *(const char *const *)p);
		break;
	case FIELD_INT:
		number(b, f, *(const int64_t *)p);
		break;
	case FIELD_BOOL:
		buf_str(b, *(const bool *)p ? "true" : "false");
		break;
	case FIELD_JSON:
		buf_str(b, ((const struct json *)p)->text);
		break;
	case FIELD_TEXTS:
		texts(b, p);
		break;
	case FIELD_ONE:
		object(b, f->sub, p, clear);
		break;
	case FIELD_MANY:
		many(b, f, p, clear);
		break;
	}
}

static void
object(struct buf *b, const struct field *f, const void *in, bool clear)
{
	char before = '{';

	for (; f->name != NULL; f++) {
		const void *p = (const char *)in + f->at;

		if (is_absent(f, p))
			continue;
		buf_char(b, before);
		buf_char(b, '"');
		buf_str(b, f->name);
		buf_add(b, "\":", 2);
		value(b, f, p, clear);
		before = ',';
	}
	if (before == '{')
		buf_char(b, '{');
	buf_char(b, '}');
}

void
json_encode(struct buf *b, const struct field *table, const void *in)
{
	object(b, table, in, false);
}

void
json_encode_clear(struct buf *b, const struct field *table, const void *in)
{
	object(b, table, in, true);
}
