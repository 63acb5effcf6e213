/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings the want_ members of account and holding rows up to date: what
 * should be there, under which name, for which reasons, and until when
 * something that is no longer wanted stays.
 */
#include <string.h>

#include "engine/differ.h"
#include "engine/outgoing.h"

void
making_due(struct making *m, int64_t at)
{
	if (at > m->e->now && (m->out->due == 0 || at < m->out->due))
		m->out->due = at;
}

const char *
presence_status(const struct account *a)
{
	if (a->seen_status != NULL && strcmp(a->seen_status, "unknown") != 0)
		return a->seen_status;
	return a->wrote_status;
}

struct overlap {
	struct engine *e;
	int64_t longest;
};

static int
overlap_look(void *ctx, const char *key, const char *value, struct err *err)
{
	struct overlap *o = ctx;
	const struct many *roles = &o->e->config->roles;

	(void)key;
	(void)err;
	for (size_t i = 0; i < roles->n; i++) {
		const struct role_def *r = (const struct role_def *)
					       roles->item +
		    i;

		if (r->overlap > o->longest &&
		    strcmp(value,
			arena_printf(o->e->arena, "\"role %s\"", r->role)) == 0)
			o->longest = r->overlap;
	}
	return 0;
}

int64_t
overlap_of(struct engine *e, struct json reasons)
{
	struct overlap o = { e, 0 };
	struct err ignored = { 0 };

	if (reasons.text == NULL ||
	    json_each(e->arena, reasons.text, overlap_look, &o, &ignored) != 0)
		return 0;
	return o.longest;
}

static bool
is_empty(struct json list)
{
	return list.text == NULL || strcmp(list.text, "[]") == 0;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Does another account of this identity there carry that name? */
static bool
own_other(const struct making *m, const struct presence *p, const char *name)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct account *a = &m->at[i].row;

		if (&m->at[i] != p && a->id != 0 &&
		    strcmp(a->system, p->want->system) == 0 &&
		    same_text(a->name, name))
			return true;
	}
	return false;
}

/* Candidates of a name of its own: those of the role, else from the user
   name; a person's second account never bears the bare user name. */
static const char **
candidates(struct making *m, const struct presence *p)
{
	const char *const *from = (const char *const *)p->want->names;
	const char *built[3] = { NULL, NULL, NULL };
	const char **out;
	size_t n = 0, k = 0;

	if (from == NULL || *from == NULL) {
		if (m->username == NULL)
			return NULL;
		if (strcmp(m->who->kind, "person") != 0)
			built[k++] = m->username;
		built[k] = arena_printf(m->e->arena, "%s-%s", m->username,
		    p->want->kind);
		from = built;
	}
	while (from[n] != NULL)
		n++;
	out = arena_zero(m->e->arena, n + 1, sizeof(*out));
	for (size_t i = k = 0; i < n; i++)
		if (!own_other(m, p, from[i]))
			out[k++] = from[i];
	return out;
}

static bool
among(const char *const *list, const char *name)
{
	for (; list != NULL && *list != NULL; list++)
		if (same_text(*list, name))
			return true;
	return false;
}

/* The name that the account should have.  ERR_CONFLICT: there is none. */
static int
name_choose(struct making *m, const struct presence *p, const char **name,
    struct err *err)
{
	bool own = p->want->names != NULL && p->want->names[0] != NULL;

	if (!own && strcmp(p->want->kind, "primary") == 0) {
		*name = m->username;
		if (*name == NULL)
			return err_set(err, ERR_CONFLICT,
			    "neither a rule nor "
			    "the feed gives a user name");
		if (own_other(m, p, *name))
			return err_set(err, ERR_CONFLICT,
			    "%s is the name of "
			    "another account of the same identity",
			    *name);
		return 0;
	}
	const char **list = candidates(m, p);
	if (p->row.id != 0 && p->row.name != NULL &&
	    among((const char *const *)list, p->row.name)) {
		*name = p->row.name;
		return 0;
	}
	return name_draw(m->e, p->want->system, m->who->id,
	    (const char *const *)list, name, err);
}

static void
name_case(struct making *m, const struct presence *p, const char *why)
{
	struct matter_want *w = out_add(m->e->arena, &m->out->matters,
	    sizeof(*w));

	*w = (struct matter_want){ .kind = "name",
		.identity = m->who->id,
		.subject = arena_printf(m->e->arena, "identity/%s/%s",
		    m->who->uid, p->want->system),
		.what = arena_printf(m->e->arena,
		    "No name for the %s account on "
		    "%s",
		    p->want->kind, p->want->system),
		.why = arena_str(m->e->arena, why) };
}

static bool
row_differs(const struct account *a, const struct account *b)
{
	return !same_text(a->want_status, b->want_status) ||
	    !same_text(a->want.text, b->want.text) ||
	    !same_text(a->name, b->name) || !same_text(a->native, b->native) ||
	    !same_text(a->wrote_status, b->wrote_status) ||
	    !same_text(a->reasons.text, b->reasons.text) ||
	    a->cut_at != b->cut_at || a->delete_after != b->delete_after ||
	    a->keep_until != b->keep_until || a->outside != b->outside;
}

