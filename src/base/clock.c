/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <string.h>
#include <time.h>

#include "base/calendar.h"

#define FIRST_MS INT64_C(-62167219200000) /* year 0000 */
#define LAST_MS INT64_C(253402300799999)  /* year 9999 */
#define SPAN_MAX (366000 * DAY)		  /* 1,000 years */

static int64_t
clock_read(clockid_t id, int64_t second)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * second + t.tv_nsec / (INT64_C(1000000000) / second);
}

int64_t
clock_wall(void)
{
	return clock_read(CLOCK_REALTIME, 1000);
}

int64_t
clock_boot(void)
{
	return clock_read(CLOCK_BOOTTIME, 1000);
}

int64_t
clock_micros(void)
{
	return clock_read(CLOCK_MONOTONIC, 1000000);
}

static char *
digits(char *to, int64_t v, int n)
{
	for (int i = n; i-- > 0; v /= 10)
		to[i] = (char)('0' + v % 10);
	return to + n;
}

char *
time_format(char out[TIME_TEXT], int64_t ms)
{
	if (ms < FIRST_MS)
		ms = FIRST_MS;
	if (ms > LAST_MS)
		ms = LAST_MS;
	int64_t day = ms / DAY, rest = ms % DAY;
	if (rest < 0) {
		rest += DAY;
		day--;
	}
	struct date d = date_of(day);
	char *p = digits(out, d.year, 4);
	*p++ = '-';
	p = digits(p, d.month, 2);
	*p++ = '-';
	p = digits(p, d.day, 2);
	*p++ = 'T';
	p = digits(p, rest / HOUR, 2);
	*p++ = ':';
	p = digits(p, rest / MINUTE % 60, 2);
	*p++ = ':';
	p = digits(p, rest / SECOND % 60, 2);
	if (rest % SECOND != 0) {
		*p++ = '.';
		p = digits(p, rest % SECOND, 3);
	}
	*p++ = 'Z';
	*p = '\0';
	return out;
}

/* Z or +hh:mm or -hh:mm, and the end. */
static bool
offset_read(const char *p, int64_t *ms)
{
	int hour, minute;

	*ms = 0;
	if (*p == 'Z' || *p == 'z')
		return p[1] == '\0';
	if (*p != '+' && *p != '-')
		return false;
	bool minus = *p++ == '-';
	if ((p = number_read(p, 2, 23, &hour)) == NULL || *p++ != ':' ||
	    (p = number_read(p, 2, 59, &minute)) == NULL || *p != '\0')
		return false;
	*ms = hour * HOUR + minute * MINUTE;
	if (minus)
		*ms = -*ms;
	return true;
}

int
time_parse(const char *text, int64_t *ms, struct err *e)
{
	int64_t day, rest, offset;
	const char *p = date_read(text, &day);

	if (p == NULL || (*p != 'T' && *p != 't') ||
	    (p = daytime_read(p + 1, true, &rest)) == NULL ||
	    !offset_read(p, &offset))
		return err_set(e, ERR_INPUT,
		    "'%.40s' is no time such as"
		    " 2026-11-29T02:39:38Z (RFC 3339)",
		    text);
	*ms = day * DAY + rest - offset;
	return 0;
}

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = { { "d", DAY }, { "h", HOUR }, { "m", MINUTE }, { "s", SECOND },
	{ "ms", 1 }, { NULL, 0 } };

char *
span_format(char out[SPAN_TEXT], int64_t ms)
{
	const struct unit *u = ms == 0 ? &units[3] : units;
	char text[20], *p = text + sizeof(text), *to = out;

	while (ms % u->ms != 0)
		u++;
	int64_t v = ms / u->ms;
	uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	do
		*--p = (char)('0' + left % 10);
	while ((left /= 10) != 0);
	if (v < 0)
		*to++ = '-';
	size_t n = (size_t)(text + sizeof(text) - p);
	memcpy(to, p, n);
	memcpy(to + n, u->name, strlen(u->name) + 1);
	return out;
}

/* A count and its unit, added to *ms; NULL if there is none. */
static const char *
count_read(const char *p, const char **unit, int64_t *count)
{
	const char *from = p;

	for (*count = 0; *p >= '0' && *p <= '9'; p++)
		if (*count > SPAN_MAX)
			return NULL;
		else
			*count = *count * 10 + (*p - '0');
	*unit = p;
	return p > from ? p : NULL;
}

static bool
span_add(int64_t *ms, int64_t count, int64_t unit)
{
	int64_t more;

	return !__builtin_mul_overflow(count, unit, &more) &&
	    !__builtin_add_overflow(*ms, more, ms) && *ms <= SPAN_MAX;
}

/* What follows the P: each unit at most once, from large to small. */
static bool
iso_read(const char *p, int64_t *ms)
{
	static const char day_units[] = "WD", time_units[] = "HMS";
	static const int64_t day_ms[] = { 7 * DAY, DAY };
	static const int64_t time_ms[] = { HOUR, MINUTE, SECOND };
	const char *names = day_units;
	const int64_t *size = day_ms;
	bool any = false, timed = false;

	for (*ms = 0; *p != '\0'; p++, any = true) {
		int64_t count;
		const char *unit;

		if (*p == 'T' && !timed) {
			timed = true;
			names = time_units;
			size = time_ms;
			p++;
		}
		p = count_read(p, &unit, &count);
		if (p == NULL || *unit == '\0' ||
		    (unit = strchr(names, *unit)) == NULL ||
		    !span_add(ms, count, size[unit - names]))
			return false;
		size += unit - names + 1;
		names = unit + 1;
	}
	return any;
}

int
span_parse(const char *text, int64_t *ms, struct err *e)
{
	const char *unit;
	int64_t count;

	if (*text == 'P' && iso_read(text + 1, ms))
		return 0;
	if (*text != 'P' && count_read(text, &unit, &count) != NULL)
		for (const struct unit *u = units; u->name != NULL; u++)
			if (strcmp(u->name, unit) == 0) {
				*ms = 0;
				if (span_add(ms, count, u->ms))
					return 0;
			}
	return err_set(e, ERR_INPUT,
	    "'%.40s' is no span such as 200ms, 5s,"
	    " 3m, 2h, 14d or PT2H30M",
	    text);
}
