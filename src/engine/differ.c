/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/differ.h"

#include <stdlib.h>
#include <string.h>

#include "engine/outgoing.h"

/* A person's work is made in this order, and a leaver is cut first. */
static const char *const verb_order[] = { "account.ensure", "account.rename",
	"account.enable", "entitlement.grant", "entitlement.revoke",
	"account.disable", "account.delete", NULL };
static const char *const cut_order[] = { "account.disable",
	"entitlement.revoke", "account.delete", NULL };

static int64_t
rank_in(const char *const *list, const char *word)
{
	int64_t i = 0;

	while (list[i] != NULL && strcmp(list[i], word) != 0)
		i++;
	return i;
}

/* Privileged accounts fall first; the primary one is made first. */
static int64_t
kind_rank(const struct item *i, bool ended)
{
	if (ended && strcmp(i->kind, "privileged") == 0)
		return -1;
	return rank_in(account_kinds, i->kind);
}

struct ranked {
	int64_t verb, kind, at;
	struct item item;
};

static int
by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->verb != y->verb)
		return x->verb < y->verb ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static void
items_order(struct making *m)
{
	struct item *items = m->out->items.item;
	size_t n = m->out->items.n;
	struct ranked *r = arena_zero(m->e->arena, n + 1, sizeof(*r));

	for (size_t i = 0; i < n; i++)
		r[i] = (struct ranked){ rank_in(m->ended ? cut_order :
							   verb_order,
					    items[i].verb),
			kind_rank(&items[i], m->ended), (int64_t)i, items[i] };
	if (n > 1)
		qsort(r, n, sizeof(*r), by_rank);
	for (size_t i = 0; i < n; i++)
		items[i] = r[i].item;
}

/* Was it never made, and nothing of it ever sent? */
static int
never_made(struct making *m, const struct account *a, struct err *err)
{
	struct by_id key = { a->id }, tries = { 0 };

	if (a->native != NULL)
		return 0;
	if (store_get(m->e->store, m->e->arena, STMT_POLICY_ACCOUNT_TRIED,
		by_id_fields, &key, by_id_fields, &tries, err) != 0)
		return -1;
	return tries.id == 0;
}

static int
presence_set(struct making *m, struct presence *p, struct err *err)
{
	const char *status = presence_status(&p->row);
	int never;

	p->def = config_system(m->e->config, p->row.system);
	m->out->existed |= status != NULL;
	p->gone = status != NULL && strcmp(status, "absent") == 0;
	if (p->gone && p->want == NULL) { /* unless it is just made anew */
		int unsure = account_is_unsure(m, &p->row, err);

		p->gone = unsure == 0;
		return unsure < 0 ? -1 : 0;
	}
	if (p->row.id == 0 || status != NULL)
		return 0;
	if ((never = never_made(m, &p->row, err)) < 0)
		return -1;
	p->gone = never > 0;
	return 0;
}

static const struct want_account *
want_of(const struct desired *d, const struct account *a, bool *used)
{
	const struct want_account *w = d->accounts.item;

	for (size_t i = 0; i < d->accounts.n; i++)
		if (!used[i] && strcmp(w[i].system, a->system) == 0 &&
		    strcmp(w[i].kind, a->kind) == 0) {
			used[i] = true;
			return &w[i];
		}
	return NULL;
}

static int
presences_load(struct making *m, struct err *err)
{
	struct by_id key = { m->who->id };
	const struct want_account *w = m->desired->accounts.item;
	bool *used = arena_zero(m->e->arena, m->desired->accounts.n + 1,
	    sizeof(bool));
	struct many rows = { 0 };

	if (store_list(m->e->store, m->e->arena, STMT_POLICY_ACCOUNTS,
		by_id_fields, &key, account_fields, sizeof(struct account), 0,
		&rows, err) != 0)
		return -1;
	m->at = arena_zero(m->e->arena, rows.n + m->desired->accounts.n + 1,
	    sizeof(*m->at));
	for (size_t i = 0; i < rows.n; i++) {
		struct presence *p = &m->at[m->n++];

		p->row = ((const struct account *)rows.item)[i];
		p->want = want_of(m->desired, &p->row, used);
		if (presence_set(m, p, err) != 0)
			return -1;
	}
	for (size_t i = 0; i < m->desired->accounts.n; i++) {
		struct presence *p = &m->at[m->n];

		if (used[i])
			continue;
		m->n++;
		p->want = &w[i];
		p->row = (struct account){ .identity = m->who->id,
			.system = w[i].system,
			.kind = w[i].kind };
		if (presence_set(m, p, err) != 0)
			return -1;
	}
	return 0;
}

