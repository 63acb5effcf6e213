/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts: listed, read, locked, renamed, removed. */
#include "ldap_provider.h"

#include <string.h>

struct listing {
	struct ldap *l;
	struct muster_call *c;
	const struct list_want *want;
};

static int
account_send(void *ctx, struct arena *a, const struct directory_entry *en,
    struct err *e)
{
	const struct listing *g = ctx;
	struct account_state st;

	ldap_state(g->l, a, en, &g->want->attributes, &st);
	/* A glimpse of a server that does not know this attribute. */
	if (st.id == NULL)
		return err_set(e, ERR_INPUT, "%s: has no %s", en->dn,
		    g->l->config->account.id);
	if (g->want->digests)
		st.attributes.text = NULL;
	return muster_row(g->c, account_state_fields, &st, e);
}

int
ldap_account_list(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	struct ldap *l = self;
	struct listing g = { l, c, in };
	const struct directory_query q = { .base = l->config->people,
		.scope = DIRECTORY_TREE,
		.filter = l->config->account.filter,
		.attrs = ldap_state_attrs(l, a, &g.want->attributes) };

	(void)out;
	if (directory_each(l->directory, c, &q, account_send, &g, e) == 0)
		return 0;
	if (e->cls == ERR_GONE)
		e->cls = ERR_INPUT;
	return -1;
}

int
ldap_account_read(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	struct ldap *l = self;
	const struct account_ref *r = in;
	struct directory_entry en;

	if (ldap_find(l, c, a, r->id, r->name, ldap_state_attrs(l, a, NULL),
		&en, e) != 0)
		return -1;
	struct account_state *st = out;
	ldap_state(l, a, &en, NULL, st);
	return ldap_groups_of(l, c, a, &en, &st->entitlements, e);
}

static const char *
status_text(const struct ldap *l, const struct directory_entry *en)
{
	return ldap_is_locked(l, en) ? "{\"status\":\"disabled\"}" :
				       "{\"status\":\"active\"}";
}

static int
status_set(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct account_ref *r, bool lock, struct change *ch, struct err *e)
{
	struct directory_entry en;

	if (ldap_find(l, c, a, r->id, r->name, NULL, &en, e) != 0)
		return -1;
	bool already = lock ? ldap_is_bolted(l, &en) : !ldap_is_locked(l, &en);
	ldap_changed(l, &en, !already, ch);
	ch->before.text = status_text(l, &en);
	if (!already && ldap_lock(l, c, a, en.dn, lock, e) != 0)
		return -1;
	if (!already && muster_verify(c) &&
	    ldap_read(l, c, a, en.dn, NULL, &en, e) != 0)
		return -1;
	if (already || muster_verify(c)) {
		ch->after.text = status_text(l, &en);
		ch->verified = lock ? ldap_is_bolted(l, &en) :
				      !ldap_is_locked(l, &en);
		ch->how = ch->verified ? "read-back" : "read-back differs";
	}
	return 0;
}

int
ldap_account_disable(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	return status_set(self, c, a, in, true, out, e);
}

int
ldap_account_enable(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	return status_set(self, c, a, in, false, out, e);
}

static const char *
name_text(struct arena *a, const char *name)
{
	struct buf b = { .arena = a };

	buf_str(&b, "{\"name\":");
	json_string(&b, name != NULL ? name : "");
	buf_char(&b, '}');
	return buf_text(&b);
}

/* A refusal to rename may be that of an overlay that keeps names unique,
   where the name stands elsewhere than beside this account. */
static int
rename_failed(struct ldap *l, struct muster_call *c, struct arena *a,
    const char *name, struct err *e)
{
	struct directory_entry other;
	struct err ignored;

	if (e->cls == ERR_REFUSED &&
	    ldap_find(l, c, a, NULL, name, NULL, &other, &ignored) == 0)
		return err_set(e, ERR_CONFLICT, "%s exists already", other.dn);
	return ldap_moved(e);
}

int
ldap_account_rename(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	struct ldap *l = self;
	const struct account_ref *r = in;
	const char *rdn = l->config->account.rdn;
	struct change *ch = out;
	struct directory_entry en;

	if (r->id == NULL || r->name == NULL)
		return err_set(e, ERR_INPUT, "wants id and the new name");
	if (ldap_find(l, c, a, r->id, NULL, NULL, &en, e) != 0)
		return -1;
	const char *old = directory_value(&en, rdn);
	bool already = old != NULL && strcmp(old, r->name) == 0;
	ch->before.text = name_text(a, old);
	if (!already &&
	    directory_rename(l->directory, c, en.dn,
		directory_rdn(a, rdn, r->name), e) != 0)
		return rename_failed(l, c, a, r->name, e);
	ldap_changed(l, &en, !already, ch);
	if (!already && muster_verify(c) &&
	    ldap_find(l, c, a, r->id, NULL, NULL, &en, e) != 0)
		return ldap_moved(e);
	const char *now = directory_value(&en, rdn);
	ch->verified = now != NULL && strcmp(now, r->name) == 0;
	ch->how = ch->verified ? "read-back" :
	    muster_verify(c)   ? "read-back differs" :
				 NULL;
	ch->name = r->name;
	ch->after.text = name_text(a, r->name);
	return 0;
}

/* Group memberships go with the account where the server keeps references
   (slapo-refint); where it does not, the plan revokes them before. */
int
ldap_account_delete(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	struct ldap *l = self;
	const struct account_ref *r = in;
	struct change *ch = out;
	struct directory_entry en, left;
	struct account_state st;

	if (ldap_find(l, c, a, r->id, r->name, ldap_state_attrs(l, a, NULL),
		&en, e) != 0)
		return -1;
	ldap_state(l, a, &en, NULL, &st);
	ldap_changed(l, &en, true, ch);
	ch->before = st.attributes;
	if (directory_delete(l->directory, c, en.dn, e) != 0)
		return ldap_moved(e);
	if (!muster_verify(c))
		return 0;
	if (ldap_find(l, c, a, st.id, NULL, NULL, &left, e) == 0)
		return err_set(e, ERR_CONFLICT, "%s: still there", left.dn);
	/* It was removed: what cannot be read now does not undo that. */
	ch->verified = e->cls == ERR_GONE;
	ch->how = ch->verified ? "read-back" : "not read back";
	return 0;
}
