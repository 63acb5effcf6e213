/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fold.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "model/person.h"

struct saying { /* one event while it is laid over */
	struct arena *arena;
	const struct event *event;
	struct person p;
	const char *zone;
	struct affiliation *to;
};

/* Members of a person that belong to the identity and are kept with the
   attributes, under their own names. */
static const char *const own_members[] = { "display", "username", "owner",
	"purpose", "expires", NULL };

bool
fold_begins(const char *kind)
{
	return strcmp(kind, "record") == 0 || strcmp(kind, "joiner") == 0 ||
	    strcmp(kind, "rehire") == 0;
}

int
fold_end_of(const char *zone, const char *text, int64_t *ms, struct err *e)
{
	int64_t days;
	const char *rest = date_read(text, &days);
	char next[32];

	if (rest == NULL || *rest != '\0')
		return zone_instant(zone, text, ms, e);
	struct date d = date_of(days + 1);
	snprintf(next, sizeof(next), "%04lld-%02d-%02d", (long long)d.year,
	    d.month, d.day);
	return zone_instant(zone, next, ms, e);
}

static bool
blank(const struct saying *s, const char *member)
{
	return person_blanks(s->arena, s->event->body.text, member);
}

static void
text_say(const struct saying *s, const char *member, const char *value,
    const char **to)
{
	if (value != NULL)
		*to = value;
	else if (blank(s, member))
		*to = NULL;
}

typedef int instant_fn(const char *, const char *, int64_t *, struct err *);

static int
date_say(const struct saying *s, const char *member, const char *value,
    instant_fn *read, int64_t *to, struct err *e)
{
	if (value == NULL) {
		if (blank(s, member))
			*to = 0;
		return 0;
	}
	if (read(s->zone, value, to, e) != 0)
		return err_within(e, "%s: ", member);
	return 0;
}

static int
dates_say(const struct saying *s, struct err *e)
{
	const struct person *p = &s->p;
	struct affiliation *a = s->to;

	if (date_say(s, "start", p->start, zone_instant, &a->starts, e) != 0 ||
	    date_say(s, "end", p->end, fold_end_of, &a->ends, e) != 0 ||
	    date_say(s, "last_day", p->last_day, fold_end_of, &a->last_day,
		e) != 0 ||
	    date_say(s, "away_from", p->away_from, zone_instant, &a->away_from,
		e) != 0 ||
	    date_say(s, "away_until", p->away_until, zone_instant,
		&a->away_until, e) != 0)
		return -1;
	return 0;
}

static bool
is_away(const struct affiliation *a, int64_t at)
{
	return a->away_from != 0 && a->away_from <= at &&
	    (a->away_until == 0 || a->away_until > at);
}

static bool
is_of(const struct affiliation *a, const char *cause)
{
	return a->cause != NULL && strcmp(a->cause, cause) == 0;
}

/* Why somebody left is not that his row is gone, too. */
static bool
only_absent(const struct saying *s)
{
	const struct affiliation *a = s->to;

	return s->p.cause != NULL && strcmp(s->p.cause, "absent") == 0 &&
	    a->ends != 0 && a->ends <= s->event->effective;
}

static void
begins(const struct saying *s)
{
	int64_t at = s->event->effective;
	struct affiliation *a = s->to;
	bool over = a->ends != 0 && a->ends <= at;

	if (s->p.start == NULL && (a->starts == 0 || over))
		a->starts = at;
	if (s->p.end == NULL)
		a->ends = 0;
	if (s->p.last_day == NULL)
		a->last_day = 0;
	if (s->p.away_from == NULL)
		a->away_from = a->away_until = 0;
	if (s->p.cause == NULL)
		a->cause = NULL;
}

/* Never later than what was said before, unless the event says so.  Who is
   announced with a last day that is yet to come has access until then. */
static void
ends(const struct saying *s)
{
	int64_t at = s->event->effective;
	struct affiliation *a = s->to;
	bool at_once = is_of(a, "for_cause");

	if (s->p.last_day != NULL && a->last_day > at && !at_once &&
	    strcmp(s->event->kind, "leaver") == 0)
		return;
	if (s->p.end == NULL && (a->ends == 0 || a->ends > at))
		a->ends = at;
}

static void
goes_away(const struct saying *s)
{
	struct affiliation *a = s->to;

	if (s->p.away_from != NULL || is_away(a, s->event->effective))
		return;
	a->away_from = s->event->effective;
	if (s->p.away_until == NULL)
		a->away_until = 0;
}

