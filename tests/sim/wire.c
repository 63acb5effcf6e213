/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/inside.h"
#include "policy.h"
#include "sim.h"

const char *const fault_words[FAULTS] = { "none", "lost request", "lost reply",
	"late", "worker died", "busy", "denied", "gone", "conflict", "refused",
	"garbage", "unverified" };

void
wire_begin(struct sim *s)
{
	struct wire *w = &s->wire;
	struct chance *c = &s->chance;
	static const double ordinary[FAULTS] = { 0, 3, 3, 3, 2, 3, 0.3, 1, 0.5,
		0.5, 1, 1 };

	w->flights = w->parcels = 0;
	w->serial = 0;
	w->fault_rate = chance_of(c, 0.15) ? 0 :
					     (double)chance_in(c, 1, 40) / 100;
	w->answer_fault_rate = chance_of(c, 0.5) ?
	    0 :
	    (double)chance_in(c, 1, 30) / 100;
	w->slow = chance_span(c, 20, 3000);
	memcpy(w->weight, ordinary, sizeof(ordinary));
	/* Some schedules suffer from one thing above all. */
	if (chance_of(c, 0.5))
		w->weight[chance_in(c, 1, FAULTS - 1)] *= 20;
}

static struct parcel *
parcel_add(struct sim *s, int64_t at, enum parcel_kind kind)
{
	struct wire *w = &s->wire;
	struct parcel *p = NULL;

	for (int i = 0; i < w->parcels && p == NULL; i++)
		if (!w->parcel[i].used)
			p = &w->parcel[i];
	if (p == NULL && w->parcels == w->parcel_room) {
		w->parcel_room = w->parcel_room == 0 ? 64 : 2 * w->parcel_room;
		w->parcel = realloc(w->parcel,
		    (size_t)w->parcel_room * sizeof(*p));
		if (w->parcel == NULL)
			abort();
	}
	if (p == NULL)
		p = &w->parcel[w->parcels++];
	*p = (struct parcel){ .at = at,
		.serial = ++w->serial,
		.kind = kind,
		.used = true,
		.flight = -1 };
	return p;
}

static void
reply_add(struct sim *s, int64_t at, int flight, bool result,
    enum err_class cls, int64_t after)
{
	struct parcel *p = parcel_add(s, at, PARCEL_REPLY);

	p->flight = flight;
	p->result = result;
	if (cls == ERR_NONE)
		return;
	err_set(&p->why, cls, "sim: %s", err_meanings[cls].word);
	p->why.after_ms = after;
}

static enum fault
fault_draw(struct sim *s, const struct flight *f)
{
	const struct wire *w = &s->wire;
	double sum = 0, at;

	if (s->calm)
		return FAULT_NONE;
	if (s->world.out_until[f->system] > s->boot)
		return chance_of(&s->chance, 0.5) ? FAULT_BUSY :
						    FAULT_LOST_REQUEST;
	if (!chance_of(&s->chance, w->fault_rate))
		return FAULT_NONE;
	for (int i = 1; i < FAULTS; i++)
		sum += w->weight[i];
	at = sum * (double)(chance_next(&s->chance) >> 11) / 9007199254740992.0;
	for (int i = 1; i < FAULTS; i++)
		if ((at -= w->weight[i]) < 0)
			return (enum fault)i;
	return FAULT_NONE;
}

/* A replica lags once; whoever lies twice, and well apart, is believed. */
static bool
lied_before(const struct sim *s, const struct flight *f)
{
	for (int i = 0; i < s->wire.flights; i++)
		if (s->wire.flight[i].step == f->step &&
		    s->wire.flight[i].fault == FAULT_GONE)
			return true;
	return false;
}

static void
text_take(struct arena *a, const char *in, const char *member, char *to,
    size_t n)
{
	const char *t = in != NULL ? json_member_text(a, in, member) : NULL;

	snprintf(to, n, "%s", t != NULL ? t : "");
}

static bool
truth_of(struct arena *a, const char *in, const char *member)
{
	const char *t = json_member(a, in, member);

	return t != NULL && strcmp(t, "true") == 0;
}

