/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that guards hold, and what goes on beside them.
 */
#include "files.h"

/* Three leave at once, and two may. */
static void
mass_leave(struct house *h, struct file *f)
{
	staff(h, 8);
	*f = file_new(h);
	people(h, f, 1, 5);
	person(h, f, "p9", "");
	send(h, f);
	assert_string_equal(state(h, f), "held");
	assert_int_equal(active(h), 8);
}

static void
mass_removal_waits_for_two(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	mass_leave(&h, &f);
	size_t called = h.called;
	assert_string_equal(house_text(&h, "SELECT trips FROM hold"),
	    "[\"disable: 3 on all systems, and at most 2 may be without a "
	    "release\"]");
	assert_string_equal(house_text(&h,
				"SELECT kind || ' ' || subject ||"
				" ' ' || need FROM hold"),
	    "snapshot load/2 2");
	assert_string_equal(house_text(&h,
				"SELECT counts ->> 'disable corp'"
				" FROM hold"),
	    "3");
	house_command(&h, "uid:7 carl", "hold.release", "{\"id\":1}");
	assert_int_equal(h.reply.why.cls, ERR_REFUSED);
	house_command(&h, "uid:8 dora", "hold.release", "{\"id\":1}");
	house_settle(&h);
	house_command(&h, "uid:8 dora", "hold.release", "{\"id\":1}");
	assert_int_equal(h.reply.why.cls, ERR_REFUSED);
	house_settle(&h);
	assert_int_equal(active(&h), 8);
	assert_int_equal(h.called, called);
	house_command(&h, "uid:9 emil", "hold.release", "{\"id\":1}");
	house_settle(&h);
	assert_string_equal(state(&h, &f), "accepted");
	assert_int_equal(active(&h), 6);
	assert_true(house_called(&h, "corp account.disable p8"));
	house_close(&h);
}

/* So many of eight get this end. */
static void
ends(struct house *h, struct file *f, int n, int64_t at)
{
	char day[TIME_TEXT];

	time_format(day, at);
	day[10] = '\0';
	*f = file_new(h);
	for (int i = 1; i <= 8; i++)
		person(h, f, arena_printf(&h->arena, "p%d", i),
		    i > n ? "" :
			    arena_printf(&h->arena, ",\"end\":\"%s\"", day));
	send(h, f);
	h->now += HOUR;
}

static void
ends_are_counted_when_they_are_told(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	staff(&h, 8);
	ends(&h, &f, 3, h.now + 60 * DAY); /* far away */
	assert_string_equal(state(&h, &f), "accepted");
	ends(&h, &f, 2, h.now + DAY); /* so many may */
	assert_string_equal(state(&h, &f), "accepted");
	ends(&h, &f, 3, h.now + DAY); /* one more, and two as before */
	assert_string_equal(state(&h, &f), "accepted");
	ends(&h, &f, 3, h.now + 20 * DAY); /* later than before */
	assert_string_equal(state(&h, &f), "accepted");
	ends(&h, &f, 3, h.now + 10 * DAY); /* three are brought forward */
	assert_string_equal(state(&h, &f), "held");
	assert_string_equal(house_text(&h,
				"SELECT counts ->> 'disable corp'"
				" FROM hold"),
	    "3");
	h.now += 11 * DAY;
	house_settle(&h);
	assert_int_equal(active(&h), 8);
	house_close(&h);
}

static void
a_rejected_file_changes_nothing(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	mass_leave(&h, &f);
	house_command(&h, "uid:8 dora", "hold.reject",
	    "{\"id\":1,\"note\":"
	    "\"wrong export\"}");
	house_settle(&h);
	assert_string_equal(state(&h, &f), "rejected");
	assert_int_equal(active(&h), 8);
	/* the next one is compared with the last accepted one */
	h.now += HOUR;
	f = file_new(&h);
	people(&h, &f, 1, 7);
	send(&h, &f);
	assert_string_equal(state(&h, &f), "accepted");
	assert_int_equal(active(&h), 7);
	house_close(&h);
}

static void
a_newer_file_takes_the_place_of_a_held_one(void **state_)
{
	struct house h;
	struct file f, g;

	(void)state_;
	load_open(&h);
	mass_leave(&h, &f);
	h.now += HOUR;
	g = file_new(&h);
	people(&h, &g, 1, 8);
	person(&h, &g, "p9", "");
	send(&h, &g);
	assert_string_equal(state(&h, &f), "superseded");
	assert_string_equal(state(&h, &g), "accepted");
	assert_string_equal(house_text(&h, "SELECT state FROM hold"),
	    "superseded");
	house_command(&h, "uid:8 dora", "hold.release", "{\"id\":1}");
	assert_int_equal(h.reply.why.cls, ERR_CONFLICT);
	house_settle(&h);
	assert_int_equal(active(&h), 9);
	house_close(&h);
}

