/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as they come in: each is checked, known by its source's id, and
 * put where it waits: to be assessed, applied, or released by people.
 */
#include <string.h>

#include "engine/command.h"
#include "engine/fold.h"
#include "engine/intake.h"
#include "engine/leavers.h"
#include "engine/outgoing.h"
#include "engine/trial.h"
#include "model/person.h"

#define EVENTS_MAX 1000 /* of one command */

/* Evidence names the body by its digest: what it says of the person is
   kept where it can be erased. */
struct event_said {
	const char *source, *source_id, *kind, *state, *key, *actor, *place;
	const char *error, *body_digest;
	int64_t effective, seq, load, hold;
};

static const struct field event_said_fields[] = { FIELD(struct event_said,
						      source, 0),
	FIELD(struct event_said, source_id, 0),
	FIELD(struct event_said, kind, 0), FIELD(struct event_said, state, 0),
	FIELD(struct event_said, key, 0),
	FIELD(struct event_said, effective, F_TIME),
	FIELD(struct event_said, seq, 0), FIELD(struct event_said, load, 0),
	FIELD(struct event_said, hold, 0), FIELD(struct event_said, actor, 0),
	FIELD(struct event_said, place, 0), FIELD(struct event_said, error, 0),
	FIELD(struct event_said, body_digest, 0), FIELD_END };

int
event_note(struct engine *e, const struct event *v, const char *kind,
    struct err *err)
{
	struct event_said s = { .source = v->source,
		.source_id = v->source_id,
		.kind = v->kind,
		.state = v->state,
		.key = v->key,
		.effective = v->effective,
		.seq = v->seq,
		.load = v->snapshot,
		.hold = v->hold,
		.actor = v->actor,
		.place = v->place,
		.error = v->error,
		.body_digest = digest_text(e->arena, v->body.text) };

	return note(e, kind,
	    arena_printf(e->arena, "event/%lld", (long long)v->id), 0,
	    v->identity, event_said_fields, &s, err);
}

/* Who sends neither an id nor an effective time in a command means each of
   them; in a file the row itself is the id. */
static const char *
source_id(struct engine *e, const struct arrival *a, const struct event *v,
    const struct person *p)
{
	const char *again = a->load != 0 || p->effective != NULL ?
	    "" :
	    arena_printf(e->arena, "%lld/%lld", (long long)e->now,
		(long long)evidence_size(e->evidence));

	if (a->source_id != NULL)
		return a->source_id;
	if (p->id != NULL)
		return strcmp(v->kind, "withdraw") != 0 ?
		    p->id :
		    arena_printf(e->arena, "withdraw/%s", p->id);
	return arena_printf(e->arena, "digest/%s",
	    digest_text(e->arena,
		arena_printf(e->arena, "%s\n%s\n%s", v->kind, again,
		    v->body.text)));
}

/* When it is true: as it says, or since the file was written, or now. */
static int
effective_at(struct engine *e, const struct arrival *a, const struct person *p,
    int64_t *at, struct err *err)
{
	const char *zone = p->zone != NULL ? p->zone : a->feed->zone;
	struct by_id key = { a->load };
	struct load l = { 0 };
	int found = 0;

	if (p->effective != NULL) {
		if (zone_instant(zone, p->effective, at, err) != 0)
			return err_within(err, "effective: ");
		return *at > 0 ? 0 :
				 err_set(err, ERR_INPUT,
				     "effective: is "
				     "before 1970");
	}
	if (a->load != 0 &&
	    (found = store_find(e->store, e->arena, STMT_LOAD_BY_ID,
		 by_id_fields, &key, load_fields, &l, err)) < 0)
		return -1;
	*at = found > 0 && l.dated > 0 && l.dated < e->now ? l.dated : e->now;
	return 0;
}

static int
event_read(struct engine *e, const struct arrival *a, struct event *v,
    struct person *p, struct err *err)
{
	struct affiliation trial = { 0 };

	v->body.text = person_normal(e->arena, a->body, err);
	if (v->body.text == NULL ||
	    person_decode(e->arena, v->body.text, p, err) != 0)
		return -1;
	v->kind = a->kind != NULL ? a->kind :
	    p->event != NULL	  ? p->event :
				    "record";
	v->source = a->feed->feed;
	v->key = p->key;
	v->seq = p->seq;
	v->snapshot = a->load;
	v->actor = a->actor;
	v->place = a->place;
	v->received = e->now;
	v->source_id = source_id(e, a, v, p);
	if (effective_at(e, a, p, &v->effective, err) != 0)
		return -1;
	if (leavers_look(e, a->feed, v, p, err) != 0)
		return -1;
	return fold_event(e->arena, a->feed, v, &trial, err);
}

