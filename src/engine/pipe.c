/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/pipe.h"

#include <stdlib.h>
#include <string.h>

#include "engine/outgoing.h"
#include "engine/run.h"
#include "engine/scan.h"
#include "engine/step.h"

#define CUT_BELOW 2000 /* priorities of revoke and leave */
#define ALL_BELOW 1000000
#define PAGES 16	  /* of ready steps that are looked at in one tick */
#define WAY 20		  /* ms that others wait for a cut */
#define SCAN_TIMEOUT HOUR /* of one whole reading of a system */

const struct field system_state_fields[] = {
	FIELD(struct system_state, system, F_KEY, .help = "name of the system"),
	FIELD(struct system_state, breaker, 0,
	    .help = "closed, open or half: whether calls go out"),
	FIELD(struct system_state, failures, 0, .help = "failures in a row"),
	FIELD(struct system_state, breaker_until, F_TIME,
	    .help = "when one call is tried again"),
	FIELD(struct system_state, paused, 0,
	    .help = "a person stopped all but revocations"),
	FIELD(struct system_state, restored, 0,
	    .help = "only observed until it was reconciled"),
	FIELD(struct system_state, note, F_WIDE, .help = "who, and why"),
	FIELD_END
};

const struct field ready_key_fields[] = { FIELD(struct ready_key, system, 0),
	FIELD(struct ready_key, below, 0), FIELD(struct ready_key, most, 0),
	FIELD(struct ready_key, past, 0), FIELD(struct ready_key, after, 0),
	FIELD(struct ready_key, deletes, 0), FIELD_END };

struct ready_key
ready_all(const char *system, int64_t most)
{
	return (struct ready_key){ .system = system,
		.below = ALL_BELOW,
		.most = most,
		.past = INT64_MIN,
		.deletes = true };
}

struct pipe *
pipe_find(struct engine *e, const char *system)
{
	for (size_t i = 0; i < e->pipes.n; i++) {
		struct pipe *p = (struct pipe *)e->pipes.item + i;

		if (strcmp(p->def->system, system) == 0)
			return p;
	}
	return NULL;
}

/* The durable part, with texts that last as long as the configuration. */
static void
state_take(struct pipe *p, const struct system_state *s)
{
	static const char *const words[] = { "closed", "open", "half" };

	p->state.failures = s->failures;
	p->state.breaker_until = s->breaker_until;
	p->state.paused = s->paused;
	p->state.restored = s->restored;
	p->state.breaker = words[0];
	for (size_t i = 0; i < 3; i++)
		if (s->breaker != NULL && strcmp(words[i], s->breaker) == 0)
			p->state.breaker = words[i];
	strncpy(p->note, s->note != NULL ? s->note : "", sizeof(p->note) - 1);
	p->state.note = p->note;
}

static void
state_find(struct pipe *p, const struct many *states)
{
	const struct system_state *s = states->item;

	p->state = (struct system_state){ .system = p->def->system,
		.breaker = "closed" };
	for (size_t i = 0; i < states->n; i++)
		if (strcmp(s[i].system, p->def->system) == 0)
			state_take(p, &s[i]);
}

static void
pipe_init(struct pipe *p, const struct system_def *d, const struct pipe *old,
    const struct many *states)
{
	memset(p, 0, sizeof(*p));
	p->def = d;
	p->ready = true;
	state_find(p, states);
	if (old == NULL)
		return;
	p->in_flight = old->in_flight;
	p->scans = old->scans;
}

int
pipe_configure(struct engine *e, struct err *err)
{
	const struct many *systems = &e->config->systems;
	struct many states = { 0 }, old = e->pipes;
	struct by_id none = { 0 };
	struct arena a = { 0 };

	if (store_list(e->store, &a, STMT_SYSTEM_STATE_ALL, by_id_fields, &none,
		system_state_fields, sizeof(struct system_state), 0, &states,
		err) != 0) {
		arena_fini(&a);
		return -1;
	}
	struct pipe *item = calloc(systems->n + 1, sizeof(*item));
	if (item == NULL)
		abort();
	for (size_t i = 0; i < systems->n; i++) {
		const struct system_def *d = (const struct system_def *)
						 systems->item +
		    i;

		pipe_init(&item[i], d, pipe_find(e, d->system), &states);
	}
	free(old.item);
	e->pipes = (struct many){ systems->n, item };
	arena_fini(&a);
	return 0;
}

