/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/window.h"

#include <string.h>

#include "engine/meta.h"
#include "engine/outgoing.h"
#include "engine/verdict.h"

#define WINDOW HOUR

const struct field effect_count_fields[] = { FIELD(struct effect_count, effect,
						 0),
	FIELD(struct effect_count, system, 0), FIELD(struct effect_count, n, 0),
	FIELD(struct effect_count, of, 0), FIELD_END };

bool
effect_removes(const char *effect)
{
	return strcmp(effect, "remove") == 0 ||
	    strcmp(effect, "disable") == 0 || strcmp(effect, "delete") == 0;
}

static void
count_add(struct engine *e, struct many *counts, const char *effect,
    const char *system, int64_t n)
{
	struct effect_count *c = counts->item;

	for (size_t i = 0; i < counts->n; i++)
		if (strcmp(c[i].effect, effect) == 0 &&
		    strcmp(c[i].system, system) == 0) {
			c[i].n += n;
			return;
		}
	c = out_add(e->arena, counts, sizeof(*c));
	*c = (struct effect_count){ effect, system, n, 0 };
}

void
effects_count(struct engine *e, const struct item *items, size_t n,
    struct many *counts)
{
	for (size_t i = 0; i < n; i++)
		count_add(e, counts, items[i].effect, items[i].system, 1);
}

/* The whole changes slowly: it is counted once a minute, and only when
   something is taken away. */
int
window_total(struct engine *e, const char *effect, const char *system,
    int64_t *n, struct err *err)
{
	struct verdict_set *s = verdict_set(e);
	struct by_id none = { 0 };

	*n = 0;
	if (s->totals_at == 0 || e->now - s->totals_at > MINUTE ||
	    e->now < s->totals_at) {
		s->totals = (struct many){ 0 };
		if (store_list(e->store, &s->arena, STMT_POLICY_ACCOUNT_TOTALS,
			by_id_fields, &none, effect_count_fields,
			sizeof(struct effect_count), 0, &s->totals, err) != 0)
			return -1;
		s->totals_at = e->now;
	}
	const struct effect_count *c = s->totals.item;
	for (size_t i = 0; i < s->totals.n; i++)
		if (strcmp(c[i].effect, effect) == 0 &&
		    strcmp(c[i].system, system) == 0)
			*n = c[i].n;
	return 0;
}

/* Removals that this difference begins: now, or after an overlap.  Those
   whose overlap ran out were counted when it began. */
static void
removals(struct engine *e, const struct difference *d, struct many *counts)
{
	const struct item *items = d->items.item;
	const struct effect_count *later = d->later.item;

	for (size_t i = 0; i < d->items.n; i++)
		if (effect_removes(items[i].effect) &&
		    strcmp(items[i].mode, "enforce") == 0 &&
		    strcmp(items[i].reason != NULL ? items[i].reason : "",
			"its overlap is over") != 0)
			count_add(e, counts, items[i].effect, items[i].system,
			    1);
	for (size_t i = 0; i < d->later.n; i++) {
		const struct system_def *s = config_system(e->config,
		    later[i].system);

		if (s != NULL &&
		    strcmp(engine_mode(e, s, later[i].effect), "enforce") == 0)
			count_add(e, counts, later[i].effect, later[i].system,
			    later[i].n);
	}
}

static int
window_sum(struct engine *e, const struct many *counts, struct many *sums,
    struct err *err)
{
	struct by_id from = { e->now - WINDOW };
	struct many used = { 0 };
	const struct effect_count *c = counts->item;

	if (store_list(e->store, e->arena, STMT_WINDOW_SUM, by_id_fields, &from,
		effect_count_fields, sizeof(struct effect_count), 0, &used,
		err) != 0)
		return -1;
	for (size_t i = 0; i < counts->n; i++)
		count_add(e, sums, c[i].effect, c[i].system, c[i].n);
	c = used.item;
	for (size_t i = 0; i < used.n; i++)
		count_add(e, sums, c[i].effect, c[i].system, c[i].n);
	struct effect_count *s = sums->item;
	for (size_t i = 0; i < sums->n; i++)
		if (window_total(e, s[i].effect, s[i].system, &s[i].of, err) !=
		    0)
			return -1;
	return 0;
}

static int
window_use(struct engine *e, int64_t identity, const struct many *counts,
    struct err *err)
{
	const struct effect_count *c = counts->item;
	struct effect_use old = { .at = e->now - WINDOW };

	for (size_t i = 0; i < counts->n; i++) {
		struct effect_use u = { .at = e->now,
			.identity = identity,
			.effect = c[i].effect,
			.system = c[i].system,
			.n = c[i].n };

		if (store_put(e->store, STMT_WINDOW_ADD, effect_use_fields, &u,
			err) != 0)
			return -1;
	}
	return counts->n == 0 ?
	    0 :
	    store_put(e->store, STMT_WINDOW_DROP, effect_use_fields, &old, err);
}

/* Came it with a snapshot or a released hold, which was counted whole?  Not
   under other rules than these, though. */
static int
was_assessed(struct engine *e, int64_t identity, struct err *err)
{
	struct effect_use key = { .identity = identity, .at = e->now - WINDOW };
	struct by_id n = { 0 };
	int64_t rules = 0;

	if (meta_get(e, RULES_AT, &rules, err) != 0)
		return -1;
	if (rules >= key.at)
		key.at = rules + 1;
	if (store_get(e->store, e->arena, STMT_WINDOW_ASSESSED,
		effect_use_fields, &key, by_id_fields, &n, err) != 0)
		return -1;
	return n.id > 0;
}

enum stand { FREE, RELEASED, WAITS };

