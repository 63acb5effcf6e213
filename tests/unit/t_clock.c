/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "base/clock.h"

static void
times_are_read(void **unused)
{
	static const struct {
		const char *text;
		int64_t ms;
		const char *again; /* NULL: must be refused */
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z" },
		{ "2026-11-29T02:39:38.123Z", 1795919978123,
		    "2026-11-29T02:39:38.123Z" },
		{ "2026-11-29t02:39:38z", 1795919978000,
		    "2026-11-29T02:39:38Z" },
		{ "2026-11-29T03:39:38+01:00", 1795919978000,
		    "2026-11-29T02:39:38Z" },
		{ "2026-11-28T16:09:38-10:30", 1795919978000,
		    "2026-11-29T02:39:38Z" },
		{ "2026-11-29T02:39:38.1239999Z", 1795919978123,
		    "2026-11-29T02:39:38.123Z" },
		{ "2026-11-29T02:39:38.1Z", 1795919978100,
		    "2026-11-29T02:39:38.100Z" },
		{ "2016-12-31T23:59:60Z", 1483228800000,
		    "2017-01-01T00:00:00Z" },
		{ "1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z" },
		{ "0000-01-01T00:00:00Z", -62167219200000,
		    "0000-01-01T00:00:00Z" },
		{ "9999-12-31T23:59:59.999Z", 253402300799999,
		    "9999-12-31T23:59:59.999Z" },
		{ "2024-02-29T00:00:00Z", 1709164800000,
		    "2024-02-29T00:00:00Z" },
		{ "2000-02-29T00:00:00Z", 951782400000,
		    "2000-02-29T00:00:00Z" },
		{ "2023-02-29T00:00:00Z", 0, NULL },
		{ "1900-02-29T00:00:00Z", 0, NULL },
		{ "2026-13-01T00:00:00Z", 0, NULL },
		{ "2026-00-01T00:00:00Z", 0, NULL },
		{ "2026-04-31T00:00:00Z", 0, NULL },
		{ "2026-01-00T00:00:00Z", 0, NULL },
		{ "2026-01-01T24:00:00Z", 0, NULL },
		{ "2026-01-01T00:60:00Z", 0, NULL },
		{ "2026-01-01T00:00:61Z", 0, NULL },
		{ "2026-01-01T00:00:00", 0, NULL },
		{ "2026-01-01T00:00Z", 0, NULL },
		{ "2026-01-01T00:00:00.Z", 0, NULL },
		{ "2026-01-01T00:00:00+1:00", 0, NULL },
		{ "2026-01-01T00:00:00+01:60", 0, NULL },
		{ "2026-01-01T00:00:00+01:00x", 0, NULL },
		{ "2026-01-01T00:00:00Zx", 0, NULL },
		{ "2026-01-01 00:00:00Z", 0, NULL },
		{ "2026-1-1T00:00:00Z", 0, NULL },
		{ "+026-01-01T00:00:00Z", 0, NULL },
		{ "2026-01-01", 0, NULL },
		{ "2026", 0, NULL },
		{ "now", 0, NULL },
		{ "", 0, NULL },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err e = { ERR_NONE, 0, "" };
		char text[TIME_TEXT];
		int64_t ms = 42;
		int rc = time_parse(cases[i].text, &ms, &e);

		if (cases[i].again == NULL) {
			assert_int_equal(rc, -1);
			assert_int_equal(e.cls, ERR_INPUT);
			continue;
		}
		assert_int_equal(rc, 0);
		assert_true(ms == cases[i].ms);
		assert_string_equal(time_format(text, ms), cases[i].again);
	}
}

/* The C library is the second opinion. */
static void
times_agree_with_the_c_library(void **unused)
{
	(void)unused;
	for (int64_t s = -62167219200; s < 253402300799;
	     s += 86400 * 97 + 3607) {
		char mine[TIME_TEXT], other[64];
		time_t t = s;
		struct tm tm;
		struct err e;
		int64_t ms;

		gmtime_r(&t, &tm);
		assert_int_not_equal(snprintf(other, sizeof(other),
					 "%04d-%02d-%02dT%02d:%02d:%02dZ",
					 tm.tm_year + 1900, tm.tm_mon + 1,
					 tm.tm_mday, tm.tm_hour, tm.tm_min,
					 tm.tm_sec),
		    0);
		assert_string_equal(time_format(mine, s * 1000), other);
		assert_int_equal(time_parse(mine, &ms, &e), 0);
		assert_true(ms == s * 1000);
	}
}

