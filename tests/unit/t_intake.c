/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single events, from the command to the systems.
 */
#include "house.h"

static void
intake_open(struct house *h)
{
	struct feed_def *d;

	house_open(h);
	d = arena_zero(&h->arena, 2, sizeof(*d));
	d[0] = (struct feed_def){ .feed = "hr",
		.file = "hr",
		.as = "events",
		.zone = "UTC",
		.match = "yes",
		.leavers_a_day = 3,
		.authority = 10 };
	d[1] = (struct feed_def){ .feed = "phones",
		.file = "phones",
		.as = "events",
		.zone = "UTC",
		.match = "yes",
		.leavers_a_day = 3,
		.authority = 5,
		.attributes = house_texts(h, "phone", NULL) };
	h->config.feeds = (struct many){ 2, d };
}

static void
names_of(struct house *h, const char *name)
{
	house_say(h, "names", arena_printf(&h->arena, "\"who\":\"%s\"", name),
	    arena_printf(&h->arena, "[[\"%s\",\"%s2\"]]", name, name));
}

/* Sends it; the engine's answer is in h->reply. */
static void
try_add(struct house *h, const char *feed, const char *events)
{
	house_command(h, "uid:7 carl", "event.add",
	    arena_printf(&h->arena, "{\"feed\":\"%s\",\"events\":[%s]}", feed,
		events));
}

static void
add(struct house *h, const char *events)
{
	try_add(h, "hr", events);
	if (h->reply.why.cls != ERR_NONE)
		fail_msg("%s: %s", events, h->reply.why.text);
	house_settle(h);
}

#define ADA \
	"{\"event\":\"joiner\",\"key\":\"1\",\"match\":\"P1\"," \
	"\"display\":\"Ada\",\"attributes\":{\"who\":\"ada\"}}"

static const char *
state_of(struct house *h, const char *key)
{
	return house_text(h,
	    "SELECT i.state FROM identity i JOIN affiliation"
	    " a ON a.identity = i.id WHERE a.key = '%s'",
	    key);
}

static void
a_joiner_and_a_leaver(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	names_of(&h, "ada");
	add(&h, ADA);
	assert_string_equal(state_of(&h, "1"), "active");
	assert_true(house_called(&h, "corp account.ensure ada"));
	assert_string_equal(house_text(&h, "SELECT display FROM identity"),
	    "Ada");
	assert_int_equal(
	    house_number(&h,
		"SELECT count(*) FROM event WHERE"
		" state = 'applied' AND identity = 1 AND actor = 'uid:7 carl'"),
	    1);
	h.now += DAY;
	add(&h,
	    "{\"event\":\"leaver\",\"key\":\"1\",\"cause\":"
	    "\"voluntary\"}");
	assert_string_equal(state_of(&h, "1"), "left");
	assert_true(house_called(&h, "corp account.disable ada"));
	assert_string_equal(house_text(&h, "SELECT cause FROM identity"),
	    "voluntary");
	house_close(&h);
}

static void
the_same_again_is_no_event(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	names_of(&h, "ada");
	add(&h,
	    "{\"event\":\"joiner\",\"id\":\"e1\",\"key\":\"1\","
	    "\"attributes\":{\"who\":\"ada\"}}");
	int64_t records = evidence_size(h.evidence);
	add(&h,
	    "{\"event\":\"joiner\",\"id\":\"e1\",\"key\":\"1\","
	    "\"attributes\":{\"who\":\"ada\"}}");
	assert_string_equal(h.reply.body,
	    "{\"added\":0,\"known\":1,\"events\":[]}");
	assert_int_equal(evidence_size(h.evidence), records);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM event"), 1);
	/* the control: another id is another event */
	add(&h,
	    "{\"event\":\"joiner\",\"id\":\"e2\",\"key\":\"1\","
	    "\"attributes\":{\"who\":\"ada\"}}");
	assert_int_equal(house_number(&h, "SELECT count(*) FROM event"), 2);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM identity"), 1);
	house_close(&h);
}