static void
comes_back(const struct saying *s)
{
	struct affiliation *a = s->to;

	if (s->p.away_until == NULL && is_away(a, s->event->effective))
		a->away_until = s->event->effective;
}

/* In force: what was over begins again, and who was away is back. */
static void
in_force(const struct saying *s)
{
	int64_t at = s->event->effective;
	struct affiliation *a = s->to;

	if (s->p.end == NULL && a->ends != 0 && a->ends <= at) {
		a->ends = 0;
		if (s->p.cause == NULL)
			a->cause = NULL;
	}
	if (s->p.last_day == NULL && a->last_day != 0 && a->last_day <= at)
		a->last_day = 0;
	if (s->p.away_from == NULL)
		comes_back(s);
}

/* A row that is there again ends what its absence alone had said. */
static void
is_stated(const struct saying *s)
{
	const char *status = s->p.status;
	struct affiliation *a = s->to;
	bool was_absent = is_of(a, "absent");

	if (status != NULL && strcmp(status, "ended") == 0)
		ends(s);
	else if (status != NULL && strcmp(status, "leave") == 0)
		goes_away(s);
	else if (status != NULL ||
	    (was_absent && strcmp(s->event->kind, "record") == 0))
		in_force(s);
}

static const struct {
	const char *kind;
	void (*say)(const struct saying *);
} sayings[] = { { "joiner", begins }, { "rehire", begins }, { "leaver", ends },
	{ "leave", goes_away }, { "return", comes_back },
	{ "record", is_stated }, { "mover", is_stated },
	{ "rename", is_stated }, { NULL, NULL } };

/* The members of the body that belong to the identity, as an object. */
static const char *
own_said(const struct saying *s, const char *from)
{
	struct buf b = { .arena = s->arena };

	for (const char *const *m = own_members; *m != NULL; m++) {
		const char *value = json_member(s->arena, from, *m);

		if (value == NULL)
			continue;
		buf_char(&b, b.len == 0 ? '{' : ',');
		json_string(&b, *m);
		buf_char(&b, ':');
		buf_str(&b, value);
	}
	buf_str(&b, b.len == 0 ? "{}" : "}");
	return buf_text(&b);
}

/* A record states all attributes; other events only what changes. */
static int
attributes_say(const struct saying *s, struct err *e)
{
	const char *all = s->to->attributes.text != NULL ?
	    s->to->attributes.text :
	    "{}";

	if (strcmp(s->event->kind, "record") == 0 &&
	    s->p.attributes.text != NULL)
		all = own_said(s, all);
	if (s->p.attributes.text != NULL)
		all = json_merge(s->arena, all, s->p.attributes.text, e);
	if (all != NULL)
		all = json_merge(s->arena, all,
		    own_said(s, s->event->body.text), e);
	if (all == NULL)
		return err_within(e, "attributes: ");
	s->to->attributes.text = all;
	return 0;
}

int
fold_event(struct arena *a, const struct feed_def *d, const struct event *v,
    struct affiliation *to, struct err *e)
{
	struct saying s = { .arena = a, .event = v, .to = to };
	int64_t ignored = 0;

	if (person_decode(a, v->body.text, &s.p, e) != 0)
		return -1;
	text_say(&s, "affiliation", s.p.affiliation, &to->kind);
	text_say(&s, "unit", s.p.unit, &to->unit);
	text_say(&s, "manager", s.p.manager, &to->manager);
	text_say(&s, "zone", s.p.zone, &to->zone);
	if (!only_absent(&s))
		text_say(&s, "cause", s.p.cause, &to->cause);
	s.zone = to->zone != NULL	 ? to->zone :
	    d != NULL && d->zone != NULL ? d->zone :
					   "UTC";
	if (zone_instant(s.zone, "2026-01-01", &ignored, e) != 0)
		return err_within(e, "zone: ");
	if (s.p.expires != NULL &&
	    fold_end_of(s.zone, s.p.expires, &ignored, e) != 0)
		return err_within(e, "expires: ");
	if (dates_say(&s, e) != 0 || attributes_say(&s, e) != 0)
		return -1;
	for (size_t i = 0; sayings[i].kind != NULL; i++)
		if (strcmp(sayings[i].kind, v->kind) == 0)
			sayings[i].say(&s);
	to->effective = v->effective;
	to->seq = v->seq;
	return 0;
}
