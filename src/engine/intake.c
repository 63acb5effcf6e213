/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One event after another onto affiliations and identities.  What an
 * identity's state becomes of it is not written here: it is made due, and
 * convergence computes that.
 */
#include "engine/intake.h"

#include <stdlib.h>
#include <string.h>

#include "engine/careful.h"
#include "engine/fold.h"
#include "engine/outgoing.h"
#include "engine/profile.h"
#include "engine/trial.h"
#include "model/person.h"

#define SLICE 2 /* events in one tick: the LIMIT of the statements */

struct applying {
	struct engine *e;
	const struct event *event;
	const struct feed_def *feed;
	struct person person;
	struct affiliation was, now; /* of the event's key */
	bool known;		     /* the key was known before */
};

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
affiliation_differs(const struct affiliation *a, const struct affiliation *b)
{
	return !same(a->kind, b->kind) || !same(a->unit, b->unit) ||
	    !same(a->manager, b->manager) || !same(a->zone, b->zone) ||
	    !same(a->cause, b->cause) || a->starts != b->starts ||
	    a->ends != b->ends || a->last_day != b->last_day ||
	    a->away_from != b->away_from || a->away_until != b->away_until ||
	    !same(a->attributes.text, b->attributes.text);
}

static bool
is_before(const struct event *a, const struct event *b)
{
	if (a->effective != b->effective)
		return a->effective < b->effective;
	if (a->seq != b->seq)
		return a->seq < b->seq;
	return a->id < b->id;
}

/* All events of the key and this one, in the order that counts. */
static int
fold_all(struct applying *g, const struct many *rows, bool *begun,
    struct err *err)
{
	const struct event *v = rows->item;
	bool done = false;

	for (size_t i = 0; i <= rows->n; i++) {
		bool mine = !done &&
		    (i == rows->n || is_before(g->event, &v[i]));

		if (mine) {
			done = true;
			*begun |= fold_begins(g->event->kind);
			if (fold_event(g->e->arena, g->feed, g->event, &g->now,
				err) != 0)
				return -1;
		}
		if (i == rows->n || v[i].id == g->event->id)
			continue;
		*begun |= fold_begins(v[i].kind);
		if (fold_event(g->e->arena, g->feed, &v[i], &g->now, err) != 0)
			return -1;
	}
	return 0;
}

/* The affiliation with the event in its place: 1, or 0 while nothing has
   said who this key is. */
static int
affiliation_make(struct applying *g, struct err *err)
{
	struct many rows = { 0 };
	bool begun = g->known;

	g->now = g->was;
	if (g->known && g->event->applied == 0 &&
	    (g->event->effective > g->was.effective ||
		(g->event->effective == g->was.effective &&
		    g->event->seq >= g->was.seq)))
		return fold_event(g->e->arena, g->feed, g->event, &g->now,
			   err) != 0 ?
		    -1 :
		    1;
	if (store_list(g->e->store, g->e->arena, STMT_EVENT_OF_KEY,
		event_fields, g->event, event_fields, sizeof(struct event), 0,
		&rows, err) != 0)
		return -1;
	g->now = (struct affiliation){ .id = g->was.id,
		.identity = g->was.identity,
		.feed = g->event->source,
		.key = g->event->key,
		.version = g->was.version };
	if (fold_all(g, &rows, &begun, err) != 0)
		return -1;
	return begun;
}

static int
nobody(struct applying *g, struct err *err)
{
	struct engine *e = g->e;
	struct matter_want w = { .kind = "event",
		.subject = arena_printf(e->arena, "%s/%s", g->event->source,
		    g->event->key),
		.what = arena_printf(e->arena,
		    "A %s of feed %s names %s, whom "
		    "nobody knows",
		    g->event->kind, g->event->source, g->event->key),
		.why =
		    "it is remembered, and counts once somebody has this key",
		.choices = {
		    "{\"close\":\"the key is wrong, or comes later\"}" } };

	return matter_open(e, &w, NULL, err);
}

