/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/jump.h"

#include "engine/meta.h"
#include "engine/pipe.h"
#include "engine/steprow.h"

#define JUMP (5 * MINUTE) /* of the wall clock against boot time */
#define GAP (7 * DAY)	  /* longer than musterd stands still by itself */
#define SEEN_EVERY HOUR	  /* a durable note of the time */

/* Pauses, settle times and breakers last as long as they were meant to. */
static int
waits_shift(struct engine *e, int64_t by, struct err *err)
{
	struct step key = { .due = by, .unsure = e->now - by };

	e->steps_at = 0;
	for (size_t i = 0; i < e->pipes.n; i++) {
		struct pipe *p = (struct pipe *)e->pipes.item + i;

		if (p->state.breaker_until == 0)
			continue;
		p->state.breaker_until += by;
		if (pipe_save(e, p, NULL, err) != 0)
			return -1;
	}
	if (steprow_change(e, STMT_STEP_SHIFT_DUE, &key, err) != 0)
		return -1;
	return steprow_change(e, STMT_STEP_SHIFT_UNSURE, &key, err);
}

static int
jumped(struct engine *e, const char *what, struct err *err)
{
	struct matter_want w = { .kind = "clock",
		.subject = "clock",
		.what = what,
		.why = "access still ends on time; deletes wait until somebody "
		       "says that the time is right",
		.choices = {
		    "{\"go on\":\"the time is right: deletes go on\"}" } };

	e->jumped_until = INT64_MAX;
	if (meta_put(e, "jumped_until", e->jumped_until, err) != 0)
		return -1;
	return matter_open(e, &w, NULL, err);
}

static int
seen_put(struct engine *e, struct err *err)
{
	e->seen_at = e->now;
	return meta_put(e, "seen_at", e->now, err);
}

int
jump_check(struct engine *e, struct err *err)
{
	int64_t skew = e->now - e->boot, by = skew - e->skew;
	bool known = e->skew != 0;

	e->skew = skew;
	if ((e->now >= e->seen_at + SEEN_EVERY || e->now < e->seen_at) &&
	    seen_put(e, err) != 0)
		return -1;
	if (!known || (by < SECOND && by > -SECOND))
		return 0;
	if (waits_shift(e, by, err) != 0)
		return -1;
	if (by <= JUMP && by >= -JUMP)
		return 0;
	return jumped(e,
	    arena_printf(e->arena, "the clock jumped by %lld s",
		(long long)(by / SECOND)),
	    err);
}

int
jump_since(struct engine *e, struct err *err)
{
	int64_t gap = e->now - e->seen_at;

	if (e->seen_at == 0 || (gap >= -JUMP && gap <= GAP))
		return 0;
	if (seen_put(e, err) != 0)
		return -1;
	return jumped(e,
	    gap < 0 ? arena_printf(e->arena,
			  "it is %lld s earlier than when musterd last ran",
			  (long long)(-gap / SECOND)) :
		      arena_printf(e->arena,
			  "musterd did not run for %lld days, or the clock "
			  "is wrong",
			  (long long)(gap / DAY)),
	    err);
}
