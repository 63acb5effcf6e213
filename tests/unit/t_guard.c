/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a change of so much needs people, and what it is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/policy.h"

static const struct {
	const char *what;
	struct guard guard;
	struct effect_count counts[3];
	const char *trip; /* NULL: it passes */
} cases[] = {
	{ "at most is not too many", { "disable", NULL, 3, 0, 0 },
	    { { "disable", "corp", 3, 100 } }, NULL },
	{ "one more is", { "disable", NULL, 3, 0, 0 },
	    { { "disable", "corp", 4, 100 } },
	    "disable: 4 on all systems, "
	    "and at most 3 may be without a release" },
	{ "systems count together", { "disable", NULL, 3, 0, 0 },
	    { { "disable", "corp", 2, 100 }, { "disable", "lab", 2, 9 } },
	    "disable: 4 on all systems, and at most 3 may be without a "
	    "release" },
	{ "a guard of one system looks at no other",
	    { "disable", "lab", 3, 0, 0 }, { { "disable", "corp", 9, 100 } },
	    NULL },
	{ "and at its own", { "disable", "lab", 3, 0, 0 },
	    { { "disable", "lab", 9, 100 } },
	    "disable: 9 on lab, and at most"
	    " 3 may be without a release" },
	{ "another effect is another matter", { "delete", NULL, 3, 0, 0 },
	    { { "disable", "corp", 9, 100 } }, NULL },
	{ "a share", { "remove", NULL, 0, 10, 0 },
	    { { "remove", "corp", 10, 100 } }, NULL },
	{ "a larger share", { "remove", NULL, 0, 10, 0 },
	    { { "remove", "corp", 11, 100 } },
	    "remove: 11 of 100 on all "
	    "systems, and at most 10 % may be without a release" },
	{ "a small house loses three", { "disable", NULL, 10, 10, 3 },
	    { { "disable", "corp", 3, 5 } }, NULL },
	{ "and not four", { "disable", NULL, 10, 10, 3 },
	    { { "disable", "corp", 4, 5 } },
	    "disable: 4 of 5 on all systems,"
	    " and at most 10 % may be without a release" },
	{ "a share of nothing known", { "disable", NULL, 0, 10, 0 },
	    { { "disable", "corp", 4, 0 } }, NULL },
};

static void
each_case_holds(void **state)
{
	struct arena arena = { 0 };
	struct engine e = { .arena = &arena };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct guard g = cases[i].guard;
		struct many guards = { 1, &g };
		struct texts trips = { 0 };
		struct err err;
		size_t n = 0;

		while (n < 3 && cases[i].counts[n].effect != NULL)
			n++;
		int trip = guard_trips(&e, &guards, cases[i].counts, n, &trips,
		    &err);
		if (trip != (cases[i].trip != NULL))
			fail_msg("%s: %d", cases[i].what, trip);
		if (trip) {
			assert_int_equal(trips.n, 1);
			assert_string_equal(trips.item[0], cases[i].trip);
		}
	}
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
