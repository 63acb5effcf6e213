/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small pieces that JSON is written with.
 */
#include <string.h>

#include <muster/field.h>

#include "base/json_scan.h"

static void
escape_add(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *p = memchr(from, c, sizeof(from) - 1);
	char text[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

	if (p == NULL) {
		buf_add(b, text, sizeof(text));
		return;
	}
	text[1] = to[p - from];
	buf_add(b, text, 2);
}

void
json_quote(struct buf *b, const char *s, size_t n)
{
	const char *end = s + n, *from = s;

	buf_char(b, '"');
	for (;;) {
		while (s < end && json_plain[(unsigned char)*s])
			s++;
		if (s == end)
			break;
		unsigned char c = (unsigned char)*s;
		size_t len = utf8_length(s, end);
		if (c >= 0x80 && len != 0) {
			s += len;
			continue;
		}
		buf_add(b, from, (size_t)(s - from));
		if (len == 0)
			buf_str(b, "\xef\xbf\xbd");
		else
			escape_add(b, c);
		from = ++s;
	}
	buf_add(b, from, (size_t)(s - from));
	buf_char(b, '"');
}

void
json_string(struct buf *b, const char *s)
{
	json_quote(b, s, strlen(s));
}

bool
json_compact(struct json_scan *s, struct buf *b)
{
	struct span v;

	if (!json_skip(s, &v))
		return false;
	const char *end = v.at + v.n, *from = v.at;
	bool inside = false;
	for (const char *p = v.at; p < end; p++) {
		if (inside && *p == '\\')
			p++;
		else if (*p == '"')
			inside = !inside;
		else if (!inside && (unsigned char)*p <= ' ') {
			buf_add(b, from, (size_t)(p - from));
			from = p + 1;
		}
	}
	buf_add(b, from, (size_t)(end - from));
	return true;
}
