/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/load.h"

#include <string.h>

#include "engine/command.h"

static const char *
load_subject(struct engine *e, const struct load *l)
{
	return arena_printf(e->arena, "load/%lld", (long long)l->id);
}

const char *
feed_subject(struct engine *e, const char *feed)
{
	return arena_printf(e->arena, "feed/%s", feed);
}

int
load_move(struct engine *e, struct load *l, const char *state, struct err *err)
{
	bool ended = strcmp(state, "assessing") != 0 &&
	    strcmp(state, "held") != 0;

	l->state = state;
	if (ended)
		l->ended = e->now;
	if (store_put(e->store, STMT_LOAD_SAVE, load_fields, l, err) != 0)
		return -1;
	return note(e, arena_printf(e->arena, "load.%s", state),
	    load_subject(e, l), 0, 0, load_fields, l, err);
}

int
load_refuse(struct engine *e, struct load *l, const char *why, struct err *err)
{
	struct matter_want w = { .kind = "feed",
		.subject = feed_subject(e, l->feed),
		.what = arena_printf(e->arena,
		    "%s of feed %s was refused whole; "
		    "nothing of it is applied",
		    l->place, l->feed),
		.why = why,
		.choices = {
		    "{\"close\":\"the next good file is read anyway\"}" } };

	l->error = why;
	if (store_put(e->store, STMT_LOAD_CLEAR, load_fields, l, err) != 0 ||
	    load_move(e, l, "refused", err) != 0)
		return -1;
	return matter_open(e, &w, NULL, err);
}

static int
load_supersede(struct engine *e, struct load *l, const char *why,
    struct err *err)
{
	struct event all = { .id = l->id, .state = "superseded" };

	l->error = why;
	if (l->hold != 0 && hold_supersede(e, l->hold, why, err) != 0)
		return -1;
	if (store_put(e->store, STMT_LOAD_EVENTS_STATE, event_fields, &all,
		err) != 0 ||
	    store_put(e->store, STMT_LOAD_CLEAR, load_fields, l, err) != 0)
		return -1;
	return load_move(e, l, "superseded", err);
}

/* Other files of the feed that still want something, dated at most until. */
static int
others_supersede(struct engine *e, const struct load *l, int64_t until,
    const char *why, struct err *err)
{
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, STMT_LOAD_OPEN_OF_FEED, load_fields,
		l, load_fields, sizeof(struct load), 0, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		struct load *old = (struct load *)rows.item + i;

		if (strcmp(old->state, "reading") != 0 && old->dated <= until &&
		    load_supersede(e, old, why, err) != 0)
			return -1;
	}
	return 0;
}

/* Whoever read it does not any more: it is refused as a file that broke off
   is, for nobody else would end it. */
static int
loads_lost(struct engine *e, enum stmt which, const struct load *key,
    const char *why, struct err *err)
{
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, which, load_fields, key, load_fields,
		sizeof(struct load), 0, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++)
		if (load_refuse(e, (struct load *)rows.item + i, why, err) != 0)
			return -1;
	return 0;
}

int
load_recover(struct engine *e, struct err *err)
{
	const struct load any = { 0 };

	return loads_lost(e, STMT_LOAD_LOST_ALL, &any,
	    "musterd ended while it was read; a file that lies in the feed's "
	    "place is read again, one that was handed in must be handed in "
	    "again",
	    err);
}

static int
feed_need(struct engine *e, const char *name, const struct feed_def **d,
    struct err *err)
{
	*d = config_feed(e->config, name);
	if (*d == NULL)
		return err_set(err, ERR_GONE, "%s: no such feed", name);
	return 0;
}

/* The file that is in force came again: that is no news, and what an older
   one wanted instead is over. */
static int
load_again(struct engine *e, struct load *l, int64_t last, struct buf *reply,
    struct err *err)
{
	l->id = last;
	if (store_put(e->store, STMT_LOAD_DATED, load_fields, l, err) != 0 ||
	    late_settle(e, l->feed, err) != 0 ||
	    others_supersede(e, l, l->dated != 0 ? l->dated : INT64_MAX,
		"the file that is in force came in again", err) != 0)
		return -1;
	buf_printf(reply,
	    "{\"load\":0,\"state\":\"accepted\",\"same_as\":%lld}",
	    (long long)last);
	return 0;
}

static int
load_begin(struct engine *e, const struct load_begin *b, struct buf *reply,
    struct err *err)
{
	const struct feed_def *d;
	struct load l = { .feed = b->feed,
		.place = b->place,
		.digest = b->digest,
		/* A clock that runs ahead makes no later file old. */
		.dated = b->dated > e->now ? e->now : b->dated,
		.state = "reading",
		.actor = e->actor,
		.began = e->now },
		    last = { 0 };
	int found;

