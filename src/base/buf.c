/* SPDX-License-Identifier: Apache-2.0 */
#include <muster/arena.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for n more bytes and the NUL. */
static void
reserve(struct buf *b, size_t n)
{
	if (n < b->room - b->len)
		return;
	size_t want = b->room < 64 ? 128 : 2 * b->room;
	if (n > SIZE_MAX / 8 - b->len)
		abort();
	if (want < b->len + n + 1)
		want = b->len + n + 1;
	b->at = arena_grow(b->arena, b->at, b->room, want);
	b->room = want;
}

void
buf_add(struct buf *b, const void *from, size_t n)
{
	reserve(b, n);
	if (n != 0)
		memcpy(b->at + b->len, from, n);
	b->len += n;
	b->at[b->len] = '\0';
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_char(struct buf *b, char c)
{
	reserve(b, 1);
	b->at[b->len++] = c;
	b->at[b->len] = '\0';
}

void
buf_int(struct buf *b, int64_t v)
{
	char digits[20], *d = digits + sizeof(digits);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do
		*--d = (char)('0' + u % 10);
	while ((u /= 10) != 0);
	if (v < 0)
		*--d = '-';
	buf_add(b, d, (size_t)(digits + sizeof(digits) - d));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	reserve(b, 64);
	va_start(ap, fmt);
	int n = vsnprintf(b->at + b->len, b->room - b->len, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	if ((size_t)n >= b->room - b->len) {
		reserve(b, (size_t)n);
		va_start(ap, fmt);
		vsnprintf(b->at + b->len, b->room - b->len, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)n;
}

const char *
buf_text(struct buf *b)
{
	return b->at != NULL ? b->at : "";
}