static const char *
said_of(struct engine *e, const struct affiliation *a, const char *member)
{
	return a->attributes.text == NULL ?
	    NULL :
	    json_member_text(e->arena, a->attributes.text, member);
}

/* Does the event change what its affiliation says of this? */
static bool
says_new(const struct applying *g, const char *member)
{
	return !same(said_of(g->e, &g->was, member),
	    said_of(g->e, &g->now, member));
}

/* An owner that a person named stands until the feed names another one. */
static int
owner_take(struct applying *g, struct identity *who, const struct profile *p,
    struct err *err)
{
	if (says_new(g, "owner")) {
		who->owner_key = p->owner;
		who->owner = 0;
	}
	if (who->owner != 0 || who->owner_key == NULL)
		return 0;
	if (owner_find(g->e, who->owner_key, &who->owner, err) != 0)
		return -1;
	if (who->owner == who->id)
		who->owner = 0;
	return 0;
}

/* A login name that the source dictates must be free like any other. */
static int
username_take(struct engine *e, struct identity *who, const char *name,
    struct err *err)
{
	const char *candidates[] = { name, NULL }, *drawn = NULL;
	struct matter_want w = { .kind = "name",
		.identity = who->id,
		.subject = arena_printf(e->arena, "identity/%s", who->uid),
		.what = arena_printf(e->arena,
		    "The feed names %s as %s, and that "
		    "cannot be",
		    who->display != NULL ? who->display : who->uid, name) };
	struct err why = { 0 };

	if (name == NULL || same(name, who->username))
		return 0;
	if (name_draw(e, "*", who->id, candidates, &drawn, &why) == 0) {
		if (who->username != NULL &&
		    name_rest(e, "*", who->username, who->id,
			e->now + e->config->settings.tombstone, err) != 0)
			return -1;
		who->username = drawn;
		return 0;
	}
	if (why.cls != ERR_CONFLICT) {
		*err = why;
		return -1;
	}
	w.why = arena_str(e->arena, why.text);
	return matter_open(e, &w, NULL, err);
}

static bool
identity_differs(const struct identity *a, const struct identity *b)
{
	return !same(a->kind, b->kind) || !same(a->display, b->display) ||
	    a->owner != b->owner || !same(a->owner_key, b->owner_key) ||
	    !same(a->purpose, b->purpose) || a->expires != b->expires ||
	    !same(a->username, b->username) ||
	    !same(a->attributes.text, b->attributes.text) ||
	    !same(a->sources.text, b->sources.text);
}

/* What all its affiliations say of the identity now. */
static int
identity_make(struct applying *g, const struct many *all, struct identity *who,
    struct err *err)
{
	struct engine *e = g->e;
	const struct identity was = *who;
	struct profile p;

	if (g->person.kind != NULL)
		who->kind = g->person.kind;
	if (profile_make(e, who, all->item, all->n, &p, err) != 0)
		return -1;
	who->attributes = p.attributes;
	who->sources = p.sources;
	who->display = p.display;
	who->purpose = p.purpose;
	/* What a person ended stays so until the feed says another end. */
	if (who->expires == 0 || who->expires > e->now ||
	    says_new(g, "expires"))
		who->expires = p.expires;
	if (owner_take(g, who, &p, err) != 0 ||
	    username_take(e, who, p.username, err) != 0)
		return -1;
	if (identity_differs(&was, who)) {
		who->version++;
		if (store_put(e->store, STMT_INTAKE_IDENTITY_SAVE,
			identity_fields, who, err) != 0)
			return -1;
	}
	return identity_touch(e, who->id, e->now, err);
}

static int
all_of(struct engine *e, int64_t identity, struct many *all, struct err *err)
{
	struct by_id key = { identity };

	return store_list(e->store, e->arena, STMT_POLICY_AFFILIATIONS,
	    by_id_fields, &key, affiliation_fields, sizeof(struct affiliation),
	    0, all, err);
}

