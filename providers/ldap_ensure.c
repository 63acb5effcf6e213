/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account.ensure: one add for a new account, one modify of what differs for
 * an existing one.  Without an id an existing entry of that name is ours
 * only if its marker says so or, where there is none, its first password:
 * which makes a repeat after a lost reply safe.
 */
#include "ldap_provider.h"

#include <string.h>
#include <strings.h>

#define MAX_ATTRIBUTES 200

/* The attributes that are wanted: name and values; none to remove it. */
struct wanted {
	const struct ldap *l;
	struct arena *a;
	const char *rdn, *name; /* the login name, which is no attribute */
	size_t n;
	struct directory_mod mod[MAX_ATTRIBUTES + 4];
};

static int
value_add(void *ctx, const char *key, const char *value, struct err *e)
{
	struct wanted *w = ctx;
	struct texts *t = &w->mod[w->n].values;
	const char *text = json_scalar(w->a, value);

	(void)key;
	if (text == NULL)
		return err_set(e, ERR_INPUT, "wants a text or a list of them");
	/* Room doubles, so that a long list is not copied often. */
	if ((t->n & (t->n - 1)) == 0)
		t->item = arena_grow(w->a, t->item, t->n * sizeof(*t->item),
		    (2 * t->n + 1) * sizeof(*t->item));
	t->item[t->n++] = text;
	return 0;
}

static int
attribute_add(void *ctx, const char *key, const char *value, struct err *e)
{
	struct wanted *w = ctx;
	struct directory_mod *m = &w->mod[w->n];

	if (w->n >= MAX_ATTRIBUTES)
		return err_set(e, ERR_INPUT, "too many attributes");
	if (!ldap_attribute_good(key))
		return err_set(e, ERR_INPUT,
		    "attributes: %.100s: wants the name of an attribute", key);
	if (ldap_attribute_secret(key) || ldap_attribute_ours(w->l, key))
		return err_set(e, ERR_INPUT, "attributes: %s is not set so",
		    key);
	*m = (struct directory_mod){ DIRECTORY_SET, arena_str(w->a, key),
		{ 0 } };
	int rc = 0;
	if (value[0] == '[')
		rc = json_each(w->a, value, value_add, w, e);
	else if (strcmp(value, "null") != 0 && strcmp(value, "\"\"") != 0)
		rc = value_add(w, NULL, value, e);
	if (rc != 0)
		return err_within(e, "attributes: %s: ", key);
	if (!ldap_attribute_is(key, w->rdn)) {
		w->n++;
		return 0;
	}
	if (m->values.n == 1 && w->name != NULL &&
	    strcmp(m->values.item[0], w->name) == 0)
		return 0;
	return err_set(e, ERR_INPUT, "attributes: %s is the name", key);
}

static int
wanted_read(struct ldap *l, struct arena *a, const struct account_want *in,
    struct wanted *w, struct err *e)
{
	w->l = l;
	w->a = a;
	w->rdn = l->config->account.rdn;
	w->name = in->name;
	if (in->attributes.text == NULL)
		return 0;
	return json_each(a, in->attributes.text, attribute_add, w, e);
}

/* Names of what is wanted, and of the marker; ends with NULL. */
static const char *const *
wanted_names(struct ldap *l, struct arena *a, const struct wanted *w)
{
	const char **all = arena_zero(a, w->n + 2, sizeof(*all));

	for (size_t i = 0; i < w->n; i++)
		all[i] = w->mod[i].name;
	all[w->n] = l->config->account.marker;
	return all;
}

static void
member_write(struct buf *b, struct arena *a, const char *name,
    struct texts values)
{
	buf_char(b, b->len == 0 ? '{' : ',');
	json_string(b, name);
	buf_char(b, ':');
	ldap_values_write(b, a, values);
}

static struct json
members_end(struct buf *b)
{
	if (b->len != 0)
		buf_char(b, '}');
	return (struct json){ b->len != 0 ? buf_text(b) : NULL };
}

/*
 * What the entry has of the changes: told by the server with the change,
 * or read now.
 */
static int
verify(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct wanted *w, const char *dn, struct directory_entry *after,
    struct change *ch, struct err *e)
{
	bool told = after->dn != NULL;