/* Applied already, and corrected by its source. */
static void
an_amended_event_is_folded_anew(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	names_of(&h, "ada");
	add(&h, ADA);
	add(&h,
	    "{\"event\":\"mover\",\"id\":\"m1\",\"key\":\"1\","
	    "\"effective\":\"2026-10-01\",\"unit\":\"a\","
	    "\"attributes\":{\"room\":\"1\"}}");
	add(&h,
	    "{\"event\":\"mover\",\"id\":\"m2\",\"key\":\"1\","
	    "\"effective\":\"2026-10-02\",\"unit\":\"b\"}");
	add(&h,
	    "{\"event\":\"mover\",\"id\":\"m1\",\"key\":\"1\","
	    "\"effective\":\"2026-10-01\",\"unit\":\"c\","
	    "\"attributes\":{\"room\":\"2\"}}");
	assert_string_equal(house_text(&h, "SELECT unit FROM affiliation"),
	    "b");
	assert_string_equal(house_text(&h,
				"SELECT attributes ->> 'room'"
				" FROM affiliation"),
	    "2");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM record WHERE"
			     " kind = 'event.amended'"),
	    1);
	house_close(&h);
}

static void
late_events_undo_nothing_newer(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	names_of(&h, "ada");
	add(&h,
	    "{\"event\":\"joiner\",\"key\":\"1\",\"effective\":"
	    "\"2026-01-01\",\"attributes\":{\"who\":\"ada\"}}");
	add(&h,
	    "{\"event\":\"leaver\",\"key\":\"1\",\"effective\":"
	    "\"2026-11-01\"}");
	add(&h,
	    "{\"event\":\"joiner\",\"key\":\"1\",\"effective\":"
	    "\"2026-10-01\",\"unit\":\"late\"}");
	assert_string_equal(state_of(&h, "1"), "left");
	assert_string_equal(house_text(&h, "SELECT unit FROM affiliation"),
	    "late");
	/* the control: the same joiner, and newer than the leaver */
	add(&h,
	    "{\"event\":\"joiner\",\"key\":\"1\",\"effective\":"
	    "\"2026-11-02\"}");
	assert_string_equal(state_of(&h, "1"), "active");
	house_close(&h);
}

/* A leaver may come in before the joiner that it ends. */
static void
a_leaver_of_nobody_is_remembered(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	names_of(&h, "ada");
	add(&h,
	    "{\"event\":\"leaver\",\"key\":\"1\",\"effective\":"
	    "\"2026-11-01\"}");
	assert_int_equal(house_number(&h, "SELECT count(*) FROM identity"), 0);
	assert_int_equal(
	    house_number(&h,
		"SELECT count(*) FROM matter WHERE"
		" kind = 'event' AND state = 'open' AND subject = 'hr/1'"),
	    1);
	add(&h,
	    "{\"event\":\"joiner\",\"key\":\"1\",\"effective\":"
	    "\"2026-10-01\",\"attributes\":{\"who\":\"ada\"}}");
	assert_string_equal(state_of(&h, "1"), "left");
	assert_int_equal(h.called, 0);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " state = 'open'"),
	    0);
	house_close(&h);
}

static void
order_within_one_moment_is_the_sources(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	names_of(&h, "ada");
	add(&h, ADA);
	h.now += DAY;
	add(&h,
	    "{\"event\":\"mover\",\"key\":\"1\",\"seq\":2,\"effective\":"
	    "\"2026-11-29T12:00:00Z\",\"unit\":\"two\"},{\"event\":\"mover\","
	    "\"key\":\"1\",\"seq\":1,\"effective\":\"2026-11-29T12:00:00Z\","
	    "\"unit\":\"one\"}");
	assert_string_equal(house_text(&h, "SELECT unit FROM affiliation"),
	    "two");
	house_close(&h);
}

