/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Free-form documents.  The texts are our own, or have passed json_check
 * at the door; a bad one is still only an error.
 */
#include <string.h>

#include <muster/field.h>

#include "base/json_scan.h"

static struct json_scan
scan_of(const char *text)
{
	if (text == NULL)
		text = "";
	return (struct json_scan){ .at = text, .end = text + strlen(text) };
}

/* Moves to the member's value; false if there is none. */
static bool
member_find(struct json_scan *s, struct arena *a, const char *key)
{
	struct json_walk w;
	struct span k;
	size_t n = strlen(key);

	if (json_peek(s) != JSON_OBJECT || !json_walk_begin(&w, s))
		return false;
	while (json_walk_next(&w, a, &k)) {
		if (k.n == n && memcmp(k.at, key, n) == 0)
			return true;
		if (!json_skip(s, NULL))
			return false;
	}
	return false;
}

const char *
json_member(struct arena *a, const char *text, const char *key)
{
	struct json_scan s = scan_of(text);
	struct span v;

	if (!member_find(&s, a, key) || !json_skip(&s, &v))
		return NULL;
	return arena_mem(a, v.at, v.n);
}

static const char *
plain(struct arena *a, struct json_scan *s)
{
	enum json_kind kind = json_peek(s);
	struct span v;
	bool ok = kind == JSON_STRING ? json_scan_string(s, a, &v) :
	    kind == JSON_NUMBER	      ? json_skip(s, &v) :
					false;

	return ok ? arena_mem(a, v.at, v.n) : NULL;
}

const char *
json_member_text(struct arena *a, const char *text, const char *key)
{
	struct json_scan s = scan_of(text);

	return member_find(&s, a, key) ? plain(a, &s) : NULL;
}

const char *
json_scalar(struct arena *a, const char *value)
{
	struct json_scan s = scan_of(value);

	return plain(a, &s);
}

int
json_each(struct arena *a, const char *text,
    int (*each)(void *ctx, const char *key, const char *value, struct err *),
    void *ctx, struct err *e)
{
	struct json_scan s = scan_of(text);
	bool keyed = json_peek(&s) == JSON_OBJECT;
	struct json_walk w;
	struct span key, v;

	if (text == NULL)
		text = s.at;
	if (!json_walk_begin(&w, &s))
		return json_fault(&s, text, e);
	while (json_walk_next(&w, a, &key)) {
		if (!json_skip(&s, &v))
			break;
		if (each(ctx, keyed ? arena_mem(a, key.at, key.n) : NULL,
			arena_mem(a, v.at, v.n), e) != 0)
			return -1;
	}
	if (s.fault != NULL || !json_scan_end(&s))
		return json_fault(&s, text, e);
	return 0;
}

static bool merge(struct json_scan *was, struct json_scan *patch, struct buf *,
    int depth);

/* What the patch says of one member of the old object. */
static bool
member_merge(struct json_scan *was, struct json_scan patch, struct span key,
    struct buf *b, char *before, int depth)
{
	const char *name = arena_mem(b->arena, key.at, key.n);
	bool patched = member_find(&patch, b->arena, name);

	if (patched && json_peek(&patch) == JSON_NULL)
		return json_skip(was, NULL);
	buf_char(b, *before);
	*before = ',';
	json_quote(b, key.at, key.n);
	buf_char(b, ':');
	return patched ? merge(was, &patch, b, depth + 1) :
			 json_compact(was, b);
}

/* The members of the patch that the old object has not. */
static bool
members_add(const struct json_scan *was, struct json_scan *patch, struct buf *b,
    char *before, int depth)
{
	struct json_walk w;
	struct span key;

	if (!json_walk_begin(&w, patch))
		return false;
	while (json_walk_next(&w, b->arena, &key)) {
		struct json_scan old = was != NULL ? *was : scan_of("{}");
		struct json_scan none = scan_of("{}");

		if (json_peek(patch) == JSON_NULL ||
		    member_find(&old, b->arena,
			arena_mem(b->arena, key.at, key.n))) {
			json_skip(patch, NULL);
			continue;
		}
		buf_char(b, *before);
		*before = ',';
		json_quote(b, key.at, key.n);
		buf_char(b, ':');
		if (!merge(&none, patch, b, depth + 1))
			return false;
	}
	return patch->fault == NULL;
}

/*
 * RFC 7396.  Both cursors stand before a value, and pass it.  An object is
 * searched once for each member of the other: these are small documents.
 */
static bool
merge(struct json_scan *was, struct json_scan *patch, struct buf *b, int depth)
{
	struct json_scan old = *was, from = *patch;
	struct json_walk w;
	struct span key;
	char before = '{';

	if (json_peek(patch) != JSON_OBJECT)
		return json_skip(was, NULL) && json_compact(patch, b);
	if (depth > JSON_DEPTH)
		return false;
	bool keyed = json_peek(was) == JSON_OBJECT;
	if (keyed && json_walk_begin(&w, was)) {
		while (json_walk_next(&w, b->arena, &key))
			if (!member_merge(was, from, key, b, &before, depth))
				return false;
	} else {
		json_skip(was, NULL);
	}
	if (was->fault != NULL ||
	    !members_add(keyed ? &old : NULL, patch, b, &before, depth))
		return false;
	if (before == '{')
		buf_char(b, '{');
	buf_char(b, '}');
	return true;
}

const char *
json_merge(struct arena *arena, const char *a, const char *b, struct err *e)
{
	struct buf out = { .arena = arena };

	if (a == NULL)
		a = "{}";
	if (b == NULL)
		b = "{}";
	if (json_check(a, strlen(a), e) != 0 ||
	    json_check(b, strlen(b), e) != 0)
		return NULL;
	struct json_scan was = scan_of(a), patch = scan_of(b);
	if (!merge(&was, &patch, &out, 0))
		return err_set(e, ERR_INPUT, "too deep to merge"), NULL;
	return buf_text(&out);
}
