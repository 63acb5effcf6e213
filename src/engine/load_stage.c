/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads on their way from rows to applied events, in slices.  The cursor
 * says how far: "" at first, then "c:KEY" while changed rows, "a:KEY" while
 * absent ones become events, and "=" when all did.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/fold.h"
#include "engine/load.h"
#include "engine/outgoing.h"
#include "engine/window.h"

#define SLICE 16 /* rows in one tick: the LIMIT in load.def */

static bool
is_snapshot(const struct feed_def *d)
{
	return strcmp(d->as, "snapshot") == 0;
}

static int
rows_after(struct engine *e, const struct load *l, enum stmt which,
    const char *key, struct many *rows, struct err *err)
{
	struct feed_row k = { .feed = l->feed, .load = l->id, .key = key };

	return store_list(e->store, e->arena, which, feed_row_fields, &k,
	    feed_row_fields, sizeof(struct feed_row), 0, rows, err);
}

/* The engine finds wrong what the reader did not: what was last accepted of
   its key stands, and the row is told again by the next file. */
static int
row_bad(struct engine *e, struct load *l, const struct feed_row *row,
    const struct err *why, struct err *err)
{
	struct bad_row b = { .load = l->id,
		.feed = l->feed,
		.place = row->place,
		.key = row->key,
		.at = e->now,
		.reason = arena_str(e->arena, why->text) };

	l->bad++;
	if (store_put(e->store, STMT_LOAD_ROW_DROP, feed_row_fields, row,
		err) != 0)
		return -1;
	return store_put(e->store, STMT_LOAD_BAD_ADD, bad_row_fields, &b, err);
}

/* One row becomes an event; a row that cannot is set aside. */
static int
row_event(struct engine *e, struct load *l, const struct feed_row *row,
    struct arrival *a, struct err *err)
{
	struct err why = { 0 };
	int64_t event = 0;

	a->place = row->place;
	a->load = l->id;
	a->actor = l->actor;
	if (event_receive(e, a, &event, &why) == 0) {
		l->events += event != 0;
		return 0;
	}
	if (why.cls != ERR_INPUT) {
		*err = why;
		return -1;
	}
	return row_bad(e, l, row, &why, err);
}

/* What says whether somebody is still there. */
static const char *const standing[] = { "status", "end", "last_day", "cause",
	NULL };

/* When an event of its own, and no file, ended the access of this key: 1, or
   0 if none did; -1. */
static int
ended_by_event(struct engine *e, const struct feed_row *row,
    struct affiliation *who, int64_t *over, struct err *err)
{
	const struct affiliation key = { .feed = row->feed, .key = row->key };
	const struct event of = { .source = row->feed, .key = row->key };
	struct event last = { 0 };
	int found = store_find(e->store, e->arena, STMT_AFFILIATION_BY_KEY,
	    affiliation_fields, &key, affiliation_fields, who, err);

	if (found <= 0)
		return found;
	*over = who->ends;
	if (who->last_day != 0 && (*over == 0 || who->last_day < *over))
		*over = who->last_day;
	if (*over == 0 || *over > e->now ||
	    (who->cause != NULL && strcmp(who->cause, "absent") == 0))
		return 0;
	found = store_find(e->store, e->arena, STMT_EVENT_OWN_LAST,
	    event_fields, &of, event_fields, &last, err);
	if (found <= 0)
		return found;
	return last.leaves || strcmp(last.kind, "leaver") == 0;
}

/* Does the row say that who was over then is still there, and did not begin
   anew?  Not if it cannot be read: that is told when it becomes an event. */
static bool
says_present(struct engine *e, const struct feed_def *d, const char *body,
    int64_t over)
{
	const struct event v = { .kind = "record",
		.body.text = body,
		.effective = over };
	struct affiliation a = { 0 };
	struct err ignored;

	return fold_event(e->arena, d, &v, &a, &ignored) == 0 &&
	    (a.ends == 0 || a.ends > over) &&
	    (a.last_day == 0 || a.last_day > over) && a.starts <= over;
}

