/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_scan.h"

#include <string.h>

const bool json_plain[256] = { [' ' ... '!'] = true,
	['#' ... '['] = true,
	[']' ... 0x7f] = true };

static bool
fault(struct json_scan *s, const char *what)
{
	if (s->fault == NULL)
		s->fault = what;
	return false;
}

size_t
utf8_length(const char *text, const char *end)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t room = (size_t)(end - text);
	unsigned low = 0x80, high = 0xbf; /* of the second byte */

	if (room == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || room < n)
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xed)
		high = 0x9f; /* surrogates */
	else if (p[0] == 0xf4)
		high = 0x8f; /* beyond U+10FFFF */
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static void
blanks(struct json_scan *s)
{
	while (s->at < s->end &&
	    (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' ||
		*s->at == '\t'))
		s->at++;
}

enum json_kind
json_peek(struct json_scan *s)
{
	static const unsigned char kinds[256] = { ['{'] = JSON_OBJECT,
		['['] = JSON_ARRAY,
		['"'] = JSON_STRING,
		['t'] = JSON_TRUE,
		['f'] = JSON_FALSE,
		['n'] = JSON_NULL,
		['-'] = JSON_NUMBER,
		['0' ... '9'] = JSON_NUMBER };

	if (s->fault != NULL)
		return JSON_BAD;
	blanks(s);
	if (s->at == s->end)
		return fault(s, "ends too early"), JSON_BAD;
	enum json_kind kind = kinds[(unsigned char)*s->at];
	if (kind == JSON_BAD)
		fault(s, "not JSON");
	return kind;
}

static bool
word(struct json_scan *s, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(s->end - s->at) < n || memcmp(s->at, w, n) != 0)
		return fault(s, "not JSON");
	s->at += n;
	return true;
}

static bool
digits(struct json_scan *s)
{
	const char *from = s->at;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return s->at > from || fault(s, "not a number");
}

static bool
number(struct json_scan *s)
{
	if (*s->at == '-')
		s->at++;
	const char *first = s->at;
	if (!digits(s))
		return false;
	if (*first == '0' && s->at - first > 1)
		return fault(s, "a number with a leading zero");
	if (s->at < s->end && *s->at == '.') {
		s->at++;
		if (!digits(s))
			return false;
	}
	if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
		s->at++;
		if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
			s->at++;
		if (!digits(s))
			return false;
	}
	return true;
}

/* Four hex digits at p; -1 if there are none. */
static int
hex4(const char *p, const char *end)
{
	int v = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int c = (unsigned char)p[i], low = c | 0x20;

		if (c >= '0' && c <= '9')
			v = v << 4 | (c - '0');
		else if (low >= 'a' && low <= 'f')
			v = v << 4 | (low - 'a' + 10);
		else
			return -1;
	}
	return v;
}

/* A backslash and what follows it: its character, or -1. */
static int
escape(struct json_scan *s)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

	s->at++;
	if (s->at == s->end)
		return fault(s, "ends inside a string"), -1;
	const char *p = memchr(from, *s->at, sizeof(from) - 1);
	if (p != NULL)
		return s->at++, to[p - from];
	if (*s->at != 'u')
		return fault(s, "no such escape"), -1;
	int c = hex4(s->at + 1, s->end);
	if (c <= 0)
		return fault(s, c == 0 ? "a NUL character" : "no such escape"),
		       -1;
	s->at += 5;
	if (c < 0xd800 || c > 0xdfff)
		return c;
	int low = -1;
	if (c < 0xdc00 && s->end - s->at >= 6 && memcmp(s->at, "\\u", 2) == 0)
		low = hex4(s->at + 2, s->end);
	if (low < 0xdc00 || low > 0xdfff)
		return fault(s, "half a surrogate pair"), -1;
	s->at += 6;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * Are the eight bytes at p all plain?  A byte with its high bit set, or
 * below a blank, or that is a quote or backslash (so zero after the xor)
 * leaves a high bit; a borrow only adds one beside a byte that is not plain.
 */
static bool
eight_plain(const char *p)
{
	uint64_t v, quote, slash;

	memcpy(&v, p, sizeof(v));
	quote = v ^ EACH('"');
	slash = v ^ EACH('\\');
	return ((v | (v - EACH(' ')) | (quote - EACH(1)) | (slash - EACH(1))) &
		   EACH(0x80)) == 0;
}

