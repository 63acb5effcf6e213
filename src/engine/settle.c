/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/settle.h"

#include <string.h>

#include "engine/verb.h"

int64_t
settle_pause(const struct system_def *d, int64_t tries, uint64_t chance)
{
	int64_t top = d->backoff > 0 ? d->backoff : 1;

	for (int64_t i = 1; i < tries && top < d->backoff_max; i++)
		top *= 2;
	if (top > d->backoff_max && d->backoff_max > 0)
		top = d->backoff_max;
	return (int64_t)(chance % (uint64_t)(top + 1));
}

/* Another attempt, or what stands when there is none left.  A removal is
   never given up: it becomes a debt and is tried for ever. */
static void
again(const struct step *s, const struct system_def *d, const struct outcome *o,
    struct settled *out)
{
	int64_t after = o->why->after_ms;
	int64_t pause = settle_pause(d, s->tries, o->chance);

	out->due = o->now + (after > pause ? after : pause);
	out->phase = "act";
	if (s->tries < s->limit && strcmp(s->state, "debt") != 0)
		out->state = "waiting";
	else
		out->state = s->removes ? "debt" : "failed";
}

/* No further attempt can help by itself. */
static void
stuck(const struct step *s, const struct system_def *d, const struct outcome *o,
    struct settled *out)
{
	out->state = s->removes ? "debt" : "failed";
	out->phase = "act";
	out->due = o->now + d->backoff_max;
}

/*
 * The target says that the object does not exist.  For a removal that may
 * be what was wanted: believed the second time, after the system itself
 * was seen to answer and its settle time has passed.  By then a create of
 * unknown outcome can no longer arrive either, so this holds for what was
 * never seen there too.
 */
static void
gone(const struct step *s, const struct outcome *o, struct settled *out)
{
	if (!s->removes) {
		out->state = "failed";
		return;
	}
	if (s->gone == 0) {
		out->state = "waiting";
		out->phase = "check";
		out->gone = 1;
		out->due = o->now;
		return;
	}
	out->state = "done";
	out->how = SETTLE_GONE;
}

/* The answer of system.check between two looks at what is gone. */
static void
checked(const struct step *s, const struct system_def *d,
    const struct outcome *o, struct settled *out)
{
	if (o->why->cls != ERR_NONE) {
		again(s, d, o, out);
		out->phase = "check";
		return;
	}
	out->state = "waiting";
	out->phase = "act";
	out->gone = s->gone;
	out->due = o->now + d->settle;
}

static void
succeeded(const struct step *s, const struct system_def *d,
    const struct outcome *o, struct settled *out)
{
	const struct verb *v = verb_find(s->verb);

	out->system_good = true;
	if (o->verified || (v != NULL && v->reads)) {
		out->state = "done";
		return;
	}
	if (v == NULL || strcmp(d->verify, "no") == 0) {
		out->state = "done";
		out->how = v == NULL ? "acknowledged" : "not verified";
		return;
	}
	again(s, d, o, out);
}

static void
unknown(const struct step *s, const struct system_def *d,
    const struct outcome *o, struct settled *out)
{
	if (s->repeatable) {
		again(s, d, o, out);
		if (strcmp(out->state, "waiting") == 0)
			out->state = "unknown";
		return;
	}
	out->state = "failed";
}

void
settle(const struct step *s, const struct system_def *d,
    const struct outcome *o, struct settled *out)
{
	memset(out, 0, sizeof(*out));
	out->phase = "act";
	if (strcmp(s->phase, "check") == 0) {
		checked(s, d, o, out);
		return;
	}
	switch (o->why->cls) {
	case ERR_NONE:
		succeeded(s, d, o, out);
		break;
	case ERR_BUSY:
	case ERR_FULL:
		out->system_bad = o->why->after_ms == 0;
		again(s, d, o, out);
		break;
	case ERR_UNKNOWN:
		out->system_bad = true;
		unknown(s, d, o, out);
		break;
	case ERR_DENIED:
		out->system_bad = out->denied = true;
		again(s, d, o, out);
		break;
	case ERR_GONE:
		out->system_good = true;
		gone(s, o, out);
		break;
	default:
		out->system_good = true;
		stuck(s, d, o, out);
		break;
	}
}
