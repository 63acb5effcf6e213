/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a feed, from their rows to what is applied: or not.
 */
#include "files.h"

static void
a_first_file_brings_everybody(void **state_)
{
	struct house h;

	(void)state_;
	load_open(&h);
	staff(&h, 5);
	assert_int_equal(h.called, 10);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM feed_row"
			     " WHERE load = 0"),
	    5);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM feed_row"
			     " WHERE load != 0"),
	    0);
	assert_string_equal(house_text(&h,
				"SELECT place FROM event WHERE"
				" key = 'p1'"),
	    "hr.csv:p1");
	house_close(&h);
}

static void
the_same_file_is_no_news(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	staff(&h, 3);
	int64_t records = evidence_size(h.evidence);
	f = file_new(&h);
	people(&h, &f, 1, 3);
	send(&h, &f);
	assert_int_equal(f.load, 0);
	assert_int_equal(evidence_size(h.evidence), records);
	house_close(&h);
}

static void
only_differences_are_events(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	staff(&h, 5);
	f = file_new(&h);
	people(&h, &f, 1, 3);
	person(&h, &f, "p4", ",\"unit\":\"new\"");
	person(&h, &f, "p6", "");
	send(&h, &f);
	assert_string_equal(state(&h, &f), "accepted");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM event WHERE"
			     " snapshot = %lld",
			     (long long)f.load),
	    3);
	assert_string_equal(house_text(&h,
				"SELECT unit FROM affiliation"
				" WHERE key = 'p4'"),
	    "new");
	assert_string_equal(
	    house_text(&h,
		"SELECT i.state || ' ' || i.cause"
		" FROM identity i JOIN affiliation a ON a.identity = i.id"
		" WHERE a.key = 'p5'"),
	    "left absent");
	assert_true(house_called(&h, "corp account.disable p5"));
	assert_int_equal(active(&h), 5);
	house_close(&h);
}

static void
absence_means_nothing_unless_it_is_said(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	hr(&h)->absent_leaves = false;
	staff(&h, 5);
	f = file_new(&h);
	people(&h, &f, 1, 4);
	send(&h, &f);
	assert_string_equal(state(&h, &f), "accepted");
	assert_int_equal(active(&h), 5);
	house_close(&h);
}

static void
a_bad_row_is_no_leaver(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	staff(&h, 5);
	f = file_new(&h);
	people(&h, &f, 1, 4);
	buf_str(&f.bad,
	    "{\"place\":\"hr.csv:6\",\"key\":\"p5\",\"reason\":"
	    "\"end: no date\"}");
	send(&h, &f);
	assert_string_equal(state(&h, &f), "accepted");
	assert_int_equal(active(&h), 5);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM bad_row"), 1);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'rows'"),
	    1);
	/* the control: mended, and gone in the next file */
	h.now += HOUR;
	f = file_new(&h);
	people(&h, &f, 1, 5);
	send(&h, &f);
	h.now += HOUR;
	f = file_new(&h);
	people(&h, &f, 1, 4);
	buf_str(&f.bad,
	    "{\"place\":\"hr.csv:6\",\"key\":\"p9\",\"reason\":"
	    "\"end: no date\"}");
	send(&h, &f);
	assert_int_equal(active(&h), 4);
	house_close(&h);
}

/* It may be of anybody, so nobody is taken for absent. */
static void
a_bad_row_without_a_key_is_anybodys(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	staff(&h, 5);
	f = file_new(&h);
	people(&h, &f, 1, 4);
	person(&h, &f, "p6", "");
	buf_str(&f.bad, "{\"place\":\"hr.csv:6\",\"reason\":\"not UTF-8\"}");
	send(&h, &f);
	assert_string_equal(state(&h, &f), "accepted");
	assert_int_equal(active(&h), 6);
	/* the control: without it p5 is absent, of whom is still known */
	h.now += HOUR;
	f = file_new(&h);
	people(&h, &f, 1, 4);
	person(&h, &f, "p6", "");
	send(&h, &f);
	assert_int_equal(active(&h), 5);
	house_close(&h);
}

