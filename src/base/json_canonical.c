/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 8785 (JSON Canonicalization Scheme), for values whose numbers are
 * integers that every JSON reader keeps exactly.
 */
#include <stdlib.h>
#include <string.h>

#include <muster/field.h>

#include "base/json_scan.h"

#define SAFE_TEXT "9007199254740991" /* SAFE_INTEGER */
#define SAFE_DIGITS (sizeof(SAFE_TEXT) - 1)

struct entry {
	struct span key, value;
};

struct entries {
	struct entry few[16], *at;
	size_t n, room;
};

/*
 * UTF-16 code units order as UTF-8 bytes do, but for one thing: characters
 * beyond U+FFFF (first byte F0 to F4) are surrogates there, and come before
 * U+E000 to U+FFFF (first byte EE and EF).
 */
static int
key_order(const void *a, const void *b)
{
	const struct span *x = &((const struct entry *)a)->key;
	const struct span *y = &((const struct entry *)b)->key;
	size_t n = x->n < y->n ? x->n : y->n, i = 0;

	while (i < n && x->at[i] == y->at[i])
		i++;
	if (i == n)
		return x->n == y->n ? 0 : x->n < y->n ? -1 : 1;
	unsigned char c = (unsigned char)x->at[i];
	unsigned char d = (unsigned char)y->at[i];
	if (c >= 0xee && d >= 0xee && (c >= 0xf0) != (d >= 0xf0))
		return c >= 0xf0 ? -1 : 1;
	return c < d ? -1 : 1;
}

static void
entry_add(struct entries *l, struct arena *a, struct entry e)
{
	if (l->n == l->room) {
		struct entry *more = arena_zero(a, 2 * l->room, sizeof(*more));

		memcpy(more, l->at, l->n * sizeof(*more));
		l->at = more;
		l->room *= 2;
	}
	l->at[l->n++] = e;
}

/* Of one that the scan has passed over; there may be no byte behind it. */
static bool
is_integer(const struct span *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (strchr(".eE", v->at[i]) != NULL)
			return false;
	return true;
}

static bool
number(struct json_scan *s, struct buf *b)
{
	struct span v;

	if (!json_skip(s, &v))
		return false;
	const char *d = v.at + (*v.at == '-');
	size_t n = v.n - (size_t)(d - v.at);
	if (!is_integer(&v))
		s->fault = "not an integer";
	else if (n > SAFE_DIGITS ||
	    (n == SAFE_DIGITS && memcmp(d, SAFE_TEXT, SAFE_DIGITS) > 0))
		s->fault = "an integer beyond 2^53 - 1";
	else if (n == 1 && *d == '0')
		buf_char(b, '0');
	else
		buf_add(b, v.at, v.n);
	return s->fault == NULL;
}

static bool
list(struct json_scan *s, struct buf *b)
{
	struct json_walk w;
	struct span key;
	char before = '[';

	if (!json_walk_begin(&w, s))
		return false;
	for (; json_walk_next(&w, NULL, &key); before = ',') {
		buf_char(b, before);
		if (!json_canonical_add(s, b))
			return false;
	}
	if (before == '[')
		buf_char(b, '[');
	buf_char(b, ']');
	return s->fault == NULL;
}

static bool
entries_write(const struct entries *l, struct json_scan *s, struct buf *b)
{
	buf_char(b, '{');
	for (size_t i = 0; i < l->n; i++) {
		const struct entry *e = &l->at[i];
		struct json_scan in = { .at = e->value.at,
			.end = e->value.at + e->value.n,
			.depth = s->depth + 1 };

		if (i > 0)
			buf_char(b, ',');
		json_quote(b, e->key.at, e->key.n);
		buf_char(b, ':');
		if (!json_canonical_add(&in, b)) {
			s->at = in.at;
			s->fault = in.fault;
			return false;
		}
	}
	buf_char(b, '}');
	return true;
}

static bool
object(struct json_scan *s, struct buf *b)
{
	struct entries l;
	struct json_walk w;
	struct entry e;

	l.at = l.few;
	l.n = 0;
	l.room = sizeof(l.few) / sizeof(*l.few);
	if (!json_walk_begin(&w, s))
		return false;
	while (json_walk_next(&w, b->arena, &e.key)) {
		if (!json_skip(s, &e.value))
			return false;
		entry_add(&l, b->arena, e);
	}
	if (s->fault != NULL)
		return false;
	qsort(l.at, l.n, sizeof(*l.at), key_order);
	for (size_t i = 1; i < l.n; i++)
		if (key_order(&l.at[i - 1], &l.at[i]) == 0) {
			s->fault = "an object has a key twice";
			return false;
		}
	return entries_write(&l, s, b);
}

/* Bounded by JSON_DEPTH, as the walks are. */
bool
json_canonical_add(struct json_scan *s, struct buf *b)
{
	struct span v;

	switch (json_peek(s)) {
	case JSON_OBJECT:
		return object(s, b);
	case JSON_ARRAY:
		return list(s, b);
	case JSON_NUMBER:
		return number(s, b);
	case JSON_STRING:
		if (!json_scan_string(s, b->arena, &v))
			return false;
		json_quote(b, v.at, v.n);
		return true;
	default:
		return json_compact(s, b);
	}
}

const char *
json_canonical(struct arena *a, const char *text, size_t n, struct err *e)
{
	struct json_scan s = { .at = text, .end = text + n };
	struct buf b = { .arena = a };

	if (!json_canonical_add(&s, &b) || !json_scan_end(&s))
		return json_fault(&s, text, e), NULL;
	return buf_text(&b);
}