static void
times_out_of_range_are_bounded(void **unused)
{
	char text[TIME_TEXT];

	(void)unused;
	assert_string_equal(time_format(text, INT64_MAX),
	    "9999-12-31T23:59:59.999Z");
	assert_string_equal(time_format(text, INT64_MIN),
	    "0000-01-01T00:00:00Z");
}

static void
spans_are_read(void **unused)
{
	static const struct {
		const char *text;
		int64_t ms;
		const char *again;
	} cases[] = {
		{ "200ms", 200, "200ms" },
		{ "5s", 5 * SECOND, "5s" },
		{ "60s", MINUTE, "1m" },
		{ "3m", 3 * MINUTE, "3m" },
		{ "90m", 90 * MINUTE, "90m" },
		{ "2h", 2 * HOUR, "2h" },
		{ "14d", 14 * DAY, "14d" },
		{ "0s", 0, "0s" },
		{ "1500ms", 1500, "1500ms" },
		{ "P14D", 14 * DAY, "14d" },
		{ "P2W", 14 * DAY, "14d" },
		{ "PT2H30M", 150 * MINUTE, "150m" },
		{ "P1DT12H", 36 * HOUR, "36h" },
		{ "PT0S", 0, "0s" },
		{ "PT90S", 90 * SECOND, "90s" },
		{ "P365000D", 365000 * DAY, "365000d" },
		{ "P", 0, NULL },
		{ "PT", 0, NULL },
		{ "P1", 0, NULL },
		{ "P1DT", 0, NULL },
		{ "PD", 0, NULL },
		{ "P1Y", 0, NULL },
		{ "P1M", 0, NULL },
		{ "PT1D", 0, NULL },
		{ "P1H", 0, NULL },
		{ "PT1M1H", 0, NULL },
		{ "P1D1D", 0, NULL },
		{ "P1D1W", 0, NULL },
		{ "P-1D", 0, NULL },
		{ "-5s", 0, NULL },
		{ "+5s", 0, NULL },
		{ "PTT1S", 0, NULL },
		{ "PT1ST", 0, NULL },
		{ "PT1HT1M", 0, NULL },
		{ "5", 0, NULL },
		{ "5 s", 0, NULL },
		{ "s", 0, NULL },
		{ "5S", 0, NULL },
		{ "5sx", 0, NULL },
		{ "1.5h", 0, NULL },
		{ "366001d", 0, NULL },
		{ "99999999999999999999d", 0, NULL },
		{ "9223372036854775807ms", 0, NULL },
		{ "P99999999999999999999W", 0, NULL },
		{ "", 0, NULL },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err e = { ERR_NONE, 0, "" };
		char text[SPAN_TEXT];
		int64_t ms = 42;
		int rc = span_parse(cases[i].text, &ms, &e);

		if (cases[i].again == NULL) {
			if (rc == 0)
				fail_msg("took '%s'", cases[i].text);
			assert_int_equal(e.cls, ERR_INPUT);
			continue;
		}
		assert_int_equal(rc, 0);
		assert_true(ms == cases[i].ms);
		assert_string_equal(span_format(text, ms), cases[i].again);
	}
}

static void
spans_of_any_size_are_written(void **unused)
{
	char text[SPAN_TEXT];

	(void)unused;
	assert_string_equal(span_format(text, INT64_MAX),
	    "9223372036854775807ms");
	assert_string_equal(span_format(text, INT64_MIN),
	    "-9223372036854775808ms");
	assert_string_equal(span_format(text, -2 * HOUR), "-2h");
}

static void
clocks_go_on(void **unused)
{
	int64_t boot = clock_boot(), micros = clock_micros();
	struct timespec pause = { 0, 3000000 };

	(void)unused;
	assert_true(clock_wall() > INT64_C(1700000000000));
	nanosleep(&pause, NULL);
	assert_in_range(clock_boot() - boot, 2, 60000);
	assert_in_range(clock_micros() - micros, 2000, 60000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(times_agree_with_the_c_library),
		cmocka_unit_test(times_out_of_range_are_bounded),
		cmocka_unit_test(spans_are_read),
		cmocka_unit_test(spans_of_any_size_are_written),
		cmocka_unit_test(clocks_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
