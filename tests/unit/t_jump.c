/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A time that cannot be believed holds up deletes, and tells somebody.
 */
#include "house.h"

static int64_t
doubts(struct house *h)
{
	return house_number(h,
	    "SELECT count(*) FROM matter WHERE kind = 'clock'"
	    " AND state = 'open'");
}

static void
a_gap_at_the_start_is_a_case(void **state)
{
	static const struct {
		int64_t gap;
		bool doubted;
	} rows[] = {
		{ MINUTE, false },
		{ 3 * DAY, false }, /* over a long weekend */
		{ -MINUTE, false },
		{ -HOUR, true },
		{ 30 * DAY, true },
		{ -365 * DAY, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct house h;

		house_open(&h);
		house_settle(&h);
		assert_int_equal(doubts(&h), 0);
		h.now += rows[i].gap;
		house_start(&h);
		assert_int_equal(doubts(&h), rows[i].doubted);
		assert_int_equal(h.engine->jumped_until,
		    rows[i].doubted ? INT64_MAX : 0);
		house_settle(&h);
		house_start(&h); /* told once, and not forgotten */
		assert_int_equal(doubts(&h), rows[i].doubted);
		assert_int_equal(h.engine->jumped_until,
		    rows[i].doubted ? INT64_MAX : 0);
		house_close(&h);
	}
}

static void
time_that_passes_while_it_runs_is_no_gap(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	for (int i = 0; i < 40; i++) {
		h.now += 6 * HOUR;
		house_settle(&h);
	}
	house_start(&h);
	assert_int_equal(doubts(&h), 0);
	house_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gap_at_the_start_is_a_case),
		cmocka_unit_test(time_that_passes_while_it_runs_is_no_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