static void
the_future_waits_and_can_be_withdrawn(void **state)
{
	struct house h;
	char at[TIME_TEXT];

	(void)state;
	intake_open(&h);
	names_of(&h, "ada");
	add(&h, ADA);
	time_format(at, h.now + 10 * DAY);
	add(&h,
	    arena_printf(&h.arena,
		"{\"event\":\"leaver\",\"id\":\"l1\","
		"\"key\":\"1\",\"effective\":\"%s\"}",
		at));
	assert_string_equal(house_text(&h,
				"SELECT state FROM event WHERE"
				" source_id = 'l1'"),
	    "future");
	assert_true(h.out.due <= h.now + 10 * DAY);
	add(&h, "{\"event\":\"withdraw\",\"id\":\"l1\",\"key\":\"1\"}");
	assert_string_equal(house_text(&h,
				"SELECT state FROM event WHERE"
				" source_id = 'l1'"),
	    "withdrawn");
	h.now += 11 * DAY;
	house_settle(&h);
	assert_string_equal(state_of(&h, "1"), "active");
	/* the control: the same without a withdrawal */
	time_format(at, h.now + DAY);
	add(&h,
	    arena_printf(&h.arena,
		"{\"event\":\"leaver\",\"id\":\"l2\","
		"\"key\":\"1\",\"effective\":\"%s\"}",
		at));
	h.now += 2 * DAY;
	house_settle(&h);
	assert_string_equal(state_of(&h, "1"), "left");
	add(&h, "{\"event\":\"withdraw\",\"id\":\"l2\",\"key\":\"1\"}");
	assert_string_equal(state_of(&h, "1"), "left");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'withdraw' AND state = 'open'"),
	    1);
	try_add(&h, "hr",
	    "{\"event\":\"withdraw\",\"id\":\"l9\","
	    "\"key\":\"1\"}");
	assert_int_equal(h.reply.why.cls, ERR_INPUT);
	house_close(&h);
}

static void
only_a_strong_key_reinstates(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	names_of(&h, "ada");
	names_of(&h, "bob");
	add(&h, ADA);
	h.now += DAY;
	add(&h, "{\"event\":\"leaver\",\"key\":\"1\"}");
	h.now += DAY;
	/* the same mail address under a new key is somebody new */
	add(&h,
	    "{\"event\":\"rehire\",\"key\":\"2\",\"match\":\"P2\","
	    "\"username\":\"bob\",\"attributes\":{\"who\":\"bob\"}}");
	assert_int_equal(house_number(&h, "SELECT count(*) FROM identity"), 2);
	assert_string_equal(state_of(&h, "1"), "left");
	add(&h,
	    "{\"event\":\"rehire\",\"key\":\"3\",\"match\":\"P1\","
	    "\"attributes\":{\"who\":\"ada\"}}");
	assert_int_equal(house_number(&h, "SELECT count(*) FROM identity"), 2);
	assert_string_equal(state_of(&h, "1"), "active");
	assert_true(house_called(&h, "corp account.enable ada"));
	house_close(&h);
}

static void
a_strong_key_that_contradicts_links_nothing(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	names_of(&h, "ada");
	names_of(&h, "bob");
	add(&h, ADA);
	add(&h,
	    "{\"event\":\"joiner\",\"key\":\"2\",\"match\":\"P2\","
	    "\"attributes\":{\"who\":\"bob\"}}");
	add(&h,
	    "{\"event\":\"record\",\"key\":\"2\",\"match\":\"P1\","
	    "\"attributes\":{\"who\":\"bob\"}}");
	assert_int_equal(house_number(&h,
			     "SELECT count(DISTINCT identity)"
			     " FROM affiliation"),
	    2);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'match' AND subject = 'hr/2'"),
	    1);
	add(&h,
	    "{\"event\":\"joiner\",\"key\":\"4\",\"match\":\"P1\","
	    "\"kind\":\"service\",\"attributes\":{\"who\":\"ada\"}}");
	assert_int_equal(house_number(&h, "SELECT count(*) FROM identity"), 3);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'match' AND subject = 'hr/4'"),
	    1);
	house_close(&h);
}

