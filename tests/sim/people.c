/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sim.h"

static const char *const given[] = { "ann", "bob", "cy" };
static const char *const departments[] = { "eng", "ops", "hr" };

struct told { /* how a deed is told */
	const struct person_truth *who;
	const struct deed *deed;
	const char *event, *department, *given, *id;
	int64_t at; /* effective */
	bool blunt; /* as a record that says "ended" */
};

static const char *
event_text(struct sim *s, const struct told *t)
{
	struct buf b = { .arena = &s->arena };
	char at[TIME_TEXT], expires[TIME_TEXT];
	const struct person_truth *p = t->who;

	buf_printf(&b,
	    "{\"feed\":\"hr\",\"events\":[{\"key\":\"%s\","
	    "\"id\":\"%s\",\"event\":\"%s\",\"effective\":\"%s\"",
	    p->key, t->id, t->event, time_format(at, t->at));
	if (strcmp(t->event, "leaver") == 0 && chance_of(&s->chance, 0.3))
		buf_str(&b, ",\"cause\":\"for_cause\"");
	if (strcmp(t->event, "joiner") == 0 && p->service)
		buf_printf(&b,
		    ",\"kind\":\"service\",\"owner\":\"p0\"%s%s%s,"
		    "\"attributes\":{\"name\":\"%s\"}",
		    p->expires != 0 ? ",\"expires\":\"" : "",
		    p->expires != 0 ? time_format(expires, p->expires) : "",
		    p->expires != 0 ? "\"" : "", p->key);
	else if (strcmp(t->event, "joiner") == 0)
		buf_printf(&b,
		    ",\"display\":\"%s\",\"attributes\":"
		    "{\"given\":\"%s\",\"department\":\"%s\"}",
		    p->key, t->given, t->department);
	else if (t->given != NULL)
		buf_printf(&b, ",\"attributes\":{\"given\":\"%s\"}", t->given);
	else if (t->department != NULL)
		buf_printf(&b, ",\"attributes\":{\"department\":\"%s\"}",
		    t->department);
	buf_str(&b, "}]}");
	return buf_text(&b);
}

static void
tell(struct sim *s, int64_t when, const struct told *t, bool once)
{
	wire_command(s, when, "uid:10 hr", "event.add", event_text(s, t), once);
	if (when > s->people.last)
		s->people.last = when;
}

static const char *
withdrawal(struct sim *s, const struct told *t)
{
	return arena_printf(&s->arena,
	    "{\"feed\":\"hr\",\"events\":[{"
	    "\"key\":\"%s\",\"id\":\"%s\",\"event\":\"withdraw\"}]}",
	    t->who->key, t->id);
}

/* A leaver that was announced by mistake. */
static void
bogus(struct sim *s, struct person_truth *p, int64_t when)
{
	struct deed *d;
	struct told t;

	if (p->n == DEEDS_MOST)
		return;
	d = &p->deed[p->n++];
	*d = (struct deed){ .event = "leaver",
		.bogus = true,
		.at = when + 3 * HOUR + SIM_EPOCH - SIM_BOOT,
		.id = arena_printf(&s->arena, "%s-bogus", p->key) };
	t = (struct told){ p, d, "leaver", NULL, NULL, d->id, d->at, false };
	tell(s, when, &t, true);
	wire_command(s, when + chance_in(&s->chance, 1, HOUR), "uid:10 hr",
	    "event.add", withdrawal(s, &t), false);
	if (d->at - SIM_EPOCH + SIM_BOOT > s->people.last)
		s->people.last = d->at - SIM_EPOCH + SIM_BOOT;
}

/* What was told first was wrong; the same id tells it right. */
static int64_t
wrong_first(struct sim *s, int64_t when, const struct told *right)
{
	struct told wrong = *right;
	struct chance *c = &s->chance;

	if (right->department != NULL && chance_of(c, 0.5))
		wrong.department = departments[chance_in(c, 0, 2)];
	else
		wrong.at += chance_in(c, -30, 60) * MINUTE;
	tell(s, when, &wrong, true);
	return when + chance_span(c, 1, HOUR);
}

static void
deed_tell(struct sim *s, struct person_truth *p, struct deed *d)
{
	struct chance *c = &s->chance;
	int64_t when = d->at - SIM_EPOCH + SIM_BOOT;
	struct told t = { p, d, d->event, d->department, d->given, d->id, d->at,
		false };

	if (chance_of(c, 0.15))
		when -= chance_span(c, SECOND, 5 * HOUR);
	else if (chance_of(c, 0.2))
		when += chance_span(c, SECOND, 2 * HOUR);
	else
		when += chance_span(c, 1, 30 * SECOND);
	if (when <= SIM_BOOT)
		when = SIM_BOOT + 1;
	if (chance_of(c, 0.1))
		when = wrong_first(s, when, &t);
	tell(s, when, &t, false);
	if (chance_of(c, 0.1))
		tell(s, when + chance_span(c, 1, HOUR), &t, false);
	if (d->at - SIM_EPOCH + SIM_BOOT > s->people.last)
		s->people.last = d->at - SIM_EPOCH + SIM_BOOT;
}