	if (!told && ldap_read(l, c, a, dn, wanted_names(l, a, w), after, e))
		return -1;
	bool same = true;
	for (size_t i = 0; i < w->n && same; i++)
		same = ldap_values_same(a, w->mod[i].values,
		    directory_values(after, w->mod[i].name));
	ch->verified = same && muster_verify(c);
	ch->how = !same	  ? "read-back differs" :
	    !ch->verified ? NULL :
	    told	  ? "post-read" :
			    "read-back";
	return 0;
}

static size_t
wanted_drop_empty(struct wanted *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		if (w->mod[i].values.n != 0)
			w->mod[n++] = w->mod[i];
	return w->n = n;
}

static int
account_add(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct account_want *in, struct wanted *w, struct change *ch,
    struct err *e)
{
	const struct ldap_account_def *d = &l->config->account;
	struct directory_mod *mod = w->mod;
	struct directory_entry after;
	struct buf b = { .arena = a };
	struct err later;

	size_t n = wanted_drop_empty(w);
	for (size_t i = 0; i < n; i++)
		member_write(&b, a, mod[i].name, mod[i].values);
	struct wanted all = *w;
	mod = all.mod;
	mod[n++] = (struct directory_mod){ DIRECTORY_ADD, "objectClass",
		d->object_classes };
	const char *name = in->name, *secret = in->secret;
	mod[n++] = (struct directory_mod){ DIRECTORY_ADD, d->rdn,
		{ 1, &name } };
	if (secret != NULL)
		mod[n++] = (struct directory_mod){ DIRECTORY_ADD,
			"userPassword", { 1, &secret } };
	if (in->disabled)
		n += ldap_lock_mods(l, true, &mod[n]);
	const struct directory_change add = {
		.dn = arena_printf(a, "%s,%s",
		    directory_rdn(a, d->rdn, in->name), l->config->people),
		.mod = mod,
		.mods = n,
		.after = &after,
		.attrs = ldap_attrs(l, a, wanted_names(l, a, w)),
	};
	if (directory_add(l->directory, c, a, &add, e) != 0)
		return e->cls == ERR_GONE ?
		    err_set(e, ERR_INPUT, "people: no such entry: %s",
			l->config->people) :
		    -1;
	/* It stands: what cannot be read now is not a failure to make it. */
	if (verify(l, c, a, w, add.dn, &after, ch, &later) != 0) {
		ch->how = "not read back";
	} else if (in->disabled && !ldap_is_bolted(l, &after)) {
		ch->verified = false;
		ch->how = "read-back differs";
	}
	if (after.dn != NULL)
		ldap_changed(l, &after, true, ch);
	ch->changed = true;
	ch->name = in->name;
	ch->after = members_end(&b);
	return 0;
}

/* Changes what differs in an entry that was read with what is wanted. */
static int
account_modify(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct directory_entry *en, struct wanted *w, struct change *ch,
    struct err *e)
{
	struct buf before = { .arena = a }, after = { .arena = a };
	struct directory_entry now;
	size_t n = 0;

	ldap_changed(l, en, false, ch);
	for (size_t i = 0; i < w->n; i++) {
		const struct directory_mod m = w->mod[i];
		struct texts have = directory_values(en, m.name);

		if (ldap_values_same(a, have, m.values))
			continue;
		member_write(&before, a, m.name, have);
		member_write(&after, a, m.name, m.values);
		w->mod[n++] = m;
	}
	w->n = n;
	ch->changed = n != 0;
	ch->verified = n == 0;
	ch->how = n == 0 ? "read-back" : NULL;
	if (n == 0)
		return 0;
	const struct directory_change set = { .dn = en->dn,
		.mod = w->mod,
		.mods = n,
		.after = &now,
		.attrs = ldap_attrs(l, a, wanted_names(l, a, w)) };
	if (directory_modify(l->directory, c, a, &set, e) != 0)
		return ldap_moved(e);
	ch->before = members_end(&before);
	ch->after = members_end(&after);
	return verify(l, c, a, w, en->dn, &now, ch, e);
}

/* The values that are wanted of an attribute. */
static struct texts
wanted_values(const struct wanted *w, const char *name)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcasecmp(w->mod[i].name, name) == 0)
			return w->mod[i].values;
	return (struct texts){ 0 };
}