static void
asked_read(struct sim *s, const char *in, struct asked *q)
{
	struct arena *a = &s->arena;
	const char *attributes = json_member(a, in, "attributes");
	char number[24];

	*q = (struct asked){ 0 };
	text_take(a, in, "id", number, sizeof(number));
	q->id = strtoll(number, NULL, 10);
	text_take(a, in, "n", number, sizeof(number));
	q->n = (int)strtol(number, NULL, 10);
	text_take(a, in, "name", q->name, sizeof(q->name));
	text_take(a, in, "kind", q->kind, sizeof(q->kind));
	text_take(a, in, "entitlement", q->entitlement, sizeof(q->entitlement));
	text_take(a, attributes, "cn", q->cn, sizeof(q->cn));
	text_take(a, attributes, "department", q->department,
	    sizeof(q->department));
	q->disabled = truth_of(a, in, "disabled");
	q->create_only = truth_of(a, in, "create_only");
}

/* When it gets there, and what comes back. */
static void
flight_plan(struct sim *s, int i)
{
	static const enum err_class classes[FAULTS] = { [FAULT_BUSY] = ERR_BUSY,
		[FAULT_DENIED] = ERR_DENIED,
		[FAULT_GONE] = ERR_GONE,
		[FAULT_CONFLICT] = ERR_CONFLICT,
		[FAULT_REFUSED] = ERR_REFUSED };
	struct flight *f = &s->wire.flight[i];
	struct chance *c = &s->chance;
	int64_t late = f->settle * 9 / 10;
	int64_t most = s->wire.slow < f->timeout / 3 ? s->wire.slow :
						       f->timeout / 3;
	int64_t there = s->boot + chance_in(c, 1, most);
	int64_t back = there + chance_in(c, 1, most);
	int64_t deadline = s->boot + f->timeout;

	if (plant_is(s, "late"))
		late = 20 * f->settle;
	switch (f->fault) {
	case FAULT_LOST_REQUEST:
		reply_add(s, deadline, i, false, ERR_UNKNOWN, 0);
		return;
	case FAULT_LOST_REPLY:
		f->reaches = there;
		reply_add(s, deadline, i, false, ERR_UNKNOWN, 0);
		break;
	case FAULT_LATE:
		f->reaches = deadline + chance_in(c, 0, late);
		reply_add(s, deadline, i, false, ERR_UNKNOWN, 0);
		break;
	case FAULT_DIED:
		if (chance_of(c, 0.7))
			f->reaches = there + chance_in(c, 0, late);
		reply_add(s, there, i, false, ERR_UNKNOWN, 0);
		break;
	case FAULT_NONE:
	case FAULT_GARBAGE:
	case FAULT_UNVERIFIED:
		f->reaches = there;
		reply_add(s, back, i, true, ERR_NONE, 0);
		break;
	default:
		reply_add(s, there, i, false, classes[f->fault],
		    f->fault == FAULT_BUSY && chance_of(c, 0.4) ?
			chance_span(c, 100, 60000) :
			0);
		return;
	}
	/* Once more, or at last: nobody waits for it any longer. */
	if (f->reaches != 0 && !s->calm &&
	    chance_of(c, f->fault == FAULT_NONE ? 0.05 : 0.5))
		reply_add(s,
		    (f->reaches > back ? f->reaches : back) +
			chance_span(c, 1, 2 * MINUTE),
		    i, true, ERR_NONE, 0);
}

void
wire_call(struct sim *s, const struct outcall *c)
{
	struct wire *w = &s->wire;
	const struct system_def *d = config_system(s->config, c->system);
	sqlite3_stmt *st;
	struct flight *f;

	if (w->flights == w->flight_room) {
		w->flight_room = w->flight_room == 0 ? 64 : 2 * w->flight_room;
		w->flight = realloc(w->flight,
		    (size_t)w->flight_room * sizeof(*f));
		if (w->flight == NULL)
			abort();
	}
	f = &w->flight[w->flights++];
	*f = (struct flight){ .call = c->call,
		.epoch = c->epoch,
		.system = world_system(c->system),
		.timeout = c->timeout,
		.settle = d->settle };
	snprintf(f->verb, sizeof(f->verb), "%s", c->verb);
	st = rows_begin(&s->rows,
	    "SELECT id, identity, account FROM step"
	    " WHERE \"call\" = ?1 AND \"call\" != 0",
	    c->call, 0);
	if (rows_next(st)) {
		f->step = sqlite3_column_int64(st, 0);
		f->identity = sqlite3_column_int64(st, 1);
		f->account = sqlite3_column_int64(st, 2);
	}
	sqlite3_reset(st);
	asked_read(s, c->in, &f->ask);
	f->fault = fault_draw(s, f);
	if (f->fault == FAULT_GONE && lied_before(s, f))
		f->fault = FAULT_BUSY;
	sim_say(s, "  call %llx %s %s step %lld #%lld %s%s%s: %s",
	    (unsigned long long)c->call, c->system, c->verb, (long long)f->step,
	    (long long)f->ask.id, f->ask.name, f->ask.entitlement,
	    f->ask.disabled ? " disabled" : "", fault_words[f->fault]);
	flight_plan(s, w->flights - 1);
}