static void
deed_add(struct sim *s, struct person_truth *p, const char *event,
    const char *department, int64_t at)
{
	struct deed *d = &p->deed[p->n];

	*d = (struct deed){ event, department, NULL, at,
		arena_printf(&s->arena, "%s-%d", p->key, p->n), false };
	if (strcmp(event, "rename") == 0 || strcmp(event, "joiner") == 0)
		d->given = given[chance_in(&s->chance, 0, 2)];
	p->n++;
}

/* The next thing that may become of somebody; NULL: nothing more. */
static const char *
next_event(struct chance *c, const char *last)
{
	double p = (double)chance_in(c, 0, 99) / 100;

	if (strcmp(last, "leave") == 0)
		return p < 0.6 ? "return" : p < 0.9 ? "leaver" : NULL;
	if (strcmp(last, "leaver") == 0)
		return p < 0.55 ? "rehire" : NULL;
	return p < 0.3 ? "mover" :
	    p < 0.4    ? "rename" :
	    p < 0.7    ? "leaver" :
	    p < 0.9    ? "leave" :
			 NULL;
}

static void
person_draw(struct sim *s, struct person_truth *p)
{
	struct chance *c = &s->chance;
	int64_t at = SIM_EPOCH + chance_span(c, SECOND, 4 * HOUR);
	const char *event = "joiner";

	while (event != NULL && p->n < 6) {
		bool dressed = strcmp(event, "joiner") == 0 ||
		    strcmp(event, "mover") == 0 || strcmp(event, "rehire") == 0;

		deed_add(s, p, event,
		    dressed ? departments[chance_in(c, 0, 2)] : NULL, at);
		at += chance_span(c, 500, 3 * HOUR);
		event = next_event(c, event);
	}
	for (int i = 0; i < p->n; i++)
		deed_tell(s, p, &p->deed[i]);
	if (chance_of(c, 0.07))
		bogus(s, p, SIM_BOOT + chance_span(c, MINUTE, 5 * HOUR));
}

static void
service_draw(struct sim *s, struct person_truth *p)
{
	struct chance *c = &s->chance;
	int64_t at = SIM_EPOCH + chance_span(c, SECOND, 3 * HOUR);

	p->service = true;
	if (chance_of(c, 0.5))
		p->expires = at / 1000 * 1000 +
		    chance_span(c, MINUTE, 4 * HOUR);
	deed_add(s, p, "joiner", NULL, at);
	if (chance_of(c, 0.3))
		deed_add(s, p, "leaver", NULL,
		    at + chance_span(c, SECOND, 3 * HOUR));
	for (int i = 0; i < p->n; i++)
		deed_tell(s, p, &p->deed[i]);
	if (p->expires - SIM_EPOCH + SIM_BOOT > s->people.last)
		s->people.last = p->expires - SIM_EPOCH + SIM_BOOT;
}

void
people_begin(struct sim *s)
{
	struct people *p = &s->people;
	struct chance *c = &s->chance;
	int services = (int)chance_in(c, 0, 1);

	memset(p, 0, sizeof(*p));
	p->n = (int)chance_in(c, 2, PEOPLE_MOST - 1);
	p->last = s->boot;
	for (int i = 0; i < p->n; i++) {
		snprintf(p->who[i].key, sizeof(p->who[i].key), "p%d", i);
		if (i >= p->n - services)
			service_draw(s, &p->who[i]);
		else
			person_draw(s, &p->who[i]);
	}
	p->badges = (int)chance_in(c, 0, 3);
	for (int i = 0; i < p->badges; i++)
		wire_command(s, s->boot + chance_span(c, 1, 3 * HOUR),
		    "uid:20 ops", "run.start",
		    arena_printf(&s->arena,
			"{\"workflow\":\"badge\",\"input\":{\"n\":\"%d\"}}",
			i + 1),
		    true);
}

/* Did people reject it, or was it withdrawn in time? */
static bool
counts(struct sim *s, const struct deed *d)
{
	static const char sql[] = "SELECT source_id, state FROM event"
				  " WHERE kind != 'withdraw'";
	sqlite3_stmt *st = rows_begin(&s->rows, sql, 0, 0);
	bool yes = !d->bogus; /* it may have got lost */

	while (rows_next(st))
		if (strcmp(rows_text(st, 0), d->id) == 0)
			yes = strcmp(rows_text(st, 1), "rejected") != 0 &&
			    (!d->bogus ||
				strcmp(rows_text(st, 1), "applied") == 0);
	return yes;
}

struct standing
people_standing(struct sim *s, const struct person_truth *p)
{
	struct standing now = { 0 };
	int64_t until = sim_wall(s), last = 0, dressed = 0, named = 0;

	for (int i = 0; i < p->n; i++) {
		const struct deed *d = &p->deed[i];

		if (d->at > until || !counts(s, d))
			continue;
		if (d->department != NULL && d->at >= dressed) {
			now.department = d->department;
			dressed = d->at;
		}
		if (d->given != NULL && d->at >= named) {
			now.given = d->given;
			named = d->at;
		}
		if (strcmp(d->event, "mover") == 0 ||
		    strcmp(d->event, "rename") == 0 || d->at < last)
			continue;
		last = d->at;
		now.state = strcmp(d->event, "leaver") == 0 ? "left" :
		    strcmp(d->event, "leave") == 0	    ? "suspended" :
							      "active";
	}
	if (p->expires != 0 && p->expires <= until && now.state != NULL)
		now.state = "left";
	return now;
}
