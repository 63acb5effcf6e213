/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A time zone as its file says (TZif, RFC 8536): when which offset from UTC
 * begins, and the rule (a POSIX TZ string) for the time after the last of
 * those.  A zone is never changed once it is read.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <muster/err.h>

/* When in a year the clocks change: Mm.w.d, Jn or n, and a time of day. */
struct zone_change {
	char form; /* 'M', 'J', or '0' for a day from 0 */
	int month, week, day;
	int32_t time; /* seconds of local time; may be beyond a day */
};

struct zone_rule {
	bool known, summer;
	int32_t standard, daylight;    /* seconds east of UTC */
	struct zone_change begin, end; /* of daylight time */
};

struct zone {
	size_t n;
	int64_t *at;	 /* UTC seconds, ascending */
	int32_t *offset; /* from at[i] on */
	int32_t first;	 /* offset before at[0] */
	struct zone_rule rule;
};

/* Reads a TZif file's bytes; false if they are not that.  at and offset
   are on the heap. */
bool zone_decode(struct zone *, const unsigned char *, size_t n);
/* Reads the n bytes of a POSIX TZ string (POSIX 8.3, RFC 8536 3.3.1). */
bool zone_rule_read(struct zone_rule *, const char *, size_t n);
int32_t zone_rule_offset(const struct zone_rule *, int64_t utc);
/* Seconds east of UTC at that time. */
int32_t zone_offset(const struct zone *, int64_t utc);

#endif
