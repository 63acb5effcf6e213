/* SPDX-License-Identifier: Apache-2.0 */
#include "base/zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

#define DAY_SECONDS 86400

struct cursor {
	const char *at, *end;
	bool bad;
};

static bool
takes(struct cursor *c, char ch)
{
	if (c->at == c->end || *c->at != ch)
		return false;
	c->at++;
	return true;
}

static int
number(struct cursor *c, int max)
{
	const char *from = c->at;
	int v = 0;

	while (c->at < c->end && *c->at >= '0' && *c->at <= '9' && v <= max)
		v = v * 10 + (*c->at++ - '0');
	if (c->at == from || v > max)
		c->bad = true;
	return v;
}

/* CEST, or <+03>. */
static void
name(struct cursor *c)
{
	bool quoted = takes(c, '<');
	const char *from = c->at;

	while (c->at < c->end &&
	    (quoted ? *c->at != '>' :
		      (*c->at | 0x20) >= 'a' && (*c->at | 0x20) <= 'z'))
		c->at++;
	if (c->at - from < 3 || (quoted && !takes(c, '>')))
		c->bad = true;
}

/* [+-]hh[:mm[:ss]] */
static int32_t
daytime(struct cursor *c)
{
	bool minus = takes(c, '-');

	if (!minus)
		takes(c, '+');
	int32_t v = 3600 * number(c, 167);
	if (takes(c, ':'))
		v += 60 * number(c, 59);
	if (takes(c, ':'))
		v += number(c, 59);
	return minus ? -v : v;
}

static struct zone_change
change(struct cursor *c)
{
	struct zone_change z = { '0', 0, 0, 0, 2 * 3600 };

	if (!takes(c, ','))
		c->bad = true;
	if (takes(c, 'M')) {
		z.form = 'M';
		z.month = number(c, 12);
		if (!takes(c, '.'))
			c->bad = true;
		z.week = number(c, 5);
		if (!takes(c, '.'))
			c->bad = true;
		z.day = number(c, 6);
		if (z.month == 0 || z.week == 0)
			c->bad = true;
	} else {
		if (takes(c, 'J'))
			z.form = 'J';
		z.day = number(c, 365);
		if (z.form == 'J' && z.day == 0)
			c->bad = true;
	}
	if (takes(c, '/'))
		z.time = daytime(c);
	return z;
}

bool
zone_rule_read(struct zone_rule *r, const char *text, size_t n)
{
	struct cursor c = { text, text + n, false };

	*r = (struct zone_rule){ .known = false };
	name(&c);
	r->standard = -daytime(&c);
	if (!c.bad && c.at < c.end) {
		r->summer = true;
		name(&c);
		r->daylight = r->standard + 3600;
		if (c.at < c.end && *c.at != ',')
			r->daylight = -daytime(&c);
		r->begin = change(&c);
		r->end = change(&c);
	}
	r->known = !c.bad && c.at == c.end;
	return r->known;
}

/* Days since 1970 of the change in that year. */
static int64_t
change_day(const struct zone_change *z, int64_t year)
{
	int64_t first = date_days((struct date){ year, 1, 1 });

	if (z->form == '0')
		return first + z->day;
	if (z->form == 'J')
		return first + z->day - 1 +
		    (year_is_leap(year) && z->day >= 60);
	int64_t month = date_days((struct date){ year, z->month, 1 });
	int64_t next = z->month == 12 ?
	    date_days((struct date){ year + 1, 1, 1 }) :
	    date_days((struct date){ year, z->month + 1, 1 });
	/* 1970-01-01 was a Thursday, day 4 from Sunday. */
	int64_t weekday = ((month + 4) % 7 + 7) % 7;
	int64_t day = month + (z->day - weekday + 7) % 7 + 7 * (z->week - 1);
	return day >= next ? day - 7 : day;
}

int32_t
zone_rule_offset(const struct zone_rule *r, int64_t utc)
{
	int64_t local = utc + r->standard;
	int64_t day = local / DAY_SECONDS - (local % DAY_SECONDS < 0);

	if (!r->summer)
		return r->standard;
	int64_t year = date_of(day).year;
	int64_t begin = change_day(&r->begin, year) * DAY_SECONDS +
	    r->begin.time - r->standard;
	int64_t end = change_day(&r->end, year) * DAY_SECONDS + r->end.time -
	    r->daylight;
	bool summer = begin < end ? utc >= begin && utc < end :
				    utc >= begin || utc < end;
	return summer ? r->daylight : r->standard;
}
