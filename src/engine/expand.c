/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a workflow and what it draws on to the rows of its steps.
 */
#include <string.h>

#include "base/secret.h"
#include "engine/run.h"
#include "engine/steprow.h"
#include "engine/verb.h"

#define FIRST_PASSWORD 20 /* characters */

static const char *
joined(struct engine *e, const struct texts *t)
{
	struct buf b = { .arena = e->arena };

	for (size_t i = 0; i < t->n; i++) {
		if (i > 0)
			buf_char(&b, ',');
		buf_str(&b, t->item[i]);
	}
	return buf_text(&b);
}

/* Draws a first password and keeps it sealed before anything is sent. */
static int
secret_draw(struct engine *e, const struct item *i, int64_t *id,
    struct err *err)
{
	struct secret row = { .account = i->account,
		.purpose = "first password",
		.created = e->now };
	const char *context = arena_printf(e->arena, "account/%lld",
	    (long long)i->account);

	if (e->env.keyring == NULL)
		return err_set(err, ERR_INPUT,
		    "no key file: a first "
		    "password cannot be kept");
	char *value = secret_generate(FIRST_PASSWORD);
	row.sealed = keyring_seal(e->env.keyring, e->arena, context, value,
	    FIRST_PASSWORD);
	row.fingerprint = keyring_fingerprint(e->env.keyring, e->arena, value,
	    FIRST_PASSWORD);
	secret_free(value);
	return store_add(e->store, STMT_SECRET_ADD, secret_fields, &row, id,
	    err);
}

/* Is the same removal already owed?  Then it is not decided twice. */
static int
owed(struct engine *e, const struct item *i, struct err *err)
{
	struct debt key = { .account = i->account,
		.holding = i->holding,
		.verb = i->verb };
	struct by_id n = { 0 };

	if (store_get(e->store, e->arena, STMT_DEBT_SAME, debt_fields, &key,
		by_id_fields, &n, err) != 0)
		return -1;
	return n.id > 0;
}

static int
step_add(struct engine *e, struct run *r, struct step *s,
    const struct workflow_step *w, struct err *err)
{
	const struct verb *v = verb_find(s->verb);
	const struct system_def *d = config_system(e->config, s->system);

	if (d == NULL)
		return err_set(err, ERR_INPUT, "%s: step %s: no system %s",
		    r->workflow, s->name, s->system);
	s->run = r->id;
	s->identity = r->identity;
	s->priority = r->priority;
	s->after = w != NULL ? joined(e, &w->after) : s->after;
	s->on_failure = w != NULL && w->on_failure != NULL ? w->on_failure :
							     "stop";
	s->state = "blocked";
	s->phase = "act";
	s->removes = v != NULL && v->removes;
	s->repeatable = v != NULL ? v->repeatable : w != NULL && w->repeatable;
	s->limit = w != NULL && w->attempts > 0 ? w->attempts : d->attempts;
	s->timeout = w != NULL && w->timeout > 0 ? w->timeout : d->timeout;
	r->steps++;
	return steprow_add(e, s, err);
}

static int
item_add(struct engine *e, struct run *r, const struct item *i,
    const struct workflow_step *w, const char *rest, struct err *err)
{
	const struct verb *v = verb_find(i->verb);
	struct step s = { .name = w != NULL ? w->name : i->verb,
		.after = rest,
		.system = i->system,
		.verb = i->verb,
		.account = i->account,
		.holding = i->holding,
		.in = i->in };
	int again = v != NULL && v->removes ? owed(e, i, err) : 0;

	if (again != 0)
		return again < 0 ? -1 : 0;
	if (i->secret && secret_draw(e, i, &s.secret, err) != 0)
		return -1;
	if (w != NULL && w->with.text != NULL) {
		s.in.text = json_merge(e->arena,
		    s.in.text != NULL ? s.in.text : "{}", w->with.text, err);
		if (s.in.text == NULL)
			return -1;
	}
	return step_add(e, r, &s, w, err);
}

/* A workflow step that draws on a list takes the items of its verb. */
static int
list_add(struct engine *e, struct run *r, const struct workflow_step *w,
    const struct many *items, bool *used, struct err *err)
{
	for (size_t k = 0; k < items->n; k++) {
		const struct item *i = (const struct item *)items->item + k;

		if (used[k] || strcmp(i->verb, w->do_) != 0)
			continue;
		used[k] = true;
		if (item_add(e, r, i, w, "", err) != 0)
			return -1;
	}
	return 0;
}

static int
single_add(struct engine *e, struct run *r, const struct workflow_step *w,
    struct err *err)
{
	struct step s = { .name = w->name,
		.system = w->system,
		.verb = w->do_,
		.in = w->with };

	if (r->input.text != NULL) {
		s.in.text = json_merge(e->arena,
		    s.in.text != NULL ? s.in.text : "{}", r->input.text, err);
		if (s.in.text == NULL)
			return -1;
	}
	return step_add(e, r, &s, w, err);
}

int
run_expand(struct engine *e, struct run *r, const struct workflow_def *w,
    const struct many *items, struct err *err)
{
	bool *used = arena_zero(e->arena, items->n + 1, sizeof(*used));
	struct texts all = { 0,
		arena_zero(e->arena, w->step.n + 1, sizeof(char *)) };

	steprow_begin(e, r->id);
	for (size_t i = 0; i < w->step.n; i++) {
		const struct workflow_step *ws = (const struct workflow_step *)
						     w->step.item +
		    i;

		all.item[all.n++] = ws->name;
		if (ws->for_each != NULL ?
			list_add(e, r, ws, items, used, err) :
			single_add(e, r, ws, err))
			return -1;
	}
	/* What the workflow names no step for is not lost: it comes last. */
	for (size_t k = 0; k < items->n; k++)
		if (!used[k] &&
		    item_add(e, r, (const struct item *)items->item + k, NULL,
			joined(e, &all), err) != 0)
			return -1;
	return 0;
}
