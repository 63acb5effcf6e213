/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/zone.h"

/* Expected times are from another implementation (Python's zoneinfo). */
static void
local_times_are_found(void **unused)
{
	static const struct {
		const char *zone, *text, *utc;
	} cases[] = {
		{ "Europe/Berlin", "2026-11-29", "2026-11-28T23:00:00Z" },
		{ "Europe/Berlin", "2026-07-01", "2026-06-30T22:00:00Z" },
		{ "Europe/Berlin", "2026-07-01T08:30", "2026-07-01T06:30:00Z" },
		{ "Europe/Berlin", "2026-07-01T08:30:15.250",
		    "2026-07-01T06:30:15.250Z" },
		/* skipped: the first time after the gap */
		{ "Europe/Berlin", "2026-03-29T01:59:59",
		    "2026-03-29T00:59:59Z" },
		{ "Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z" },
		{ "Europe/Berlin", "2026-03-29T02:59:59",
		    "2026-03-29T01:00:00Z" },
		{ "Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z" },
		/* twice: the earlier */
		{ "Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00:00Z" },
		{ "Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z" },
		{ "Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z" },
		{ "America/New_York", "2026-03-08T02:30",
		    "2026-03-08T07:00:00Z" },
		{ "America/New_York", "2026-11-01T01:30",
		    "2026-11-01T05:30:00Z" },
		{ "America/New_York", "2026-07-04", "2026-07-04T04:00:00Z" },
		{ "America/New_York", "1800-01-01", "1800-01-01T04:56:02Z" },
		/* midnight itself is skipped; a day is skipped */
		{ "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z" },
		{ "Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z" },
		{ "Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z" },
		{ "Australia/Lord_Howe", "2026-01-01", "2025-12-31T13:00:00Z" },
		{ "Asia/Kolkata", "2026-01-01", "2025-12-31T18:30:00Z" },
		/* beyond the table: by the rule */
		{ "Europe/Berlin", "2100-07-01", "2100-06-30T22:00:00Z" },
		{ "Europe/Berlin", "2100-12-01", "2100-11-30T23:00:00Z" },
		{ "Europe/Dublin", "2060-01-05", "2060-01-05T00:00:00Z" },
		{ "Europe/Dublin", "2060-07-05", "2060-07-04T23:00:00Z" },
		{ "Antarctica/Troll", "2077-07-01", "2077-06-30T22:00:00Z" },
		{ "UTC", "2026-11-29", "2026-11-29T00:00:00Z" },
		{ NULL, "2026-11-29", "2026-11-29T00:00:00Z" },
		/* an offset of its own is stronger than the zone */
		{ "Europe/Berlin", "2026-11-29T00:00:00Z",
		    "2026-11-29T00:00:00Z" },
		{ "Europe/Berlin", "2026-11-29T00:00:00-05:00",
		    "2026-11-29T05:00:00Z" },
		{ "Europe/Berlin", "2026-02-30", NULL },
		{ "Europe/Berlin", "29.11.2026", NULL },
		{ "Europe/Berlin", "2026-11-29T", NULL },
		{ "Europe/Berlin", "2026-11-29x", NULL },
		{ "Europe/Berlin", "", NULL },
		{ "Europe/Atlantis", "2026-11-29", NULL },
		{ "Europe", "2026-11-29", NULL },
		{ "", "2026-11-29", NULL },
		{ "/etc/passwd", "2026-11-29", NULL },
		{ "../../../etc/passwd", "2026-11-29", NULL },
		{ "Europe//Berlin", "2026-11-29", NULL },
		{ "zone.tab", "2026-11-29", NULL },
		{ "leapseconds", "2026-11-29", NULL },
	};

	(void)unused;
	if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0)
		skip();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err e = { ERR_NONE, 0, "" };
		char text[TIME_TEXT];
		int64_t ms;
		int rc = zone_instant(cases[i].zone, cases[i].text, &ms, &e);

		if (cases[i].utc == NULL) {
			assert_int_equal(rc, -1);
			assert_int_equal(e.cls, ERR_INPUT);
			continue;
		}
		assert_int_equal(rc, 0);
		assert_string_equal(time_format(text, ms), cases[i].utc);
	}
}