void
wire_question(struct sim *s, const struct question *q)
{
	struct chance *c = &s->chance;
	struct parcel *p = parcel_add(s, s->boot + chance_span(c, 1, 400),
	    PARCEL_ANSWER);
	static const enum err_class classes[] = { ERR_BUSY, ERR_UNKNOWN,
		ERR_REFUSED };

	p->question = q->id;
	p->identity = rows_number(&s->rows,
	    "SELECT identity FROM ask"
	    " WHERE id = ?1",
	    q->id, 0);
	if (!s->calm && chance_of(c, s->wire.answer_fault_rate)) {
		p->bad = true;
		if (chance_of(c, 0.4)) {
			enum err_class cls = classes[chance_in(c, 0, 2)];

			p->at += cls == ERR_UNKNOWN ? 5 * SECOND : 0;
			err_set(&p->why, cls, "sim: no answer");
			return;
		}
	}
	p->out = policy_say(s, q, p->bad && !plant_is(s, "verdict"));
	if (p->bad && plant_is(s, "verdict"))
		p->out = policy_deny(s, q);
}

void
wire_command(struct sim *s, int64_t at, const char *actor, const char *verb,
    const char *body, bool once)
{
	struct parcel *p = parcel_add(s, at, PARCEL_COMMAND);

	p->actor = actor;
	p->verb = verb;
	p->body = body;
	p->once = once;
}

static void
garble(struct sim *s, struct flight *f)
{
	static const char *const nonsense[] = { "[]", "{\"changed\":7}",
		"{\"surprise\":true}", "{\"id\":{\"a\":1}}", "nonsense" };

	if (f->fault == FAULT_GARBAGE)
		f->out = nonsense[chance_in(&s->chance, 0, 4)];
}

void
wire_run(struct sim *s)
{
	struct wire *w = &s->wire;

	for (;;) {
		struct flight *first = NULL;

		for (int i = 0; i < w->flights; i++) {
			struct flight *f = &w->flight[i];

			if (f->reaches != 0 && !f->done &&
			    f->reaches <= s->boot &&
			    (first == NULL || f->reaches < first->reaches))
				first = f;
		}
		if (first == NULL)
			return;
		world_do(s, first);
		garble(s, first);
	}
}

void
wire_cut(struct sim *s)
{
	struct wire *w = &s->wire;
	struct chance *c = &s->chance;

	for (int i = 0; i < w->flights; i++) {
		struct flight *f = &w->flight[i];
		int64_t last = s->boot + chance_in(c, 0, f->settle * 9 / 10);

		if (f->done || f->reaches == 0 || f->answered ||
		    plant_is(s, "late"))
			continue;
		if (chance_of(c, 0.5))
			f->reaches = 0;
		else if (f->reaches > last)
			f->reaches = last;
	}
	for (int i = 0; i < w->parcels; i++) {
		struct parcel *p = &w->parcel[i];

		if (p->kind == PARCEL_ANSWER ||
		    (p->kind == PARCEL_REPLY &&
			(!p->result || chance_of(c, 0.5))))
			p->used = false;
	}
}

int64_t
wire_next(const struct sim *s)
{
	const struct wire *w = &s->wire;
	int64_t next = 0;

	for (int i = 0; i < w->flights; i++)
		if (w->flight[i].reaches != 0 && !w->flight[i].done &&
		    (next == 0 || w->flight[i].reaches < next))
			next = w->flight[i].reaches;
	for (int i = 0; i < w->parcels; i++)
		if (w->parcel[i].used && (next == 0 || w->parcel[i].at < next))
			next = w->parcel[i].at;
	return next;
}

bool
parcel_is_late(const struct sim *s, const struct parcel *p)
{
	const struct flight *f;

	if (p->kind != PARCEL_REPLY)
		return false;
	f = &s->wire.flight[p->flight];
	return f->answered || f->epoch != s->engine->epoch;
}
