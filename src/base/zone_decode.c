/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TZif: a header and a block with 32-bit times, then (from version 2 on) the
 * same with 64-bit times, then the rule between two newlines.
 */
#include "base/zone.h"

#include <stdlib.h>
#include <string.h>

#define HEADER 44
#define COUNT_MAX 20000

struct block { /* RFC 8536, 3.1 */
	uint32_t isut, isstd, leap, time, type, chars;
};

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static int64_t
be64(const unsigned char *p)
{
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static bool
header(struct block *b, const unsigned char *p, size_t n)
{
	if (n < HEADER || memcmp(p, "TZif", 4) != 0)
		return false;
	*b = (struct block){ be32(p + 20), be32(p + 24), be32(p + 28),
		be32(p + 32), be32(p + 36), be32(p + 40) };
	return b->isut <= COUNT_MAX && b->isstd <= COUNT_MAX &&
	    b->leap <= COUNT_MAX && b->time <= COUNT_MAX && b->type <= 256 &&
	    b->type > 0 && b->chars <= COUNT_MAX;
}

static size_t
block_size(const struct block *b, size_t time)
{
	return b->time * (time + 1) + b->type * 6 + b->chars +
	    b->leap * (time + 4) + b->isstd + b->isut;
}

static bool
times(struct zone *z, const struct block *b, const unsigned char *p)
{
	const unsigned char *index = p + 8 * (size_t)b->time;
	const unsigned char *types = index + b->time;

	z->first = (int32_t)be32(types);
	z->at = calloc(b->time + 1, sizeof(*z->at));
	z->offset = calloc(b->time + 1, sizeof(*z->offset));
	if (z->at == NULL || z->offset == NULL)
		abort();
	for (z->n = 0; z->n < b->time; z->n++) {
		size_t type = index[z->n];

		if (type >= b->type)
			return false;
		z->at[z->n] = be64(p + 8 * z->n);
		z->offset[z->n] = (int32_t)be32(types + 6 * type);
		if (z->n > 0 && z->at[z->n] <= z->at[z->n - 1])
			return false;
	}
	return true;
}

bool
zone_decode(struct zone *z, const unsigned char *p, size_t n)
{
	struct block b;

	*z = (struct zone){ .n = 0 };
	if (!header(&b, p, n) || p[4] < '2')
		return false;
	size_t skip = HEADER + block_size(&b, 4);
	if (n < skip || !header(&b, p + skip, n - skip))
		return false;
	p += skip + HEADER;
	n -= skip + HEADER;
	if (n < block_size(&b, 8) || !times(z, &b, p))
		return false;
	p += block_size(&b, 8);
	n -= block_size(&b, 8);
	if (n < 2 || *p != '\n')
		return false;
	const unsigned char *end = memchr(p + 1, '\n', n - 1);
	if (end == NULL)
		return false;
	return end == p + 1 ||
	    zone_rule_read(&z->rule, (const char *)p + 1,
		(size_t)(end - p - 1));
}

int32_t
zone_offset(const struct zone *z, int64_t utc)
{
	size_t low = 0, high = z->n;

	if (z->rule.known && (z->n == 0 || utc >= z->at[z->n - 1]))
		return zone_rule_offset(&z->rule, utc);
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (z->at[mid] <= utc)
			low = mid + 1;
		else
			high = mid;
	}
	return low == 0 ? z->first : z->offset[low - 1];
}
