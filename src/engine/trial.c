/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/trial.h"

#include "engine/pipe.h"
#include "engine/steprow.h"

int
trial_begin(struct engine *e, struct trial *t, struct err *err)
{
	const struct output *o = e->out;

	evidence_mark(e->evidence, &t->mark);
	t->calls = o->calls.n;
	t->questions = o->questions.n;
	t->replies = o->replies.n;
	t->drops = o->drops.n;
	t->more = o->more.n;
	t->steps = steprow_writes(e);
	return store_mark(e->store, err);
}

int
trial_keep(struct engine *e, struct err *err)
{
	return store_keep(e->store, err);
}

/* An array that is cut back has more room than out_add() counts on. */
int
trial_undo(struct engine *e, const struct trial *t, struct err *err)
{
	struct output *o = e->out;

	evidence_undo(e->evidence, &t->mark);
	o->calls.n = t->calls;
	o->questions.n = t->questions;
	o->replies.n = t->replies;
	o->drops.n = t->drops;
	o->more.n = t->more;
	if (store_undo(e->store, err) != 0)
		return -1;
	if (steprow_writes(e) == t->steps)
		return 0;
	steprow_forget(e);
	return pipe_recount(e, err); /* calls that it sent did not go out */
}

bool
trial_is_fatal(const struct err *err)
{
	return err->cls == ERR_FULL || err->cls == ERR_BUG;
}
