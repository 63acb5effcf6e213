/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/pipe.h"

#include <stdlib.h>
#include <string.h>

#include "engine/outgoing.h"

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
	p->ahead = old->ahead;
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

/* All calls that the rows say are out: of steps, as far as it matters here,
   and of scans. */
static int
calls_list(struct engine *e, struct many *rows, struct err *err)
{
	struct by_id none = { 0 };

	return store_list(e->store, e->arena, STMT_STEP_CALLS, by_id_fields,
	    &none, step_fields, sizeof(struct step), 0, rows, err);
}

/* How many of them are this system's, and how many of those may stand behind
   others. */
static int64_t
calls_of(const struct many *rows, const struct pipe *p, int64_t *ahead)
{
	const struct step *s = rows->item;
	int64_t n = 0;

	*ahead = 0;
	for (size_t i = 0; i < rows->n; i++)
		if (strcmp(s[i].system, p->def->system) == 0) {
			n++;
			*ahead += pipe_ahead(&s[i]);
		}
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

		p->in_flight = calls_of(&rows, p, &p->ahead);
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
		int64_t ahead, n = calls_of(&rows, p, &ahead);

		if (p->in_flight != n || p->ahead != ahead)
			return err_set(err, ERR_BUG,
			    "%s: %lld calls are out (%lld ahead), not %lld "
			    "(%lld)",
			    p->def->system, (long long)n, (long long)ahead,
			    (long long)p->in_flight, (long long)p->ahead);
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
