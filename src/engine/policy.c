/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy side as the tick sees it: what is due, what the evaluator
 * answered, what people command.
 */
#include "engine/policy.h"

#include <string.h>

#include "engine/identity.h"
#include "engine/owner.h"
#include "engine/plan.h"
#include "engine/scan.h"
#include "engine/sweep.h"
#include "engine/verdict.h"
#include "engine/window.h"

static int
crowd_due(struct engine *e, struct err *err)
{
	static int (*const parts[])(struct engine *, struct err *) = { load_due,
		intake_due, hold_due, window_due, sweep_due, converge_due,
		plan_due, scan_due };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i](e, err) != 0)
			return -1;
	return 0;
}

#define STANDS 20 /* ms after a cut was sent */
#define STANDS_MOST 60
#define NEXT_LOOK 5

/*
 * While access is being cut a crowd stands still: short ticks, and no
 * question for the evaluator, leave processor and disk to the cut.  It never
 * stands long, whatever a system does and however many leave.
 */
static int
crowd_stands(struct engine *e, bool leavers, bool *stands, struct err *err)
{
	struct by_id sent = { 0 };

	*stands = leavers;
	if (e->now >= e->crowd_at + STANDS_MOST || e->now < e->crowd_at) {
		*stands = false;
	} else if (leavers) {
		e->out->again = true;
	} else {
		if (store_get(e->store, e->arena, STMT_POLICY_CUT_SENT,
			by_id_fields, &sent, by_id_fields, &sent, err) != 0)
			return -1;
		*stands = e->now < sent.id + STANDS;
		e->out->due = *stands ? e->now + NEXT_LOOK : 0;
	}
	if (!*stands)
		e->crowd_at = e->now;
	return 0;
}

int
policy_due(struct engine *e, struct err *err)
{
	bool leavers, stands;

	if (intake_leavers(e, &leavers, err) != 0 ||
	    converge_leavers(e, err) != 0 ||
	    crowd_stands(e, leavers, &stands, err) != 0)
		return -1;
	return stands ? 0 : crowd_due(e, err);
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