/* A row that only the engine finds wrong. */
static void
a_row_that_cannot_be_is_no_leaver(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	staff(&h, 5);
	f = file_new(&h);
	people(&h, &f, 1, 4);
	person(&h, &f, "p5", ",\"zone\":\"Mars/Base\"");
	send(&h, &f);
	assert_string_equal(state(&h, &f), "accepted");
	assert_int_equal(active(&h), 5);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM bad_row WHERE"
			     " key = 'p5' AND place = 'hr.csv:p5'"),
	    1);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'rows'"),
	    1);
	/* what was accepted of it stands, so the next file tells it again */
	assert_int_equal(
	    house_number(&h,
		"SELECT count(*) FROM feed_row WHERE"
		" key = 'p5' AND load = 0 AND body NOT LIKE '%%Mars%%'"),
	    1);
	h.now += HOUR;
	f = file_new(&h);
	people(&h, &f, 1, 4);
	person(&h, &f, "p5", ",\"zone\":\"Mars/Base\"");
	f.dated = h.now;
	person(&h, &f, "p6", "");
	send(&h, &f);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM bad_row WHERE"
			     " key = 'p5'"),
	    2);
	assert_int_equal(active(&h), 6);
	h.now += HOUR;
	f = file_new(&h);
	people(&h, &f, 1, 4);
	person(&h, &f, "p6", "");
	send(&h, &f);
	assert_int_equal(active(&h), 5);
	house_close(&h);
}

static void
empty_file(struct house *h, struct file *f)
{
	(void)h, (void)f;
}

static void
one_row(struct house *h, struct file *f)
{
	people(h, f, 1, 1);
}

static void
strangers(struct house *h, struct file *f)
{
	people(h, f, 11, 15);
}

static void
rotten(struct house *h, struct file *f)
{
	people(h, f, 1, 4);
	buf_str(&f->bad,
	    "{\"place\":\"5\",\"reason\":\"x\"},{\"place\":"
	    "\"6\",\"reason\":\"x\"}");
}

static void
yesterdays(struct house *h, struct file *f)
{
	people(h, f, 1, 4);
	f->dated = h->now - DAY;
}

static void
last_weeks(struct house *h, struct file *f)
{
	h->now += 9 * DAY;
	people(h, f, 1, 4);
	f->dated = h->now - 6 * DAY;
}

static void
truncated(struct house *h, struct file *f)
{
	people(h, f, 1, 4);
	f->failure = "hr.csv: the last row does not end";
}

static const struct {
	void (*make)(struct house *, struct file *);
	const char *error;
} unfit[] = {
	{ empty_file,
	    "the file has no usable row: an empty answer is not an "
	    "empty company" },
	{ one_row, "usable rows: 1, and there must be 2" },
	{ strangers, "only 0 of 5 known keys are in it, and 50 % must be" },
	{ rotten, "2 of 6 rows are bad, and at most 30 % may be" },
	{ yesterdays, "the file is of " },
	{ last_weeks, "the file is of " },
	{ truncated, "hr.csv: the last row does not end" },
};

static void
an_unfit_file_is_refused_whole(void **state_)
{
	(void)state_;
	for (size_t i = 0; i < sizeof(unfit) / sizeof(*unfit); i++) {
		struct house h;
		struct file f;

		load_open(&h);
		staff(&h, 5);
		size_t called = h.called;
		f = file_new(&h);
		unfit[i].make(&h, &f);
		send(&h, &f);
		assert_string_equal(state(&h, &f), "refused");
		const char *error = house_text(&h,
		    "SELECT error FROM load"
		    " WHERE id = %lld",
		    (long long)f.load);
		if (strncmp(error, unfit[i].error, strlen(unfit[i].error)))
			fail_msg("says: %s\nwant: %s", error, unfit[i].error);
		assert_int_equal(active(&h), 5);
		assert_int_equal(h.called, called);
		assert_int_equal(house_number(&h,
				     "SELECT count(*) FROM"
				     " feed_row WHERE load != 0"),
		    0);
		assert_int_equal(
		    house_number(&h,
			"SELECT count(*) FROM"
			" matter WHERE kind = 'feed' AND state = 'open'"),
		    1);
		/* the control: a good file goes through, and settles it */
		h.now += HOUR;
		f = file_new(&h);
		people(&h, &f, 1, 6);
		send(&h, &f);
		assert_string_equal(state(&h, &f), "accepted");
		assert_int_equal(active(&h), 6);
		assert_int_equal(
		    house_number(&h,
			"SELECT count(*) FROM"
			" matter WHERE kind = 'feed' AND state = 'open'"),
		    0);
		house_close(&h);
	}
}

