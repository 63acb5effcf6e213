/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A company with a feed of snapshots and one of events, and the files that
 * are handed in to them.
 */
#ifndef TESTS_FILES_H
#define TESTS_FILES_H

#include "house.h"

static inline void
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

static inline struct feed_def *
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

static inline struct file
file_new(struct house *h)
{
	return (struct file){ .rows.arena = &h->arena,
		.bad.arena = &h->arena,
		.feed = "hr",
		.actor = "uid:7 carl",
		.dated = h->now };
}

static inline void
row(struct house *h, struct file *f, const char *key, const char *body)
{
	buf_printf(&f->rows,
	    "%s{\"key\":\"%s\",\"digest\":\"%s\","
	    "\"place\":\"hr.csv:%s\",\"body\":",
	    f->rows.len > 0 ? "," : "", key, digest_text(&h->arena, body), key);
	json_string(&f->rows, body);
	buf_char(&f->rows, '}');
}

static inline void
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

static inline void
people(struct house *h, struct file *f, int from, int to)
{
	for (int i = from; i <= to; i++)
		person(h, f, arena_printf(&h->arena, "p%d", i), "");
}

static inline void
command(struct house *h, const struct file *f, const char *verb,
    const char *body)
{
	house_command(h, f->actor, verb, body);
	if (h->reply.why.cls != ERR_NONE)
		fail_msg("%s: %s", verb, h->reply.why.text);
}

/* All of it but its end. */
static inline void
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
static inline void
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

static inline const char *
state(struct house *h, const struct file *f)
{
	return house_text(h, "SELECT state FROM load WHERE id = %lld",
	    (long long)f->load);
}

static inline int64_t
active(struct house *h)
{
	return house_number(h,
	    "SELECT count(*) FROM identity WHERE state ="
	    " 'active'");
}

/* So many people by an accepted file. */
static inline void
staff(struct house *h, int n)
{
	struct file f = file_new(h);

	people(h, &f, 1, n);
	send(h, &f);
	assert_string_equal(state(h, &f), "accepted");
	assert_int_equal(active(h), n);
	h->now += HOUR;
}

#endif