static void
rules_are_read_strictly(void **unused)
{
	static const struct {
		const char *text;
		bool ok;
		int32_t winter, summer; /* in January and July 2026 */
	} cases[] = {
		{ "UTC0", true, 0, 0 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", true, 3600, 7200 },
		{ "EST5EDT,M3.2.0,M11.1.0", true, -18000, -14400 },
		{ "<+0330>-3:30", true, 12600, 12600 },
		{ "IST-1GMT0,M10.5.0,M3.5.0/1", true, 0, 3600 },
		{ "AEST-10AEDT,M10.1.0,M4.1.0/3", true, 39600, 36000 },
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", true, -7200, -3600 },
		{ "AAA0BBB,J60/0,J300/0", true, 0, 3600 },
		{ "AAA0BBB,59/0,299/0", true, 0, 3600 },
		{ "", false, 0, 0 },
		{ "C", false, 0, 0 },
		{ "CET", false, 0, 0 },
		{ "CET-", false, 0, 0 },
		{ "<+03-3", false, 0, 0 },
		{ "CET-1CEST", false, 0, 0 },
		{ "CET-1CEST,M3.5.0", false, 0, 0 },
		{ "CET-1CEST,M13.5.0,M10.5.0", false, 0, 0 },
		{ "CET-1CEST,M3.6.0,M10.5.0", false, 0, 0 },
		{ "CET-1CEST,M3.5.7,M10.5.0", false, 0, 0 },
		{ "CET-1CEST,J0,J300", false, 0, 0 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3x", false, 0, 0 },
		{ "CET-999", false, 0, 0 },
		{ "CET-99999999999999999999", false, 0, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct zone_rule r;
		bool ok = zone_rule_read(&r, cases[i].text,
		    strlen(cases[i].text));

		assert_int_equal(ok, cases[i].ok);
		if (!ok)
			continue;
		assert_int_equal(zone_rule_offset(&r, 1768478400),
		    cases[i].winter);
		assert_int_equal(zone_rule_offset(&r, 1784116800),
		    cases[i].summer);
	}
}

/* A small zone: one change, from 0 to +1 h at 1000. */
static size_t
tzif(unsigned char *out)
{
	static const unsigned char second[] = { 'T', 'Z', 'i', 'f', '2', 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 0, 0,
		0, 3, 0xe8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x0e, 0x10, 0, 0, 'A',
		'B', 'C', 0, '\n', '\n' };
	size_t at = 44 + 6 + 1;

	memset(out, 0, at);
	memcpy(out, "TZif2", 5);
	out[39] = out[43] = 1;
	memcpy(out + at, second, sizeof(second));
	return at + sizeof(second);
}

static void
files_are_read_strictly(void **unused)
{
	unsigned char bytes[256];
	size_t n = tzif(bytes);
	struct zone z;

	(void)unused;
	assert_true(zone_decode(&z, bytes, n));
	assert_int_equal(zone_offset(&z, 999), 0);
	assert_int_equal(zone_offset(&z, 1000), 3600);
	assert_int_equal(zone_offset(&z, INT64_C(1) << 40), 3600);
	free(z.at);
	free(z.offset);
	for (size_t cut = 0; cut < n; cut++) {
		assert_false(zone_decode(&z, bytes, cut));
		free(z.at);
		free(z.offset);
	}
	for (size_t i = 0; i < n; i++) {
		bytes[i] ^= 0xff;
		if (zone_decode(&z, bytes, n))
			zone_offset(&z, 5000);
		free(z.at);
		free(z.offset);
		bytes[i] ^= 0xff;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(local_times_are_found),
		cmocka_unit_test(rules_are_read_strictly),
		cmocka_unit_test(files_are_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