static int
new_key(struct applying *g, struct identity *who, struct err *err)
{
	struct engine *e = g->e;
	struct many all = { 1, &g->now };
	bool created;

	if (identify(e, g->feed, &g->person, who, &created, err) != 0)
		return -1;
	g->now.identity = who->id;
	g->now.version = 1;
	if (store_add(e->store, STMT_AFFILIATION_ADD, affiliation_fields,
		&g->now, &g->now.id, err) != 0)
		return -1;
	if (!created && all_of(e, who->id, &all, err) != 0)
		return -1;
	if (identity_make(g, &all, who, err) != 0)
		return -1;
	if (matter_settle(e, "event",
		arena_printf(e->arena, "%s/%s", g->event->source,
		    g->event->key),
		"its key is known now", err) != 0)
		return -1;
	return owner_arrived(e, g->event->key, err);
}

static int
known_key(struct applying *g, struct identity *who, struct err *err)
{
	struct engine *e = g->e;
	struct by_id key = { g->was.identity };
	struct many all = { 0 };
	bool differs = affiliation_differs(&g->was, &g->now);

	if (store_get(e->store, e->arena, STMT_POLICY_IDENTITY, by_id_fields,
		&key, identity_fields, who, err) != 0)
		return err_within(err, "identity %lld: ", (long long)key.id);
	if (identify_again(e, g->feed, &g->person, who, err) != 0)
		return -1;
	if (!differs && g->was.effective == g->now.effective &&
	    g->was.seq == g->now.seq)
		return 0;
	g->now.version += differs;
	if (store_put(e->store, STMT_AFFILIATION_SAVE, affiliation_fields,
		&g->now, err) != 0)
		return -1;
	if (!differs &&
	    (g->person.kind == NULL || strcmp(g->person.kind, who->kind) == 0))
		return 0;
	if (all_of(e, who->id, &all, err) != 0)
		return -1;
	return identity_make(g, &all, who, err);
}

int
intake_apply(struct engine *e, const struct event *v, int64_t *identity,
    struct err *err)
{
	struct applying g = { .e = e,
		.event = v,
		.feed = config_feed(e->config, v->source) };
	struct affiliation key = { .feed = v->source, .key = v->key };
	struct identity who = { 0 };
	int found, made;

	*identity = 0;
	if (g.feed == NULL)
		return err_set(err, ERR_INPUT,
		    "feed %s is no longer "
		    "configured",
		    v->source);
	if (person_decode(e->arena, v->body.text, &g.person, err) != 0)
		return -1;
	found = store_find(e->store, e->arena, STMT_AFFILIATION_BY_KEY,
	    affiliation_fields, &key, affiliation_fields, &g.was, err);
	if (found < 0)
		return -1;
	g.known = found > 0;
	if ((made = affiliation_make(&g, err)) < 0)
		return -1;
	if (made == 0)
		return nobody(&g, err);
	if ((g.known ? known_key : new_key)(&g, &who, err) != 0)
		return -1;
	*identity = who.id;
	return 0;
}

static int
event_done(struct engine *e, struct event *v, struct err *err)
{
	v->state = "applied";
	v->applied = e->now;
	v->due = 0;
	v->error = NULL;
	v->tries = 0;
	if (store_put(e->store, STMT_EVENT_SAVE, event_fields, v, err) != 0)
		return -1;
	return event_note(e, v, "event.applied", err);
}

int
event_set_aside(struct engine *e, struct event *v, const struct err *why,
    struct err *err)
{
	struct matter_want w = { .kind = "event",
		.subject = arena_printf(e->arena, "event/%lld",
		    (long long)v->id),
		.what = arena_printf(e->arena,
		    "A %s of feed %s about %s could "
		    "not be applied and was set aside",
		    v->kind, v->source, v->key),
		.why = arena_str(e->arena, why->text),
		.choices = { "{\"" EVENT_AGAIN "\":\"it is tried once more\","
			     "\"close\":\"the source sends a better one\"}" } };

