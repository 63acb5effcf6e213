/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan's scope is asked about before anybody is: one that does not compile
 * would say nothing of anyone, and such a plan would look like no change.
 */
#include <string.h>

#include "engine/plan.h"
#include "engine/verdict.h"

#define UNASKED (-1) /* plan.cursor until the scope was found good */

/* The scope itself, for what is wrong with it in its own words; and the
   scope where it is compiled and never run, so that what it says of a person
   who is none is not taken for a fault.  No text breaks out of both kinds of
   brackets. */
int
plan_scope_ask(struct engine *e, struct plan *p, struct err *err)
{
	struct texts programs = { 3, arena_zero(e->arena, 3, sizeof(char *)) };

	programs.item[0] = p->scope;
	programs.item[1] = arena_printf(e->arena,
	    "if . then (%s\n) else true end", p->scope);
	programs.item[2] = arena_printf(e->arena,
	    "if . then [%s\n] else true end", p->scope);
	p->cursor = UNASKED;
	return ask(e, ASK_SCOPE, p->id, 0, &programs, "false", err);
}

bool
plan_scope_unasked(const struct plan *p)
{
	return p->cursor == UNASKED;
}

static const char *
fault_of(struct engine *e, const char *results, const struct err *why)
{
	struct verdicts vs = { 0 };
	struct err unread;

	if (why->cls != ERR_NONE)
		return arena_str(e->arena, why->text);
	if (verdict_cells(e, results, &vs, &unread) != 0)
		return arena_str(e->arena, unread.text);
	if (vs.n != 3)
		return "the evaluator's answer is none";
	if (vs.item[1].error == NULL && vs.item[2].error == NULL)
		return NULL;
	if (vs.item[0].error == NULL && vs.item[1].error == NULL)
		return vs.item[2].error;
	return vs.item[0].error != NULL ? vs.item[0].error : vs.item[1].error;
}

int
plan_scope_answer(struct engine *e, int64_t plan, const char *results,
    const struct err *why, struct err *err)
{
	struct by_id key = { plan };
	struct plan p = { 0 };
	int found = store_find(e->store, e->arena, STMT_PLAN_BY_ID,
	    by_id_fields, &key, plan_fields, &p, err);

	if (found <= 0 || strcmp(p.state, "computing") != 0)
		return found < 0 ? -1 : 0;
	const char *fault = fault_of(e, results, why);
	if (fault != NULL)
		return plan_fail(e, &p,
		    arena_printf(e->arena, "scope: %s", fault), err);
	p.cursor = 0;
	return plan_save(e, &p, NULL, err);
}
