/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What affiliations say of an identity at one moment.  Times are in days
 * from today; 0 is none, as in the rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/policy.h"

#define NOW INT64_C(1796000000000)
#define D(n) (NOW + (n)*DAY)
#define MOST 3

static const struct settings house = { .gap = 3 * DAY, .prehire = 2 * DAY };

static const struct {
	const char *what;
	struct affiliation a[MOST];
	size_t n;
	int64_t expires; /* of a service */
	const char *state;
	int64_t next, left_at;
	const char *cause;
	size_t main;
} cases[] = {
	{ "nobody says anything", { { 0 } }, 0, 0, "pending", 0, 0, NULL, 0 },
	{ "a row without dates is in force", { { .starts = 0 } }, 1, 0,
	    "active", 0, 0, NULL, 0 },
	{ "began yesterday, ends in ten days",
	    { { .starts = D(-1), .ends = D(10) } }, 1, 0, "active", D(10), 0,
	    NULL, 0 },
	{ "begins now", { { .starts = NOW } }, 1, 0, "active", 0, 0, NULL, 0 },
	{ "begins in ten days: looked at when accounts may be made",
	    { { .starts = D(10) } }, 1, 0, "pending", D(8), 0, NULL, 0 },
	{ "begins tomorrow", { { .starts = D(1) } }, 1, 0, "pending", D(1), 0,
	    NULL, 0 },
	{ "ends now",
	    { { .starts = D(-9), .ends = NOW, .cause = "voluntary" } }, 1, 0,
	    "left", 0, NOW, "voluntary", 0 },
	{ "the last working day comes first",
	    { { .starts = D(-9),
		.ends = D(20),
		.last_day = D(-1),
		.cause = "voluntary" } },
	    1, 0, "left", D(20), D(-1), "voluntary", 0 },
	{ "the end comes before the last working day",
	    { { .starts = D(-9), .ends = D(-1), .last_day = D(5) } }, 1, 0,
	    "left", D(5), D(-1), NULL, 0 },
	{ "a last working day alone", { { .starts = D(-9), .last_day = D(2) } },
	    1, 0, "active", D(2), 0, NULL, 0 },
	{ "never came: the end lies before the start",
	    { { .starts = D(9), .ends = D(5), .cause = "no_show" } }, 1, 0,
	    "left", D(5), NOW, "no_show", 0 },
	{ "a leave of absence",
	    { { .starts = D(-9), .away_from = D(-1), .away_until = D(30) } }, 1,
	    0, "suspended", D(30), 0, NULL, 0 },
	{ "a leave without an end", { { .starts = D(-9), .away_from = NOW } },
	    1, 0, "suspended", 0, 0, NULL, 0 },
	{ "a leave that is to come",
	    { { .starts = D(-9), .away_from = D(4), .away_until = D(30) } }, 1,
	    0, "active", D(4), 0, NULL, 0 },
	{ "back from leave today",
	    { { .starts = D(-9), .away_from = D(-7), .away_until = NOW } }, 1,
	    0, "active", 0, 0, NULL, 0 },
	{ "away from one, at work in the other",
	    { { .starts = D(-9), .away_from = D(-1) }, { .starts = D(-5) } }, 2,
	    0, "active", 0, 0, NULL, 1 },
	{ "leaves with the last one only",
	    { { .starts = D(-9), .ends = D(-1) },
		{ .starts = D(-9), .ends = D(6) } },
	    2, 0, "active", D(6), 0, NULL, 1 },
	{ "left when the later one ended",
	    { { .starts = D(-9), .ends = D(-1), .cause = "late" },
		{ .starts = D(-9), .ends = D(-6), .cause = "early" } },
	    2, 0, "left", 0, D(-1), "late", 0 },
	{ "a contractor who was hired at once",
	    { { .starts = D(-90), .ends = NOW }, { .starts = NOW } }, 2, 0,
	    "active", 0, 0, NULL, 1 },
	{ "a transfer within the gap",
	    { { .starts = D(-90), .ends = D(-1) }, { .starts = D(2) } }, 2, 0,
	    "active", D(2), 0, NULL, 0 },
	{ "a transfer beyond the gap",
	    { { .starts = D(-90), .ends = D(-1), .cause = "transfer" },
		{ .starts = D(3) } },
	    2, 0, "left", D(1), D(-1), "transfer", 0 },
	{ "a rehire who is back",
	    { { .starts = D(-900), .ends = D(-300) }, { .starts = D(-1) } }, 2,
	    0, "active", 0, 0, NULL, 1 },
	{ "the nearest of two starts",
	    { { .starts = D(30) }, { .starts = D(10) } }, 2, 0, "pending", D(8),
	    0, NULL, 1 },
	{ "a service that expired", { { .starts = D(-9) } }, 1, D(-1), "left",
	    0, D(-1), "expired", 0 },
	{ "a service that expires", { { .starts = D(-9) } }, 1, D(3), "active",
	    D(3), 0, NULL, 0 },
};

static void
each_case_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct identity who = { .expires = cases[i].expires,
			.kind = cases[i].expires != 0 ? "service" : "person" };
		struct phase p;

		phase_of(cases[i].a, cases[i].n, &who, &house, NOW, &p);
		if (strcmp(p.state, cases[i].state) != 0 ||
		    p.next != cases[i].next || p.left_at != cases[i].left_at)
			fail_msg("%s: %s, next %+lld h, left %+lld h",
			    cases[i].what, p.state,
			    (long long)(p.next == 0 ? 0 :
						      (p.next - NOW) / HOUR),
			    (long long)(p.left_at == 0 ?
				    0 :
				    (p.left_at - NOW) / HOUR));
		if (cases[i].cause == NULL)
			assert_null(p.cause);
		else
			assert_string_equal(p.cause, cases[i].cause);
		if (cases[i].n > 0)
			assert_ptr_equal(p.main, &cases[i].a[cases[i].main]);
		else
			assert_null(p.main);
	}
}

/* An expiry is for what is not a person. */
static void
a_person_does_not_expire(void **state)
{
	const struct affiliation a = { .starts = D(-9) };
	struct identity who = { .expires = D(-1), .kind = "person" };
	struct phase p;

	(void)state;
	phase_of(&a, 1, &who, &house, NOW, &p);
	assert_string_equal(p.state, "active");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case_holds),
		cmocka_unit_test(a_person_does_not_expire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
