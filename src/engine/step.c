/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/step.h"

#include <string.h>

#include "base/secret.h"
#include "engine/outgoing.h"
#include "engine/pipe.h"
#include "engine/run.h"
#include "engine/settle.h"
#include "engine/steprow.h"
#include "engine/verb.h"

/* Evidence of an attempt, before it leaves. */
static const struct field sent_fields[] = { FIELD(struct step, id, F_KEY),
	FIELD(struct step, name, 0), FIELD(struct step, system, 0),
	FIELD(struct step, verb, 0), FIELD(struct step, account, 0),
	FIELD(struct step, in, 0), FIELD(struct step, phase, 0),
	FIELD(struct step, tries, 0), FIELD(struct step, requested, F_TIME),
	FIELD_END };

/* Evidence of what became of it. */
static const struct field told_fields[] = { FIELD(struct step, id, F_KEY),
	FIELD(struct step, name, 0), FIELD(struct step, system, 0),
	FIELD(struct step, verb, 0), FIELD(struct step, account, 0),
	FIELD(struct step, tries, 0), FIELD(struct step, failure, 0),
	FIELD(struct step, error, 0), FIELD(struct step, before, 0),
	FIELD(struct step, result, 0), FIELD(struct step, how, 0),
	FIELD(struct step, requested, F_TIME),
	FIELD(struct step, acknowledged, F_TIME),
	FIELD(struct step, verified, F_TIME), FIELD_END };

static const struct told {
	const char *state, *kind;
} tolds[] = { { "done", "step.done" }, { "failed", "step.failed" },
	{ "debt", "step.debt" }, { "unknown", "step.unknown" },
	{ "waiting", "step.retry" }, { "cancelled", "step.cancelled" },
	{ NULL, NULL } };

static bool
is(const struct step *s, const char *state)
{
	return strcmp(s->state, state) == 0;
}

bool
step_ended(const struct step *s)
{
	return is(s, "done") || is(s, "failed") || is(s, "cancelled") ||
	    is(s, "skipped") || is(s, "debt");
}

bool
step_released(const struct step *s)
{
	return is(s, "done") || is(s, "skipped") || is(s, "debt") ||
	    (is(s, "failed") && strcmp(s->on_failure, "continue") == 0);
}

static int
debt_open(struct engine *e, const struct step *s, struct err *err)
{
	struct debt d = { .step = s->id,
		.account = s->account,
		.holding = s->holding,
		.identity = s->identity,
		.system = s->system,
		.verb = s->verb,
		.since = e->now,
		.alarmed = e->now };
	struct by_id key = { s->id };
	int found = store_find(e->store, e->arena, STMT_DEBT_OF_STEP,
	    by_id_fields, &key, debt_fields, &d, err);

	if (found < 0)
		return -1;
	d.error = s->error;
	d.tries = s->tries;
	d.due = s->due;
	if (found > 0)
		return store_put(e->store, STMT_DEBT_SAVE, debt_fields, &d,
		    err);
	d.what = arena_printf(e->arena,
	    "%s on %s is decided and not yet "
	    "verified",
	    s->verb, s->system);
	if (store_add(e->store, STMT_DEBT_ADD, debt_fields, &d, &d.id, err) !=
	    0)
		return -1;
	const char *subject = arena_printf(e->arena, "debt/%lld",
	    (long long)d.id);
	struct buf b = { .arena = e->arena };
	json_encode(&b, debt_fields, &d);
	return notice_queue(e, "debt.opened", subject, buf_text(&b), err);
}

static int
debt_settle(struct engine *e, const struct step *s, struct err *err)
{
	struct debt d = { 0 };
	struct by_id key = { s->id };
	int found = store_find(e->store, e->arena, STMT_DEBT_OF_STEP,
	    by_id_fields, &key, debt_fields, &d, err);

	if (found <= 0)
		return found;
	d.settled = e->now;
	if (store_put(e->store, STMT_DEBT_SAVE, debt_fields, &d, err) != 0)
		return -1;
	const char *subject = arena_printf(e->arena, "debt/%lld",
	    (long long)d.id);
	if (note(e, "debt.settled", subject, s->run, s->identity, debt_fields,
		&d, err) != 0)
		return -1;
	return s->identity == 0 ? 0 :
				  identity_touch(e, s->identity, e->now, err);
}