static int
row_save(struct making *m, struct presence *p, const struct account *was,
    struct err *err)
{
	if (!row_differs(&p->row, was))
		return 0;
	if (was->name != NULL && !same_text(p->row.name, was->name) &&
	    name_rest(m->e, p->row.system, was->name, m->who->id,
		m->e->now + m->e->config->settings.tombstone, err) != 0)
		return -1;
	p->row.version++;
	return store_put(m->e->store, STMT_POLICY_ACCOUNT_SAVE, account_fields,
	    &p->row, err);
}

static bool
is_outside(const struct making *m, const struct presence *p)
{
	const struct outside *o = m->desired->outside.item;

	for (size_t i = 0; i < m->desired->outside.n; i++)
		if (strcmp(o[i].system, p->row.system) == 0 &&
		    strcmp(o[i].kind, p->row.kind) == 0)
			return true;
	return m->ended && p->row.outside;
}

/* It is gone there, whoever did it: what is created now is another one. */
static void
begin_anew(struct account *a)
{
	a->native = NULL;
	a->wrote_status = NULL;
	a->wrote.text = NULL;
	a->seen.text = NULL;
	a->seen_name = NULL;
}

/* What may exist there under its old name is made, or met, by that name
   first, and renamed when it is known. */
static int
name_keep(struct making *m, const struct account *a, const char **name,
    struct err *err)
{
	int doubt;

	if (a->id == 0 || a->native != NULL || a->name == NULL ||
	    same_text(a->name, *name))
		return 0;
	if ((doubt = account_is_doubtful(m, a, "account.ensure", err)) > 0)
		*name = a->name;
	return doubt < 0 ? -1 : 0;
}

static int
wanted_row(struct making *m, struct presence *p, struct err *err)
{
	struct account was = p->row, *a = &p->row;
	const char *name = NULL;

	if (name_choose(m, p, &name, err) != 0) {
		if (err->cls != ERR_CONFLICT)
			return -1;
		name_case(m, p, err->text);
		p->stuck = true;
		return 0;
	}
	if (name_keep(m, a, &name, err) != 0)
		return -1;
	a->name = name;
	a->want_status = m->paused ? "disabled" : p->want->status;
	a->want = p->want->attributes;
	a->reasons = p->want->reasons;
	a->keep_until = 0;
	a->outside = is_outside(m, p);
	if (p->gone)
		begin_anew(a);
	if (!m->paused) {
		m->out->was_cut |= a->cut_at != 0;
		a->cut_at = a->delete_after = 0;
	}
	if (a->id != 0)
		return row_save(m, p, &was, err);
	a->created = m->e->now;
	a->origin = "joiner";
	a->version = 1;
	return store_add(m->e->store, STMT_POLICY_ACCOUNT_ADD, account_fields,
	    a, &a->id, err);
}

/* A mover keeps what ends for the role's overlap; privilege ends at once. */
static bool
keeps(struct making *m, const char *kind, struct json reasons, int64_t *until,
    const char *effect, const char *system)
{
	if (m->ended || strcmp(kind, "privileged") == 0)
		return false;
	if (*until == 0) {
		int64_t overlap = overlap_of(m->e, reasons);
		struct effect_count *c;

		if (overlap <= 0)
			return false;
		*until = m->e->now + overlap;
		c = out_add(m->e->arena, &m->out->later, sizeof(*c));
		*c = (struct effect_count){ effect, system, 1, 0 };
	}
	making_due(m, *until);
	return *until > m->e->now;
}

static void
retention(struct making *m, struct account *a)
{
	const struct workflow_def *w = config_workflow_on(m->e->config,
	    "leaver");

	if (a->cut_at == 0 && same_text(a->seen_status, "disabled"))
		a->cut_at = m->e->now;
	if (a->cut_at != 0 && a->delete_after == 0 && w != NULL &&
	    w->retention > 0)
		a->delete_after = a->cut_at + w->retention;
	if (a->delete_after == 0 || m->who->legal_hold)
		return;
	if (a->delete_after > m->e->now)
		making_due(m, a->delete_after);
	else
		a->want_status = "absent";
}

static int
unwanted_row(struct making *m, struct presence *p, struct err *err)
{
	struct account was = p->row, *a = &p->row;
	bool drop = false;

	if (!m->ended && is_empty(a->reasons) && a->want_status == NULL)
		p->kept = true; /* nobody here made it */
	else
		p->kept = keeps(m, a->kind, a->reasons, &a->keep_until,
		    "disable", a->system);
	a->outside = is_outside(m, p);
	if (p->kept)
		return row_save(m, p, &was, err);
	a->want_status = "disabled";
	a->reasons.text = "[]";
	retention(m, a);
	if (p->gone) {
		a->want_status = "absent";
		a->delete_after = 0;
		drop = !same_text(was.want_status, "absent") ||
		    was.delete_after != 0;
	}
	if (drop && a->name != NULL &&
	    name_rest(m->e, a->system, a->name, m->who->id,
		m->e->now + m->e->config->settings.tombstone, err) != 0)
		return -1;
	return row_save(m, p, &was, err);
}

