/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays musterd: hands the engine what has arrived, and only what a tick
 * has put out to the world; dies and starts again over the same rows.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "engine/inside.h"
#include "engine/pipe.h"
#include "engine/steprow.h"
#include "operator.h"
#include "sim.h"

#define BATCH 32

static void
full_begin(struct sim *s)
{
	int64_t pages = rows_number(&s->rows, "PRAGMA page_count", 0, 0);

	s->full_until = s->boot + chance_span(&s->chance, SECOND, MINUTE);
	rows_number(&s->rows, "PRAGMA max_page_count = 1", 0, 0);
	sim_say(s, "disk full at %lld pages", (long long)pages);
}

static void
full_end(struct sim *s)
{
	sqlite3_exec(s->rows.db, "PRAGMA max_page_count = 1000000", NULL, NULL,
	    NULL);
	s->full_until = 0;
	sim_say(s, "room again");
}

static int
engine_begin(struct sim *s, struct err *e)
{
	bool rolled = false;
	struct engine_env env = { .store = s->store,
		.config = s->config,
		.random = chance_fill,
		.ctx = &s->chance };

	s->evidence = evidence_open(s->store, NULL, sim_wall(s), &rolled, e);
	if (s->evidence == NULL)
		return -1;
	evidence_random(s->evidence, chance_fill, &s->chance);
	env.evidence = s->evidence;
	s->engine = engine_open(&env, sim_wall(s), e);
	return s->engine != NULL ? 0 : -1;
}

void
daemon_stop(struct sim *s)
{
	engine_close(s->engine);
	if (s->evidence != NULL)
		evidence_close(s->evidence);
	s->engine = NULL;
	s->evidence = NULL;
}

/* Where there is no room it does not start, and is started again. */
void
daemon_start(struct sim *s)
{
	struct err e = { 0 };
	int ret = engine_begin(s, &e);

	if (ret != 0 && e.cls == ERR_FULL && s->full_until != 0) {
		daemon_stop(s);
		if (s->full_until > s->boot)
			s->boot = s->full_until;
		full_end(s);
		ret = engine_begin(s, &e);
	}
	if (ret != 0)
		sim_break(s, "engine", "it does not start: %s", e.text);
	s->wake = s->boot;
}

static void
daemon_crash(struct sim *s, const char *how)
{
	sim_say(s, "crash: %s", how);
	s->crashes++;
	daemon_stop(s);
	wire_cut(s);
	if (chance_of(&s->chance, 0.3))
		s->boot += chance_span(&s->chance, 1, 2 * MINUTE);
	daemon_start(s);
}

static enum end
end_draw(struct sim *s)
{
	struct chance *c = &s->chance;

	if (s->calm)
		return END_WELL;
	if (s->crash_every > 0 && s->ticks < 80)
		return s->ticks % s->crash_every == 0 ?
		    (enum end)chance_in(c, END_UNCOMMITTED, END_SPOKEN) :
		    END_WELL;
	if (!chance_of(c, s->crash_rate))
		return END_WELL;
	return (enum end)chance_in(c, END_UNCOMMITTED, END_SPOKEN);
}

static int
by_time(const void *a, const void *b)
{
	const struct parcel *const *x = a, *const *y = b;

	if ((*x)->at != (*y)->at)
		return (*x)->at < (*y)->at ? -1 : 1;
	return (*x)->serial < (*y)->serial ? -1 : 1;
}

/* What has arrived, the late ones apart; shuffled, but for commands, which
   their senders send one after another. */
static size_t
collect(struct sim *s, bool late, struct parcel **to)
{
	struct wire *w = &s->wire;
	size_t n = 0, most = late ? 1 : BATCH;

	for (int i = 0; i < w->parcels; i++) {
		struct parcel *p = &w->parcel[i];

		if (p->used && p->at <= s->boot && n < BATCH &&
		    parcel_is_late(s, p) == late)
			to[n++] = p;
	}
	if (n > 1)
		qsort(to, n, sizeof(*to), by_time);
	if (n > most)
		n = most;
	for (size_t i = 0; i + 1 < n; i++)
		if (to[i]->kind != PARCEL_COMMAND &&
		    to[i + 1]->kind != PARCEL_COMMAND &&
		    chance_of(&s->chance, 0.3)) {
			struct parcel *p = to[i];

			to[i] = to[i + 1];
			to[i + 1] = p;
		}
	return n;
}