/* Whether the marker of an entry is there, and is what we would write. */
static bool
is_marked(struct ldap *l, struct arena *a, const struct directory_entry *en,
    const struct wanted *w)
{
	const char *marker = l->config->account.marker;

	if (marker == NULL)
		return false;
	struct texts want = wanted_values(w, marker);
	return want.n != 0 &&
	    ldap_values_same(a, want, directory_values(en, marker));
}

/*
 * Whether an entry of the wanted name is ours: its marker says so, or its
 * password is the one that was drawn for it, which nobody else has.
 */
static int
is_ours(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct account_want *in, const struct directory_entry *en,
    const struct wanted *w, bool *ours, struct err *e)
{
	*ours = is_marked(l, a, en, w);
	if (*ours || l->config->account.marker != NULL || in->secret == NULL)
		return 0;
	return directory_try(l->directory, c, en->dn, in->secret, ours, e);
}

/* The first password of an account that an earlier call may have made: it
   is set only where it does not authenticate yet. */
static int
secret_ensure(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct directory_entry *en, const char *secret, struct change *ch,
    struct err *e)
{
	bool taken, bolted;

	if (directory_try(l->directory, c, en->dn, secret, &taken, e) != 0)
		return -1;
	if (taken)
		return 0;
	ch->changed = true;
	return ldap_password_set(l, c, a, en, secret, &bolted, e);
}

/* What was to be made locked is locked, however it came to be there. */
static int
lock_ensure(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct directory_entry *en, bool *done, struct err *e)
{
	struct directory_entry now;

	*done = !ldap_is_bolted(l, en);
	if (!*done)
		return 0;
	if (ldap_lock(l, c, a, en->dn, true, e) != 0 ||
	    ldap_read(l, c, a, en->dn, NULL, &now, e) != 0)
		return -1;
	return ldap_is_bolted(l, &now) ?
	    0 :
	    err_set(e, ERR_UNKNOWN, "%s: does not stay locked", en->dn);
}

/* The name is taken: by us, in a call whose reply was lost, or not. */
static int
account_meet(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct account_want *in, struct wanted *w, struct change *ch,
    struct err *e)
{
	const struct err why = *e;
	struct directory_entry en;
	bool ours = false, locked = false;

	if (ldap_find(l, c, a, NULL, in->name, wanted_names(l, a, w), &en, e) !=
	    0) {
		/* Something else of the entry was refused. */
		if (e->cls == ERR_GONE)
			*e = why;
		return -1;
	}
	if (!in->create_only && is_ours(l, c, a, in, &en, w, &ours, e) != 0)
		return -1;
	if (!ours)
		return err_set(e, ERR_CONFLICT, "%s exists already", en.dn);
	if ((in->disabled && lock_ensure(l, c, a, &en, &locked, e) != 0) ||
	    account_modify(l, c, a, &en, w, ch, e) != 0)
		return -1;
	ch->changed |= locked;
	return in->secret == NULL ?
	    0 :
	    secret_ensure(l, c, a, &en, in->secret, ch, e);
}

int
ldap_account_ensure(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	struct ldap *l = self;
	const struct account_want *want = in;
	struct wanted *w = arena_zero(a, 1, sizeof(*w));
	struct directory_entry en;

	if (wanted_read(l, a, want, w, e) != 0)
		return -1;
	if (want->id != NULL) {
		if (ldap_find(l, c, a, want->id, NULL, wanted_names(l, a, w),
			&en, e) != 0)
			return -1;
		return account_modify(l, c, a, &en, w, out, e);
	}
	if (want->name == NULL || want->name[0] == '\0')
		return err_set(e, ERR_INPUT, "name: missing");
	struct wanted *first = arena_zero(a, 1, sizeof(*first));
	*first = *w;
	if (account_add(l, c, a, want, first, out, e) == 0)
		return 0;
	/* 68; or 19, where slapo-unique found the name elsewhere. */
	if (e->cls != ERR_CONFLICT && e->cls != ERR_REFUSED)
		return -1;
	return account_meet(l, c, a, want, w, out, e);
}
