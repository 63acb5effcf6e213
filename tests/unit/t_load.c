/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a feed, from their rows to what is applied: or not.
 */
#include "house.h"

static void
load_open(struct house *h)
{
	struct feed_def *d;
	struct guard *g;

	house_open(h);
	d = arena_zero(&h->arena, 2, sizeof(*d));
	d[0] = (struct feed_def){ .feed = "hr",
		.file = "hr",
		.as = "snapshot",
		.zone = "UTC",
		.match = "no",
		.min_rows = 2,
		.absent_leaves = true,
		.overlap = 50,
		.max_bad = 30,
		.stale = 5 * DAY,
		.leavers_a_day = 3 };
	d[1] = d[0];
	d[1].feed = d[1].file = "stream";
	d[1].as = "events";
	d[1].absent_leaves = false;
	d[1].min_rows = 0;
	h->config.feeds = (struct many){ 2, d };
	g = arena_zero(&h->arena, 2, sizeof(*g));
	g[0] = (struct guard){ .effect = "disable", .max = 2 };
	g[1] = (struct guard){ .effect = "remove", .percent = 60, .floor = 3 };
	h->config.settings.guards = (struct many){ 2, g };
}

static struct feed_def *
hr(struct house *h)
{
	return h->config.feeds.item;
}

struct file {
	struct buf rows, bad;
	const char *feed, *actor;
	int64_t dated;
	const char *failure;
	int64_t load;
};

static struct file
file_new(struct house *h)
{
	return (struct file){ .rows.arena = &h->arena,
		.bad.arena = &h->arena,
		.feed = "hr",
		.actor = "uid:7 carl",
		.dated = h->now };
}

static void
row(struct house *h, struct file *f, const char *key, const char *body)
{
	buf_printf(&f->rows,
	    "%s{\"key\":\"%s\",\"digest\":\"%s\","
	    "\"place\":\"hr.csv:%s\",\"body\":",
	    f->rows.len > 0 ? "," : "", key, digest_text(&h->arena, body), key);
	json_string(&f->rows, body);
	buf_char(&f->rows, '}');
}

static void
person(struct house *h, struct file *f, const char *name, const char *more)
{
	house_say(h, "names", arena_printf(&h->arena, "\"who\":\"%s\"", name),
	    arena_printf(&h->arena, "[[\"%s\",\"%s2\"]]", name, name));
	row(h, f, name,
	    arena_printf(&h->arena,
		"{\"key\":\"%s\","
		"\"attributes\":{\"who\":\"%s\"}%s}",
		name, name, more));
}

static void
people(struct house *h, struct file *f, int from, int to)
{
	for (int i = from; i <= to; i++)
		person(h, f, arena_printf(&h->arena, "p%d", i), "");
}

static void
command(struct house *h, const struct file *f, const char *verb,
    const char *body)
{
	house_command(h, f->actor, verb, body);
	if (h->reply.why.cls != ERR_NONE)
		fail_msg("%s: %s", verb, h->reply.why.text);
}

/* All of it but its end. */
static void
send_rows(struct house *h, struct file *f)
{
	char dated[TIME_TEXT];
	const char *rows = buf_text(&f->rows), *bad = buf_text(&f->bad);

	command(h, f, "load.begin",
	    arena_printf(&h->arena,
		"{\"feed\":"
		"\"%s\",\"place\":\"hr.csv\",\"digest\":\"%s\",\"dated\":\"%s\"}",
		f->feed,
		digest_text(&h->arena,
		    arena_printf(&h->arena, "%s%s", rows, bad)),
		time_format(dated, f->dated)));
	f->load = strtoll(json_member_text(&h->arena, h->reply.body, "load"),
	    NULL, 10);
	if (f->load == 0)
		return;
	command(h, f, "load.rows",
	    arena_printf(&h->arena,
		"{\"load\":%lld,"
		"\"rows\":[%s],\"bad\":[%s]}",
		(long long)f->load, rows, bad));
}

/* Hands it over; whatever follows is played to its end. */
static void
send(struct house *h, struct file *f)
{
	send_rows(h, f);
	if (f->load == 0)
		return;
	command(h, f, "load.end",
	    arena_printf(&h->arena, "{\"load\":%lld%s}", (long long)f->load,
		f->failure == NULL ? "" :
				     arena_printf(&h->arena,
					 ",\"failure\":\"%s\"", f->failure)));
	house_settle(h);
}

static const char *
state(struct house *h, const struct file *f)
{
	return house_text(h, "SELECT state FROM load WHERE id = %lld",
	    (long long)f->load);
}

static int64_t
active(struct house *h)
{
	return house_number(h,
	    "SELECT count(*) FROM identity WHERE state ="
	    " 'active'");
}

/* So many people by an accepted file. */
static void
staff(struct house *h, int n)
{
	struct file f = file_new(h);

	people(h, &f, 1, n);
	send(h, &f);
	assert_string_equal(state(h, &f), "accepted");
	assert_int_equal(active(h), n);
	h->now += HOUR;
}

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
	{ one_row, "1 rows, and there must be 2" },
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

static int64_t
feed_cases(struct house *h)
{
	return house_number(h,
	    "SELECT count(*) FROM matter WHERE kind = 'feed'"
	    " AND state = 'open'");
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
	/* the control: a file that was written later */
	h.now += HOUR;
	f = file_new(&h);
	people(&h, &f, 1, 3);
	person(&h, &f, "p4", ",\"status\":\"active\",\"unit\":\"newer\"");
	send(&h, &f);
	assert_int_equal(active(&h), 4);
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
		cmocka_unit_test(a_file_whose_reader_is_gone_is_refused),
		cmocka_unit_test(a_file_that_was_read_whole_goes_on),
		cmocka_unit_test(a_part_that_cannot_go_on_keeps_nobody_up),
		cmocka_unit_test(mass_removal_waits_for_two),
		cmocka_unit_test(a_clock_that_runs_ahead_stops_no_feed),
		cmocka_unit_test(a_feed_that_stops_is_told_once),
		cmocka_unit_test(ends_are_counted_when_they_are_told),
		cmocka_unit_test(a_rejected_file_changes_nothing),
		cmocka_unit_test(a_newer_file_takes_the_place_of_a_held_one),
		cmocka_unit_test(a_held_file_holds_no_other_leaver),
		cmocka_unit_test(removals_are_counted_before_their_overlap),
		cmocka_unit_test(the_protected_are_held),
		cmocka_unit_test(a_silent_evaluator_only_delays),
		cmocka_unit_test(an_older_file_undoes_no_newer_event),
		cmocka_unit_test(a_file_of_events_keeps_their_order),
		cmocka_unit_test(a_file_of_leavers_is_not_let_through),
		cmocka_unit_test(many_rows_come_in_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