/* Without answers nothing is applied, and nothing is lost either. */
static void
a_silent_evaluator_only_delays(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	staff(&h, 4);
	h.deaf = true;
	f = file_new(&h);
	people(&h, &f, 1, 3);
	person(&h, &f, "p4", ",\"unit\":\"new\"");
	send(&h, &f);
	assert_string_equal(state(&h, &f), "assessing");
	int64_t asked = h.asked;
	h.now += MINUTE;
	house_settle(&h);
	assert_int_equal(h.asked, asked); /* once is enough */
	/* the daemon starts again: it is asked anew */
	house_start(&h);
	h.deaf = false;
	house_settle(&h);
	h.now += MINUTE;
	house_settle(&h);
	assert_string_equal(state(&h, &f), "accepted");
	assert_string_equal(house_text(&h,
				"SELECT unit FROM affiliation"
				" WHERE key = 'p4'"),
	    "new");
	house_close(&h);
}

/* The file was written before somebody was dismissed, and came after it. */
static void
an_older_file_undoes_no_newer_event(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	staff(&h, 4);
	f = file_new(&h);
	people(&h, &f, 1, 3);
	person(&h, &f, "p4", ",\"status\":\"active\",\"unit\":\"new\"");
	h.now += HOUR;
	house_command(&h, "uid:7 carl", "event.add",
	    "{\"feed\":\"hr\","
	    "\"events\":[{\"event\":\"leaver\",\"key\":\"p4\"}]}");
	house_settle(&h);
	assert_int_equal(active(&h), 3);
	h.now += HOUR;
	send(&h, &f);
	assert_string_equal(state(&h, &f), "accepted");
	assert_int_equal(active(&h), 3);
	assert_string_equal(house_text(&h,
				"SELECT unit FROM affiliation"
				" WHERE key = 'p4'"),
	    "new");
	/* the control: a file that was written later, and says an end no more */
	h.now += HOUR;
	f = file_new(&h);
	people(&h, &f, 1, 3);
	person(&h, &f, "p4", ",\"end\":\"2020-01-01\"");
	send(&h, &f);
	assert_int_equal(active(&h), 3);
	h.now += HOUR;
	f = file_new(&h);
	people(&h, &f, 1, 3);
	person(&h, &f, "p4", ",\"end\":\"\"");
	send(&h, &f);
	assert_int_equal(active(&h), 4);
	house_close(&h);
}

/* Of a dismissal the file may know nothing for long: whatever it changes, and
   though it loses the row for a while, it takes none back; a new start does,
   and an end that is taken out again. */
static void
a_file_takes_no_dismissal_back(void **state_)
{
	static const struct {
		const char *rows[3];	    /* NULL: none in that file */
		int64_t active, told, back; /* back: once a rehire is told */
	} cases[] = {
		{ { ",\"end\":\"\",\"unit\":\"a\"",
		      ",\"end\":null,\"unit\":\"b\"", ",\"unit\":\"c\"" },
		    3, 0, 4 },
		{ { ",\"status\":\"active\"",
		      ",\"status\":\"active\",\"cause\":null,\"end\":null",
		      ",\"status\":\"leave\"" },
		    3, 1, 4 },
		{ { ",\"end\":null", NULL, ",\"end\":null" }, 3, 1, 4 },
		{ { ",\"end\":\"2090-01-01\"",
		      ",\"end\":\"2090-01-01\",\"unit\":\"b\"",
		      ",\"end\":\"2090-01-01\",\"unit\":\"c\"" },
		    3, 0, 4 },
		{ { ",\"end\":\"2090-01-01\"", ",\"end\":\"\"",
		      ",\"end\":\"2091-01-01\"" },
		    3, 1, 4 },
		{ { ",\"start\":\"2020-01-01\"",
		      ",\"start\":\"2090-01-01\",\"end\":null",
		      ",\"start\":\"2090-01-01\",\"unit\":\"b\"" },
		    3, 0, 3 },
		{ { ",\"end\":null", ",\"end\":\"2020-01-01\"",
		      ",\"end\":null" },
		    4, 0, 4 },
		{ { ",\"status\":\"active\"", ",\"status\":\"ended\"",
		      ",\"status\":\"active\"" },
		    4, 0, 4 },
	};
	struct house h;
	struct file f;

	(void)state_;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		print_message("%zu\n", i);
		load_open(&h);
		for (int k = 0; k < 3; k++) {
			h.now += HOUR;
			f = file_new(&h);
			people(&h, &f, 1, 3);
			if (cases[i].rows[k] != NULL)
				person(&h, &f, "p4", cases[i].rows[k]);
			send(&h, &f);
			assert_string_equal(state(&h, &f), "accepted");
			assert_int_equal(active(&h),
			    k == 0     ? 4 :
				k == 1 ? 3 :
					 cases[i].active);
			h.now += HOUR;
			if (k == 0)
				house_command(&h, "uid:7 carl", "event.add",
				    "{\"feed\":\"hr\",\"events\":[{\"event\":"
				    "\"leaver\",\"key\":\"p4\",\"cause\":"
				    "\"for_cause\"}]}");
			house_settle(&h);
		}
		assert_int_equal(house_number(&h,
				     "SELECT count(*) FROM matter WHERE"
				     " kind = 'row'"),
		    cases[i].told);
		/* Who means it says so. */
		house_command(&h, "uid:7 carl", "event.add",
		    "{\"feed\":\"hr\",\"events\":[{\"event\":\"rehire\","
		    "\"key\":\"p4\"}]}");
		house_settle(&h);
		assert_int_equal(active(&h), cases[i].back);
		house_close(&h);
	}
}

