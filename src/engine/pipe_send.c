/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes out to a system now, and in which order.
 */
#include <string.h>

#include "engine/outgoing.h"
#include "engine/pipe.h"
#include "engine/run.h"
#include "engine/scan.h"
#include "engine/step.h"

#define CUT_BELOW 2000 /* priorities of revoke and leave */
#define ALL_BELOW 1000000
#define PAGES 16	  /* of ready steps that are looked at in one tick */
#define SCAN_TIMEOUT HOUR /* of one whole reading of a system */

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

bool
pipe_cut(const struct step *s)
{
	return s->priority < CUT_BELOW;
}

bool
pipe_ahead(const struct step *s)
{
	return s->repeatable && s->secret == 0 && !pipe_cut(s);
}

enum lane {
	LANE_CUT,   /* revocations and leavers, which have a worker kept */
	LANE_ALONE, /* what needs a worker of its own */
	LANE_AHEAD, /* what may stand behind another call */
	LANES
};

static enum lane
lane_of(const struct step *s)
{
	return pipe_cut(s) ? LANE_CUT : pipe_ahead(s) ? LANE_AHEAD : LANE_ALONE;
}

static bool
cut_goes(const struct engine *e, const struct pipe *p)
{
	return p->cut_sent != 0 && e->now >= p->cut_sent &&
	    e->now < p->cut_sent + CALL_WAY;
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
	int64_t until = p->cut_sent + CALL_WAY;

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

/* Calls that its workers may still be given: one of them is kept for cuts,
   and what stands behind others keeps no further one busy. */
static int64_t
lane_room(const struct pipe *p, enum lane lane)
{
	int64_t all = p->def->concurrency, crowd = all > 1 ? all - 1 : 1;
	int64_t alone = p->in_flight - p->ahead;

	if (lane == LANE_AHEAD)
		return (crowd - alone) * p->def->ahead - p->ahead;
	if (lane == LANE_ALONE)
		return crowd - p->in_flight;
	return all - alone - (p->ahead < crowd ? p->ahead : crowd);
}

/* How many calls may go out now.  0 also when the breaker is open or the rate
   is used up; *due then gets the earliest time (wall clock) that this may
   change. */
static int64_t
pipe_room(struct engine *e, struct pipe *p, enum lane lane, int64_t *due)
{
	int64_t room = lane_room(p, lane), rate;

	if (lane != LANE_CUT && (stands(e, p) || makes_way(e, p, due)))
		return 0;
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
	p->ahead += pipe_ahead(s);
	if (pipe_cut(s))
		p->cut_sent = e->now;
}

void
pipe_answered(struct engine *e, struct pipe *p, const struct step *s)
{
	pipe_gave(e, p);
	if (pipe_ahead(s) && p->ahead > 0)
		p->ahead--;
	if (pipe_cut(s))
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
	int may;

	if (p == NULL || p->ready || e->policy_woken || e->roomless ||
	    e->only_read || strcmp(p->state.breaker, "closed") != 0 ||
	    pipe_room(e, p, lane_of(s), &e->out->due) == 0)
		return 0;
	if ((may = may_send(e, s, err)) <= 0)
		return may;
	if (step_send(e, s, p->def, err) != 0)
		return -1;
	if (strcmp(s->state, "sent") == 0)
		pipe_sent(e, p, s);
	return 1;
}

struct sending { /* what one pipe sends in one tick */
	int64_t room[LANES];
	int64_t most, sent; /* in all */
	bool left;	    /* some could not go now */
};

/* 1: nothing after this one may go either. */
static int
send_one(struct engine *e, struct pipe *p, struct step *s, struct sending *g,
    struct err *err)
{
	enum lane lane = lane_of(s);
	int may;

	if (g->sent >= g->room[lane] ||
	    (lane != LANE_CUT && makes_way(e, p, &e->out->due))) {
		g->left = true;
		return 1;
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
	struct ready_key key = ready_all(p->def->system, g->most + 8);
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
	struct sending g = { .most = 0 };

	for (enum lane lane = LANE_CUT; lane < LANES; lane++) {
		g.room[lane] = pipe_room(e, p, lane, &e->out->due);
		if (g.most < g.room[lane])
			g.most = g.room[lane];
	}
	if (g.most == 0)
		return 0;
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
scan_call(struct engine *e, const char *system, const char *verb,
    const char *in, int64_t *call, struct err *err)
{
	struct pipe *p = pipe_find(e, system);
	struct outcall *c;

	if (p == NULL)
		return err_set(err, ERR_GONE, "%s: no such system", system);
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
