/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that do not come, or whose reading breaks off.
 */
#include "files.h"

static int64_t
feed_cases(struct house *h)
{
	return house_number(h,
	    "SELECT count(*) FROM matter WHERE kind = 'feed'"
	    " AND state = 'open'");
}

/* Nobody would hold it when the day comes. */
static void
a_clock_that_runs_ahead_stops_no_feed(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	f = file_new(&h);
	f.dated = h.now + 1000 * DAY;
	people(&h, &f, 1, 4);
	send(&h, &f);
	assert_string_equal(state(&h, &f), "accepted");
	h.now += HOUR;
	f = file_new(&h);
	people(&h, &f, 1, 5);
	send(&h, &f);
	assert_string_equal(state(&h, &f), "accepted");
	house_close(&h);
}

static int64_t
late(struct house *h)
{
	return house_number(h,
	    "SELECT count(*) FROM matter WHERE kind = 'late'"
	    " AND state = 'open'");
}

static void
a_feed_that_stops_is_told_once(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	staff(&h, 4);
	h.now += 6 * DAY;
	house_settle(&h);
	assert_int_equal(late(&h), 0); /* nothing is read by itself */
	hr(&h)->path = "/somewhere/hr.csv";
	h.now += MINUTE;
	house_settle(&h);
	assert_int_equal(late(&h), 1);
	house_command(&h, "alice", "case.answer",
	    arena_printf(&h.arena, "{\"id\":%lld,\"answer\":\"close\"}",
		(long long)house_number(&h,
		    "SELECT id FROM matter WHERE kind = 'late'")));
	assert_int_equal(h.reply.why.cls, ERR_NONE);
	h.now += DAY;
	house_settle(&h);
	assert_int_equal(late(&h), 0);
	/* the same file, written anew, has come */
	f = file_new(&h);
	people(&h, &f, 1, 4);
	send(&h, &f);
	assert_int_equal(f.load, 0);
	h.now += 4 * DAY;
	house_settle(&h);
	assert_int_equal(late(&h), 0);
	h.now += 2 * DAY;
	house_settle(&h);
	assert_int_equal(late(&h), 1);
	staff(&h, 5);
	assert_int_equal(late(&h), 0);
	house_close(&h);
}

/* Whoever read a file does not any more: nobody else would end it. */
static void
a_file_whose_reader_is_gone_is_refused(void **state_)
{
	(void)state_;
	for (int restart = 0; restart < 2; restart++) {
		struct house h;
		struct file f, next;

		load_open(&h);
		staff(&h, 5);
		f = file_new(&h);
		people(&h, &f, 1, 3);
		send_rows(&h, &f);
		house_settle(&h);
		assert_string_equal(state(&h, &f), "reading");
		assert_int_equal(feed_cases(&h), 0);
		h.now += MINUTE;
		next = file_new(&h);
		people(&h, &next, 1, 6);
		if (restart)
			house_start(&h);
		else
			send_rows(&h, &next);
		assert_string_equal(state(&h, &f), "refused");
		assert_int_equal(feed_cases(&h), 1);
		assert_int_equal(house_number(&h,
				     "SELECT count(*) FROM feed_row"
				     " WHERE load = %lld",
				     (long long)f.load),
		    0);
		assert_int_equal(active(&h), 5);
		send(&h, &next);
		assert_string_equal(state(&h, &next), "accepted");
		assert_int_equal(active(&h), 6);
		assert_int_equal(feed_cases(&h), 0);
		house_close(&h);
	}
}

/* The control: what was read whole goes on with the next daemon. */
static void
a_file_that_was_read_whole_goes_on(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	staff(&h, 5);
	h.deaf = true;
	f = file_new(&h);
	people(&h, &f, 1, 4);
	person(&h, &f, "p5", ",\"display\":\"Other\"");
	send(&h, &f);
	assert_string_equal(state(&h, &f), "assessing");
	house_start(&h);
	h.deaf = false;
	h.now += MINUTE;
	house_settle(&h);
	assert_string_equal(state(&h, &f), "accepted");
	assert_int_equal(feed_cases(&h), 0);
	house_close(&h);
}

/* A row that should not be as it is keeps up its own part, and nobody else;
   put right, the part goes on. */
static void
a_part_that_cannot_go_on_keeps_nobody_up(void **state_)
{
	static const char cases[] = "SELECT count(*) FROM matter WHERE kind ="
				    " 'policy' AND subject = 'policy/loads'"
				    " AND state = 'open'";
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	staff(&h, 10);
	f = file_new(&h);
	people(&h, &f, 1, 6);
	send(&h, &f);
	assert_string_equal(state(&h, &f), "held");
	house_sql(&h, "UPDATE hold SET id = 1000");
	house_person(&h, 100, "ada");
	h.now += MINUTE;
	/* Also when somebody is there with a command. */
	house_command(&h, "alice", "freeze", "{\"on\":false}");
	assert_int_equal(h.reply.why.cls, ERR_NONE);
	house_settle(&h);
	assert_int_equal(house_number(&h, cases), 1);
	assert_true(house_called(&h, "corp account.ensure ada"));
	house_sql(&h, "UPDATE affiliation SET ends = %lld WHERE identity = 100",
	    (long long)(h.now - MINUTE));
	house_touch(&h, 100);
	house_settle(&h);
	assert_true(house_called(&h, "corp account.disable ada"));
	house_sql(&h,
	    "UPDATE hold SET id = (SELECT hold FROM load WHERE"
	    " state = 'held'), state = 'rejected'");
	h.now += 2 * MINUTE;
	house_start(&h); /* as whoever put it right would */
	house_settle(&h);
	assert_int_equal(house_number(&h, cases), 0);
	assert_string_equal(state(&h, &f), "rejected");
	house_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_runs_ahead_stops_no_feed),
		cmocka_unit_test(a_feed_that_stops_is_told_once),
		cmocka_unit_test(a_file_whose_reader_is_gone_is_refused),
		cmocka_unit_test(a_file_that_was_read_whole_goes_on),
		cmocka_unit_test(a_part_that_cannot_go_on_keeps_nobody_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