static int
failed_case(struct engine *e, const struct step *s, struct err *err)
{
	struct by_id key = { s->identity };
	struct identity who = { 0 };

	if (store_find(e->store, e->arena, STMT_POLICY_IDENTITY, by_id_fields,
		&key, identity_fields, &who, err) < 0)
		return -1;
	const char *name = who.display != NULL ? who.display : who.uid;
	struct matter_want w = { .kind = "step",
		.run = s->run,
		.step = s->id,
		.identity = s->identity,
		.subject = arena_printf(e->arena, "step/%lld",
		    (long long)s->id),
		.what = arena_printf(e->arena,
		    "%s (%s) on %s%s%s did not succeed "
		    "after %lld attempts",
		    s->name, s->verb, s->system, name != NULL ? " for " : "",
		    name != NULL ? name : "", (long long)s->tries),
		.why = s->error,
		.choices = { "{\"retry\":\"try the run again from this step\","
			     "\"close\":\"leave it as it is\"}" } };

	return matter_open(e, &w, NULL, err);
}

/* What a new state means for debts and cases. */
static int
moved(struct engine *e, const struct step *s, const char *from, struct err *err)
{
	if (is(s, "debt"))
		return debt_open(e, s, err);
	if (is(s, "failed"))
		return failed_case(e, s, err);
	if (is(s, "done") && (s->removes || s->tries > 1) &&
	    strcmp(from, "blocked") != 0) {
		const char *subject = arena_printf(e->arena, "step/%lld",
		    (long long)s->id);

		if (matter_settle(e, "step", subject, "it succeeded", err) != 0)
			return -1;
		return s->removes ? debt_settle(e, s, err) : 0;
	}
	return 0;
}

int
step_move(struct engine *e, struct step *s, const char *state, struct err *err)
{
	const char *from = s->state, *subject;
	struct pipe *p;

	s->state = state;
	if (steprow_save(e, s, err) != 0)
		return -1;
	if (s->due > 0 && s->due < e->steps_at && s->call == 0)
		e->steps_at = s->due;
	if (is(s, "ready") && (p = pipe_find(e, s->system)) != NULL)
		p->ready = true;
	subject = arena_printf(e->arena, "run/%lld", (long long)s->run);
	if (is(s, "sent"))
		return note(e, "step.sent", subject, s->run, s->identity,
		    sent_fields, s, err);
	for (const struct told *t = tolds; t->state != NULL; t++)
		if (is(s, t->state) &&
		    note(e, t->kind, subject, s->run, s->identity, told_fields,
			s, err) != 0)
			return -1;
	return moved(e, s, from, err);
}

/* Memory of this tick for an input that carries a secret. */
static struct arena *
vault(struct engine *e)
{
	struct arena *v = &e->vaults[e->arena - e->ticks];

	arena_lock(v);
	return v;
}

static int
secret_add(struct engine *e, const struct step *s, struct buf *b,
    struct err *err)
{
	struct by_id key = { s->secret };
	struct secret row = { 0 };
	const char *context = arena_printf(e->arena, "account/%lld",
	    (long long)s->account);
	size_t n;

	if (store_get(e->store, e->arena, STMT_SECRET_BY_ID, by_id_fields, &key,
		secret_fields, &row, err) != 0)
		return -1;
	if (row.sealed == NULL)
		return err_set(err, ERR_CONFLICT,
		    "the first password was "
		    "already delivered and erased");
	char *value = keyring_unseal(e->env.keyring, context, row.sealed, &n,
	    err);
	if (value == NULL)
		return -1;
	buf_str(b, ",\"secret\":");
	json_string(b, value);
	secret_free(value);
	return 0;
}

/*
 * A new account must not meet another of its name; but what an attempt of
 * unknown outcome has made is ours, and is met by the next one, also of
 * another run.
 */
static int
may_have_made(struct engine *e, const struct step *s, const char *in,
    struct err *err)
{
	struct by_id n = { 0 };

	if (s->unsure != 0)
		return 1;
	if (json_member(e->arena, in, "create_only") == NULL)
		return 0;
	if (store_get(e->store, e->arena, STMT_STEP_HALF_MADE, step_fields, s,
		by_id_fields, &n, err) != 0)
		return -1;
	return n.id > 0;
}

/* The verb's input: who it is about, what the step says, its secret. */
static int
input_build(struct engine *e, const struct step *s, const struct verb *v,
    const char **out, struct err *err)
{
	struct buf b = { .arena = s->secret != 0 ? vault(e) : e->arena };
	const char *in = s->in.text != NULL ? s->in.text : "{}";

	if (s->account == 0 || v == NULL || !v->account) {
		*out = in;
		return 0;
	}
	struct by_id key = { s->account };
	struct account a = { 0 };
	if (store_get(e->store, e->arena, STMT_RUN_ACCOUNT, by_id_fields, &key,
		account_fields, &a, err) != 0)
		return err_within(err, "account %lld: ", (long long)key.id);
	int made = may_have_made(e, s, in, err);
	if (made < 0 ||
	    (made > 0 &&
		(in = json_merge(e->arena, in, "{\"create_only\":null}",
		     err)) == NULL))
		return -1;
	buf_str(&b, "{\"kind\":");
	json_string(&b, a.kind != NULL ? a.kind : "primary");
	if (a.native != NULL) {
		buf_str(&b, ",\"id\":");
		json_string(&b, a.native);
	}
	if (a.name != NULL && json_member(e->arena, in, "name") == NULL) {
		buf_str(&b, ",\"name\":");
		json_string(&b, a.name);
	}
	if (strlen(in) > 2) {
		buf_char(&b, ',');
		buf_add(&b, in + 1, strlen(in) - 2);
	}
	if (s->secret != 0 && secret_add(e, s, &b, err) != 0)
		return -1;
	buf_char(&b, '}');
	*out = buf_text(&b);
	return 0;
}