/* Where it waits.  Accounts may be made ahead of a start, so whoever joins
   is taken up that much earlier. */
static int
event_place(struct engine *e, const struct arrival *a, struct event *v,
    bool counted, struct err *err)
{
	bool joins = strcmp(v->kind, "joiner") == 0 ||
	    strcmp(v->kind, "rehire") == 0;
	int held;

	v->due = v->effective - (joins ? e->config->settings.prehire : 0);
	v->state = v->due <= e->now ? "due" : "future";
	if (v->due <= e->now)
		v->due = e->now;
	if (a->assess) {
		v->state = "assess";
		v->due = 0;
		return 0;
	}
	if (counted || (held = leavers_hold(e, a->feed, v, err)) == 0)
		return 0;
	if (held < 0)
		return -1;
	v->state = "held";
	v->due = 0;
	return 0;
}

/* A leaver that went through is not one more when it is amended. */
static bool
was_counted(const struct event *was, const struct event *v)
{
	return was->leaves && v->leaves &&
	    (was->applied != 0 || strcmp(was->state, "due") == 0 ||
		strcmp(was->state, "future") == 0);
}

/* The same id with another body is the source's better knowledge.  What
   was applied is folded anew, with it in its place. */
static int
event_amend(struct engine *e, const struct arrival *a, struct event *was,
    struct event *v, int64_t *event, struct err *err)
{
	bool same = strcmp(was->body.text, v->body.text) == 0 &&
	    strcmp(was->kind, v->kind) == 0;

	*event = 0;
	if (strcmp(was->key, v->key) != 0)
		return err_set(err, ERR_INPUT,
		    "id: event %s of feed %s is about %s: withdraw it, and "
		    "tell this one under an id of its own",
		    was->source_id, was->source, was->key);
	if (same && strcmp(was->state, "set_aside") != 0)
		return 0;
	v->id = was->id;
	v->identity = was->identity;
	v->applied = was->applied;
	v->hold = was->hold;
	if (strcmp(was->state, "held") == 0) {
		v->state = "held"; /* people decide on what it now says */
		if (hold_unrelease(e, v->hold, err) != 0)
			return -1;
	} else if (event_place(e, a, v, was_counted(was, v), err) != 0) {
		return -1;
	}
	if (store_put(e->store, STMT_EVENT_SAVE, event_fields, v, err) != 0)
		return -1;
	*event = v->id;
	return event_note(e, v, "event.amended", err);
}

static int
event_find(struct engine *e, const char *source, const char *id,
    struct event *out, struct err *err)
{
	struct event key = { .source = source, .source_id = id };

	return store_find(e->store, e->arena, STMT_EVENT_BY_SOURCE,
	    event_fields, &key, event_fields, out, err);
}

static int
event_keep(struct engine *e, struct event *v, int64_t *event, struct err *err)
{
	if (store_add(e->store, STMT_EVENT_ADD, event_fields, v, &v->id, err) !=
	    0)
		return -1;
	*event = v->id;
	if (v->due > 0 && v->due <= e->now)
		e->out->again = true;
	/* Rows of a load are told by the load, and when they are applied. */
	return v->snapshot != 0 && strcmp(v->state, "held") != 0 ?
	    0 :
	    event_note(e, v, "event.received", err);
}

/* What was applied stays so until somebody has looked. */
static int
applied_case(struct engine *e, const struct event *target, struct err *err)
{
	struct matter_want w = { .kind = "withdraw",
		.identity = target->identity,
		.subject = arena_printf(e->arena, "event/%lld",
		    (long long)target->id),
		.what = arena_printf(e->arena,
		    "Feed %s withdraws a %s about %s "
		    "that was applied",
		    target->source, target->kind, target->key),
		.why = "what it did stays until a newer event says otherwise",
		.choices = { "{\"close\":\"somebody has seen to it\"}" } };

	return matter_open(e, &w, NULL, err);
}