static void
a_dictated_name_is_free_or_a_case(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	add(&h, "{\"event\":\"joiner\",\"key\":\"1\",\"username\":\"ada\"}");
	assert_true(house_called(&h, "corp account.ensure ada"));
	add(&h, "{\"event\":\"joiner\",\"key\":\"2\",\"username\":\"ada\"}");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM identity"
			     " WHERE username = 'ada'"),
	    1);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'name' AND state = 'open'"),
	    1);
	add(&h, "{\"event\":\"rename\",\"key\":\"1\",\"username\":\"ada.l\"}");
	assert_true(house_called(&h, "corp account.rename ada.l"));
	assert_string_equal(house_text(&h,
				"SELECT state FROM name WHERE"
				" name = 'ada'"),
	    "tombstone");
	house_close(&h);
}

static void
an_owner_may_come_later(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	names_of(&h, "bot");
	names_of(&h, "ada");
	add(&h,
	    "{\"event\":\"joiner\",\"key\":\"s1\",\"kind\":\"service\","
	    "\"owner\":\"1\",\"purpose\":\"backups\",\"expires\":"
	    "\"2027-12-31\",\"attributes\":{\"who\":\"bot\"}}");
	assert_int_equal(house_number(&h, "SELECT owner FROM identity"), 0);
	add(&h, ADA);
	assert_int_equal(house_number(&h,
			     "SELECT owner FROM identity WHERE"
			     " kind = 'service'"),
	    2);
	assert_string_equal(house_text(&h,
				"SELECT purpose FROM identity"
				" WHERE kind = 'service'"),
	    "backups");
	/* 2028-01-01: the last date belongs to it */
	assert_int_equal(house_number(&h,
			     "SELECT expires FROM identity"
			     " WHERE kind = 'service'"),
	    INT64_C(1830297600000));
	/* a person named another owner: the feed says nothing new */
	house_sql(&h, "UPDATE identity SET owner = 9 WHERE kind = 'service'");
	add(&h,
	    "{\"event\":\"record\",\"key\":\"s1\",\"owner\":\"1\","
	    "\"purpose\":\"more\",\"attributes\":{\"who\":\"bot\"}}");
	assert_int_equal(house_number(&h,
			     "SELECT owner FROM identity WHERE"
			     " kind = 'service'"),
	    9);
	/* and what a person ended is not brought back by a word more */
	house_sql(&h,
	    "UPDATE identity SET expires = %lld WHERE kind = 'service'",
	    (long long)h.now);
	add(&h,
	    "{\"event\":\"record\",\"key\":\"s1\",\"owner\":\"1\","
	    "\"purpose\":\"less\",\"attributes\":{\"who\":\"bot\"}}");
	assert_int_equal(house_number(&h,
			     "SELECT expires FROM identity WHERE"
			     " purpose = 'less'"),
	    h.now);
	add(&h,
	    "{\"event\":\"record\",\"key\":\"s1\",\"owner\":\"1\","
	    "\"purpose\":\"less\",\"expires\":\"2028-12-31\","
	    "\"attributes\":{\"who\":\"bot\"}}");
	assert_true(house_number(&h,
			"SELECT expires FROM identity WHERE"
			" purpose = 'less'") > h.now);
	house_close(&h);
}

static void
feeds_are_believed_by_their_authority(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	names_of(&h, "ada");
	add(&h, ADA);
	add(&h,
	    "{\"event\":\"mover\",\"key\":\"1\",\"attributes\":"
	    "{\"phone\":\"1\",\"room\":\"1\"}}");
	try_add(&h, "phones",
	    "{\"event\":\"record\",\"key\":\"p1\","
	    "\"match\":\"P1\",\"attributes\":{\"phone\":\"2\","
	    "\"room\":\"2\"}}");
	house_settle(&h);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM identity"), 1);
	assert_string_equal(house_text(&h, "SELECT attributes FROM identity"),
	    "{\"phone\":\"2\",\"room\":\"1\",\"who\":\"ada\"}");
	assert_string_equal(house_text(&h,
				"SELECT sources ->> 'phone' ||"
				" ' ' || (sources ->> 'room') FROM identity"),
	    "phones hr");
	house_close(&h);
}

