/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking about one identity, and what the answer means: the accounts
 * and entitlements that the roles whose condition holds give it.
 */
#include <string.h>

#include "base/digest.h"
#include "engine/outgoing.h"
#include "engine/policy.h"
#include "engine/verdict.h"

/* The programs, and the scope of a plan as one more. */
static struct texts
programs_with(struct engine *e, const char *scope)
{
	struct texts all = verdict_set(e)->programs, more = { 0 };

	if (scope == NULL)
		return all;
	more.n = all.n + 1;
	more.item = arena_zero(e->arena, more.n, sizeof(char *));
	memcpy(more.item, all.item, all.n * sizeof(char *));
	more.item[all.n] = scope;
	return more;
}

/* 1: it is known already what policy says, and that was used. */
static int
known_already(struct engine *e, int64_t identity, const char *input,
    struct err *err)
{
	const struct err none = { 0 };
	struct ask row = { .kind = ASK_POLICY,
		.subject = identity,
		.identity = identity,
		.digest = digest_text(e->arena, input) };
	const char *results = verdict_kept(e, identity, row.digest);

	if (results == NULL)
		return 0;
	return policy_answer(e, &row, results, &none, err) == 0 ? 1 : -1;
}

static int
ask_about(struct engine *e, int64_t identity, enum ask_kind kind,
    int64_t subject, const char *scope, struct err *err)
{
	struct texts programs = programs_with(e, scope);
	const char *input;
	int known = 0;

	if (document_make(e, identity, scope, &input, err) != 0)
		return -1;
	if (kind == ASK_POLICY &&
	    (known = known_already(e, identity, input, err)) != 0)
		return known < 0 ? -1 : 0;
	return ask(e, kind, subject, identity, &programs, input, err);
}

int
desired_ask(struct engine *e, int64_t identity, enum ask_kind kind,
    int64_t subject, struct err *err)
{
	return ask_about(e, identity, kind, subject, NULL, err);
}

int
desired_ask_scoped(struct engine *e, int64_t identity, int64_t plan,
    const char *scope, struct err *err)
{
	return ask_about(e, identity, ASK_PLAN, plan, scope, err);
}

static struct want_account *
account_find(struct desired *d, const char *system, const char *kind)
{
	struct want_account *w = d->accounts.item;

	for (size_t i = 0; i < d->accounts.n; i++)
		if (strcmp(w[i].system, system) == 0 &&
		    strcmp(w[i].kind, kind) == 0)
			return &w[i];
	return NULL;
}

/* A list of texts as JSON with one more at its end, unless it has it. */
static struct json
reason_add(struct engine *e, struct json list, const char *text)
{
	struct buf b = { .arena = e->arena }, quoted = { .arena = e->arena };

	json_string(&quoted, text);
	if (list.text != NULL && strstr(list.text, buf_text(&quoted)) != NULL)
		return list;
	if (list.text == NULL || strcmp(list.text, "[]") == 0)
		buf_char(&b, '[');
	else {
		buf_add(&b, list.text, strlen(list.text) - 1);
		buf_char(&b, ',');
	}
	buf_str(&b, buf_text(&quoted));
	buf_char(&b, ']');
	return (struct json){ buf_text(&b) };
}

/* Reads this role's attributes of the account; where another role gave
   one already, that stands and the difference becomes a reason. */
static int
attributes_merge(struct engine *e, const struct verdicts *vs,
    const struct role_def *r, const struct verdict_account *a,
    struct want_account *w, struct err *err)
{
	for (size_t i = 0; i < a->def->program.n; i++) {
		const char *name = a->def->attribute.item[i], *value, *had;
		struct buf b = { .arena = e->arena };

		if (verdict_attribute(e, vs, a->attribute[i],
			arena_printf(e->arena, "role %s: accounts.%s.%s",
			    r->role, a->def->target, name),
			&value, err) != 0)
			return -1;
		if (value == NULL)
			continue;
		had = json_member(e->arena, w->attributes.text, name);
		if (had != NULL) {
			if (strcmp(had, value) != 0)
				w->reasons = reason_add(e, w->reasons,
				    arena_printf(e->arena,
					"role %s wants "
					"another %s",
					r->role, name));
			continue;
		}
		buf_add(&b, w->attributes.text, strlen(w->attributes.text) - 1);
		if (b.len > 1)
			buf_char(&b, ',');
		json_string(&b, name);
		buf_char(&b, ':');
		buf_str(&b, value);
		buf_char(&b, '}');
		w->attributes.text = buf_text(&b);
	}
	return 0;
}

static int
account_merge(struct engine *e, const struct verdicts *vs,
    const struct role_def *r, const struct verdict_account *a,
    struct desired *d, struct err *err)
{
	struct want_account *w = account_find(d, a->def->system, a->def->kind);
	struct texts names = { 0 };

