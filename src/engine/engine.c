/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's life: opened over its rows, given another configuration,
 * closed.  The tick is in tick.c.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/careful.h"
#include "engine/jump.h"
#include "engine/load.h"
#include "engine/meta.h"
#include "engine/outgoing.h"
#include "engine/pipe.h"
#include "engine/run.h"
#include "engine/step.h"
#include "engine/steprow.h"
#include "engine/tick.h"
#include "engine/verdict.h"

static const struct field meta_fields[] = { FIELD(struct meta, name, F_KEY),
	FIELD(struct meta, value, 0), FIELD_END };

int
meta_get(struct engine *e, const char *name, int64_t *value, struct err *err)
{
	struct meta m = { .name = name };
	int found = store_find(e->store, e->arena, STMT_META_GET, meta_fields,
	    &m, meta_fields, &m, err);

	*value = found > 0 && m.value != NULL ? strtoll(m.value, NULL, 10) : 0;
	return found < 0 ? -1 : 0;
}

int
meta_put(struct engine *e, const char *name, int64_t value, struct err *err)
{
	struct meta m = { name,
		arena_printf(e->arena, "%lld", (long long)value) };

	return store_put(e->store, STMT_META_PUT, meta_fields, &m, err);
}

void *
out_add(struct arena *a, struct many *m, size_t size)
{
	if ((m->n & (m->n - 1)) == 0) { /* 0 or a full power of two */
		size_t room = m->n == 0 ? 1 : 2 * m->n;
		void *item = arena_zero(a, room, size);

		if (m->n > 0)
			memcpy(item, m->item, m->n * size);
		m->item = item;
	}
	void *at = (char *)m->item + m->n++ * size;
	memset(at, 0, size);
	return at;
}

/* The definitions that everything in flight can cite by their digest. */
static int
definitions_keep(struct engine *e, struct err *err)
{
	struct buf b = { .arena = e->arena };
	struct definition {
		const char *name, *body;
	} d;
	static const struct field fields[] = { FIELD(struct definition, name,
						   F_KEY),
		FIELD(struct definition, body, 0), FIELD_END };

	buf_char(&b, '[');
	for (size_t i = 0; i < e->config->sources.n; i++) {
		if (i > 0)
			buf_char(&b, ',');
		json_string(&b, e->config->sources.item[i]);
	}
	buf_char(&b, ']');
	d = (struct definition){ e->config->digest, buf_text(&b) };
	return store_put(e->store, STMT_DEFINITION_ADD, fields, &d, err);
}

static int
configured(struct engine *e, struct err *err)
{
	struct loaded {
		const char *digest;
		int64_t systems, roles;
	} l = { e->config->digest, (int64_t)e->config->systems.n,
		(int64_t)e->config->roles.n };
	static const struct field fields[] = { FIELD(struct loaded, digest, 0),
		FIELD(struct loaded, systems, 0),
		FIELD(struct loaded, roles, 0), FIELD_END };

	if (pipe_configure(e, err) != 0 || definitions_keep(e, err) != 0)
		return -1;
	return note(e, "config.loaded", "config", 0, 0, fields, &l, err);
}

int
meta_load(struct engine *e, struct err *err)
{
	int64_t frozen = 0;

	if (meta_get(e, "frozen", &frozen, err) != 0 ||
	    meta_get(e, "jumped_until", &e->jumped_until, err) != 0 ||
	    meta_get(e, "seen_at", &e->seen_at, err) != 0)
		return -1;
	e->frozen = frozen != 0;
	return 0;
}

/* A new epoch fences what an older daemon asked for; it is durable before
   the first call of this one leaves. */
static int
begin_epoch(struct engine *e, struct err *err)
{
	if (meta_get(e, "epoch", &e->epoch, err) != 0 || meta_load(e, err) != 0)
		return -1;
	e->epoch++;
	e->careful = e->epoch > 1 ? CAREFUL : 0;
	return meta_put(e, "epoch", e->epoch, err);
}

int
engine_recover(struct engine *e, struct err *err)
{
	if (step_recover(e, err) != 0 || ask_recover(e, err) != 0)
		return -1;
	return load_recover(e, err) != 0 ? -1 : pipe_recount(e, err);
}

static int
begin(struct engine *e, struct err *err)
{
	if (begin_epoch(e, err) != 0 || configured(e, err) != 0)
		return -1;
	if (e->only_read)
		return 0;
	return jump_since(e, err) != 0 ? -1 : engine_recover(e, err);
}

struct engine *
engine_open(const struct engine_env *env, int64_t now, struct err *err)
{
	struct engine *e = calloc(1, sizeof(*e));
	struct output *first;

	if (e == NULL)
		abort();
	e->env = *env;
	e->store = env->store;
	e->evidence = env->evidence;
	e->config = env->config;
	e->only_read = env->only_read;
	e->rows = steprow_init();
	e->arena = &e->ticks[0];
	e->now = e->checked_at = now;
	e->actor = "muster";
	first = &e->pending;
	e->out = first;
	if (store_begin(e->store, err) != 0) {
		engine_close(e);
		return NULL;
	}
	if (begin(e, err) != 0 || store_commit(e->store, err) != 0) {
		store_rollback(e->store);
		engine_close(e);
		return NULL;
	}
	return e;
}

void
engine_close(struct engine *e)
{
	if (e == NULL)
		return;
	policy_fini(e);
	steprow_fini(e->rows);
	free(e->pipes.item);
	arena_fini(&e->ticks[0]);
	arena_fini(&e->ticks[1]);
	arena_fini(&e->vaults[0]);
	arena_fini(&e->vaults[1]);
	free(e);
}

int
engine_configure(struct engine *e, const struct config *c, int64_t now,
    struct err *err)
{
	const struct config *old = e->config;
	struct evidence_mark mark;

	if (store_begin(e->store, err) != 0)
		return -1;
	evidence_mark(e->evidence, &mark);
	e->now = now;
	e->config = e->env.config = c;
	if (configured(e, err) == 0 && store_commit(e->store, err) == 0) {
		/* What was made from the old one points into it. */
		verdict_fini(e);
		return 0;
	}
	store_rollback(e->store);
	evidence_undo(e->evidence, &mark);
	e->config = e->env.config = old;
	struct err ignored;
	if (pipe_configure(e, &ignored) != 0)
		return -1;
	return -1;
}

void
engine_counts(const struct engine *e, struct engine_counts *out)
{
	*out = e->counts;
}

bool
engine_only_read(const struct engine *e)
{
	return e->only_read;
}

bool
engine_frozen(const struct engine *e)
{
	return e->frozen;
}

/*
 * The mode that holds for a class of effect: after a restored backup every
 * system is only observed until it was reconciled.
 */
const char *
engine_mode(struct engine *e, const struct system_def *d, const char *effect)
{
	const struct pipe *p = pipe_find(e, d->system);

	if (p != NULL && p->state.restored)
		return "observe";
	return system_mode(d, effect);
}