/* Nobody can let a wrong file in any more once the right one was seen again;
   one that is older than what waits says nothing of it. */
static void
the_file_in_force_ends_what_was_held(void **state_)
{
	struct house h;
	struct file f, g;

	(void)state_;
	load_open(&h);
	mass_leave(&h, &f);
	g = file_new(&h);
	people(&h, &g, 1, 8);
	g.dated = h.now - HOUR;
	send(&h, &g);
	assert_int_equal(g.load, 0);
	assert_string_equal(state(&h, &f), "held");
	g.dated = h.now;
	send(&h, &g);
	assert_int_equal(g.load, 0);
	assert_string_equal(state(&h, &f), "superseded");
	assert_string_equal(house_text(&h, "SELECT state FROM hold"),
	    "superseded");
	house_settle(&h);
	assert_int_equal(active(&h), 8);
	house_close(&h);
}

/* Leavers that a person announced are not held with a snapshot. */
static void
a_held_file_holds_no_other_leaver(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	mass_leave(&h, &f);
	house_command(&h, "uid:7 carl", "event.add",
	    "{\"feed\":\"hr\","
	    "\"events\":[{\"event\":\"leaver\",\"key\":\"p1\"}]}");
	house_settle(&h);
	assert_int_equal(active(&h), 7);
	assert_true(house_called(&h, "corp account.disable p1"));
	house_close(&h);
}

static void
removals_are_counted_before_their_overlap(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	house_say(&h, "is eng", NULL, "[true]");
	staff(&h, 8);
	house_say(&h, "is eng", "\"desk\":\"sales\"", "[false]");
	house_say(&h, "is eng", NULL, "[true]");
	f = file_new(&h);
	for (int i = 1; i <= 8; i++) {
		const char *name = arena_printf(&h.arena, "p%d", i);

		row(&h, &f, name,
		    arena_printf(&h.arena,
			"{\"key\":\"%s\","
			"\"attributes\":{\"who\":\"%s\",\"desk\":\"sales\"}}",
			name, name));
	}
	send(&h, &f);
	assert_string_equal(state(&h, &f), "held");
	assert_string_equal(house_text(&h,
				"SELECT counts ->> 'remove corp'"
				" FROM hold"),
	    "8");
	house_close(&h);
}

static void
the_protected_are_held(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	staff(&h, 5);
	house_sql(&h,
	    "UPDATE identity SET protected = 1 WHERE display IS NULL"
	    " AND id = (SELECT identity FROM affiliation WHERE key = 'p5')");
	f = file_new(&h);
	people(&h, &f, 1, 4);
	send(&h, &f);
	assert_string_equal(state(&h, &f), "held");
	assert_int_equal(active(&h), 5);
	house_command(&h, "uid:8 dora", "hold.release", "{\"id\":1}");
	house_command(&h, "uid:9 emil", "hold.release", "{\"id\":1}");
	house_settle(&h);
	assert_int_equal(active(&h), 4);
	assert_true(house_called(&h, "corp account.disable p5"));
	house_close(&h);
}

/* More leavers in a file of events than the feed may announce in a day. */
static void
a_file_of_leavers_is_not_let_through(void **state_)
{
	struct house h;
	struct file f;

	(void)state_;
	load_open(&h);
	for (int i = 1; i <= 6; i++)
		house_person(&h, i, arena_printf(&h.arena, "p%d", i));
	house_sql(&h, "UPDATE affiliation SET feed = 'stream'");
	house_settle(&h);
	f = file_new(&h);
	f.feed = "stream";
	for (int i = 1; i <= 5; i++)
		row(&h, &f, arena_printf(&h.arena, "%012d", i),
		    arena_printf(&h.arena,
			"{\"key\":\"k-p%d\",\"event\":\"leaver\"}", i));
	send(&h, &f);
	assert_string_equal(state(&h, &f), "accepted");
	assert_int_equal(active(&h), 3);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM event WHERE"
			     " state = 'held'"),
	    2);
	house_command(&h, "uid:8 dora", "hold.release", "{\"id\":1}");
	house_command(&h, "uid:9 emil", "hold.release", "{\"id\":1}");
	house_settle(&h);
	assert_int_equal(active(&h), 1);
	house_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mass_removal_waits_for_two),
		cmocka_unit_test(ends_are_counted_when_they_are_told),
		cmocka_unit_test(a_rejected_file_changes_nothing),
		cmocka_unit_test(a_newer_file_takes_the_place_of_a_held_one),
		cmocka_unit_test(the_file_in_force_ends_what_was_held),
		cmocka_unit_test(a_held_file_holds_no_other_leaver),
		cmocka_unit_test(removals_are_counted_before_their_overlap),
		cmocka_unit_test(the_protected_are_held),
		cmocka_unit_test(a_file_of_leavers_is_not_let_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