/* Thousandths of calls that the rate allows; refilled by the boot clock. */
static int64_t
tokens(struct engine *e, struct pipe *p, int64_t *due)
{
	const struct rate *r = &p->def->rate;
	int64_t full = r->calls * 1000, add;

	if (r->calls == 0 || r->per == 0)
		return INT64_MAX;
	if (p->refilled == 0)
		p->tokens = full;
	else if (e->boot > p->refilled) {
		add = (e->boot - p->refilled) * r->calls * 1000 / r->per;
		if (add == 0)
			goto out;
		p->tokens = p->tokens + add > full ? full : p->tokens + add;
	}
	p->refilled = e->boot;
out:
	if (p->tokens < 1000) {
		int64_t at = e->now + r->per / r->calls + 1;

		if (*due == 0 || at < *due)
			*due = at;
	}
	return p->tokens / 1000;
}

/* A listing under way, which may take an hour, is no call that tries whether
   the system works again. */
static bool
breaker_lets(struct engine *e, struct pipe *p, int64_t *due)
{
	if (strcmp(p->state.breaker, "closed") == 0)
		return true;
	if (strcmp(p->state.breaker, "half") == 0 ||
	    p->state.breaker_until <= e->now)
		return p->in_flight <= scan_calls(e, p->def->system);
	if (*due == 0 || p->state.breaker_until < *due)
		*due = p->state.breaker_until;
	return false;
}

/* Nothing but cuts goes out. */
static bool
stands(const struct engine *e, const struct pipe *p)
{
	return p->state.paused || p->state.restored || e->frozen;
}

static bool
is_cut(const struct step *s)
{
	return s->priority < CUT_BELOW;
}

static bool
cut_goes(const struct engine *e, const struct pipe *p)
{
	return p->cut_sent != 0 && e->now >= p->cut_sent &&
	    e->now < p->cut_sent + WAY;
}

bool
pipes_cut(const struct engine *e)
{
	for (size_t i = 0; i < e->pipes.n; i++)
		if (cut_goes(e, (const struct pipe *)e->pipes.item + i))
			return true;
	return false;
}

/* Nothing joins what is in flight beside a cut. */
static bool
makes_way(struct engine *e, struct pipe *p, int64_t *due)
{
	int64_t until = p->cut_sent + WAY;

	if (!cut_goes(e, p)) {
		p->stands = 0;
		return false;
	}
	if (p->stands == 0 || p->stands > e->now)
		p->stands = e->now;
	if (e->now >= p->stands + WAY_MOST)
		return false;
	if (*due == 0 || until < *due)
		*due = until;
	return true;
}

int64_t
pipe_room(struct engine *e, struct pipe *p, bool cut, int64_t *due)
{
	int64_t room = p->def->concurrency - p->in_flight, rate;

	if (!cut && (stands(e, p) || makes_way(e, p, due)))
		return 0;
	if (!cut && p->def->concurrency > 1)
		room--; /* one worker is kept for cuts */
	if (room <= 0 || !breaker_lets(e, p, due))
		return 0;
	if (strcmp(p->state.breaker, "closed") != 0)
		room = 1;
	rate = tokens(e, p, due);
	return room < rate ? room : rate;
}

void
pipe_took(struct engine *e, struct pipe *p)
{
	p->in_flight++;
	if (p->def->rate.calls != 0)
		p->tokens -= 1000;
	e->counts.in_flight++;
}

static void
pipe_sent(struct engine *e, struct pipe *p, const struct step *s)
{
	pipe_took(e, p);
	if (is_cut(s))
		p->cut_sent = e->now;
}

void
pipe_answered(struct engine *e, struct pipe *p, const struct step *s)
{
	pipe_gave(e, p);
	if (is_cut(s))
		p->cut_sent = 0;
}

void
pipe_gave(struct engine *e, struct pipe *p)
{
	if (p->in_flight > 0)
		p->in_flight--;
	if (e->counts.in_flight > 0)
		e->counts.in_flight--;
}

/* Systems of all calls that the rows say are out, one for each. */
static int
calls_list(struct engine *e, struct many *rows, struct err *err)
{
	struct by_id none = { 0 };

	return store_list(e->store, e->arena, STMT_STEP_CALLS, by_id_fields,
	    &none, by_name_fields, sizeof(struct by_name), 0, rows, err);
}

