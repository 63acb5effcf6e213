/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/leavers.h"

#include <string.h>

#include "engine/fold.h"
#include "engine/load.h"
#include "model/person.h"

/* When it says that access ends; 0: it does not say. */
static int64_t
end_said(const struct feed_def *d, const struct person *p)
{
	const char *zone = p->zone != NULL ? p->zone : d->zone;
	const char *ends[] = { p->end, p->last_day };
	struct err ignored;
	int64_t first = 0;

	for (size_t i = 0; i < 2; i++) {
		int64_t at = 0;

		if (ends[i] != NULL &&
		    fold_end_of(zone, ends[i], &at, &ignored) == 0 &&
		    (first == 0 || at < first))
			first = at;
	}
	return first;
}

static int
affiliation_of(struct engine *e, const struct event *v, struct affiliation *a,
    struct err *err)
{
	struct affiliation key = { .feed = v->source, .key = v->key };

	return store_find(e->store, e->arena, STMT_AFFILIATION_BY_KEY,
	    affiliation_fields, &key, affiliation_fields, a, err);
}

/* Is the end of somebody known earlier than it was? */
static int
is_forward(struct engine *e, const struct event *v, int64_t at, struct err *err)
{
	struct affiliation a = { 0 };
	int found = affiliation_of(e, v, &a, err);
	int64_t was = a.ends;

	if (found <= 0)
		return found;
	if (a.last_day != 0 && (was == 0 || a.last_day < was))
		was = a.last_day;
	return was == 0 || at < was;
}

int
leavers_look(struct engine *e, const struct feed_def *d, struct event *v,
    const struct person *p, struct err *err)
{
	static const char *const kinds[] = { "record", "mover", "rename",
		"leave", "return", NULL };
	int64_t at = end_said(d, p);
	size_t i = 0;
	int forward;

	if (v->snapshot != 0 && strcmp(d->as, "snapshot") == 0)
		return 0; /* counted with its snapshot */
	while (kinds[i] != NULL && strcmp(kinds[i], v->kind) != 0)
		i++;
	if (kinds[i] != NULL &&
	    ((at != 0 && at <= e->now) ||
		(p->status != NULL && strcmp(p->status, "ended") == 0)))
		v->kind = "leaver";
	v->leaves = strcmp(v->kind, "leaver") == 0;
	if (v->leaves || at == 0 || at > e->now + AHEAD)
		return 0;
	if ((forward = is_forward(e, v, at, err)) < 0)
		return -1;
	v->leaves = forward > 0;
	return 0;
}

static int
protected_one(struct engine *e, const struct event *v, struct identity *who,
    struct err *err)
{
	struct affiliation a = { 0 };
	struct by_id id;
	int found = affiliation_of(e, v, &a, err);

	if (found <= 0)
		return found;
	id.id = a.identity;
	if (store_get(e->store, e->arena, STMT_POLICY_IDENTITY, by_id_fields,
		&id, identity_fields, who, err) != 0)
		return -1;
	return who->protected_ || who->guarded;
}

/* One hold for each feed and sender: nobody releases what he brought. */
static int
hold_join(struct engine *e, struct event *v, const struct hold_want *w,
    struct err *err)
{
	struct hold key = { .subject = w->subject, .loaded_by = w->loaded_by },
		    h = { 0 };
	struct by_id n = { 0 };
	int found = store_find(e->store, e->arena, STMT_EVENT_HOLD_OPEN,
	    hold_fields, &key, hold_fields, &h, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return hold_open(e, w, &v->hold, err) != 0 ? -1 : 1;
	v->hold = n.id = h.id;
	if (store_get(e->store, e->arena, STMT_EVENT_HELD_COUNT, by_id_fields,
		&n, by_id_fields, &n, err) != 0)
		return -1;
	h.counts.text = arena_printf(e->arena, "{\"leavers\":%lld}",
	    (long long)n.id + 1);
	h.releases.text = "[]"; /* who released it has not seen this one */
	return store_put(e->store, STMT_HOLD_SAVE, hold_fields, &h, err) != 0 ?
	    -1 :
	    1;
}

static int
hold_many(struct engine *e, const struct feed_def *d, struct event *v,
    int64_t n, struct err *err)
{
	struct buf b = { .arena = e->arena };
	struct hold_want w = { .kind = "events",
		.loaded_by = v->actor,
		.subject = feed_subject(e, d->feed),
		.reason = arena_printf(e->arena,
		    "feed %s announces more leavers "
		    "in a day than it may",
		    d->feed),
		.counts = { "{\"leavers\":1}" },
		.need = e->config->settings.mass_people };

	buf_char(&b, '[');
	json_string(&b,
	    arena_printf(e->arena,
		"leavers: %lld within a day, "
		"and at most %lld may be without a release",
		(long long)n + 1, (long long)d->leavers_a_day));
	buf_char(&b, ']');
	w.trips.text = buf_text(&b);
	return hold_join(e, v, &w, err);
}

int
leavers_hold(struct engine *e, const struct feed_def *d, struct event *v,
    struct err *err)
{
	struct event since = { .source = d->feed, .received = e->now - DAY };
	struct identity who = { 0 };
	struct by_id n = { 0 };
	int is_protected;

	if (!v->leaves)
		return 0;
	if ((is_protected = protected_one(e, v, &who, err)) < 0)
		return -1;
	if (is_protected) {
		struct hold_want w = { .kind = "events",
			.loaded_by = v->actor,
			.trips = { "[]" },
			.subject = arena_printf(e->arena, "identity/%s",
			    who.uid),
			.reason = "somebody protected would leave",
			.counts = { "{\"leavers\":1}" },
			.need = e->config->settings.mass_people };

		return hold_join(e, v, &w, err);
	}
	if (store_get(e->store, e->arena, STMT_EVENT_LEAVERS, event_fields,
		&since, by_id_fields, &n, err) != 0)
		return -1;
	return n.id < d->leavers_a_day ? 0 : hold_many(e, d, v, n.id, err);
}

static int
decided_one(struct engine *e, struct event *v, bool released, struct err *err)
{
	bool now = v->effective <= e->now;

	v->state = !released ? "rejected" : now ? "due" : "future";
	v->due = !released ? 0 : now ? e->now : v->effective;
	if (store_put(e->store, STMT_EVENT_SAVE, event_fields, v, err) != 0)
		return -1;
	return event_note(e, v, released ? "event.released" : "event.rejected",
	    err);
}

int
event_holds_due(struct engine *e, struct err *err)
{
	struct by_id none = { 0 };
	struct hold h = { 0 };
	struct many rows = { 0 };
	int found = store_find(e->store, e->arena, STMT_EVENT_DECIDED,
	    by_id_fields, &none, hold_fields, &h, err);

	if (found <= 0)
		return found;
	none.id = h.id;
	if (store_list(e->store, e->arena, STMT_EVENT_OF_HOLD, by_id_fields,
		&none, event_fields, sizeof(struct event), 0, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++)
		if (decided_one(e, (struct event *)rows.item + i,
			strcmp(h.state, "released") == 0, err) != 0)
			return -1;
	e->out->again = true;
	return 0;
}