static void
input_make(struct sim *s, const struct parcel *p, struct input *in)
{
	const struct flight *f;

	memset(in, 0, sizeof(*in));
	if (p->kind == PARCEL_COMMAND) {
		in->kind = INPUT_COMMAND;
		in->verb = p->verb;
		in->body = p->body;
		in->actor = (struct actor){ p->actor, ~0u };
		return;
	}
	in->kind = INPUT_INCOMING;
	in->incoming.taken = in->incoming.answered = sim_wall(s);
	in->incoming.why = p->why;
	if (p->kind == PARCEL_ANSWER) {
		in->incoming.kind = INCOMING_ANSWER;
		in->incoming.call = p->question;
		in->incoming.out = p->out;
		return;
	}
	f = &s->wire.flight[p->flight];
	in->incoming.kind = INCOMING_REPLY;
	in->incoming.call = plant_call(s, f);
	in->incoming.epoch = f->epoch;
	in->incoming.system = world_systems[f->system];
	if (p->result) {
		in->incoming.out = f->out;
		in->incoming.why = f->why;
	}
}

static void
refused(struct sim *s, const struct parcel *p, const struct err *why)
{
	sim_say(s, "  %s: %s", p->verb, why->text);
	if (strcmp(p->verb, "event.add") == 0 && why->cls != ERR_INPUT)
		sim_break(s, "engine", "%s: %s", p->verb, why->text);
}

/* What leaves the process after the commit. */
static void
speak(struct sim *s)
{
	const struct outcall *c = s->out.calls.item;
	const struct question *q = s->out.questions.item;

	for (size_t i = 0; i < s->out.calls.n; i++)
		check_sent(s, &c[i]);
	for (size_t i = 0; i < s->out.calls.n; i++)
		if (!plant_swallows(s, &c[i]))
			wire_call(s, &c[i]);
	for (size_t i = 0; i < s->out.questions.n; i++)
		wire_question(s, &q[i]);
}

static void
delivered(struct sim *s, struct parcel **p, size_t n)
{
	const struct engine_reply *r = s->out.replies.item;
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i]->kind == PARCEL_REPLY)
			s->wire.flight[p[i]->flight].answered = true;
		if (p[i]->kind == PARCEL_COMMAND && k < s->out.replies.n &&
		    r[k++].why.cls != ERR_NONE)
			refused(s, p[i], &r[k - 1].why);
		p[i]->used = false;
	}
}

/* Who got no answer asks again, unless what he said is out of date. */
static void
unanswered(struct sim *s, struct parcel **p, size_t n, bool committed)
{
	for (size_t i = 0; i < n; i++) {
		if (!p[i]->used)
			continue;
		if (p[i]->kind == PARCEL_COMMAND && !p[i]->once) {
			p[i]->at = s->boot;
			continue;
		}
		if (p[i]->kind == PARCEL_REPLY && committed)
			s->wire.flight[p[i]->flight].answered = true;
		p[i]->used = p[i]->kind == PARCEL_REPLY && !committed;
	}
}

static void
trace(struct sim *s, struct parcel **p, size_t n)
{
	if (!s->verbose)
		return;
	sim_say(s, "tick %lld at %.3f (%+lld)", (long long)s->ticks,
	    (double)(s->boot - SIM_BOOT) / 1000, (long long)s->offset);
	for (size_t i = 0; i < n; i++) {
		const struct flight *f = p[i]->flight < 0 ?
		    NULL :
		    &s->wire.flight[p[i]->flight];

		if (f != NULL)
			sim_say(s, "  reply %llx step %lld%s: %s",
			    (unsigned long long)f->call, (long long)f->step,
			    parcel_is_late(s, p[i]) ? " (late)" : "",
			    p[i]->why.cls != ERR_NONE  ? p[i]->why.text :
				f->why.cls != ERR_NONE ? f->why.text :
							 f->out);
		else if (p[i]->kind == PARCEL_ANSWER)
			sim_say(s, "  answer about %lld%s",
			    (long long)p[i]->identity,
			    p[i]->bad ? ": bad" : "");
		else
			sim_say(s, "  %s %s", p[i]->verb, p[i]->body);
	}
}

#define CHECKED 16 /* each so many ticks: what is kept of rows */

