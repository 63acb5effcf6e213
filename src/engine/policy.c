/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy side as the tick sees it: what is due, what the evaluator
 * answered, what people command.
 */
#include "engine/policy.h"

#include <string.h>

#include "engine/identity.h"
#include "engine/owner.h"
#include "engine/pipe.h"
#include "engine/plan.h"
#include "engine/scan.h"
#include "engine/sweep.h"
#include "engine/trial.h"
#include "engine/verdict.h"
#include "engine/window.h"

#define REST MINUTE /* of a duty that cannot go on */
#define WELL (-1)   /* it goes on; 0: not known, at the start */

static int
sum_lose(struct engine *e, struct err *err)
{
	(void)err;
	plan_sum_undo(e);
	return 0;
}

static const struct duty {
	int (*due)(struct engine *, struct err *);
	const char *name, *what;
	int (*lose)(struct engine *, struct err *); /* memory of undone rows */
} duties[] = { { load_due, "loads", "files of feeds", NULL },
	{ intake_due, "events", "events", NULL },
	{ hold_due, "holds", "reminders of holds", NULL },
	{ window_due, "guards", "what a decided hold let go", NULL },
	{ sweep_due, "rules", "new rules", NULL },
	{ converge_due, "identities", "people", NULL },
	{ plan_due, "plans", "plans", sum_lose },
	{ scan_due, "reconciles", "reconciles", scan_lose } };

#define DUTIES (sizeof(duties) / sizeof(duties[0]))

_Static_assert(DUTIES == POLICY_PARTS, "each has its rest");

static const char *
duty_subject(struct engine *e, const struct duty *d)
{
	return arena_printf(e->arena, "policy/%s", d->name);
}

static int
duty_set_aside(struct engine *e, const struct duty *d, const struct err *why,
    struct err *err)
{
	struct matter_want w = { .kind = "policy",
		.subject = duty_subject(e, d),
		.what = arena_printf(e->arena,
		    "The work on %s cannot go on; it is tried again each "
		    "minute, and all other work goes on",
		    d->what),
		.why = arena_str(e->arena, why->text) };

	return matter_open(e, &w, NULL, err);
}

/* What memory keeps of rows that were undone. */
struct before {
	int64_t careful, tried, tried_at, due;
	bool again;
};

static struct before
before_of(const struct engine *e)
{
	return (struct before){ e->careful, e->tried, e->tried_at, e->out->due,
		e->out->again };
}

static int
duty_undo(struct engine *e, const struct duty *d, const struct trial *t,
    const struct before *b, struct err *err)
{
	if (trial_undo(e, t, err) != 0 || pipe_recount(e, err) != 0)
		return -1;
	e->careful = b->careful;
	e->tried = b->tried;
	e->tried_at = b->tried_at;
	e->out->due = b->due;
	e->out->again = b->again;
	return d->lose != NULL ? d->lose(e, err) : 0;
}

/* Undone alone, if it fails: what it cannot get over, a row that should not
   be as it is, keeps nobody else up, least of all a leaver. */
static int
duty_try(struct engine *e, const struct duty *d, int64_t *rest, struct err *err)
{
	const struct before before = before_of(e);
	bool well = *rest == WELL;
	struct err why = { 0 };
	struct trial t;

	if (trial_begin(e, &t, err) != 0)
		return -1;
	if (d->due(e, &why) == 0) {
		*rest = WELL;
		if (trial_keep(e, err) != 0)
			return -1;
		return well ? 0 :
			      matter_settle(e, "policy", duty_subject(e, d),
				  "it goes on", err);
	}
	if (trial_is_fatal(&why)) {
		*err = why;
		return -1;
	}
	if (duty_undo(e, d, &t, &before, err) != 0)
		return -1;
	*rest = e->now + REST;
	return duty_set_aside(e, d, &why, err);
}

/* One that went well goes without a savepoint: should it fail, the tick does,
   and begins again with one for each. */
static int
duty_due(struct engine *e, const struct duty *d, int64_t *rest, struct err *err)
{
	if (*rest > e->now && *rest <= e->now + REST)
		return 0;
	if (e->guarded || *rest != WELL)
		return duty_try(e, d, rest, err);
	if (d->due(e, err) == 0)
		return 0;
	*rest = 0;
	return -1;
}

static int
crowd_due(struct engine *e, struct err *err)
{
	for (size_t i = 0; i < DUTIES; i++)
		if (duty_due(e, &duties[i], &e->rests[i], err) != 0)
			return -1;
	return 0;
}

#define NEXT_LOOK 5 /* ms */

/*
 * While access is being cut a crowd stands still: short ticks, and no
 * question for the evaluator, leave processor and disk to the cut.  It never
 * stands long, whatever a system does and however many leave.
 */
static bool
crowd_stands(struct engine *e, bool leavers)
{
	bool stands = e->now < e->crowd_at + WAY_MOST &&
	    e->now >= e->crowd_at && (leavers || pipes_cut(e));

	if (!stands)
		e->crowd_at = e->now;
	else if (leavers)
		e->out->again = true;
	else
		e->out->due = e->now + NEXT_LOOK;
	return stands;
}

int
policy_due(struct engine *e, struct err *err)
{
	bool leavers;

	if (intake_leavers(e, &leavers, err) != 0 ||
	    converge_leavers(e, err) != 0)
		return -1;
	return crowd_stands(e, leavers) ? 0 : crowd_due(e, err);
}

int
policy_answer(struct engine *e, const struct ask *a, const char *results,
    const struct err *why, struct err *err)
{
	switch ((enum ask_kind)a->kind) {
	case ASK_POLICY:
		return converge_answer(e, a, results, why, err);
	case ASK_ASSESS:
		return assess_answer(e, a->subject, results, why, err);
	case ASK_PLAN:
		return plan_answer(e, a->subject, a->identity, results, why,
		    err);
	case ASK_SCOPE:
		return plan_scope_answer(e, a->subject, results, why, err);
	case ASK_FEED:
		break;
	}
	return 0;
}

int
policy_command(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	static int (*const sides[])(struct engine *, const struct input *,
	    struct buf *, struct err *) = { event_command, load_command,
		hold_command, plan_command, scan_command, identity_command };

	/* The answer itself is recorded where all cases are. */
	if (strcmp(in->verb, "case.answer") == 0)
		return owner_answer(e, in, err);
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		int mine = sides[i](e, in, reply, err);

		if (mine != 0)
			return mine;
	}
	return 0;
}

void
policy_fini(struct engine *e)
{
	verdict_fini(e);
	scan_fini(e);
}
