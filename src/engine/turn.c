/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/turn.h"

#include "engine/converge.h"

#define IN_FLIGHT 8 /* questions of convergence at one time */
#define SLICE 2	    /* asked in one tick: the LIMIT of TURN_NEXT */

int
turn_take(struct engine *e, struct identity *who, struct err *err)
{
	if (who->converging == 0)
		who->converging = TURN_WAITS;
	else if (who->converging != TURN_WAITS)
		who->converging = TURN_STALE;
	return identity_mark(e, who, err);
}

int
turn_again(struct engine *e, struct identity *who, struct err *err)
{
	who->converging = who->version;
	if (identity_mark(e, who, err) != 0)
		return -1;
	return desired_ask(e, who->id, ASK_POLICY, who->id, err);
}

int
turn_due(struct engine *e, struct err *err)
{
	struct ask kind = { .kind = ASK_POLICY };
	struct by_id out = { 0 }, none = { 0 };
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, STMT_TURN_NEXT, by_id_fields, &none,
		identity_fields, sizeof(struct identity), SLICE, &rows,
		err) != 0)
		return -1;
	if (rows.n == 0)
		return 0;
	if (store_get(e->store, e->arena, STMT_EVENT_ASKED, ask_fields, &kind,
		by_id_fields, &out, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n && out.id < IN_FLIGHT; i++, out.id++)
		if (converge_try(e, (const struct identity *)rows.item + i,
			turn_again, err) != 0)
			return -1;
	if (out.id < IN_FLIGHT)
		e->out->again = true;
	return 0;
}