	if (feed_need(e, b->feed, &d, err) != 0 ||
	    (found = store_find(e->store, e->arena, STMT_LOAD_ACCEPTED,
		 load_fields, &l, load_fields, &last, err)) < 0)
		return -1;
	if (found > 0 && strcmp(last.digest, b->digest) == 0)
		return load_again(e, &l, last.id, reply, err);
	/* A feed's files are read one after another. */
	if (loads_lost(e, STMT_LOAD_LOST, &l,
		"its reading broke off, and another file was begun", err) != 0)
		return -1;
	if (store_add(e->store, STMT_LOAD_ADD, load_fields, &l, &l.id, err) !=
	    0)
		return -1;
	buf_printf(reply, "{\"load\":%lld}", (long long)l.id);
	return note(e, "load.began", load_subject(e, &l), 0, 0, load_fields, &l,
	    err);
}

static int
load_reading(struct engine *e, int64_t id, struct load *l, struct err *err)
{
	struct by_id key = { id };

	if (store_get(e->store, e->arena, STMT_LOAD_BY_ID, by_id_fields, &key,
		load_fields, l, err) != 0)
		return err_within(err, "load %lld: ", (long long)id);
	if (strcmp(l->state, "reading") != 0)
		return err_set(err, ERR_CONFLICT,
		    "load %lld is %s: it takes "
		    "no more rows",
		    (long long)id, l->state);
	return 0;
}

/* A bad row's key keeps what was last accepted of it. */
static int
bad_take(struct engine *e, struct load *l, const struct bad_row *given,
    struct err *err)
{
	struct bad_row b = *given;
	struct feed_row row = { .feed = l->feed, .load = l->id, .key = b.key };

	b.load = l->id;
	b.feed = l->feed;
	b.at = e->now;
	l->bad++;
	if (store_put(e->store, STMT_LOAD_BAD_ADD, bad_row_fields, &b, err) !=
	    0)
		return -1;
	return b.key == NULL ?
	    0 :
	    store_put(e->store, STMT_LOAD_ROW_DROP, feed_row_fields, &row, err);
}

static int
load_rows(struct engine *e, const struct load_rows *b, struct buf *reply,
    struct err *err)
{
	struct load l = { 0 };

	if (load_reading(e, b->load, &l, err) != 0)
		return -1;
	for (size_t i = 0; i < b->rows.n; i++) {
		struct feed_row row = ((
		    const struct feed_row *)b->rows.item)[i];

		row.feed = l.feed;
		row.load = l.id;
		if (row.key == NULL || row.body == NULL)
			return err_set(err, ERR_INPUT,
			    "rows[%zu]: a row has "
			    "a key and a body",
			    i);
		if (store_put(e->store, STMT_LOAD_ROW_PUT, feed_row_fields,
			&row, err) != 0)
			return -1;
		l.rows++;
	}
	for (size_t i = 0; i < b->bad.n; i++)
		if (bad_take(e, &l, (const struct bad_row *)b->bad.item + i,
			err) != 0)
			return -1;
	l.skipped += b->skipped;
	buf_printf(reply, "{\"rows\":%lld}", (long long)l.rows);
	return store_put(e->store, STMT_LOAD_SAVE, load_fields, &l, err);
}

int
load_tell_bad(struct engine *e, const struct load *l, struct err *err)
{
	struct matter_want w = { .kind = "rows",
		.subject = load_subject(e, l),
		.what = arena_printf(e->arena,
		    "rows of %s set aside: %lld; nobody is changed by them",
		    l->place, (long long)l->bad),
		.why = arena_printf(e->arena,
		    "muster load errors %lld lists "
		    "them; while one of them names no key, nobody is taken for "
		    "absent",
		    (long long)l->id) };

	return l->bad == 0 ? 0 : matter_open(e, &w, NULL, err);
}

static int
load_end(struct engine *e, const struct load_end *b, struct buf *reply,
    struct err *err)
{
	const struct feed_def *d;
	struct load l = { 0 };
	const char *why = b->failure;
	int pass = 0;

	if (load_reading(e, b->load, &l, err) != 0 ||
	    feed_need(e, l.feed, &d, err) != 0)
		return -1;
	if (why == NULL && (pass = gate_pass(e, d, &l, &why, err)) < 0)
		return -1;
	if (!pass) {
		if (load_refuse(e, &l, why, err) != 0)
			return -1;
	} else if (others_supersede(e, &l, INT64_MAX, "a newer file came in",
		       err) != 0 ||
	    load_move(e, &l, "assessing", err) != 0 ||
	    matter_settle(e, "feed", feed_subject(e, l.feed),
		"a good file came in", err) != 0 ||
	    late_settle(e, l.feed, err) != 0) {
		return -1;
	}
	json_encode(reply, load_fields, &l);
	return 0;
}

int
load_command(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	const struct command *c = command_find(in->verb);
	const char *body = in->body != NULL ? in->body : "{}";
	void *args;
	int ret;

	if (c == NULL || strncmp(in->verb, "load.", 5) != 0)
		return 0;
	args = arena_zero(e->arena, 1, c->in_size);
	if (json_decode(e->arena, c->in, body, strlen(body), args, err) != 0)
		return -1;
	if (strcmp(in->verb, "load.begin") == 0)
		ret = load_begin(e, args, reply, err);
	else if (strcmp(in->verb, "load.rows") == 0)
		ret = load_rows(e, args, reply, err);
	else
		ret = load_end(e, args, reply, err);
	return ret != 0 ? -1 : 1;
}
