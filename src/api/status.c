/* SPDX-License-Identifier: Apache-2.0 */
#include "api/status.h"

#include <string.h>

#include "api/inside.h"
#include "base/clock.h"
#include "engine/pipe.h"
#include "model/config.h"
#include "store/store.h"

static int
tallies_read(struct store *s, struct arena *a, struct status *st, struct err *e)
{
	struct {
		enum stmt id;
		struct tally *to;
	} one[] = {
		{ STMT_API_OPEN_HOLDS, &st->holds },
		{ STMT_API_OPEN_CASES, &st->cases },
		{ STMT_API_OPEN_DEBTS, &st->debts },
		{ STMT_API_QUEUED_NOTICES, &st->notices },
		{ STMT_API_WAITING_EVENTS, &st->events },
		{ STMT_API_RUNS_FAILED, &st->failed },
	};
	struct {
		enum stmt id;
		struct many *to;
	} many[] = {
		{ STMT_API_RUNS_BY_CLASS, &st->runs },
		{ STMT_API_STEPS_BY_STATE, &st->steps },
		{ STMT_API_IDENTITIES_BY_STATE, &st->identities },
	};
	struct query q = { .at = st->now - STATUS_LATELY };

	for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++)
		if (store_get(s, a, one[i].id, query_fields, &q, tally_fields,
			one[i].to, e) != 0)
			return -1;
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
		if (store_list(s, a, many[i].id, query_fields, &q, tally_fields,
			sizeof(struct tally), 0, many[i].to, e) != 0)
			return -1;
	return 0;
}

static const char *
trouble(struct arena *a, const struct system_state *s)
{
	if (s->paused)
		return arena_printf(a, "%s: paused%s%s", s->system,
		    s->note == NULL ? "" : ": ",
		    s->note == NULL ? "" : s->note);
	if (s->breaker != NULL && strcmp(s->breaker, "closed") != 0)
		return arena_printf(a, "%s: breaker %s after %lld failures",
		    s->system, s->breaker, (long long)s->failures);
	return NULL;
}

static int
troubles_read(struct store *s, struct arena *a, struct texts *to, struct err *e)
{
	static const struct query q;
	struct many rows;

	if (store_list(s, a, STMT_SYSTEM_STATE_ALL, query_fields, &q,
		system_state_fields, sizeof(struct system_state), 0, &rows,
		e) != 0)
		return -1;
	to->item = arena_zero(a, rows.n, sizeof(*to->item));
	const struct system_state *row = rows.item;
	for (size_t i = 0; i < rows.n; i++) {
		const char *text = trouble(a, &row[i]);

		if (text != NULL)
			to->item[to->n++] = text;
	}
	return 0;
}

static void
published(struct request *r, struct status *st)
{
	struct api *api = r->api;
	const struct engine_counts *c = &api->state.counts;

	pthread_mutex_lock(&api->lock);
	st->instance = api->set->settings.instance == NULL ?
	    "muster" :
	    arena_str(&r->arena, api->set->settings.instance);
	st->definitions = api->set->digest == NULL ?
	    NULL :
	    arena_str(&r->arena, api->set->digest);
	st->sandbox = api->state.sandbox == NULL ?
	    "unknown" :
	    arena_str(&r->arena, api->state.sandbox);
	st->state = api->state.only_read ?
	    "only reading: a restored store waits for \"muster restore "
	    "accept\"" :
	    c->full_since != 0 ? "the disk is full: nothing new "
				 "begins until there is room" :
	    api->state.frozen  ? "frozen: only revocations and leavers go on" :
				 "ok";
	st->full_since = c->full_since;
	st->ticks = c->ticks;
	st->commits = c->commits;
	st->inputs = c->inputs;
	st->calls = c->calls;
	st->in_flight = c->in_flight;
	st->steps_done = c->steps_done;
	st->runs_done = c->runs_done;
	st->workers = api->state.workers;
	st->evaluators = api->state.evaluators;
	st->evidence = api->state.evidence_size;
	pthread_mutex_unlock(&api->lock);
}

int
status_read(struct request *r, struct status *st, struct err *e)
{
	published(r, st);
	st->version = MUSTER_VERSION;
	st->private_ = r->api->config.private_;
	st->now = clock_wall();
	st->since = r->api->opened;
	struct store *s = reader_take(r->api, e);
	if (s == NULL)
		return -1;
	st->room = store_room(s);
	int ret = store_look(s, e);
	if (ret == 0) {
		ret = tallies_read(s, &r->arena, st, e);
		if (ret == 0)
			ret = troubles_read(s, &r->arena, &st->troubled, e);
		store_unlook(s);
	}
	reader_give(r->api, s);
	return ret;
}

int
answer_status(struct request *r, struct err *e)
{
	struct status st = { 0 };

	if (status_read(r, &st, e) != 0)
		return -1;
	json_encode(&r->reply, status_fields, &st);
	return 0;
}

/* ok means: it reads its store and may write. */
int
answer_health(struct request *r, struct err *e)
{
	struct status st = { 0 };

	r->type = "text/plain; charset=utf-8";
	if (status_read(r, &st, e) != 0)
		return -1;
	bool well = !r->api->state.only_read && st.full_since == 0;
	if (!well)
		r->status = 503;
	buf_printf(&r->reply, "%s\n", well ? "ok" : st.state);
	return 0;
}
