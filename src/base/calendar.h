/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates of the proleptic Gregorian calendar, as days since 1970-01-01, and
 * the reading of their texts.
 */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

struct date {
	int64_t year;
	int month, day; /* from 1 */
};

int64_t date_days(struct date);
struct date date_of(int64_t days);
bool year_is_leap(int64_t year);

/* Each reader answers what follows it, or NULL if the text is wrong. */
/* Exactly n digits, at most max. */
const char *number_read(const char *, int n, int max, int *);
/* 2026-11-29, a date that exists. */
const char *date_read(const char *, int64_t *days);
/* 02:39, 02:39:38 or 02:39:38.123; digits beyond milliseconds are cut.
   The 60th second of a minute is the first of the next one. */
const char *daytime_read(const char *, bool need_seconds, int64_t *ms);

#endif