/* Whether two rows say the same of that. */
static bool
stands_same(struct arena *a, const char *one, const char *other)
{
	for (const char *const *m = standing; *m != NULL; m++) {
		const char *x = json_member_text(a, one, *m);
		const char *y = json_member_text(a, other, *m);

		x = x == NULL ? "" : x;
		if (strcmp(x, y == NULL ? "" : y) != 0)
			return false;
	}
	return true;
}

/* The row without it. */
static const char *
stands_dropped(struct arena *a, const char *body, struct err *err)
{
	struct buf patch = { .arena = a };

	for (const char *const *m = standing; *m != NULL; m++)
		buf_printf(&patch, "%s\"%s\":null", m == standing ? "{" : ",",
		    *m);
	buf_char(&patch, '}');
	return json_merge(a, body, buf_text(&patch), err);
}

static int
withheld_case(struct engine *e, const struct feed_row *row,
    const struct affiliation *who, struct err *err)
{
	struct matter_want w = { .kind = "row",
		.identity = who->identity,
		.subject = arena_printf(e->arena, "%s/%s", row->feed, row->key),
		.what = arena_printf(e->arena,
		    "The file of feed %s has %s, whom an event had ended, as "
		    "still there",
		    row->feed, row->key),
		.why = "the event stands: a rehire takes it back, told by "
		       "\"muster event add\" or by a later start in the file",
		.choices = { "{\"close\":\"the event is right\"}" } };

	return matter_open(e, &w, NULL, err);
}

/*
 * A file that knows nothing of a dismissal does not take it back, whatever
 * else of the row changes, and though the row was missing for a while.  What
 * it says else is news; if it says more of the end than before, and that is
 * later, somebody is told.
 */
static int
news_of(struct engine *e, const struct feed_def *d, const struct feed_row *row,
    const char **body, struct err *err)
{
	struct affiliation who = { 0 };
	struct feed_row was = { 0 };
	int64_t over = 0;
	int found = ended_by_event(e, row, &who, &over, err);

	*body = row->body;
	if (found <= 0 || !says_present(e, d, row->body, over))
		return found < 0 ? -1 : 0;
	found = store_find(e->store, e->arena, STMT_LOAD_ROW_ACCEPTED,
	    feed_row_fields, row, feed_row_fields, &was, err);
	if (found < 0)
		return -1;
	if (found > 0 && !says_present(e, d, was.body, over))
		return 0;
	if ((found == 0 || !stands_same(e->arena, was.body, row->body)) &&
	    withheld_case(e, row, &who, err) != 0)
		return -1;
	*body = stands_dropped(e->arena, row->body, err);
	return *body == NULL ? -1 : 0;
}

static int
changed_slice(struct engine *e, struct load *l, const struct feed_def *d,
    struct err *err)
{
	struct many rows = { 0 };
	const char *key = l->cursor == NULL || *l->cursor == '\0' ?
	    "" :
	    l->cursor + 2;

	if (rows_after(e, l,
		is_snapshot(d) ? STMT_LOAD_CHANGED : STMT_LOAD_STAGED, key,
		&rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		const struct feed_row *row = (const struct feed_row *)
						 rows.item +
		    i;
		struct arrival a = { .feed = d,
			.assess = is_snapshot(d),
			.kind = is_snapshot(d) ? "record" : NULL,
			.source_id = is_snapshot(d) ?
			    arena_printf(e->arena, "load/%lld/%s",
				(long long)l->id, row->key) :
			    NULL };

		a.body = row->body;
		if ((is_snapshot(d) && news_of(e, d, row, &a.body, err) != 0) ||
		    row_event(e, l, row, &a, err) != 0)
			return -1;
		key = row->key;
	}
	if (rows.n == SLICE)
		l->cursor = arena_printf(e->arena, "c:%s", key);
	else
		l->cursor = is_snapshot(d) ? "a:" : "=";
	return 0;
}

static int
absent_slice(struct engine *e, struct load *l, const struct feed_def *d,
    struct err *err)
{
	struct many rows = { 0 };
	const char *key = l->cursor + 2;