/* The primary account is named before those that take after it. */
static int
primary_first(const void *a, const void *b)
{
	const struct presence *x = a, *y = b;
	int64_t i = rank_in(account_kinds, x->row.kind);
	int64_t k = rank_in(account_kinds, y->row.kind);

	if (i != k)
		return i < k ? -1 : 1;
	return strcmp(x->row.system, y->row.system);
}

static void
entitlement_without_account(struct making *m)
{
	const struct want_holding *h = m->desired->holdings.item;

	for (size_t i = 0; i < m->desired->holdings.n; i++) {
		bool found = false;
		struct matter_want *w;

		for (size_t k = 0; k < m->n && !found; k++)
			found = m->at[k].want != NULL &&
			    strcmp(m->at[k].row.system, h[i].system) == 0 &&
			    strcmp(m->at[k].row.kind, h[i].kind) == 0;
		if (found)
			continue;
		w = out_add(m->e->arena, &m->out->matters, sizeof(*w));
		*w = (struct matter_want){ .kind = "policy",
			.identity = m->who->id,
			.subject = arena_printf(m->e->arena, "%s/%s",
			    h[i].system, h[i].entitlement),
			.what = arena_printf(m->e->arena,
			    "A role gives %s on %s, "
			    "and none gives a %s account there",
			    h[i].entitlement, h[i].system, h[i].kind),
			.why = h[i].reasons.text };
	}
}

static int
waivers_load(struct making *m, struct err *err)
{
	struct by_id now = { m->e->now };

	return store_list(m->e->store, m->e->arena, STMT_POLICY_WAIVERS,
	    by_id_fields, &now, waiver_fields, sizeof(struct waiver), 0,
	    &m->waivers, err);
}

static void
making_init(struct making *m)
{
	const struct identity *who = m->who;
	const struct texts *names = &m->desired->usernames;

	m->ended = strcmp(who->state, "left") == 0;
	m->paused = strcmp(who->state, "suspended") == 0 ||
	    strcmp(who->state, "pending") == 0;
	m->guarded = who->protected_ || m->desired->protected_ ||
	    (m->ended && who->guarded);
	m->jumped = m->e->jumped_until > m->e->now;
	m->username = who->username != NULL ? who->username :
	    names->n > 0		    ? names->item[0] :
					      NULL;
}

/* Who let somebody protected leave has decided that access falls. */
static int
release_look(struct making *m, struct err *err)
{
	struct by_id key = { m->who->id }, hold = { 0 };

	if (!m->ended || !m->guarded)
		return 0;
	if (store_get(m->e->store, m->e->arena, STMT_POLICY_EVENT_RELEASED,
		by_id_fields, &key, by_id_fields, &hold, err) != 0)
		return -1;
	m->guarded = hold.id == 0;
	return 0;
}

/* What an account of the same identity took by name is in the way of the
   others there, so rows are named one after another. */
int
difference_make(struct engine *e, const struct identity *who,
    const struct desired *d, struct difference *out, struct err *err)
{
	struct making m = { .e = e, .who = who, .desired = d, .out = out };

	memset(out, 0, sizeof(*out));
	making_init(&m);
	if (release_look(&m, err) != 0 || presences_load(&m, err) != 0 ||
	    waivers_load(&m, err) != 0)
		return -1;
	if (m.n > 1)
		qsort(m.at, m.n, sizeof(*m.at), primary_first);
	for (size_t i = 0; i < m.n; i++) {
		struct presence *p = &m.at[i];

		if (want_account_row(&m, p, err) != 0)
			return -1;
		if (!p->stuck &&
		    (want_holdings(&m, p, err) != 0 ||
			items_of(&m, p, err) != 0))
			return -1;
	}
	entitlement_without_account(&m);
	items_order(&m);
	return 0;
}

struct many
difference_items(struct engine *e, const struct difference *d, const char *mode)
{
	const struct item *items = d->items.item;
	struct many out = { 0 };

	for (size_t i = 0; i < d->items.n; i++)
		if (strcmp(items[i].mode, mode) == 0)
			*(struct item *)out_add(e->arena, &out,
			    sizeof(struct item)) = items[i];
	return out;
}