	if (w == NULL) {
		w = out_add(e->arena, &d->accounts, sizeof(*w));
		*w = (struct want_account){ .system = a->def->system,
			.kind = a->def->kind,
			.def = a->def,
			.status = "active",
			.attributes = { "{}" } };
	}
	w->reasons = reason_add(e, w->reasons,
	    arena_printf(e->arena, "role %s", r->role));
	if (a->id != VERDICT_NONE && w->names == NULL) {
		if (verdict_texts(e, vs, a->id,
			arena_printf(e->arena, "role %s: accounts.%s.id",
			    r->role, a->def->target),
			&names, err) != 0)
			return -1;
		w->names = names.item;
	}
	return attributes_merge(e, vs, r, a, w, err);
}

static void
holding_merge(struct engine *e, const struct role_def *r,
    const struct role_holding *h, struct desired *d)
{
	struct want_holding *w = d->holdings.item;
	size_t i = 0;

	while (i < d->holdings.n &&
	    (strcmp(w[i].system, h->system) != 0 ||
		strcmp(w[i].kind, h->kind) != 0 ||
		strcmp(w[i].entitlement, h->entitlement) != 0))
		i++;
	if (i < d->holdings.n)
		w += i;
	else {
		w = out_add(e->arena, &d->holdings, sizeof(*w));
		*w = (struct want_holding){ .system = h->system,
			.kind = h->kind,
			.entitlement = h->entitlement };
	}
	w->reasons = reason_add(e, w->reasons,
	    arena_printf(e->arena, "role %s", r->role));
	if (r->overlap > w->overlap)
		w->overlap = r->overlap;
}

static int
role_read(struct engine *e, const struct verdicts *vs,
    const struct verdict_role *r, struct desired *d, struct err *err)
{
	bool holds = true;

	if (r->when != VERDICT_NONE &&
	    verdict_bool(e, vs, r->when,
		arena_printf(e->arena, "role %s: when", r->def->role), &holds,
		err) != 0)
		return -1;
	if (!holds)
		return 0;
	for (size_t i = 0; i < r->def->account.n; i++)
		if (account_merge(e, vs, r->def, &r->account[i], d, err) != 0)
			return -1;
	for (size_t i = 0; i < r->def->holding.n; i++)
		holding_merge(e, r->def,
		    (const struct role_holding *)r->def->holding.item + i, d);
	return 0;
}

static int
protection_read(struct engine *e, const struct verdicts *vs,
    const struct verdict_set *s, struct desired *d, struct err *err)
{
	for (size_t i = 0; i < s->protects; i++) {
		bool hit = false;

		if (verdict_bool(e, vs, s->protect[i],
			arena_printf(e->arena, "settings.protected[%zu]", i),
			&hit, err) != 0)
			return -1;
		d->protected_ = d->protected_ || hit;
	}
	for (size_t i = 0; i < s->scopes; i++) {
		const struct verdict_scope *v = &s->scope[i];
		bool inside = false;

		if (verdict_bool(e, vs, v->program,
			arena_printf(e->arena, "system %s: scope",
			    v->system->system),
			&inside, err) != 0)
			return -1;
		if (inside)
			continue;
		struct outside *o = out_add(e->arena, &d->outside, sizeof(*o));
		*o = (struct outside){ v->system->system, v->kind };
	}
	return 0;
}

int
desired_read(struct engine *e, const struct identity *who, const char *results,
    struct desired *d, struct err *err)
{
	const struct verdict_set *s = verdict_set(e);
	struct verdicts vs = { 0 };

	(void)who;
	memset(d, 0, sizeof(*d));
	if (verdict_decode(e, results, &vs, err) != 0)
		return -1;
	for (size_t i = 0; i < s->roles; i++)
		if (role_read(e, &vs, &s->role[i], d, err) != 0)
			return -1;
	if (s->names != VERDICT_NONE && d->accounts.n > 0) {
		if (verdict_texts(e, &vs, s->names, "names.pattern",
			&d->usernames, err) != 0)
			return -1;
	}
	d->digest = digest_text(e->arena, results);
	return protection_read(e, &vs, s, d, err);
}

int
desired_scope(struct engine *e, const char *results, bool *inside,
    struct err *err)
{
	const struct verdict_set *s = verdict_set(e);
	struct verdicts vs = { 0 };

	if (verdict_decode(e, results, &vs, err) != 0)
		return -1;
	if (verdict_bool(e, &vs, s->programs.n, "scope", inside, err) == 0)
		return 0;
	if (s->programs.n < vs.n && vs.item[s->programs.n].error == NULL)
		err->cls = ERR_INPUT;
	return -1;
}