	if (!d->absent_leaves) {
		l->cursor = "=";
		return 0;
	}
	if (rows_after(e, l, STMT_LOAD_ABSENT, key, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		const struct feed_row *row = (const struct feed_row *)
						 rows.item +
		    i;
		struct buf b = { .arena = e->arena };
		struct arrival a = { .feed = d,
			.kind = "leaver",
			.assess = true,
			.source_id = arena_printf(e->arena, "load/%lld/%s",
			    (long long)l->id, row->key) };

		buf_str(&b, "{\"cause\":\"absent\",\"key\":");
		json_string(&b, row->key);
		buf_char(&b, '}');
		a.body = buf_text(&b);
		if (row_event(e, l, row, &a, err) != 0)
			return -1;
		key = row->key;
	}
	l->cursor = rows.n == SLICE ? arena_printf(e->arena, "a:%s", key) : "=";
	return 0;
}

/* Sums of all events' effects: members "EFFECT SYSTEM". */
struct sums {
	struct engine *e;
	struct many counts; /* struct effect_count, room for 256 */
	bool protected_;
};

static int
sum_add(void *ctx, const char *key, const char *value, struct err *err)
{
	struct sums *s = ctx;
	struct effect_count *c = s->counts.item;
	const char *space = strchr(key, ' ');
	int64_t n = strtoll(value, NULL, 10);
	size_t i = 0;

	if (space == NULL)
		return err_set(err, ERR_BUG, "effects: %s", key);
	if (strncmp(key, "protected ", 10) == 0) {
		s->protected_ = true;
		return 0;
	}
	while (i < s->counts.n &&
	    (strlen(c[i].effect) != (size_t)(space - key) ||
		strncmp(c[i].effect, key, strlen(c[i].effect)) != 0 ||
		strcmp(c[i].system, space + 1) != 0))
		i++;
	if (i == 256)
		return 0;
	if (i == s->counts.n) {
		c[i].effect = arena_mem(s->e->arena, key,
		    (size_t)(space - key));
		c[i].system = arena_str(s->e->arena, space + 1);
		s->counts.n++;
		if (window_total(s->e, c[i].effect, c[i].system, &c[i].of,
			err) != 0)
			return -1;
	}
	c[i].n += n;
	return 0;
}

static int
sums_of(struct engine *e, const struct load *l, struct sums *s, struct err *err)
{
	struct many rows = { 0 };
	struct by_id key = { l->id };

	s->e = e;
	s->counts = (struct many){ 0,
		arena_zero(e->arena, 257, sizeof(struct effect_count)) };
	if (store_list(e->store, e->arena, STMT_LOAD_EFFECTS, by_id_fields,
		&key, event_fields, sizeof(struct event), 0, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		const struct event *v = (const struct event *)rows.item + i;

		if (json_each(e->arena, v->effects.text, sum_add, s, err) != 0)
			return -1;
	}
	return 0;
}

static struct json
counts_json(struct engine *e, const struct sums *s)
{
	struct buf b = { .arena = e->arena };
	const struct effect_count *c = s->counts.item;

	buf_char(&b, '{');
	for (size_t i = 0; i < s->counts.n; i++) {
		if (i > 0)
			buf_char(&b, ',');
		json_string(&b,
		    arena_printf(e->arena, "%s %s", c[i].effect, c[i].system));
		buf_printf(&b, ":%lld", (long long)c[i].n);
	}
	buf_char(&b, '}');
	return (struct json){ buf_text(&b) };
}

static int
load_accept(struct engine *e, struct load *l, struct err *err)
{
	struct load when = *l;

	when.began = e->now;
	if (store_put(e->store, STMT_LOAD_RELEASE, load_fields, &when, err) !=
	    0)
		return -1;
	const struct feed_def *d = config_feed(e->config, l->feed);
	if (d != NULL && is_snapshot(d)) {
		if (store_put(e->store, STMT_LOAD_FORGET, load_fields, l,
			err) != 0 ||
		    store_put(e->store, STMT_LOAD_KEEP, load_fields, l, err) !=
			0)
			return -1;
	} else if (store_put(e->store, STMT_LOAD_CLEAR, load_fields, l, err) !=
	    0) {
		return -1;
	}
	e->out->again = true;
	return load_move(e, l, "accepted", err);
}

static int
load_hold(struct engine *e, struct load *l, const struct sums *s,
    const struct texts *trips, struct err *err)
{
	struct hold_want w = { .kind = "snapshot",
		.load = l->id,
		.subject = arena_printf(e->arena, "load/%lld",
		    (long long)l->id),
		.loaded_by = l->actor,
		.counts = counts_json(e, s),
		.trips = trips_json(e, trips),
		.need = e->config->settings.mass_people,
		.reason = arena_printf(e->arena,
		    "%s of feed %s would change more"
		    " than may be changed without a release",
		    l->place, l->feed) };
	struct event all = { .id = l->id, .state = "held" };

	if (s->protected_)
		w.reason = arena_printf(e->arena,
		    "%s of feed %s touches "
		    "something protected",
		    l->place, l->feed);
	if (hold_open(e, &w, &l->hold, err) != 0)
		return -1;
	all.hold = l->hold;
	if (store_put(e->store, STMT_LOAD_EVENTS_STATE, event_fields, &all,
		err) != 0)
		return -1;
	return load_move(e, l, "held", err);
}

/* All events are assessed: hold the load, or let it go. */
static int
load_judge(struct engine *e, struct load *l, const struct feed_def *d,
    struct err *err)
{
	const struct many *guards = d->guards.n > 0 ?
	    &d->guards :
	    &e->config->settings.guards;
	struct sums s = { 0 };
	struct texts trips = { 0 };
	int trip;

	l->assessed = l->events;
	if (load_tell_bad(e, l, err) != 0 || sums_of(e, l, &s, err) != 0 ||
	    (trip = guard_trips(e, guards, s.counts.item, s.counts.n, &trips,
		 err)) < 0)
		return -1;
	if (trip || s.protected_)
		return load_hold(e, l, &s, &trips, err);
	return load_accept(e, l, err);
}

static int
load_assess(struct engine *e, struct load *l, struct err *err)
{
	const struct feed_def *d = config_feed(e->config, l->feed);
	struct by_id n = { l->id };

	if (d == NULL)
		return load_refuse(e, l, "its feed is no longer configured",
		    err);
	if (l->cursor == NULL || strcmp(l->cursor, "=") != 0) {
		bool absent = l->cursor != NULL && l->cursor[0] == 'a';

		if (absent ? absent_slice(e, l, d, err) :
			     changed_slice(e, l, d, err))
			return -1;
		e->out->again = true;
		return store_put(e->store, STMT_LOAD_SAVE, load_fields, l, err);
	}
	if (store_get(e->store, e->arena, STMT_LOAD_UNASSESSED, by_id_fields,
		&n, by_id_fields, &n, err) != 0)
		return -1;
	return n.id > 0 ? 0 : load_judge(e, l, d, err);
}

/* What people said of a held one. */
static int
load_decided(struct engine *e, struct load *l, struct err *err)
{
	struct by_id key = { l->hold };
	struct hold h = { 0 };
	struct event all = { .id = l->id,
		.state = "rejected",
		.hold = l->hold };

	if (store_get(e->store, e->arena, STMT_HOLD_BY_ID, by_id_fields, &key,
		hold_fields, &h, err) != 0)
		return -1;
	if (strcmp(h.state, "released") == 0)
		return load_accept(e, l, err);
	if (strcmp(h.state, "rejected") != 0)
		return 0;
	l->error = h.note;
	if (store_put(e->store, STMT_LOAD_EVENTS_STATE, event_fields, &all,
		err) != 0 ||
	    store_put(e->store, STMT_LOAD_CLEAR, load_fields, l, err) != 0)
		return -1;
	return load_move(e, l, "rejected", err);
}

int
load_due(struct engine *e, struct err *err)
{
	struct many rows = { 0 };
	struct by_id none = { 0 };

	if (late_due(e, err) != 0 ||
	    store_list(e->store, e->arena, STMT_LOAD_OPEN, by_id_fields, &none,
		load_fields, sizeof(struct load), 0, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		struct load *l = (struct load *)rows.item + i;

		if (strcmp(l->state, "held") == 0 ? load_decided(e, l, err) :
						    load_assess(e, l, err))
			return -1;
	}
	return rows.n == 0 ? 0 : assess_due(e, err);
}
