/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times are int64_t milliseconds since 1970 UTC; spans are milliseconds.
 * 0 stands for "none" in both.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#include <muster/arena.h>
#include <muster/err.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

int64_t clock_wall(void);   /* CLOCK_REALTIME */
int64_t clock_boot(void);   /* CLOCK_BOOTTIME: never set, counts sleep */
int64_t clock_micros(void); /* CLOCK_MONOTONIC in microseconds */

#define TIME_TEXT 25 /* 2026-11-29T02:39:38.123Z and its NUL */
/* RFC 3339 in UTC, milliseconds only when there are any. */
char *time_format(char out[TIME_TEXT], int64_t ms);
/* RFC 3339 with any offset; ERR_INPUT otherwise. */
int time_parse(const char *, int64_t *ms, struct err *);

#define SPAN_TEXT 32
/* The shortest of 200ms, 5s, 3m, 2h, 14d that is exact. */
char *span_format(char out[SPAN_TEXT], int64_t ms);
/* ISO 8601 (P14D, PT2H30M, P2W; no years or months) or 200ms/5s/3m/2h/14d. */
int span_parse(const char *, int64_t *ms, struct err *);

/*
 * When a calendar date (2026-11-29) begins in an IANA zone, from the
 * system's zone files (TZif, RFC 8536); a text with a time of day is read
 * by time_parse or, without an offset, as local time in that zone.  Nothing
 * in the process's own zone matters.  ERR_INPUT for a bad date or zone.
 * A time that a change of the clocks skips is the first one after it; one
 * that occurs twice is the earlier.
 */
int zone_instant(const char *zone, const char *text, int64_t *ms, struct err *);

#endif