	v->state = "set_aside";
	v->error = w.why;
	v->due = 0;
	if (store_put(e->store, STMT_EVENT_SAVE, event_fields, v, err) != 0 ||
	    event_note(e, v, "event.set_aside", err) != 0)
		return -1;
	return matter_open(e, &w, NULL, err);
}

int
event_again(struct engine *e, const char *subject, struct err *err)
{
	struct by_id key = { strncmp(subject, "event/", 6) == 0 ?
		    strtoll(subject + 6, NULL, 10) :
		    0 };
	struct event v = { 0 };
	int found = store_find(e->store, e->arena, STMT_EVENT_BY_ID,
	    by_id_fields, &key, event_fields, &v, err);

	if (found <= 0 || strcmp(v.state, "set_aside") != 0)
		return found < 0 ? -1 : 0;
	v.state = "due";
	v.due = e->now;
	v.error = NULL;
	v.tries = 0;
	if (store_put(e->store, STMT_EVENT_SAVE, event_fields, &v, err) != 0)
		return -1;
	return event_note(e, &v, "event.again", err);
}

static int
leaver_first(struct engine *e, const struct event *v, struct err *err)
{
	if (v->identity == 0 || strcmp(v->kind, "leaver") != 0 ||
	    v->effective > e->now)
		return 0;
	return identity_touch(e, v->identity, AT_ONCE, err);
}

/* Alone in a savepoint: a bad one is set aside alone. */
int
intake_one(struct engine *e, const struct event *row, struct err *err)
{
	struct event v = *row;
	struct trial t;
	struct err why = { 0 };

	if (trial_begin(e, &t, err) != 0)
		return -1;
	if (intake_apply(e, &v, &v.identity, &why) == 0 &&
	    event_done(e, &v, &why) == 0 && leaver_first(e, &v, &why) == 0)
		return trial_keep(e, err);
	if (trial_is_fatal(&why)) {
		*err = why;
		return -1;
	}
	v = *row;
	return trial_undo(e, &t, err) != 0 ? -1 :
					     event_set_aside(e, &v, &why, err);
}

/* How many there were; -1. */
static int
events_apply(struct engine *e, enum stmt which, struct err *err)
{
	struct event key = { .due = e->now };
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, which, event_fields, &key,
		event_fields, sizeof(struct event), 0, &rows, err) != 0)
		return -1;
	if (rows.n > 0 && e->careful > 0)
		return careful_take(e, &rows, err) != 0 ? -1 : (int)rows.n;
	for (size_t i = 0; i < rows.n; i++)
		if (intake_one(e, (const struct event *)rows.item + i, err) !=
		    0)
			return -1;
	if (rows.n == SLICE)
		e->out->again = true;
	return (int)rows.n;
}

/* No crowd delays a leaver: neither as an event nor as an identity. */
int
intake_leavers(struct engine *e, bool *any, struct err *err)
{
	int n = events_apply(e, STMT_EVENT_LEAVER_DUE, err);

	*any = n > 0;
	e->out->leavers |= n == SLICE;
	return n < 0 ? -1 : 0;
}

int
intake_due(struct engine *e, struct err *err)
{
	struct by_id none = { 0 }, next = { 0 };

	if (event_holds_due(e, err) != 0 ||
	    events_apply(e, STMT_EVENT_DUE, err) < 0)
		return -1;
	if (store_get(e->store, e->arena, STMT_EVENT_NEXT, by_id_fields, &none,
		by_id_fields, &next, err) != 0)
		return -1;
	if (next.id > 0 && (e->out->due == 0 || next.id < e->out->due))
		e->out->due = next.id;
	return 0;
}
