/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Source of date_days and date_of: "chrono-Compatible Low-Level Date
 * Algorithms" by Howard Hinnant (public domain): years begin in March, in
 * eras of 400 years, 146,097 days.
 */
#include "base/calendar.h"

#include <stddef.h>

#include "base/clock.h"

#define ERA_DAYS 146097
#define EPOCH_DAYS 719468 /* 0000-03-01 to 1970-01-01 */

int64_t
date_days(struct date d)
{
	int64_t y = d.year - (d.month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 +
	    d.day - 1;

	return era * ERA_DAYS + yoe * 365 + yoe / 4 - yoe / 100 + doy -
	    EPOCH_DAYS;
}

struct date
date_of(int64_t days)
{
	int64_t z = days + EPOCH_DAYS;
	int64_t era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
	int64_t doe = z - era * ERA_DAYS;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	struct date d = { yoe + era * 400, (int)(mp < 10 ? mp + 3 : mp - 9),
		(int)(doy - (153 * mp + 2) / 5 + 1) };

	d.year += d.month <= 2;
	return d;
}

bool
year_is_leap(int64_t y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

const char *
number_read(const char *p, int n, int max, int *out)
{
	*out = 0;
	for (int i = 0; i < n; i++, p++) {
		if (*p < '0' || *p > '9')
			return NULL;
		*out = *out * 10 + (*p - '0');
	}
	return *out <= max ? p : NULL;
}

const char *
date_read(const char *p, int64_t *days)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	int year, month, day;

	if ((p = number_read(p, 4, 9999, &year)) == NULL || *p++ != '-' ||
	    (p = number_read(p, 2, 12, &month)) == NULL || *p++ != '-' ||
	    (p = number_read(p, 2, 31, &day)) == NULL || month == 0 ||
	    day == 0 ||
	    day > lengths[month - 1] + (month == 2 && year_is_leap(year)))
		return NULL;
	*days = date_days((struct date){ year, month, day });
	return p;
}

const char *
daytime_read(const char *p, bool need_seconds, int64_t *ms)
{
	int hour, minute, second = 0;
	int64_t unit = 100;

	if ((p = number_read(p, 2, 23, &hour)) == NULL || *p++ != ':' ||
	    (p = number_read(p, 2, 59, &minute)) == NULL)
		return NULL;
	*ms = hour * HOUR + minute * MINUTE;
	if (*p != ':')
		return need_seconds ? NULL : p;
	if ((p = number_read(p + 1, 2, 60, &second)) == NULL)
		return NULL;
	*ms += second * SECOND;
	if (*p != '.')
		return p;
	if (*++p < '0' || *p > '9')
		return NULL;
	for (; *p >= '0' && *p <= '9'; p++, unit /= 10)
		*ms += (*p - '0') * unit;
	return p;
}