static void
a_wrong_event_is_refused_whole(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	names_of(&h, "ada");
	try_add(&h, "hr",
	    ADA ",{\"event\":\"leaver\",\"key\":\"2\","
		"\"effective\":\"soon\"}");
	assert_int_equal(h.reply.why.cls, ERR_INPUT);
	assert_non_null(strstr(h.reply.why.text, "events[1].effective: "));
	assert_int_equal(house_number(&h, "SELECT count(*) FROM event"), 0);
	try_add(&h, "nobody", ADA);
	assert_int_equal(h.reply.why.cls, ERR_GONE);
	house_command(&h, "x", "event.add",
	    "{\"feed\":\"hr\",\"events\":[" ADA "],\"dry_run\":true}");
	assert_string_equal(h.reply.body, "{\"added\":1,\"known\":0}");
	house_command(&h, "x", "event.add",
	    "{\"feed\":\"hr\",\"events\":[{\"event\":\"leaver\","
	    "\"key\":\"lost\"}],\"dry_run\":true}");
	assert_string_equal(h.reply.body,
	    "{\"added\":1,\"known\":0,\"unknown_keys\":1}");
	assert_int_equal(house_number(&h, "SELECT count(*) FROM event"), 0);
	house_close(&h);
}

/* An event that came in well and can no longer be applied. */
static void
a_bad_event_is_set_aside_alone(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	names_of(&h, "ada");
	house_sql(&h,
	    "INSERT INTO event (source, source_id, kind, state, key,"
	    " effective, body, received, due) VALUES ('hr', 'x', 'joiner',"
	    " 'due', '9', 1, '{\"key\":\"9\",\"end\":\"soon\"}', 1, 1)");
	add(&h, ADA);
	assert_string_equal(house_text(&h,
				"SELECT state FROM event WHERE"
				" source_id = 'x'"),
	    "set_aside");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'event' AND subject = 'event/1'"),
	    1);
	assert_string_equal(state_of(&h, "1"), "active");
	house_close(&h);
}

static void
join(struct house *h, int n)
{
	for (int i = 1; i <= n; i++) {
		const char *name = arena_printf(&h->arena, "p%d", i);

		names_of(h, name);
		add(h,
		    arena_printf(&h->arena,
			"{\"event\":\"joiner\","
			"\"key\":\"%d\",\"attributes\":{\"who\":\"%s\"}}",
			i, name));
	}
}

static void
leave(struct house *h, int from, int to)
{
	for (int i = from; i <= to; i++)
		add(h,
		    arena_printf(&h->arena,
			"{\"event\":\"leaver\","
			"\"key\":\"%d\"}",
			i));
}

static int64_t
left(struct house *h)
{
	return house_number(h,
	    "SELECT count(*) FROM identity WHERE"
	    " state = 'left'");
}

static int64_t
tries(struct house *h)
{
	return house_number(h, "SELECT max(tries) FROM event");
}

static void
three_due(struct house *h)
{
	house_command(h, "uid:7 carl", "event.add",
	    "{\"feed\":\"hr\",\"events\":["
	    "{\"event\":\"joiner\",\"key\":\"1\"},"
	    "{\"event\":\"joiner\",\"key\":\"2\"},"
	    "{\"event\":\"joiner\",\"key\":\"3\"}]}");
	house_sql(h,
	    "UPDATE event SET state = 'due', applied = 0, due = 1,"
	    " tries = 0");
	house_sql(h, "DELETE FROM identity");
	house_sql(h, "DELETE FROM affiliation");
}

static void
what_ended_the_daemon_twice_is_set_aside(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	three_due(&h);
	for (int i = 1; i <= 2; i++) {
		house_start(&h);
		house_tick(&h, NULL, 0); /* counted; it ends in the next */
		assert_int_equal(tries(&h), i);
	}
	house_start(&h);
	house_settle(&h);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM event WHERE state ="
			     " 'set_aside' AND tries = 2 AND key = '1'"),
	    1);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM event WHERE state ="
			     " 'applied' AND tries = 0"),
	    2);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE kind = 'event'"
			     " AND why LIKE '%%ended twice%%'"),
	    1);
	house_command(&h, "uid:8 dora", "case.answer",
	    arena_printf(&h.arena, "{\"id\":%lld,\"answer\":\"again\"}",
		(long long)house_number(&h,
		    "SELECT id FROM matter WHERE state = 'open' AND"
		    " why LIKE '%%ended twice%%'")));
	house_settle(&h);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM event WHERE state ="
			     " 'applied'"),
	    3);
	house_close(&h);
}

