/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/steprow.h"

#include <stdlib.h>
#include <string.h>

#include "engine/outgoing.h"

#define RUNS 256    /* that are kept, each in the place of its number */
#define STEPS 16384 /* that are kept in all */
#define CALLS 1024
#define LARGE 65536 /* bytes; a run that had more leaves none behind */

/* One run's steps; all of them, or run is 0. */
struct kept {
	int64_t run;
	int64_t used; /* the tick that last handed out its texts */
	struct arena arena;
	struct many steps;
};

struct place { /* where the step of a call is */
	int64_t call, run, id;
};

struct steprows {
	struct kept runs[RUNS];
	struct place calls[CALLS];
	size_t steps;
	int64_t writes; /* so far */
};

struct steprows *
steprow_init(void)
{
	struct steprows *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	return r;
}

void
steprow_fini(struct steprows *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < RUNS; i++)
		arena_fini(&r->runs[i].arena);
	free(r);
}

static int64_t
this_tick(const struct engine *e)
{
	return e->counts.ticks + 2;
}

static struct kept *
kept_find(struct engine *e, int64_t run)
{
	struct kept *k = &e->rows->runs[run % RUNS];

	if (k->run != run)
		return NULL;
	k->used = this_tick(e);
	return k;
}

/* Texts that this tick or the last one's output may hold stay: NULL then. */
static struct kept *
kept_claim(struct engine *e, int64_t run)
{
	struct kept *k = &e->rows->runs[run % RUNS];

	if (k->used >= this_tick(e) - 1)
		return NULL;
	if (e->rows->steps >= STEPS)
		steprow_forget(e);
	if (k->run != 0)
		e->rows->steps -= k->steps.n;
	if (k->arena.used > LARGE)
		arena_fini(&k->arena);
	else
		arena_reset(&k->arena);
	*k = (struct kept){ run, this_tick(e), k->arena, { 0 } };
	return k;
}

static struct step *
kept_step(const struct kept *k, int64_t id)
{
	struct step *s = k->steps.item;

	for (size_t i = 0; i < k->steps.n; i++)
		if (s[i].id == id)
			return &s[i];
	return NULL;
}

/* *to becomes *from, whose texts the arena copies unless it has them. */
static void
step_copy(struct arena *a, struct step *to, const struct step *from)
{
	const struct step was = *to;

	*to = *from;
	for (const struct field *f = step_fields; f->name != NULL; f++) {
		if (f->kind != FIELD_TEXT && f->kind != FIELD_JSON)
			continue;
		/* A document is its text. */
		const char *old = *(
		    const char *const *)((const char *)&was + f->at);
		const char **now = (const char **)((char *)to + f->at);

		if (*now == NULL || *now == old)
			continue;
		*now = old != NULL && strcmp(old, *now) == 0 ?
		    old :
		    arena_str(a, *now);
	}
}

void
steprow_begin(struct engine *e, int64_t run)
{
	(void)kept_claim(e, run);
}

int
steprow_add(struct engine *e, struct step *s, struct err *err)
{
	struct kept *k = kept_find(e, s->run);

	e->rows->writes++;
	if (store_add(e->store, STMT_STEP_ADD, step_fields, s, &s->id, err) !=
	    0)
		return -1;
	if (k == NULL)
		return 0;
	step_copy(&k->arena, out_add(&k->arena, &k->steps, sizeof(*s)), s);
	e->rows->steps++;
	return 0;
}

int
steprow_save(struct engine *e, const struct step *s, struct err *err)
{
	struct kept *k = kept_find(e, s->run);
	struct step *mine = k != NULL ? kept_step(k, s->id) : NULL;

	e->rows->writes++;
	if (store_put(e->store, STMT_STEP_SAVE, step_fields, s, err) != 0)
		return -1;
	if (s->call != 0)
		e->rows->calls[s->call % CALLS] = (struct place){ s->call,
			s->run, s->id };
	if (mine != NULL)
		step_copy(&k->arena, mine, s);
	return 0;
}

int
steprow_list(struct engine *e, int64_t run, struct many *out, struct err *err)
{
	struct by_id key = { run };
	struct kept *k = kept_find(e, run);
	bool known = k != NULL;

	if (!known && (k = kept_claim(e, run)) == NULL)
		return store_list(e->store, e->arena, STMT_STEP_OF_RUN,
		    by_id_fields, &key, step_fields, sizeof(struct step), 0,
		    out, err);
	if (!known &&
	    store_list(e->store, &k->arena, STMT_STEP_OF_RUN, by_id_fields,
		&key, step_fields, sizeof(struct step), 0, &k->steps,
		err) != 0) {
		k->run = 0;
		return -1;
	}
	e->rows->steps += known ? 0 : k->steps.n;
	out->n = k->steps.n;
	out->item = arena_zero(e->arena, out->n + 1, sizeof(struct step));
	if (out->n > 0)
		memcpy(out->item, k->steps.item, out->n * sizeof(struct step));
	return 0;
}

int
steprow_called(struct engine *e, int64_t call, struct step *out,
    struct err *err)
{
	const struct place *p = &e->rows->calls[(uint64_t)call % CALLS];
	struct kept *k = p->call == call ? kept_find(e, p->run) : NULL;
	const struct step *s = k != NULL ? kept_step(k, p->id) : NULL;
	struct by_id key = { call };

	if (s == NULL || s->call != call)
		return store_find(e->store, e->arena, STMT_STEP_BY_CALL,
		    by_id_fields, &key, step_fields, out, err);
	*out = *s;
	return 1;
}

int
steprow_change(struct engine *e, enum stmt id, const struct step *key,
    struct err *err)
{
	if (store_put(e->store, id, step_fields, key, err) != 0)
		return -1;
	if (store_changed(e->store) > 0) {
		e->rows->writes++;
		steprow_forget(e);
	}
	return 0;
}

int64_t
steprow_writes(const struct engine *e)
{
	return e->rows->writes;
}

void
steprow_forget(struct engine *e)
{
	for (size_t i = 0; i < RUNS; i++)
		e->rows->runs[i].run = 0;
	e->rows->steps = 0;
}

static int
kept_check(struct engine *e, const struct kept *k, struct err *err)
{
	struct by_id key = { k->run };
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, STMT_STEP_OF_RUN, by_id_fields, &key,
		step_fields, sizeof(struct step), 0, &rows, err) != 0)
		return -1;
	if (rows.n != k->steps.n)
		return err_set(err, ERR_BUG, "run %lld: %zu steps, %zu kept",
		    (long long)k->run, rows.n, k->steps.n);
	for (size_t i = 0; i < rows.n; i++) {
		struct buf row = { .arena = e->arena }, mine = row;

		json_encode(&row, step_fields,
		    (const struct step *)rows.item + i);
		json_encode(&mine, step_fields,
		    (const struct step *)k->steps.item + i);
		if (strcmp(buf_text(&row), buf_text(&mine)) != 0)
			return err_set(err, ERR_BUG,
			    "kept %.200s, and is %.200s", buf_text(&mine),
			    buf_text(&row));
	}
	return 0;
}

int
steprow_check(struct engine *e, struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < RUNS; i++) {
		const struct kept *k = &e->rows->runs[i];

		if (k->run == 0)
			continue;
		n += k->steps.n;
		if (kept_check(e, k, err) != 0)
			return -1;
	}
	if (n != e->rows->steps)
		return err_set(err, ERR_BUG, "%zu steps are kept, not %zu", n,
		    e->rows->steps);
	return 0;
}