/*
 * Where an identity stands with the holds.  A rejected one (its number is
 * negative then) goes on waiting, so that what a person refused does not
 * trickle through hour by hour; until the rules change, or a person asks
 * for this identity.
 */
static int
stand_of(struct engine *e, int64_t identity, enum stand *out, struct err *err)
{
	struct by_id key = { identity };
	struct parked p = { 0 };
	struct hold h = { 0 };
	int found = store_find(e->store, e->arena, STMT_PARKED_FIND,
	    by_id_fields, &key, parked_fields, &p, err);

	*out = found <= 0 ? FREE : p.passed ? RELEASED : WAITS;
	if (*out != WAITS)
		return found < 0 ? -1 : 0;
	key.id = p.hold < 0 ? -p.hold : p.hold;
	if (store_get(e->store, e->arena, STMT_POLICY_HOLD_STATE, by_id_fields,
		&key, hold_fields, &h, err) != 0)
		return -1;
	if (strcmp(h.subject,
		arena_printf(e->arena, "policy/%s", e->config->digest)) != 0)
		*out = FREE;
	return 0;
}

struct json
trips_json(struct engine *e, const struct texts *t)
{
	struct buf b = { .arena = e->arena };

	buf_char(&b, '[');
	for (size_t i = 0; i < t->n; i++) {
		if (i > 0)
			buf_char(&b, ',');
		json_string(&b, t->item[i]);
	}
	buf_char(&b, ']');
	return (struct json){ buf_text(&b) };
}

static struct json
counts_json(struct engine *e, const struct many *counts)
{
	struct buf b = { .arena = e->arena };
	const struct effect_count *c = counts->item;

	buf_char(&b, '{');
	for (size_t i = 0; i < counts->n; i++) {
		if (i > 0)
			buf_char(&b, ',');
		json_string(&b,
		    arena_printf(e->arena, "%s %s", c[i].effect, c[i].system));
		buf_printf(&b, ":%lld", (long long)c[i].n);
	}
	buf_char(&b, '}');
	return (struct json){ buf_text(&b) };
}

/* One hold for one configuration: the identities that wait are rows. */
static int
window_hold(struct engine *e, const struct window *v, int64_t *hold,
    struct err *err)
{
	struct by_name key = { arena_printf(e->arena, "policy/%s",
	    e->config->digest) };
	struct by_id open = { 0 };
	int found = store_find(e->store, e->arena, STMT_PARKED_HOLD,
	    by_name_fields, &key, by_id_fields, &open, err);
	struct hold_want w = { .kind = "plan",
		.subject = key.name,
		.reason = "changes of people or rules take away more than the "
			  "guards allow within an hour",
		.loaded_by = "muster",
		.counts = counts_json(e, &v->sums),
		.trips = trips_json(e, &v->trips),
		.need = e->config->settings.mass_people };

	*hold = open.id;
	if (found != 0)
		return found < 0 ? -1 : 0;
	return hold_open(e, &w, hold, err);
}

int
window_trips(struct engine *e, const struct identity *who,
    const struct difference *d, struct window *v, struct err *err)
{
	struct many counts = { 0 };
	enum stand stand;
	int pass, trip;

	memset(v, 0, sizeof(*v));
	removals(e, d, &counts);
	if (counts.n == 0 || strcmp(who->state, "left") == 0)
		return 0;
	if (stand_of(e, who->id, &stand, err) != 0 ||
	    (pass = was_assessed(e, who->id, err)) < 0)
		return -1;
	if (pass > 0 || stand == RELEASED)
		return 0;
	v->waits = stand == WAITS;
	if (v->waits)
		return 1;
	if (window_sum(e, &counts, &v->sums, err) != 0)
		return -1;
	trip = guard_trips(e, &e->config->settings.guards, v->sums.item,
	    v->sums.n, &v->trips, err);
	return trip != 0 ? trip : window_use(e, who->id, &counts, err);
}

int
window_park(struct engine *e, int64_t identity, const struct window *v,
    struct err *err)
{
	struct parked p = { .identity = identity };

	if (v->waits)
		return 0;
	if (window_hold(e, v, &p.hold, err) != 0)
		return -1;
	return store_put(e->store, STMT_PARKED_ADD, parked_fields, &p, err);
}

int
window_done(struct engine *e, int64_t identity, struct err *err)
{
	struct by_id key = { identity };

	return store_put(e->store, STMT_PARKED_DROP, by_id_fields, &key, err);
}

static int
decided(struct engine *e, const struct parked *p, struct err *err)
{
	if (!p->passed && p->hold > 0) /* superseded */
		return window_done(e, p->identity, err);
	if (store_put(e->store, STMT_PARKED_ADD, parked_fields, p, err) != 0)
		return -1;
	return p->passed ? identity_touch(e, p->identity, e->now, err) : 0;
}

int
window_rules_changed(struct engine *e, const char *digest, struct err *err)
{
	struct by_name key = { arena_printf(e->arena, "policy/%s", digest) };
	struct by_id open = { 0 };
	int found = store_find(e->store, e->arena, STMT_PARKED_HOLD,
	    by_name_fields, &key, by_id_fields, &open, err);

	return found <= 0 ?
	    found :
	    hold_supersede(e, open.id, "the rules changed", err);
}

int
window_due(struct engine *e, struct err *err)
{
	struct by_id none = { 0 };
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, STMT_PARKED_DECIDED, by_id_fields,
		&none, parked_fields, sizeof(struct parked), 0, &rows,
		err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++)
		if (decided(e, (const struct parked *)rows.item + i, err) != 0)
			return -1;
	if (rows.n == 64)
		e->out->again = true;
	return 0;
}