int
want_account_row(struct making *m, struct presence *p, struct err *err)
{
	return p->want != NULL ? wanted_row(m, p, err) :
				 unwanted_row(m, p, err);
}

static bool
holding_differs(const struct holding *a, const struct holding *b)
{
	return a->want != b->want || !same_text(a->state, b->state) ||
	    !same_text(a->reasons.text, b->reasons.text) ||
	    a->keep_until != b->keep_until || a->closed != b->closed;
}

static int
holding_save(struct making *m, struct holding *h, const struct holding *was,
    struct err *err)
{
	if (!holding_differs(h, was))
		return 0;
	h->version++;
	return store_put(m->e->store, STMT_POLICY_HOLDING_SAVE, holding_fields,
	    h, err);
}

/* A grant that never went out needs no revocation. */
static int
close_untried(struct making *m, struct holding *h, struct err *err)
{
	struct by_id key = { h->id }, tries = { 0 };

	if (h->seen)
		return 0;
	if (store_get(m->e->store, m->e->arena, STMT_POLICY_HOLDING_TRIED,
		by_id_fields, &key, by_id_fields, &tries, err) != 0)
		return -1;
	if (tries.id == 0) {
		h->state = "closed";
		h->until = h->closed = m->e->now;
	}
	return 0;
}

static int
holding_unwanted(struct making *m, const struct presence *p, struct holding *h,
    struct err *err)
{
	struct holding was = *h;

	if (m->paused ||
	    (!m->ended && is_empty(h->reasons) &&
		strcmp(h->state, "revoking") != 0))
		return 0;
	if (strcmp(h->state, "revoking") != 0 &&
	    keeps(m, p->row.kind, h->reasons, &h->keep_until, "remove",
		p->row.system))
		return holding_save(m, h, &was, err);
	h->want = false;
	if (!m->guarded && !p->row.outside && p->def != NULL &&
	    strcmp(engine_mode(m->e, p->def, "remove"), "enforce") == 0)
		h->state = "revoking";
	if (close_untried(m, h, err) != 0)
		return -1;
	return holding_save(m, h, &was, err);
}

static int
holding_wanted(struct making *m, struct holding *h,
    const struct want_holding *w, struct err *err)
{
	struct holding was = *h;

	h->want = true;
	h->reasons = w->reasons;
	h->keep_until = 0;
	h->state = h->seen ? "held" : "planned";
	return holding_save(m, h, &was, err);
}

static const struct want_holding *
want_of(const struct making *m, const struct presence *p,
    const char *entitlement)
{
	const struct want_holding *w = m->desired->holdings.item;

	for (size_t i = 0; i < m->desired->holdings.n; i++)
		if (strcmp(w[i].system, p->row.system) == 0 &&
		    strcmp(w[i].kind, p->row.kind) == 0 &&
		    strcmp(w[i].entitlement, entitlement) == 0)
			return &w[i];
	return NULL;
}

static bool
has_holding(const struct presence *p, const char *entitlement)
{
	const struct holding *h = p->holdings.item;

	for (size_t i = 0; i < p->holdings.n; i++)
		if (strcmp(h[i].entitlement, entitlement) == 0)
			return true;
	return false;
}

static int
holding_add(struct making *m, struct presence *p, const struct want_holding *w,
    struct err *err)
{
	struct holding *h = out_add(m->e->arena, &p->holdings, sizeof(*h));

	*h = (struct holding){ .account = p->row.id,
		.state = "planned",
		.entitlement = w->entitlement,
		.from = m->e->now,
		.reasons = w->reasons,
		.want = true,
		.version = 1 };
	return store_add(m->e->store, STMT_POLICY_HOLDING_ADD, holding_fields,
	    h, &h->id, err);
}

int
want_holdings(struct making *m, struct presence *p, struct err *err)
{
	struct by_id key = { p->row.id };
	const struct want_holding *w = m->desired->holdings.item;
	struct many rows = { 0 };

	if (store_list(m->e->store, m->e->arena, STMT_POLICY_HOLDINGS,
		by_id_fields, &key, holding_fields, sizeof(struct holding), 0,
		&rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		struct holding *h = out_add(m->e->arena, &p->holdings,
		    sizeof(*h));
		*h = ((const struct holding *)rows.item)[i];
		const struct want_holding *is = p->want == NULL ?
		    NULL :
		    want_of(m, p, h->entitlement);

		if (is != NULL && m->paused)
			continue;
		if (is != NULL ? holding_wanted(m, h, is, err) :
				 holding_unwanted(m, p, h, err))
			return -1;
	}
	for (size_t i = 0; i < m->desired->holdings.n; i++)
		if (p->want != NULL && !m->paused &&
		    want_of(m, p, w[i].entitlement) == &w[i] &&
		    !has_holding(p, w[i].entitlement) &&
		    holding_add(m, p, &w[i], err) != 0)
			return -1;
	return 0;
}