/* Only a dismissal is kept so: a leave that the file tells anew is one, though
   it was told of before, and ended, by events of their own. */
static void
a_file_tells_a_leave_anew(void **state_)
{
	static const char *const rows[] = { ",\"status\":\"active\"",
		",\"status\":\"leave\",\"away_until\":null",
		",\"status\":\"active\",\"away_until\":null",
		",\"away_from\":\"2020-01-01\",\"away_until\":null" };
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		h.now += HOUR;
		f = file_new(&h);
		people(&h, &f, 1, 3);
		person(&h, &f, "p4", rows[i]);
		send(&h, &f);
		assert_string_equal(state(&h, &f), "accepted");
		assert_int_equal(active(&h), i % 2 == 0 ? 4 : 3);
	}
	house_close(&h);
}

static void
a_file_of_events_keeps_their_order(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	f = file_new(&h);
	f.feed = "stream";
	house_say(&h, "names", "\"who\":\"ada\"", "[[\"ada\"]]");
	row(&h, &f, "000000000002",
	    "{\"key\":\"1\",\"event\":\"joiner\","
	    "\"effective\":\"2026-01-01\",\"attributes\":{\"who\":\"ada\"}}");
	row(&h, &f, "000000000003",
	    "{\"key\":\"1\",\"event\":\"leaver\","
	    "\"effective\":\"2026-02-01\"}");
	row(&h, &f, "000000000004",
	    "{\"key\":\"1\",\"event\":\"rehire\","
	    "\"effective\":\"2026-03-01\",\"unit\":\"b\"}");
	send(&h, &f);
	assert_string_equal(state(&h, &f), "accepted");
	assert_int_equal(active(&h), 1);
	assert_string_equal(house_text(&h, "SELECT unit FROM affiliation"),
	    "b");
	/* the file grew by a row: the others are known */
	row(&h, &f, "000000000005",
	    "{\"key\":\"1\",\"event\":\"mover\","
	    "\"effective\":\"2026-04-01\",\"unit\":\"c\"}");
	h.now += HOUR;
	f.dated = h.now;
	send(&h, &f);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM event"), 4);
	assert_string_equal(house_text(&h, "SELECT unit FROM affiliation"),
	    "c");
	house_close(&h);
}

static void
many_rows_come_in_slices(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	f = file_new(&h);
	for (int i = 0; i < 300; i++) {
		const char *key = arena_printf(&h.arena, "k%d", i);

		row(&h, &f, key,
		    arena_printf(&h.arena,
			"{\"key\":\"%s\","
			"\"username\":\"u%d\"}",
			key, i));
	}
	send(&h, &f);
	assert_string_equal(state(&h, &f), "accepted");
	assert_int_equal(active(&h), 300);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM feed_row"
			     " WHERE load = 0"),
	    300);
	house_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_file_brings_everybody),
		cmocka_unit_test(the_same_file_is_no_news),
		cmocka_unit_test(only_differences_are_events),
		cmocka_unit_test(absence_means_nothing_unless_it_is_said),
		cmocka_unit_test(a_bad_row_is_no_leaver),
		cmocka_unit_test(a_bad_row_without_a_key_is_anybodys),
		cmocka_unit_test(a_row_that_cannot_be_is_no_leaver),
		cmocka_unit_test(an_unfit_file_is_refused_whole),
		cmocka_unit_test(a_silent_evaluator_only_delays),
		cmocka_unit_test(an_older_file_undoes_no_newer_event),
		cmocka_unit_test(a_file_takes_no_dismissal_back),
		cmocka_unit_test(a_file_tells_a_leave_anew),
		cmocka_unit_test(a_file_of_events_keeps_their_order),
		cmocka_unit_test(many_rows_come_in_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
