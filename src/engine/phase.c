/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "engine/policy.h"

enum when { PAST, PRESENT, FUTURE };

/* When access by this affiliation ends; 0 never. */
static int64_t
stop(const struct affiliation *a)
{
	if (a->last_day != 0 && (a->ends == 0 || a->last_day < a->ends))
		return a->last_day;
	return a->ends;
}

static enum when
when(const struct affiliation *a, int64_t now)
{
	int64_t end = stop(a);

	if (end != 0 && (end <= now || end <= a->starts))
		return PAST;
	return a->starts <= now ? PRESENT : FUTURE;
}

static bool
is_away(const struct affiliation *a, int64_t now)
{
	return a->away_from != 0 && a->away_from <= now &&
	    (a->away_until == 0 || now < a->away_until);
}

/* The earliest moment after now. */
static void
sooner(int64_t *next, int64_t at, int64_t now)
{
	if (at > now && (*next == 0 || at < *next))
		*next = at;
}

static void
moments(const struct affiliation *a, const struct settings *s, int64_t now,
    int64_t *next)
{
	sooner(next, a->starts, now);
	sooner(next, a->starts - s->prehire, now);
	sooner(next, a->ends, now);
	sooner(next, a->last_day, now);
	sooner(next, a->away_from, now);
	sooner(next, a->away_until, now);
}

/* What is there of each kind, and the best of it. */
struct survey {
	const struct affiliation *present, *here, *past, *future;
};

static void
look(struct survey *v, const struct affiliation *a, int64_t now)
{
	switch (when(a, now)) {
	case PRESENT:
		if (v->present == NULL)
			v->present = a;
		if (v->here == NULL && !is_away(a, now))
			v->here = a;
		break;
	case PAST:
		if (v->past == NULL || stop(a) > stop(v->past))
			v->past = a;
		break;
	case FUTURE:
		if (v->future == NULL || a->starts < v->future->starts)
			v->future = a;
		break;
	}
}

/* Between an end and a start: one who moves, or one who left and may come
   back. */
static void
between(const struct survey *v, const struct settings *s, struct phase *out)
{
	if (v->past != NULL && v->future->starts - stop(v->past) <= s->gap) {
		out->state = "active";
		out->main = v->past;
		return;
	}
	out->main = v->past != NULL ? v->past : v->future;
	out->state = v->past != NULL ? "left" : "pending";
}

static void
judge(const struct survey *v, const struct settings *s, struct phase *out)
{
	if (v->present != NULL) {
		out->main = v->here != NULL ? v->here : v->present;
		out->state = v->here != NULL ? "active" : "suspended";
	} else if (v->future != NULL) {
		between(v, s, out);
	} else {
		out->main = v->past;
		out->state = v->past != NULL ? "left" : "pending";
	}
}

void
phase_of(const struct affiliation *a, size_t n, const struct identity *who,
    const struct settings *s, int64_t now, struct phase *out)
{
	struct survey v = { 0 };

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		look(&v, &a[i], now);
		moments(&a[i], s, now, &out->next);
	}
	judge(&v, s, out);
	sooner(&out->next, who->expires, now);
	if (who->expires != 0 && who->expires <= now &&
	    strcmp(who->kind, "person") != 0) {
		out->state = "left";
		out->left_at = who->expires;
		out->cause = "expired";
	} else if (v.past != NULL && strcmp(out->state, "left") == 0) {
		/* Who never came left when that was known, not later. */
		out->left_at = stop(v.past) < now ? stop(v.past) : now;
		out->cause = v.past->cause;
	}
}

int64_t
phase_leaves_at(const struct affiliation *a, size_t n,
    const struct identity *who, const struct settings *s, int64_t now)
{
	struct phase p;

	for (int64_t at = now; at != 0 && at <= now + AHEAD; at = p.next) {
		phase_of(a, n, who, s, at, &p);
		if (strcmp(p.state, "left") == 0)
			return at;
	}
	return 0;
}