static int
event_withdraw(struct engine *e, struct event *v, const struct person *p,
    int64_t *event, struct err *err)
{
	struct event target = { 0 };
	int found = p->id == NULL ?
	    0 :
	    event_find(e, v->source, p->id, &target, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return err_set(err, ERR_INPUT,
		    "withdraw: no event of feed %s "
		    "has this id",
		    v->source);
	v->identity = target.identity;
	v->state = "applied";
	v->applied = e->now;
	v->due = 0;
	if (event_keep(e, v, event, err) != 0)
		return -1;
	if (strcmp(target.state, "applied") == 0)
		return applied_case(e, &target, err);
	target.state = "withdrawn";
	target.due = 0;
	if (store_put(e->store, STMT_EVENT_SAVE, event_fields, &target, err) !=
	    0)
		return -1;
	return event_note(e, &target, "event.withdrawn", err);
}

int
event_receive(struct engine *e, const struct arrival *a, int64_t *event,
    struct err *err)
{
	struct event v = { 0 }, was = { 0 };
	struct person p;
	int found;

	*event = 0;
	if (event_read(e, a, &v, &p, err) != 0 ||
	    (found = event_find(e, v.source, v.source_id, &was, err)) < 0)
		return -1;
	if (found > 0)
		return event_amend(e, a, &was, &v, event, err);
	if (strcmp(v.kind, "withdraw") == 0)
		return event_withdraw(e, &v, &p, event, err);
	if (event_place(e, a, &v, false, err) != 0)
		return -1;
	return event_keep(e, &v, event, err);
}

struct adding { /* one event.add command */
	struct engine *e;
	struct arrival arrival;
	struct buf ids;
	size_t n, added, held;
	size_t strangers; /* about keys that nobody has yet */
};

/* What who told it should know at once. */
static int
added_look(struct adding *a, int64_t id, struct err *err)
{
	struct engine *e = a->e;
	struct by_id key = { id };
	struct event v = { 0 };
	struct affiliation who;
	int found;

	if (store_get(e->store, e->arena, STMT_EVENT_BY_ID, by_id_fields, &key,
		event_fields, &v, err) != 0)
		return -1;
	a->held += strcmp(v.state, "held") == 0;
	if (fold_begins(v.kind))
		return 0;
	found = store_find(e->store, e->arena, STMT_AFFILIATION_BY_KEY,
	    affiliation_fields,
	    &(struct affiliation){ .feed = v.source, .key = v.key },
	    affiliation_fields, &who, err);
	a->strangers += found == 0;
	return found < 0 ? -1 : 0;
}

static int
add_one(void *ctx, const char *key, const char *value, struct err *err)
{
	struct adding *a = ctx;
	int64_t id = 0;

	(void)key;
	if (a->n == EVENTS_MAX)
		return err_set(err, ERR_INPUT, "events: more than %d",
		    EVENTS_MAX);
	a->arrival.body = value;
	if (event_receive(a->e, &a->arrival, &id, err) != 0)
		return err_within(err, "events[%zu].", a->n);
	a->n++;
	if (id == 0)
		return 0;
	buf_printf(&a->ids, "%s%lld", a->added++ > 0 ? "," : "", (long long)id);
	return added_look(a, id, err);
}

/* The bodies stay texts: nulls in them mean something. */
struct event_add_raw {
	const char *feed;
	struct json events;
	bool dry_run;
};

static const struct field event_add_raw_fields[] = { FIELD(struct event_add_raw,
							 feed, F_NEED),
	FIELD(struct event_add_raw, events, F_NEED),
	FIELD(struct event_add_raw, dry_run, 0), FIELD_END };

static int
events_add(struct engine *e, const struct event_add_raw *in, struct buf *reply,
    struct err *err)
{
	struct adding a = { .e = e,
		.arrival.actor = e->actor,
		.arrival.feed = config_feed(e->config, in->feed),
		.ids.arena = e->arena };

	if (a.arrival.feed == NULL)
		return err_set(err, ERR_GONE, "%s: no such feed", in->feed);
	if (in->events.text[0] != '[')
		return err_set(err, ERR_INPUT, "events: wants a list");
	if (json_each(e->arena, in->events.text, add_one, &a, err) != 0)
		return -1;
	buf_printf(reply, "{\"added\":%zu,\"known\":%zu", a.added,
	    a.n - a.added);
	if (a.held > 0)
		buf_printf(reply, ",\"held\":%zu", a.held);
	if (a.strangers > 0)
		buf_printf(reply, ",\"unknown_keys\":%zu", a.strangers);
	if (!in->dry_run)
		buf_printf(reply, ",\"events\":[%s]", buf_text(&a.ids));
	buf_str(reply, "}");
	return 0;
}

static int
events_dry(struct engine *e, const struct event_add_raw *in, struct buf *reply,
    struct err *err)
{
	struct trial t;
	struct err why = { 0 };

	if (trial_begin(e, &t, err) != 0)
		return -1;
	int ret = events_add(e, in, reply, &why);
	if (trial_undo(e, &t, err) != 0)
		return -1;
	if (ret != 0)
		*err = why;
	return ret;
}

int
event_command(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	const char *body = in->body != NULL ? in->body : "{}";
	struct event_add_raw add = { 0 };

	if (strcmp(in->verb, "event.add") != 0)
		return 0;
	if (json_decode(e->arena, event_add_raw_fields, body, strlen(body),
		&add, err) != 0)
		return -1;
	if ((add.dry_run ? events_dry : events_add)(e, &add, reply, err) != 0)
		return -1;
	return 1;
}
