/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/restore.h"

#include <string.h>

#include "engine/differ.h"
#include "engine/pipe.h"
#include "engine/run.h"
#include "engine/sweep.h"

static int
systems_mark(struct engine *e, struct err *err)
{
	for (size_t i = 0; i < e->pipes.n; i++) {
		struct pipe *p = (struct pipe *)e->pipes.item + i;

		p->state.restored = true;
		if (pipe_save(e, p, "system.restored", err) != 0)
			return -1;
	}
	return 0;
}

/* "No such listing" and the like are told by each reconcile itself. */
static int
scans_begin(struct engine *e, const struct input *in, struct err *err)
{
	struct input scan = *in;
	struct buf ignored = { .arena = e->arena };

	scan.verb = "reconcile.start";
	scan.body = "{}";
	return policy_command(e, &scan, &ignored, err) < 0 ? -1 : 0;
}

int
restore_begin(struct engine *e, const struct input *in, struct err *err)
{
	if (systems_mark(e, err) != 0 ||
	    runs_drop(e, "the store was restored from a backup", err) != 0)
		return -1;
	return scans_begin(e, in, err);
}

static bool
same(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

int
restore_doubt(struct engine *e, const struct account *a, const char *seen,
    struct err *err)
{
	struct account row = { .id = a->id, .origin = ORIGIN_RESTORED };

	if (a->identity == 0 || seen == NULL || same(seen, "active") ||
	    !same(a->wrote_status, "active") || !same(a->want_status, "active"))
		return 0;
	return store_put(e->store, STMT_ACCOUNT_ORIGIN, account_fields, &row,
	    err);
}

int
restore_end(struct engine *e, struct pipe *p, const char *kind, struct err *err)
{
	p->state.restored = false;
	p->ready = true;
	return pipe_save(e, p, kind, err) != 0 ? -1 : sweep_again(e, err);
}

int
restore_believe(struct engine *e, int64_t identity, struct err *err)
{
	struct by_id key = { identity };

	return store_put(e->store, STMT_ACCOUNT_BELIEVED, by_id_fields, &key,
	    err);
}

int
restore_left(struct engine *e, const struct identity *who, struct err *err)
{
	if (restore_believe(e, who->id, err) != 0)
		return -1;
	return matter_settle(e, "restore",
	    arena_printf(e->arena, "identity/%s", who->uid), "it left", err);
}