int
step_send(struct engine *e, struct step *s, const struct system_def *d,
    struct err *err)
{
	bool check = strcmp(s->phase, "check") == 0;
	const struct verb *v = verb_find(s->verb);
	struct outcall *c;
	const char *in = "{}";

	if (!check && input_build(e, s, v, &in, err) != 0) {
		if (err->cls == ERR_BUG || err->cls == ERR_FULL)
			return -1;
		s->failure = err_meanings[err->cls].word;
		s->error = arena_str(e->arena, err->text);
		s->due = s->removes ? e->now + MINUTE : 0;
		return step_move(e, s, s->removes ? "debt" : "failed", err);
	}
	s->call = (e->epoch << 32) | ++e->next_call;
	s->tries++; /* a look at the system that fails counts, too */
	if (s->requested == 0)
		s->requested = e->now;
	c = out_add(e->arena, &e->out->calls, sizeof(*c));
	*c = (struct outcall){ .call = s->call,
		.epoch = e->epoch,
		.system = d->system,
		.verb = check ? "system.check" : s->verb,
		.in = in,
		.timeout = s->timeout > 0 ? s->timeout : d->timeout,
		.secret = !check && s->secret != 0,
		.cut = pipe_cut(s),
		.ahead = pipe_ahead(s) };
	e->counts.calls++;
	return step_move(e, s, "sent", err);
}

int
step_due(struct engine *e, int64_t *next, struct err *err)
{
	struct many rows = { 0 };
	struct step key = { .due = e->now };
	struct by_id at = { 0 };

	if (store_list(e->store, e->arena, STMT_STEP_DUE, step_fields, &key,
		step_fields, sizeof(struct step), 0, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		struct step *s = (struct step *)rows.item + i;

		s->due = 0;
		if (step_move(e, s, "ready", err) != 0)
			return -1;
	}
	if (store_find(e->store, e->arena, STMT_STEP_NEXT_DUE, by_id_fields,
		&at, by_id_fields, &at, err) < 0)
		return -1;
	*next = at.id;
	return 0;
}

static int
stranded_case(struct engine *e, const struct step *s, struct err *err)
{
	struct matter_want w = { .kind = "system",
		.subject = arena_printf(e->arena, "system/%s", s->system),
		.what = arena_printf(e->arena,
		    "%s is no longer configured, and work for it was under "
		    "way",
		    s->system),
		.why = s->removes ?
		    "what should be taken away there is a debt: take it away "
		    "by hand, or configure the system again" :
		    "its steps failed" };

	return matter_open(e, &w, NULL, err);
}

int
step_strand(struct engine *e, struct step *s, struct err *err)
{
	s->call = 0;
	s->phase = "act";
	s->failure = err_meanings[ERR_GONE].word;
	s->error = arena_printf(e->arena, "system %s is no longer configured",
	    s->system);
	s->due = s->removes ? e->now + DAY : 0;
	if (stranded_case(e, s, err) != 0 ||
	    step_move(e, s, s->removes ? "debt" : "failed", err) != 0)
		return -1;
	return run_advance(e, s->run, err);
}

int
step_hurry(struct engine *e, const char *system, struct err *err)
{
	struct step key = { .system = system, .due = e->now };

	e->steps_at = 0;
	if (steprow_change(e, STMT_STEP_HURRY, &key, err) != 0)
		return -1;
	return store_put(e->store, STMT_DEBT_HURRY, step_fields, &key, err);
}

static int
strand_some(struct engine *e, const char *system, struct err *err)
{
	struct ready_key key = ready_all(system, 64);
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, STMT_STEP_READY, ready_key_fields,
		&key, step_fields, sizeof(struct step), 0, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++)
		if (step_strand(e, (struct step *)rows.item + i, err) != 0)
			return -1;
	return 0;
}

int
steps_strand(struct engine *e, struct err *err)
{
	struct by_name at = { "" };
	int found;

	while ((found = store_find(e->store, e->arena, STMT_STEP_READY_SYSTEM,
		    by_name_fields, &at, by_name_fields, &at, err)) > 0 &&
	    at.name != NULL)
		if (pipe_find(e, at.name) == NULL &&
		    strand_some(e, at.name, err) != 0)
			return -1;
	return found < 0 ? -1 : 0;
}
