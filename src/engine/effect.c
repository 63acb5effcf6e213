/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a finished step means for the ledger: the written and observed
 * members of its account and holding.
 */
#include <string.h>

#include "engine/settle.h"
#include "engine/step.h"
#include "engine/steprow.h"
#include "engine/verb.h"

typedef void effect_fn(struct engine *, const struct step *,
    const struct change *, struct account *);

static void
both_status(struct account *a, const char *status)
{
	a->wrote_status = a->seen_status = status;
}

static void
ensured(struct engine *e, const struct step *s, const struct change *c,
    struct account *a)
{
	const char *in = s->in.text != NULL ? s->in.text : "{}";
	const char *attributes = json_member(e->arena, in, "attributes");
	const char *disabled = json_member(e->arena, in, "disabled");
	bool off = disabled != NULL && strcmp(disabled, "true") == 0;
	struct err ignored;

	if (c->id != NULL)
		a->native = c->id;
	if (c->name != NULL)
		a->name = a->seen_name = c->name;
	if (attributes != NULL) {
		const char *all = json_merge(e->arena,
		    a->wrote.text != NULL ? a->wrote.text : "{}", attributes,
		    &ignored);
		if (all != NULL)
			a->wrote.text = a->seen.text = all;
	}
	if (a->wrote_status == NULL || strcmp(a->wrote_status, "absent") == 0)
		both_status(a, off ? "disabled" : "active");
}

/*
 * What another step may have written is overwritten now.  An account that
 * it may have made was met, and a call that meets one leaves its status
 * alone: nobody knows it, so convergence sets it.
 */
static int
half_made(struct engine *e, const struct step *s, const struct change *c,
    bool new, struct account *a, struct err *err)
{
	bool met = new &&
	    c->before.text != NULL &&strcmp(c->before.text, "null") != 0;
	struct by_id n = { 0 };

	if (store_get(e->store, e->arena, STMT_STEP_HALF_MADE, step_fields, s,
		by_id_fields, &n, err) != 0)
		return -1;
	if (n.id == 0)
		return 0;
	if (met)
		a->seen_status = "unknown";
	return steprow_change(e, STMT_STEP_MADE, s, err);
}

static void
disabled(struct engine *e, const struct step *s, const struct change *c,
    struct account *a)
{
	const struct workflow_def *w = config_workflow_on(e->config, "leaver");

	(void)c;
	both_status(a, "disabled");
	a->cut_at = e->now;
	if (a->want_status != NULL && strcmp(a->want_status, "active") != 0 &&
	    s->priority < 2000 && w != NULL && w->retention > 0)
		a->delete_after = e->now + w->retention;
}

static void
enabled(struct engine *e, const struct step *s, const struct change *c,
    struct account *a)
{
	(void)e, (void)s, (void)c;
	both_status(a, "active");
	a->cut_at = 0;
	a->delete_after = 0;
}

static void
renamed(struct engine *e, const struct step *s, const struct change *c,
    struct account *a)
{
	const char *name = json_member_text(e->arena, s->in.text, "name");

	if (c->name != NULL)
		name = c->name;
	if (name != NULL)
		a->name = a->seen_name = name;
}

static void
deleted(struct engine *e, const struct step *s, const struct change *c,
    struct account *a)
{
	(void)s, (void)c;
	both_status(a, "absent");
	a->delete_after = 0;
	if (a->cut_at == 0)
		a->cut_at = e->now;
}

static const struct effect {
	const char *verb;
	effect_fn *write;
} writes[] = { { "account.ensure", ensured }, { "account.disable", disabled },
	{ "account.enable", enabled }, { "account.rename", renamed },
	{ "account.delete", deleted }, { NULL, NULL } };

static int
holding_write(struct engine *e, const struct step *s, struct err *err)
{
	struct by_id key = { s->holding };
	struct holding h = { 0 };

	if (store_get(e->store, e->arena, STMT_RUN_HOLDING, by_id_fields, &key,
		holding_fields, &h, err) != 0)
		return err_within(err, "holding %lld: ", (long long)key.id);
	if (strcmp(s->verb, "entitlement.grant") == 0) {
		h.seen = true;
		h.state = "held";
		h.closed = 0;
		if (h.from == 0)
			h.from = e->now;
	} else if (strcmp(s->verb, "entitlement.revoke") == 0) {
		h.seen = false;
		h.state = "closed";
		h.until = h.closed = e->now;
		if (store_put(e->store, STMT_RUN_HOLDING_LOST, holding_fields,
			&h, err) != 0)
			return -1;
	} else {
		return 0;
	}
	return store_put(e->store, STMT_RUN_HOLDING_SAVE, holding_fields, &h,
	    err);
}

int
effect_write(struct engine *e, const struct step *s, const struct change *c,
    struct err *err)
{
	const struct effect *w = writes;
	struct by_id key = { s->account };
	struct account a = { 0 };

	if (s->holding != 0)
		return holding_write(e, s, err);
	while (w->verb != NULL && strcmp(w->verb, s->verb) != 0)
		w++;
	if (w->verb == NULL || s->account == 0)
		return 0;
	if (store_get(e->store, e->arena, STMT_RUN_ACCOUNT, by_id_fields, &key,
		account_fields, &a, err) != 0)
		return err_within(err, "account %lld: ", (long long)key.id);
	bool new = a.native == NULL;
	if (new && c->id != NULL) { /* it was found by its name */
		a.native = c->id;
		a.seen_name = c->name != NULL ? c->name : a.name;
	}
	bool gone = s->how != NULL && strcmp(s->how, SETTLE_GONE) == 0;
	(gone ? deleted : w->write)(e, s, c, &a);
	if ((w->write == ensured || w->write == renamed) &&
	    half_made(e, s, c, new, &a, err) != 0)
		return -1;
	a.seen_digest = NULL;
	a.seen_at = e->now;
	if (store_put(e->store, STMT_RUN_ACCOUNT_SAVE, account_fields, &a,
		err) != 0)
		return -1;
	if (!gone && strcmp(s->verb, "account.delete") != 0)
		return 0;
	struct step when = { .id = s->account, .due = e->now };
	return store_put(e->store, STMT_RUN_HOLDINGS_CLOSE, step_fields, &when,
	    err);
}