static void
leavers_beyond_a_day_wait_for_two(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	join(&h, 6);
	h.now += DAY;
	leave(&h, 1, 3);
	assert_int_equal(left(&h), 3);
	leave(&h, 4, 5);
	assert_int_equal(left(&h), 3);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM hold"), 1);
	assert_string_equal(house_text(&h, "SELECT counts FROM hold"),
	    "{\"leavers\":2}");
	house_command(&h, "uid:7 carl", "hold.release", "{\"id\":1}");
	assert_int_equal(h.reply.why.cls, ERR_REFUSED);
	house_command(&h, "uid:8 dora", "hold.release", "{\"id\":1}");
	house_settle(&h);
	assert_int_equal(left(&h), 3);
	house_command(&h, "uid:9 emil", "hold.release", "{\"id\":1}");
	house_settle(&h);
	assert_int_equal(left(&h), 5);
	/* a day later there is room again */
	h.now += DAY + HOUR;
	leave(&h, 6, 6);
	assert_int_equal(left(&h), 6);
	house_close(&h);
}

/* Who released a hold has not seen what joined it later. */
static void
a_growing_hold_is_released_anew(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	join(&h, 5);
	leave(&h, 1, 4);
	house_command(&h, "uid:8 dora", "hold.release", "{\"id\":1}");
	leave(&h, 5, 5);
	house_command(&h, "uid:9 emil", "hold.release", "{\"id\":1}");
	house_settle(&h);
	assert_int_equal(left(&h), 3);
	house_command(&h, "uid:8 dora", "hold.release", "{\"id\":1}");
	house_settle(&h);
	assert_int_equal(left(&h), 5);
	house_close(&h);
}

static void
rejected_leavers_stay(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	join(&h, 4);
	leave(&h, 1, 4);
	house_command(&h, "uid:8 dora", "hold.reject", "{\"id\":1}");
	house_settle(&h);
	assert_int_equal(left(&h), 3);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM event WHERE"
			     " state = 'rejected'"),
	    1);
	house_close(&h);
}

/* Whatever it calls itself: a record that ends access counts as a leaver. */
static void
ended_records_are_leavers(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	join(&h, 5);
	for (int i = 1; i <= 5; i++)
		add(&h,
		    arena_printf(&h.arena,
			"{\"event\":\"mover\","
			"\"key\":\"%d\",\"status\":\"ended\"}",
			i));
	assert_non_null(strstr(h.reply.body, "\"held\":1"));
	assert_int_equal(left(&h), 3);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM event WHERE"
			     " state = 'held'"),
	    2);
	house_close(&h);
}

/* An end of next week is an end; one that was known is not told twice. */
static void
ends_brought_forward_are_leavers(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	join(&h, 5);
	for (int i = 1; i <= 5; i++)
		add(&h,
		    arena_printf(&h.arena,
			"{\"event\":\"mover\",\"key\":\"%d\","
			"\"end\":\"2026-12-20\"}",
			i));
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM event WHERE"
			     " state = 'held'"),
	    2);
	assert_int_equal(left(&h), 0);
	add(&h,
	    "{\"event\":\"mover\",\"key\":\"1\","
	    "\"end\":\"2026-12-21\"}"); /* later: nobody loses */
	add(&h,
	    "{\"event\":\"mover\",\"key\":\"2\","
	    "\"end\":\"2027-12-31\"}");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM event WHERE"
			     " state = 'held'"),
	    2);
	h.now += 30 * DAY;
	house_settle(&h);
	assert_int_equal(left(&h), 2);
	house_close(&h);
}

/* Another body under a held event's id is nothing that people released;
   another key under it is another event. */
