/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as text: hex and base64.
 */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

char *
hex_encode(char *out, const void *from, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *p = from;

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = hex[p[i] >> 4];
		out[2 * i + 1] = hex[p[i] & 15];
	}
	out[2 * n] = '\0';
	return out;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
hex_decode(void *out, size_t n, const char *text)
{
	unsigned char *to = out;

	if (strlen(text) != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_value(text[2 * i]);
		int low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		to[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/";

char *
base64_encode(struct arena *a, const void *from, size_t n)
{
	const unsigned char *p = from;
	char *out = arena_zero(a, n / 3 + 2, 4), *to = out;

	for (; n >= 3; n -= 3, p += 3) {
		*to++ = alphabet[p[0] >> 2];
		*to++ = alphabet[(p[0] & 3) << 4 | p[1] >> 4];
		*to++ = alphabet[(p[1] & 15) << 2 | p[2] >> 6];
		*to++ = alphabet[p[2] & 63];
	}
	if (n > 0) {
		unsigned second = n == 2 ? p[1] : 0;

		*to++ = alphabet[p[0] >> 2];
		*to++ = alphabet[(p[0] & 3u) << 4 | second >> 4];
		*to = '=';
		if (n == 2)
			*to = alphabet[(second & 15) << 2];
		to++;
		*to++ = '=';
	}
	*to = '\0';
	return out;
}

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

void *
base64_decode(struct arena *a, const char *text, size_t len, size_t *n)
{
	size_t pad = 0;
	unsigned bits = 0;

	if (len % 4 != 0)
		return NULL;
	while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
		pad++;
	unsigned char *out = arena_zero(a, len / 4 * 3 + 1, 1);
	*n = 0;
	for (size_t i = 0; i < len - pad; i++) {
		int v = base64_value(text[i]);

		if (v < 0)
			return NULL;
		bits = bits << 6 | (unsigned)v;
		if (i % 4 != 0)
			out[(*n)++] = (unsigned char)(bits >>
			    (6 - 2 * (i % 4)));
	}
	/* What the last digit has too many must be zero: one text a value. */
	if (pad > 0 && (bits & (pad == 2 ? 15u : 3u)) != 0)
		return NULL;
	return out;
}