static int64_t
calls_of(const struct many *rows, const struct pipe *p)
{
	const struct by_name *r = rows->item;
	int64_t n = 0;

	for (size_t i = 0; i < rows->n; i++)
		n += strcmp(r[i].name, p->def->system) == 0;
	return n;
}

int
pipe_recount(struct engine *e, struct err *err)
{
	struct many rows = { 0 }, states = { 0 };
	struct by_id none = { 0 };

	if (calls_list(e, &rows, err) != 0 ||
	    store_list(e->store, e->arena, STMT_SYSTEM_STATE_ALL, by_id_fields,
		&none, system_state_fields, sizeof(struct system_state), 0,
		&states, err) != 0)
		return -1;
	for (size_t i = 0; i < e->pipes.n; i++) {
		struct pipe *p = (struct pipe *)e->pipes.item + i;

		p->in_flight = calls_of(&rows, p);
		p->ready = true;
		state_find(p, &states);
	}
	e->counts.in_flight = (int64_t)rows.n;
	return 0;
}

int
pipe_check(struct engine *e, struct err *err)
{
	struct many rows = { 0 };

	if (calls_list(e, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < e->pipes.n; i++) {
		const struct pipe *p = (const struct pipe *)e->pipes.item + i;
		int64_t n = calls_of(&rows, p);

		if (p->in_flight != n)
			return err_set(err, ERR_BUG,
			    "%s: %lld calls are out, not %lld", p->def->system,
			    (long long)n, (long long)p->in_flight);
	}
	return 0;
}

int
pipe_save(struct engine *e, struct pipe *p, const char *kind, struct err *err)
{
	if (store_put(e->store, STMT_SYSTEM_STATE_SAVE, system_state_fields,
		&p->state, err) != 0)
		return -1;
	if (kind == NULL)
		return 0;
	return note(e, kind,
	    arena_printf(e->arena, "system/%s", p->def->system), 0, 0,
	    system_state_fields, &p->state, err);
}

int
pipe_good(struct engine *e, struct pipe *p, struct err *err)
{
	if (p->state.failures == 0 && strcmp(p->state.breaker, "closed") == 0)
		return 0;
	bool was = strcmp(p->state.breaker, "closed") != 0;
	p->state.failures = 0;
	p->state.breaker = "closed";
	p->state.breaker_until = 0;
	p->ready = true;
	if (pipe_save(e, p, was ? "system.closed" : NULL, err) != 0)
		return -1;
	return was ? matter_settle(e, "system",
			 arena_printf(e->arena, "system/%s", p->def->system),
			 "it answers again", err) :
		     0;
}

int
pipe_bad(struct engine *e, struct pipe *p, const struct err *why,
    struct err *err)
{
	bool open = strcmp(p->state.breaker, "closed") != 0;

	p->state.failures++;
	if (!open && p->state.failures < p->def->breaker &&
	    why->cls != ERR_DENIED)
		return pipe_save(e, p, NULL, err);
	p->state.breaker = "open";
	p->state.breaker_until = e->now + p->def->breaker_pause;
	if (pipe_save(e, p, open ? NULL : "system.opened", err) != 0)
		return -1;
	struct matter_want w = { .kind = "system",
		.subject = arena_printf(e->arena, "system/%s", p->def->system),
		.what = arena_printf(e->arena,
		    "%s does not do what it is asked", p->def->system),
		.why = arena_str(e->arena, why->text),
		.choices = {
		    "{\"close\":\"muster goes on trying either way\"}" } };
	return matter_open(e, &w, NULL, err);
}

/* May this step go out now?  One call an account at a time, and nothing but
   a removal while an earlier one of unknown outcome may still arrive. */
static int
may_send(struct engine *e, const struct step *s, struct err *err)
{
	struct step key = { .id = s->id,
		.account = s->account,
		.removes = s->removes,
		.due = e->now };
	struct by_id n = { 0 };

	if (strcmp(s->verb, "account.delete") == 0 && e->jumped_until > e->now)
		return 0;
	if (s->account == 0)
		return 1;
	if (store_get(e->store, e->arena, STMT_STEP_BEFORE, step_fields, &key,
		by_id_fields, &n, err) != 0)
		return -1;
	return n.id == 0;
}

int
pipe_offer(struct engine *e, struct step *s, struct err *err)
{
	struct pipe *p = pipe_find(e, s->system);
	bool cut = is_cut(s);
	int may;

	if (p == NULL || p->ready || e->policy_woken || e->roomless ||
	    e->only_read || strcmp(p->state.breaker, "closed") != 0 ||
	    pipe_room(e, p, cut, &e->out->due) == 0)
		return 0;
	if ((may = may_send(e, s, err)) <= 0)
		return may;
	if (step_send(e, s, p->def, err) != 0)
		return -1;
	if (strcmp(s->state, "sent") == 0)
		pipe_sent(e, p, s);
	return 1;
}

struct sending {	     /* what one pipe sends in one tick */
	int64_t room, spare; /* for all, and for what is no cut */
	int64_t sent;
	bool left; /* some could not go now */
};

/* 1: nothing after this one may go either. */
static int
send_one(struct engine *e, struct pipe *p, struct step *s, struct sending *g,
    struct err *err)
{
	bool cut = is_cut(s);
	int may;

	if (g->sent >= (cut ? g->room : g->spare) ||
	    (!cut && makes_way(e, p, &e->out->due))) {
		g->left = true;
		return !cut || g->sent >= g->room;
	}
	if ((may = may_send(e, s, err)) == 0)
		g->left = true;
	if (may <= 0)
		return may;
	if (step_send(e, s, p->def, err) != 0)
		return -1;
	if (step_ended(s)) {			/* it could not even be asked */
		g->left = e->out->again = true; /* for what it let go */
		return run_advance(e, s->run, err);
	}
	pipe_sent(e, p, s);
	g->sent++;
	return 0;
}

/* Those that cannot go now are passed by, so that they keep nobody up. */
static int
send_some(struct engine *e, struct pipe *p, int64_t below, struct sending *g,
    struct err *err)
{
	struct ready_key key = ready_all(p->def->system, g->room + 8);
	int stop = 0;

	key.below = below;
	key.deletes = e->jumped_until <= e->now;
	for (int page = 0; page < PAGES; page++) {
		struct many rows = { 0 };

		if (store_list(e->store, e->arena, STMT_STEP_READY,
			ready_key_fields, &key, step_fields,
			sizeof(struct step), 0, &rows, err) != 0)
			return -1;
		for (size_t i = 0; i < rows.n && stop == 0; i++) {
			struct step *s = (struct step *)rows.item + i;

			key.past = s->priority;
			key.after = s->id;
			stop = send_one(e, p, s, g, err);
		}
		if (stop != 0 || (int64_t)rows.n < key.most)
			return stop < 0 ? -1 : 0;
	}
	g->left = true;
	return 0;
}

static int
pipe_push(struct engine *e, struct pipe *p, struct err *err)
{
	bool all = !stands(e, p);
	struct sending g = { .room = pipe_room(e, p, true, &e->out->due) };

	if (g.room == 0)
		return 0;
	g.spare = pipe_room(e, p, false, &e->out->due);
	if (strcmp(p->state.breaker, "open") == 0)
		p->state.breaker = "half";
	if (send_some(e, p, all ? ALL_BELOW : CUT_BELOW, &g, err) != 0)
		return -1;
	p->ready = g.left || !all;
	return 0;
}

int
pipe_send(struct engine *e, struct err *err)
{
	if (e->only_read)
		return 0;
	for (size_t i = 0; i < e->pipes.n; i++) {
		struct pipe *p = (struct pipe *)e->pipes.item + i;

		if (p->ready && pipe_push(e, p, err) != 0)
			return -1;
	}
	return 0;
}

/* A reading of a whole system: one call, beside the steps. */
int
scan_call(struct engine *e, int64_t scan, const char *system, const char *verb,
    const char *in, int64_t *call, struct err *err)
{
	struct pipe *p = pipe_find(e, system);
	struct outcall *c;

	if (p == NULL)
		return err_set(err, ERR_GONE, "%s: no such system", system);
	(void)scan;
	*call = (e->epoch << 32) | ++e->next_call;
	c = out_add(e->arena, &e->out->calls, sizeof(*c));
	*c = (struct outcall){ .call = *call,
		.epoch = e->epoch,
		.system = p->def->system,
		.verb = verb,
		.in = arena_str(e->arena, in),
		.timeout = SCAN_TIMEOUT };
	pipe_took(e, p);
	e->counts.calls++;
	return 0;
}
