/* SPDX-License-Identifier: Apache-2.0 */
#include "plant.h"

#include <stdio.h>
#include <string.h>

#include "engine/inside.h"
#include "engine/steprow.h"
#include "sim.h"

/* sql: done to the rows once it can be. */
static const struct {
	const char *name, *breaks, *what, *sql;
} plants[] = {
	{ "early", "intent", "calls leave before the commit", NULL },
	{ "order", "order", "a step goes out before what it comes after",
	    "UPDATE step SET state = 'ready' WHERE id = (SELECT id FROM step"
	    " WHERE state = 'blocked' LIMIT 1)" },
	{ "lane", "lane", "a second run opens in a lane",
	    "INSERT INTO run (workflow, \"class\", state, identity, priority,"
	    " requested) SELECT workflow, \"class\", 'open', identity,"
	    " priority, requested FROM run WHERE state = 'open' AND identity"
	    " > 0 LIMIT 1" },
	{ "revive", "revived", "a leaver's step is done again",
	    "UPDATE step SET state = 'ready' WHERE id = (SELECT s.id FROM step"
	    " s JOIN identity i ON i.id = s.identity WHERE i.state = 'left'"
	    " AND s.verb IN ('account.ensure', 'account.enable',"
	    " 'entitlement.grant') AND s.state IN ('done', 'cancelled')"
	    " LIMIT 1)" },
	{ "fence", "fence", "late replies pass for those that are awaited",
	    NULL },
	{ "proof", "proof", "success without having looked",
	    "UPDATE step SET verified = 0, how = NULL WHERE id = (SELECT id"
	    " FROM step WHERE state = 'done' LIMIT 1)" },
	{ "debt", "debt", "a debt is forgotten",
	    "UPDATE debt SET settled = 1 WHERE id = (SELECT d.id FROM debt d"
	    " JOIN step s ON s.id = d.step AND s.state = 'debt' WHERE"
	    " d.settled = 0 LIMIT 1)" },
	{ "thaw", "frozen", "a pause is forgotten",
	    "UPDATE system_state SET paused = 1 WHERE paused = 0 AND system ="
	    " 'dir'" },
	{ "hold", "hold", "a held event goes on",
	    "UPDATE event SET state = 'due', due = 1 WHERE id = (SELECT e.id"
	    " FROM event e JOIN hold h ON h.id = e.hold AND h.state = 'open'"
	    " WHERE e.state = 'held' LIMIT 1)" },
	{ "verdict", "verdict", "an evaluator that fails says no", NULL },
	{ "tamper", "evidence", "a record is changed",
	    "UPDATE record SET subject = 'run/0' WHERE seq = 3" },
	{ "memory", "kept", "a step changes, and memory does not follow",
	    "UPDATE step SET error = 'planted' WHERE id = (SELECT max(id)"
	    " FROM step)" },
	{ "unsound", "sound", "a duty of policy rests with a case",
	    "INSERT INTO matter (kind, subject, what, state, opened) VALUES"
	    " ('policy', 'policy/events', 'planted', 'open', 1)" },
	{ "twice", "once", "a request is done twice", NULL },
	{ "swallow", "stuck", "a call never ends", NULL },
	{ "lies", "cut", "a system that disables nothing says that it did",
	    NULL },
	{ "late", "exposed", "requests arrive long after the settle time",
	    NULL },
	{ "second", "single", "a create that is repeated makes another one",
	    NULL },
	{ "drift", "ledger", "somebody changes a group by hand", NULL },
	{ "blind", "truth", "policy does not know engineers", NULL },
};

#define PLANTS (sizeof(plants) / sizeof(plants[0]))

bool
plant_known(const char *name)
{
	for (size_t i = 0; i < PLANTS; i++)
		if (strcmp(plants[i].name, name) == 0)
			return true;
	return false;
}

void
plant_list(void)
{
	for (size_t i = 0; i < PLANTS; i++)
		printf("%s %s\n", plants[i].name, plants[i].breaks);
}

bool
plant_is(struct sim *s, const char *name)
{
	if (s->plant.name == NULL || strcmp(s->plant.name, name) != 0)
		return false;
	s->plant.fired = true;
	return true;
}

void
plant_rows(struct sim *s)
{
	if (s->plant.name == NULL || s->plant.fired)
		return;
	for (size_t i = 0; i < PLANTS; i++)
		if (strcmp(plants[i].name, s->plant.name) == 0 &&
		    plants[i].sql != NULL &&
		    rows_change(&s->rows, plants[i].sql, 0, 0) > 0) {
			s->plant.fired = true;
			s->last_seq = -1;
			if (strcmp(plants[i].breaks, "kept") != 0)
				steprow_forget(s->engine);
			sim_say(s, "planted: %s", plants[i].what);
		}
}

void
plant_rest(struct sim *s)
{
	struct world *w = &s->world;

	for (int i = 0; i < w->n; i++)
		if (!w->dweller[i].gone && plant_is(s, "drift")) {
			w->dweller[i].groups ^= world_group("root");
			return;
		}
}

int64_t
plant_call(struct sim *s, const struct flight *f)
{
	int64_t call;

	if (s->plant.name == NULL || strcmp(s->plant.name, "fence") != 0 ||
	    f->step == 0 || (!f->answered && f->epoch == s->engine->epoch))
		return f->call;
	call = rows_number(&s->rows,
	    "SELECT \"call\" FROM step WHERE id = ?1"
	    " AND \"call\" != 0",
	    f->step, 0);
	if (call <= 0)
		return f->call;
	s->plant.fired = true;
	return call;
}

bool
plant_swallows(struct sim *s, const struct outcall *c)
{
	if (s->plant.fired || strcmp(c->verb, "account.ensure") != 0)
		return false;
	return plant_is(s, "swallow");
}