static void
an_amended_event_passes_no_guard(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	join(&h, 5);
	leave(&h, 1, 3);
	add(&h, "{\"event\":\"leaver\",\"key\":\"4\",\"id\":\"x\"}");
	house_command(&h, "uid:8 dora", "hold.release", "{\"id\":1}");
	assert_int_equal(h.reply.why.cls, ERR_NONE);
	add(&h,
	    "{\"event\":\"leaver\",\"key\":\"4\",\"id\":\"x\","
	    "\"cause\":\"for_cause\"}");
	house_command(&h, "uid:9 emil", "hold.release", "{\"id\":1}");
	house_settle(&h);
	assert_int_equal(left(&h), 3);
	house_command(&h, "uid:7 carl", "event.add",
	    "{\"feed\":\"hr\",\"events\":[{\"event\":\"leaver\","
	    "\"key\":\"5\",\"id\":\"x\"}]}");
	assert_int_equal(h.reply.why.cls, ERR_INPUT);
	house_close(&h);
}

static void
the_protected_do_not_leave_alone(void **state)
{
	struct house h;

	(void)state;
	intake_open(&h);
	join(&h, 2);
	house_sql(&h, "UPDATE identity SET protected = 1 WHERE id = 2");
	leave(&h, 1, 2);
	assert_int_equal(left(&h), 1);
	assert_int_equal(house_number(&h, "SELECT need FROM hold"), 2);
	assert_string_equal(state_of(&h, "2"), "active");
	house_command(&h, "uid:8 dora", "hold.release", "{\"id\":1}");
	house_settle(&h);
	assert_string_equal(state_of(&h, "2"), "active");
	house_command(&h, "uid:9 emil", "hold.release", "{\"id\":1}");
	house_settle(&h);
	assert_string_equal(state_of(&h, "2"), "left");
	assert_true(house_called(&h, "corp account.disable p2"));
	house_close(&h);
}

static void
a_leave_of_absence_ends(void **state)
{
	struct house h;
	char at[TIME_TEXT];

	(void)state;
	intake_open(&h);
	join(&h, 1);
	h.now += DAY;
	time_format(at, h.now + 5 * DAY);
	add(&h,
	    arena_printf(&h.arena,
		"{\"event\":\"leave\",\"key\":\"1\","
		"\"away_until\":\"%s\"}",
		at));
	assert_string_equal(state_of(&h, "1"), "suspended");
	assert_true(house_called(&h, "corp account.disable p1"));
	h.now += 6 * DAY;
	house_settle(&h);
	assert_string_equal(state_of(&h, "1"), "active");
	assert_true(house_called(&h, "corp account.enable p1"));
	house_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_joiner_and_a_leaver),
		cmocka_unit_test(the_same_again_is_no_event),
		cmocka_unit_test(an_amended_event_is_folded_anew),
		cmocka_unit_test(late_events_undo_nothing_newer),
		cmocka_unit_test(a_leaver_of_nobody_is_remembered),
		cmocka_unit_test(order_within_one_moment_is_the_sources),
		cmocka_unit_test(the_future_waits_and_can_be_withdrawn),
		cmocka_unit_test(only_a_strong_key_reinstates),
		cmocka_unit_test(a_strong_key_that_contradicts_links_nothing),
		cmocka_unit_test(a_dictated_name_is_free_or_a_case),
		cmocka_unit_test(an_owner_may_come_later),
		cmocka_unit_test(feeds_are_believed_by_their_authority),
		cmocka_unit_test(a_wrong_event_is_refused_whole),
		cmocka_unit_test(a_bad_event_is_set_aside_alone),
		cmocka_unit_test(what_ended_the_daemon_twice_is_set_aside),
		cmocka_unit_test(leavers_beyond_a_day_wait_for_two),
		cmocka_unit_test(a_growing_hold_is_released_anew),
		cmocka_unit_test(rejected_leavers_stay),
		cmocka_unit_test(ended_records_are_leavers),
		cmocka_unit_test(ends_brought_forward_are_leavers),
		cmocka_unit_test(an_amended_event_passes_no_guard),
		cmocka_unit_test(the_protected_do_not_leave_alone),
		cmocka_unit_test(a_leave_of_absence_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