/* 0: it was committed. */
static int
tick_once(struct sim *s, struct parcel **p, size_t n, enum end end)
{
	struct input in[BATCH];
	struct err e = { 0 };
	int rc;

	for (size_t i = 0; i < n; i++)
		input_make(s, p[i], &in[i]);
	trace(s, p, n);
	s->ticks++;
	s->committing_fails = end == END_UNCOMMITTED;
	rc = engine_tick(s->engine, in, n, sim_wall(s), s->boot, &s->out, &e);
	if (end == END_UNCOMMITTED && rc != 0 && plant_is(s, "early")) {
		s->out = s->early;
		speak(s);
	}
	s->committing_fails = false;
	if (rc == 0 && s->ticks % CHECKED == 0 &&
	    (steprow_check(s->engine, &e) != 0 ||
		pipe_check(s->engine, &e) != 0))
		sim_break(s, "kept", "%s", e.text);
	if (rc == 0)
		return 0;
	if (end == END_UNCOMMITTED) {
		daemon_crash(s, "nothing was committed");
		unanswered(s, p, n, false);
	} else if (e.cls != ERR_FULL || s->full_until == 0) {
		sim_break(s, "engine", "engine_tick: %s", e.text);
	} else {
		sim_say(s, "  full: %s", e.text);
		s->wake = s->full_until > s->boot ? s->full_until :
						    s->boot + SECOND;
		for (size_t i = 0; i < n; i++)
			p[i]->at = s->wake;
	}
	return -1;
}

static void
wake_set(struct sim *s)
{
	int64_t wall = sim_wall(s), due;

	if (s->out.again) {
		s->wake = s->boot;
		return;
	}
	due = s->out.due;
	if (due >= wall + SECOND) /* only the daemon's nap */
		due = check_due(s);
	s->wake = due == 0 ? 0 :
	    due <= wall	   ? s->boot + 1 :
			     s->boot + due - wall;
}

static void
tick_with(struct sim *s, struct parcel **p, size_t n)
{
	enum end end = end_draw(s);

	check_before(s);
	if (tick_once(s, p, n, end) != 0)
		return;
	plant_rows(s);
	check_tick(s, p, n);
	wake_set(s);
	if (end == END_SILENT) {
		daemon_crash(s, "committed, and nothing left");
		unanswered(s, p, n, true);
		return;
	}
	speak(s);
	delivered(s, p, n);
	if (end != END_SPOKEN)
		return;
	daemon_crash(s, "after everything left");
}

/* A late reply comes when nothing else happens, and changes nothing. */
static void
late_one(struct sim *s, struct parcel *p)
{
	uint64_t before, after;

	int64_t crashes, serial = p->serial;

	for (int i = 0; i < 50 && s->broken == NULL; i++) {
		crashes = s->crashes;
		tick_with(s, NULL, 0);
		if (!s->out.again && s->crashes == crashes)
			break;
	}
	if (!p->used || p->serial != serial || s->broken != NULL ||
	    s->full_until != 0)
		return;
	before = check_sum(s);
	if (tick_once(s, &p, 1, END_WELL) != 0)
		return;
	after = check_sum(s);
	if (before != after)
		sim_break(s, "fence",
		    "a late reply to call %llx changed "
		    "something",
		    (unsigned long long)s->wire.flight[p->flight].call);
	speak(s);
	delivered(s, &p, 1);
	wake_set(s);
}

static void
weather(struct sim *s)
{
	struct chance *c = &s->chance;
	int64_t jump;

	if (s->full_until != 0 && (s->calm || s->full_until <= s->boot))
		full_end(s);
	if (s->calm)
		return;
	if (s->full_until == 0 && chance_of(c, s->full_rate))
		full_begin(s);
	if (chance_of(c, s->outage_rate)) {
		int i = (int)chance_in(c, 0, WORLD_SYSTEMS - 1);

		s->world.out_until[i] = s->boot + chance_span(c, SECOND, HOUR);
		sim_say(s, "%s is out", world_systems[i]);
	}
	/* A jump that nobody was there to see cannot be seen. */
	if (s->engine->skew == 0 || !chance_of(c, s->jump_rate))
		return;
	jump = s->offset != 0 && chance_of(c, 0.5) ? -s->offset :
	    chance_of(c, 0.5) ? chance_span(c, SECOND, 5 * HOUR) :
				-chance_span(c, SECOND, 5 * HOUR);
	s->offset += jump;
	sim_say(s, "the clock jumps by %lld ms", (long long)jump);
}

void
daemon_tick(struct sim *s)
{
	struct parcel *p[BATCH];
	size_t n;

	weather(s);
	operator_look(s);
	while (s->broken == NULL && collect(s, true, p) == 1) {
		if (s->full_until != 0) {
			p[0]->at = s->full_until + 1;
			continue;
		}
		late_one(s, p[0]);
		if (p[0]->used)
			break;
	}
	if (s->broken != NULL)
		return;
	n = collect(s, false, p);
	tick_with(s, p, n);
}

int64_t
daemon_next(struct sim *s)
{
	int64_t next = wire_next(s), look = operator_next(s);

	if (s->wake != 0 && (next == 0 || s->wake < next))
		next = s->wake;
	if (look != 0 && (next == 0 || look < next))
		next = look;
	return next != 0 && next < s->boot ? s->boot : next;
}
