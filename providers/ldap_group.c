/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entitlements are groups.  One is named by its DN below the configured
 * container, as in "cn=staff"; a group elsewhere by its whole DN.
 */
#include "ldap_provider.h"

#include <string.h>
#include <strings.h>

#include "ldap_members.h"

/* Result codes that more than one situation shares (RFC 4511, A.1). */
enum {
	NO_SUCH_ATTRIBUTE = 16,
	VALUE_EXISTS = 20,
	NO_SUCH_OBJECT = 32,
	OBJECT_CLASS_VIOLATION = 65,
	ALREADY_EXISTS = 68,
};

/* Whether dn lies below top. */
static bool
is_below(const char *dn, const char *top)
{
	size_t n = strlen(dn), m = strlen(top);

	return n > m + 1 && dn[n - m - 1] == ',' &&
	    strcasecmp(dn + n - m, top) == 0;
}

static const char *
group_dn(const struct ldap *l, struct arena *a, const char *name)
{
	if (is_below(name, l->config->base))
		return name;
	if (strchr(name, '=') == NULL)
		name = directory_rdn(a, "cn", name);
	return arena_printf(a, "%s,%s", name, l->config->groups);
}

static const char *
group_name(const struct ldap *l, struct arena *a, const char *dn)
{
	if (!is_below(dn, l->config->groups))
		return arena_str(a, dn);
	return arena_mem(a, dn, strlen(dn) - strlen(l->config->groups) - 1);
}

static bool
by_name(const struct ldap *l)
{
	return strcmp(l->config->group.by, "name") == 0;
}

struct membership_change {
	const char *group, *member;
	const struct directory_entry *account;
	bool held; /* as it is wanted */
};

static int
member_set(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct membership_change *m, bool swap, struct err *e)
{
	const struct ldap_group_def *g = &l->config->group;
	const char *member = m->member, *stays = g->placeholder;
	const struct directory_mod mods[2] = {
		{ m->held ? DIRECTORY_ADD : DIRECTORY_DROP, g->attribute,
		    { 1, &member } },
		{ DIRECTORY_ADD, g->attribute, { 1, &stays } },
	};
	const struct directory_change ch = { .dn = m->group,
		.mod = mods,
		.mods = swap ? 2 : 1 };

	return directory_modify(l->directory, c, a, &ch, e);
}

/* A class like groupOfNames wants a member: the last one cannot just go. */
static int
last_drop(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct membership_change *m, struct err *e)
{
	if (l->config->group.placeholder == NULL)
		return err_set(e, ERR_REFUSED,
		    "%s: its last member cannot go: "
		    "set group.placeholder, a DN that may stay",
		    m->group);
	return member_set(l, c, a, m, true, e);
}

/* A server says "no such object" of what it does not show as well: where
   even the container is not there for us, the group's absence says nothing. */
static int
absence_check(struct ldap *l, struct muster_call *c, struct arena *a,
    const char *group, struct err *e)
{
	static const char *const none[] = { "1.1", NULL };
	const struct ldap_config *k = l->config;
	const struct directory_query q = { .base = is_below(group, k->groups) ?
		    k->groups :
		    k->base,
		.scope = DIRECTORY_ENTRY,
		.attrs = none };
	struct directory_entry en;

	if (directory_find(l->directory, c, a, &q, &en, e) == 0)
		return 0;
	if (e->cls == ERR_GONE)
		e->cls = ERR_INPUT;
	return err_within(e,
	    "%s: not to be seen, and neither is what it is "
	    "in: ",
	    group);
}

/* Changes the membership; *now is false where it was so before. */
static int
member_change(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct membership_change *m, bool *now, struct err *e)
{
	int rc = member_set(l, c, a, m, false, e);
	int code = directory_code(l->directory);

	if (rc != 0 && !m->held && code == OBJECT_CLASS_VIOLATION) {
		rc = last_drop(l, c, a, m, e);
		code = directory_code(l->directory);
	}
	*now = rc == 0;
	if (rc != 0 && !m->held && code == NO_SUCH_OBJECT)
		return absence_check(l, c, a, m->group, e);
	if (rc == 0 ||
	    (m->held && (code == VALUE_EXISTS || code == ALREADY_EXISTS)) ||
	    (!m->held && code == NO_SUCH_ATTRIBUTE))
		return 0;
	if (code == NO_SUCH_OBJECT)
		return err_set(e, ERR_INPUT, "no such group: %s", m->group);
	return ldap_moved(e);
}

static int
member_verify(struct ldap *l, struct muster_call *c,
    const struct membership_change *m, struct change *ch, struct err *e)
{
	bool held = false;

	if (!muster_verify(c))
		return 0;
	if (directory_compare(l->directory, c, m->group,
		l->config->group.attribute, m->member, &held, e) != 0 &&
	    (m->held || e->cls != ERR_GONE))
		return ldap_moved(e);
	ch->verified = held == m->held;
	ch->how = ch->verified ? "compare" : "compare differs";
	return 0;
}

static int
membership_set(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct entitlement_ref *r, bool held, struct change *ch,
    struct err *e)
{
	struct directory_entry en;
	bool now;