/* Passes over plain characters; stops at a quote, a backslash or a fault. */
static bool
plain(struct json_scan *s)
{
	const char *p = s->at, *end = s->end;

	for (;;) {
		while (end - p >= 8 && eight_plain(p))
			p += 8;
		while (p < end && json_plain[(unsigned char)*p])
			p++;
		s->at = p;
		if (p == end)
			return fault(s, "ends inside a string");
		if (*p == '"' || *p == '\\')
			return true;
		if ((unsigned char)*p < 0x20)
			return fault(s, "a control character in a string");
		size_t n = utf8_length(p, end);
		if (n == 0)
			return fault(s, "not UTF-8");
		p += n;
	}
}

static void
utf8_add(struct buf *b, int c)
{
	if (c >= 0x10000)
		buf_char(b, (char)(0xf0 | c >> 18));
	if (c >= 0x800)
		buf_char(b,
		    (char)(c >= 0x10000 ? 0x80 | (c >> 12 & 0x3f) :
					  0xe0 | c >> 12));
	if (c >= 0x80)
		buf_char(b,
		    (char)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) :
					0xc0 | c >> 6));
	buf_char(b, (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c));
}

bool
json_scan_string(struct json_scan *s, struct arena *a, struct span *out)
{
	struct buf b = { .arena = a };
	bool escaped = false;

	if (s->fault != NULL)
		return false;
	blanks(s);
	if (s->at == s->end)
		return fault(s, "ends too early");
	if (*s->at != '"')
		return fault(s, "wants a string");
	const char *from = ++s->at;
	while (plain(s) && *s->at == '\\') {
		if (a != NULL)
			buf_add(&b, from, (size_t)(s->at - from));
		int c = escape(s);
		if (c >= 0 && a != NULL)
			utf8_add(&b, c);
		escaped = true;
		from = s->at;
	}
	if (s->fault != NULL)
		return false;
	*out = (struct span){ from, (size_t)(s->at - from) };
	if (escaped && a != NULL) {
		buf_add(&b, from, out->n);
		*out = (struct span){ b.at, b.len };
	}
	s->at++;
	return true;
}

bool
json_walk_begin(struct json_walk *w, struct json_scan *s)
{
	enum json_kind kind = json_peek(s);

	*w = (struct json_walk){ s, kind == JSON_OBJECT ? '}' : ']', false };
	if (kind != JSON_OBJECT && kind != JSON_ARRAY)
		return fault(s, "wants an object or a list");
	if (s->depth == JSON_DEPTH)
		return fault(s, "too deep");
	s->depth++;
	s->at++;
	return true;
}

bool
json_walk_next(struct json_walk *w, struct arena *a, struct span *key)
{
	struct json_scan *s = w->scan;

	if (s->fault != NULL)
		return false;
	blanks(s);
	if (s->at < s->end && *s->at == w->shut) {
		s->at++;
		s->depth--;
		return false;
	}
	if (w->began) {
		if (s->at == s->end || *s->at != ',')
			return fault(s, "a comma is missing");
		s->at++;
	}
	w->began = true;
	if (w->shut == ']')
		return json_peek(s) != JSON_BAD;
	if (!json_scan_string(s, a, key))
		return false;
	blanks(s);
	if (s->at == s->end || *s->at != ':')
		return fault(s, "a colon is missing");
	s->at++;
	return json_peek(s) != JSON_BAD;
}

/* Both bounded by JSON_DEPTH: a container is skipped through its members. */
static bool
container(struct json_scan *s)
{
	struct json_walk w;
	struct span key;

	if (!json_walk_begin(&w, s))
		return false;
	while (json_walk_next(&w, NULL, &key))
		json_skip(s, NULL);
	return s->fault == NULL;
}

bool
json_skip(struct json_scan *s, struct span *piece)
{
	enum json_kind kind = json_peek(s);
	const char *from = s->at;
	struct span unused;
	bool ok = false;

	switch (kind) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		ok = container(s);
		break;
	case JSON_STRING:
		ok = json_scan_string(s, NULL, &unused);
		break;
	case JSON_NUMBER:
		ok = number(s);
		break;
	case JSON_TRUE:
		ok = word(s, "true");
		break;
	case JSON_FALSE:
		ok = word(s, "false");
		break;
	case JSON_NULL:
		ok = word(s, "null");
		break;
	case JSON_BAD:
		break;
	}
	if (ok && piece != NULL)
		*piece = (struct span){ from, (size_t)(s->at - from) };
	return ok;
}

bool
json_scan_end(struct json_scan *s)
{
	if (s->fault != NULL)
		return false;
	blanks(s);
	return s->at == s->end || fault(s, "more than one value");
}

int
json_line(const char *text, const char *at)
{
	int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

int
json_fault(const struct json_scan *s, const char *text, struct err *e)
{
	return err_set(e, ERR_INPUT, "line %d: %s", json_line(text, s->at),
	    s->fault != NULL ? s->fault : "not JSON");
}
