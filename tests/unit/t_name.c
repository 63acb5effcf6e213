/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

static void
valid_names(void **state)
{
	static const struct {
		const char *name;
		bool valid;
	} rows[] = { { "ada", true }, { "a.b-c_9", true }, { "9ada", true },
		{ "", false }, { "Ada", false }, { "a b", false },
		{ ".ada", false }, { "-ada", false }, { "ad\xc3\xa9", false },
		{ "a/b", false }, { "a*", false }, { "a\nb", false },
		{ "1234567890123456789012345678901234567890123456789012345678"
		  "901234",
		    true },
		{ "1234567890123456789012345678901234567890123456789012345678"
		  "9012345",
		    false } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(name_is_valid(rows[i].name), rows[i].valid);
}

static void
two_of_one_name_differ(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_settle(&h);
	house_person(&h, 2, "ada.b");
	house_say(&h, "names", house_about(&h, "ada.b"),
	    "[[\"root\",\"ada\",\"Ada\",\"ada2\"]]");
	house_settle(&h);
	assert_string_equal(house_text(&h,
				"SELECT username FROM identity"
				" WHERE id = 2"),
	    "ada2");
	house_close(&h);
}

static void
all_taken_is_a_case(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_settle(&h);
	house_person(&h, 2, "late");
	house_say(&h, "names", house_about(&h, "late"), "[[\"ada\"]]");
	house_settle(&h);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'name' AND state = 'open'"),
	    1);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM account"), 1);
	house_say(&h, "names", house_about(&h, "late"), "[[\"ada\",\"late\"]]");
	house_touch(&h, 2);
	house_settle(&h);
	assert_true(house_called(&h, "corp account.ensure late"));
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'name' AND state = 'open'"),
	    0);
	house_close(&h);
}

static void
a_newcomer_never_gets_a_resting_name(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_settle(&h);
	house_sql(&h, "UPDATE name SET state = 'tombstone', until = %lld",
	    (long long)(h.now + 10 * DAY));
	house_sql(&h,
	    "UPDATE account SET seen_status = 'absent',"
	    " want_status = 'absent'");
	house_person(&h, 2, "new");
	house_say(&h, "names", house_about(&h, "new"), "[[\"ada\",\"new\"]]");
	house_settle(&h);
	assert_string_equal(house_text(&h,
				"SELECT username FROM identity"
				" WHERE id = 2"),
	    "new");
	/* the control: when the rest is over, the name is free again */
	h.now += 11 * DAY;
	house_person(&h, 3, "third");
	house_say(&h, "names", house_about(&h, "third"),
	    "[[\"ada\",\"third\"]]");
	house_settle(&h);
	assert_string_equal(house_text(&h,
				"SELECT username FROM identity"
				" WHERE id = 3"),
	    "ada");
	house_close(&h);
}

static void
a_new_name_renames_everywhere(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_say(&h, "is eng", NULL, "[true]");
	house_settle(&h);
	house_say(&h, "names", house_about(&h, "ada"), "[[\"byron\"]]");
	house_touch(&h, 1);
	house_settle(&h);
	assert_true(house_called(&h, "corp account.rename byron"));
	assert_true(house_called(&h, "lab account.rename byron"));
	assert_string_equal(house_text(&h,
				"SELECT state FROM name WHERE"
				" name = 'ada' AND space = '*'"),
	    "tombstone");
	assert_string_equal(house_text(&h, "SELECT username FROM identity"),
	    "byron");
	house_close(&h);
}

static void
what_the_feed_dictates_stands(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_sql(&h,
	    "UPDATE identity SET username = 'x17',"
	    " sources = '{\"username\":\"hr\"}'");
	house_settle(&h);
	assert_true(house_called(&h, "corp account.ensure x17"));
	house_close(&h);
}

static void
kinds_on_one_system_have_names_of_their_own(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_say(&h, "is ops", NULL, "[true]");
	struct role_def *r = h.config.roles.item;
	struct role_account *a = r[2].account.item;
	a->id = "ops id";
	house_say(&h, "ops id", NULL, "[[\"ada\",\"adm-ada\"]]");
	house_settle(&h);
	assert_true(house_called(&h, "corp account.ensure ada"));
	assert_true(house_called(&h, "corp account.ensure adm-ada"));
	house_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_names),
		cmocka_unit_test(two_of_one_name_differ),
		cmocka_unit_test(all_taken_is_a_case),
		cmocka_unit_test(a_newcomer_never_gets_a_resting_name),
		cmocka_unit_test(a_new_name_renames_everywhere),
		cmocka_unit_test(what_the_feed_dictates_stands),
		cmocka_unit_test(kinds_on_one_system_have_names_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
