/* SPDX-License-Identifier: Apache-2.0 */
#include "base/zone.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/file.h"

#define ZONE_FILES "/usr/share/zoneinfo/"
#define ZONE_BYTES (256u << 10)
#define NAME_MAX_LEN 64
#define AROUND 172800 /* 2 days: beyond any change and offset */

/* All zones that were asked for, kept until the process ends. */
static struct known {
	struct known *next;
	char name[NAME_MAX_LEN];
	struct zone zone;
} * zones_known;
static pthread_mutex_t zones_lock = PTHREAD_MUTEX_INITIALIZER;

/* A relative path of plain words: nothing that leaves the folder. */
static bool
is_zone_name(const char *s)
{
	static const char legal[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
	size_t n = strlen(s);

	return n > 0 && n < NAME_MAX_LEN && strspn(s, legal) == n &&
	    *s != '/' && s[n - 1] != '/' && strstr(s, "//") == NULL;
}

static int
zone_read(struct zone *z, const char *name, struct err *e)
{
	struct arena a = { NULL, 0 };
	struct err why;
	size_t n;
	const char *path = arena_printf(&a, ZONE_FILES "%s", name);
	const char *bytes = file_read(&a, path, ZONE_BYTES, &n, &why);
	int ret = 0;

	if (bytes == NULL)
		ret = err_set(e, ERR_INPUT, "%s: no such time zone", name);
	else if (!zone_decode(z, (const unsigned char *)bytes, n)) {
		free(z->at);
		free(z->offset);
		ret = err_set(e, ERR_INPUT, "%s: not a TZif file", path);
	}
	arena_fini(&a);
	return ret;
}

/* With the lock held. */
static const struct zone *
zone_find(const char *name, struct err *e)
{
	struct known *k = zones_known;

	while (k != NULL && strcmp(k->name, name) != 0)
		k = k->next;
	if (k != NULL)
		return &k->zone;
	k = calloc(1, sizeof(*k));
	if (k == NULL)
		abort();
	if (zone_read(&k->zone, name, e) != 0) {
		free(k);
		return NULL;
	}
	memcpy(k->name, name, strlen(name) + 1);
	k->next = zones_known;
	zones_known = k;
	return &k->zone;
}

/*
 * The UTC second of a local one.  Around it at most one change happens:
 * with one of the two offsets the answer is right, or the local time is
 * skipped, and the answer is the change.
 */
static int64_t
zone_utc(const struct zone *z, int64_t local)
{
	int64_t low = local - AROUND, high = local + AROUND;
	int32_t before = zone_offset(z, low), after = zone_offset(z, high);

	if (zone_offset(z, local - before) == before)
		return local - before;
	if (zone_offset(z, local - after) == after)
		return local - after;
	while (high - low > 1) {
		int64_t mid = low + (high - low) / 2;

		if (zone_offset(z, mid) == before)
			low = mid;
		else
			high = mid;
	}
	return high;
}

/* A date, or a date and a time of day without an offset. */
static bool
local_read(const char *text, int64_t *ms)
{
	int64_t day, rest = 0;
	const char *p = date_read(text, &day);

	if (p == NULL)
		return false;
	if ((*p == 'T' || *p == ' ') &&
	    (p = daytime_read(p + 1, false, &rest)) == NULL)
		return false;
	*ms = day * DAY + rest;
	return *p == '\0';
}

int
zone_instant(const char *zone, const char *text, int64_t *ms, struct err *e)
{
	const struct zone *z;
	int64_t local;

	if (!local_read(text, &local)) {
		if (time_parse(text, ms, e) == 0)
			return 0;
		return err_set(e, ERR_INPUT,
		    "'%.40s' is no date such as"
		    " 2026-11-29, and no time",
		    text);
	}
	*ms = local;
	if (zone == NULL || strcmp(zone, "UTC") == 0)
		return 0;
	if (!is_zone_name(zone))
		return err_set(e, ERR_INPUT, "'%.40s' is no time zone", zone);
	pthread_mutex_lock(&zones_lock);
	z = zone_find(zone, e);
	pthread_mutex_unlock(&zones_lock);
	if (z == NULL)
		return -1;
	int64_t second = local / SECOND - (local % SECOND < 0);
	*ms = zone_utc(z, second) * SECOND + (local - second * SECOND);
	return 0;
}
