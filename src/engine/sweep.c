/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/sweep.h"

#include <string.h>

#include "engine/meta.h"
#include "engine/verdict.h"
#include "engine/window.h"

#define SLICE 200 /* ids; the statement says the same */

/* Identities made due are worked off before more are. */
static int
sweep_slice(struct engine *e, struct sweep *s, struct err *err)
{
	struct identity key = { .id = s->cursor, .due = e->now };
	struct by_id none = { 0 }, last = { 0 };

	if (store_put(e->store, STMT_POLICY_IDENTITY_SWEEP, identity_fields,
		&key, err) != 0 ||
	    store_get(e->store, e->arena, STMT_POLICY_IDENTITY_LAST,
		by_id_fields, &none, by_id_fields, &last, err) != 0)
		return -1;
	s->cursor += SLICE;
	if (s->cursor >= last.id)
		s->cursor = -1;
	e->out->again = true;
	return store_put(e->store, STMT_POLICY_SWEEP_SAVE, sweep_fields, s,
	    err);
}

/*
 * A condition on the day comes true at midnight, and nobody tells: everybody
 * is looked at once more, once a day.  Memory believes only what it has read.
 */
static int
day_turn(struct engine *e, struct verdict_set *v, struct err *err)
{
	int64_t day = e->now / DAY + 1, last = 0;

	if (!v->dated || v->day == day)
		return 0;
	if (meta_get(e, "swept_day", &last, err) != 0)
		return -1;
	if (last == day) {
		v->day = day;
		return 0;
	}
	if (meta_put(e, "swept_day", day, err) != 0)
		return -1;
	return sweep_again(e, err);
}

int
sweep_due(struct engine *e, struct err *err)
{
	struct verdict_set *v = verdict_set(e);
	struct by_id none = { 0 };
	struct sweep s = { 0 };
	int found;

	if (day_turn(e, v, err) != 0)
		return -1;
	if (v->swept)
		return 0;
	found = store_find(e->store, e->arena, STMT_POLICY_SWEEP, by_id_fields,
	    &none, sweep_fields, &s, err);
	if (found < 0)
		return -1;
	if (found == 0 || strcmp(s.digest, e->config->digest) != 0) {
		if (found > 0 && window_rules_changed(e, s.digest, err) != 0)
			return -1;
		if (found > 0 && meta_put(e, RULES_AT, e->now, err) != 0)
			return -1;
		s.digest = e->config->digest;
		s.cursor = found == 0 ? -1 : 0;
		if (store_put(e->store, STMT_POLICY_SWEEP_SAVE, sweep_fields,
			&s, err) != 0)
			return -1;
	}
	v->swept = s.cursor < 0;
	return v->swept ? 0 : sweep_slice(e, &s, err);
}

int
sweep_again(struct engine *e, struct err *err)
{
	struct by_id none = { 0 };
	struct sweep s = { 0 };
	int found = store_find(e->store, e->arena, STMT_POLICY_SWEEP,
	    by_id_fields, &none, sweep_fields, &s, err);

	if (found < 0)
		return -1;
	verdict_set(e)->swept = false;
	e->policy_woken = e->out->again = true;
	if (found > 0 && strcmp(s.digest, e->config->digest) != 0)
		return 0; /* a new configuration is swept anyway */
	s = (struct sweep){ .digest = e->config->digest };
	return store_put(e->store, STMT_POLICY_SWEEP_SAVE, sweep_fields, &s,
	    err);
}