	if (ldap_find(l, c, a, r->id, r->name, NULL, &en, e) != 0)
		return -1;
	ldap_changed(l, &en, false, ch);
	const struct membership_change m = {
		.group = group_dn(l, a, r->entitlement),
		.account = &en,
		.member = by_name(l) ? ch->name : en.dn,
		.held = held,
	};
	if (m.member == NULL)
		return err_set(e, ERR_INPUT, "%s: has no %s", en.dn,
		    l->config->account.rdn);
	if (member_change(l, c, a, &m, &now, e) != 0)
		return -1;
	ch->changed = now;
	ch->before.text = now == held ? "{\"held\":false}" : "{\"held\":true}";
	ch->after.text = held ? "{\"held\":true}" : "{\"held\":false}";
	return member_verify(l, c, &m, ch, e);
}

int
ldap_entitlement_grant(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	return membership_set(self, c, a, in, true, out, e);
}

int
ldap_entitlement_revoke(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	return membership_set(self, c, a, in, false, out, e);
}

struct held {
	const struct ldap *l;
	struct arena *a;
	struct texts *names;
};

static int
held_take(void *ctx, struct arena *one, const struct directory_entry *en,
    struct err *e)
{
	struct held *h = ctx;
	struct texts *t = h->names;

	(void)one;
	(void)e;
	if ((t->n & (t->n - 1)) == 0)
		t->item = arena_grow(h->a, t->item, t->n * sizeof(*t->item),
		    (2 * t->n + 1) * sizeof(*t->item));
	t->item[t->n++] = group_name(h->l, h->a, en->dn);
	return 0;
}

int
ldap_groups_of(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct directory_entry *en, struct texts *out, struct err *e)
{
	static const char *const none[] = { "1.1", NULL };
	const struct ldap_group_def *g = &l->config->group;
	const char *member = by_name(l) ?
	    directory_value(en, l->config->account.rdn) :
	    en->dn;
	const struct directory_query q = { .base = l->config->groups,
		.scope = DIRECTORY_TREE,
		.attrs = none,
		.filter = arena_printf(a, "(&(objectClass=%s)(%s=%s))",
		    g->object_class, g->attribute,
		    directory_quote(a, member != NULL ? member : "")) };
	struct held h = { l, a, out };

	if (directory_each(l->directory, c, &q, held_take, &h, e) == 0)
		return 0;
	if (e->cls == ERR_GONE)
		e->cls = ERR_INPUT;
	return -1;
}

struct listing {
	struct ldap *l;
	struct muster_call *c;
	struct members *people;
	const char *placeholder; /* its key */
};

static int
person_take(void *ctx, struct arena *one, const struct directory_entry *en,
    struct err *e)
{
	struct listing *g = ctx;
	const char *name = directory_value(en, g->l->config->account.rdn);
	const char *id = directory_value(en, g->l->config->account.id);

	(void)e;
	if (id == NULL || name == NULL)
		return 0;
	members_add(g->people,
	    by_name(g->l) ? name : directory_dn_key(one, en->dn), id, name);
	return 0;
}

/* A member that is no account: a nested group, whose own members are not
   ours to name here, or something else. */
static void
stranger_name(struct listing *g, struct arena *a, const char *member,
    struct membership *m)
{
	if (!by_name(g->l) && is_below(member, g->l->config->groups))
		m->name = arena_printf(a, "group:%s",
		    group_name(g->l, a, member));
	else
		m->name = arena_printf(a, "%s:%s",
		    by_name(g->l) ? "name" : "dn", member);
}

static int
group_send(void *ctx, struct arena *a, const struct directory_entry *en,
    struct err *e)
{
	struct listing *g = ctx;
	const char *group = group_name(g->l, a, en->dn);
	struct texts t = directory_values(en, g->l->config->group.attribute);

	for (size_t i = 0; i < t.n; i++) {
		const char *key = by_name(g->l) ?
		    t.item[i] :
		    directory_dn_key(a, t.item[i]);
		struct membership m = { .entitlement = group };

		if (g->placeholder != NULL && strcmp(key, g->placeholder) == 0)
			continue;
		if (!members_find(g->people, key, &m.id, &m.name))
			stranger_name(g, a, t.item[i], &m);
		if (muster_row(g->c, membership_fields, &m, e) != 0)
			return -1;
	}
	return 0;
}

int
ldap_entitlement_list(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	struct ldap *l = self;
	const struct ldap_config *k = l->config;
	const char *const attrs[] = { k->group.attribute, NULL };
	struct listing g = { .l = l, .c = c };
	const struct directory_query people = { .base = k->people,
		.scope = DIRECTORY_TREE,
		.filter = k->account.filter,
		.attrs = ldap_attrs(l, a, NULL) };
	const struct directory_query groups = { .base = k->groups,
		.scope = DIRECTORY_TREE,
		.attrs = attrs,
		.filter = arena_printf(a, "(objectClass=%s)",
		    k->group.object_class) };

	(void)in;
	(void)out;
	if (k->group.placeholder != NULL)
		g.placeholder = directory_dn_key(a, k->group.placeholder);
	g.people = members_new();
	int rc = directory_each(l->directory, c, &people, person_take, &g, e);
	if (rc == 0)
		rc = directory_each(l->directory, c, &groups, group_send, &g,
		    e);
	members_free(g.people);
	if (rc != 0 && e->cls == ERR_GONE)
		e->cls = ERR_INPUT;
	return rc;
}
