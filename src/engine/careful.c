/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/careful.h"

#include <string.h>

#define CRASHES 2

/* The one whose attempt is durable by now. */
static int
attempt(struct engine *e, struct err *err)
{
	struct by_id key = { e->tried };
	struct event v = { 0 };
	int found = store_find(e->store, e->arena, STMT_EVENT_BY_ID,
	    by_id_fields, &key, event_fields, &v, err);

	e->tried = 0;
	e->careful--;
	if (found <= 0)
		return found;
	v.tries = 0; /* unless the process ends before the commit */
	if (store_put(e->store, STMT_EVENT_TRIED, event_fields, &v, err) != 0)
		return -1;
	if (strcmp(v.state, "assess") == 0)
		return v.effects.text != NULL ? 0 : assess_one(e, &v, err);
	return v.due > 0 && v.due <= e->now ? intake_one(e, &v, err) : 0;
}

int
careful_take(struct engine *e, const struct many *rows, struct err *err)
{
	struct event v = *(const struct event *)rows->item;
	const struct err why = { ERR_REFUSED, 0,
		"the daemon ended twice while it was handled" };

	e->out->again = true;
	if (e->tried != 0)
		return e->counts.ticks == e->tried_at ? 0 : attempt(e, err);
	if (v.tries >= CRASHES)
		return event_set_aside(e, &v, &why, err);
	v.tries++;
	e->tried = v.id;
	e->tried_at = e->counts.ticks;
	return store_put(e->store, STMT_EVENT_TRIED, event_fields, &v, err);
}
