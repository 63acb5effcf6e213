/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap_provider.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A malformed id would make a filter that matches nothing, and so look like
   an account that is gone. */
static int
id_check(const struct ldap *l, const char *id, struct err *e)
{
	if (strcasecmp(l->config->account.id, "entryUUID") != 0)
		return 0;
	if (strlen(id) == 36 && strspn(id, "0123456789abcdefABCDEF-") == 36)
		return 0;
	return err_set(e, ERR_INPUT, "id: not an entryUUID: %s", id);
}

static size_t
names_count(const char *const *names)
{
	size_t n = 0;

	while (names != NULL && names[n] != NULL)
		n++;
	return n;
}

const char *const *
ldap_attrs(struct ldap *l, struct arena *a, const char *const *more)
{
	const char *const *lock = ldap_lock_attrs(l);
	size_t nlock = strcmp(l->config->lock.style, "ppolicy") == 0 ? 2 : 1;
	size_t n = 0, nmore = names_count(more);
	const char **all = arena_zero(a, nlock + nmore + 3, sizeof(*all));

	all[n++] = l->config->account.id;
	all[n++] = l->config->account.rdn;
	for (size_t i = 0; i < nlock; i++)
		all[n++] = lock[i];
	for (size_t i = 0; i < nmore; i++)
		all[n++] = more[i];
	return all;
}

int
ldap_find(struct ldap *l, struct muster_call *c, struct arena *a,
    const char *id, const char *name, const char *const *attrs,
    struct directory_entry *out, struct err *e)
{
	const struct ldap_config *k = l->config;
	struct directory_query q = { .base = k->base,
		.scope = DIRECTORY_TREE,
		.attrs = ldap_attrs(l, a, attrs) };

	if (id != NULL) {
		if (id_check(l, id, e) != 0)
			return -1;
		q.filter = arena_printf(a, "(%s=%s)", k->account.id,
		    directory_quote(a, id));
	} else if (name != NULL) {
		q.base = k->people;
		q.filter = arena_printf(a, "(&%s(%s=%s))", k->account.filter,
		    k->account.rdn, directory_quote(a, name));
	} else {
		return err_set(e, ERR_INPUT, "wants an id or a name");
	}
	if (directory_find(l->directory, c, a, &q, out, e) == 0)
		return 0;
	/* The base itself missing is no news about the account. */
	if (e->cls == ERR_GONE && directory_code(l->directory) != 0)
		e->cls = ERR_INPUT;
	return -1;
}

int
ldap_read(struct ldap *l, struct muster_call *c, struct arena *a,
    const char *dn, const char *const *attrs, struct directory_entry *out,
    struct err *e)
{
	const struct directory_query q = { .base = dn,
		.scope = DIRECTORY_ENTRY,
		.attrs = ldap_attrs(l, a, attrs) };

	if (directory_find(l->directory, c, a, &q, out, e) != 0)
		return ldap_moved(e);
	return 0;
}

int
ldap_moved(struct err *e)
{
	if (e->cls == ERR_GONE)
		e->cls = ERR_CONFLICT;
	return -1;
}

void
ldap_changed(struct ldap *l, const struct directory_entry *en, bool now,
    struct change *ch)
{
	ch->id = directory_value(en, l->config->account.id);
	ch->name = directory_value(en, l->config->account.rdn);
	ch->changed = now;
}

static int
text_order(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* A sorted copy. */
static struct texts
sorted(struct arena *a, struct texts t)
{
	const char **item = arena_zero(a, t.n + 1, sizeof(*item));

	if (t.n != 0) {
		memcpy(item, t.item, t.n * sizeof(*item));
		qsort(item, t.n, sizeof(*item), text_order);
	}
	return (struct texts){ t.n, item };
}

void
ldap_values_write(struct buf *b, struct arena *a, struct texts t)
{
	if (t.n == 0) {
		buf_str(b, "null");
		return;
	}
	if (t.n == 1) {
		json_string(b, t.item[0]);
		return;
	}
	struct texts s = sorted(a, t);
	for (size_t i = 0; i < s.n; i++) {
		buf_char(b, i == 0 ? '[' : ',');
		json_string(b, s.item[i]);
	}
	buf_char(b, ']');
}

/* A server may write a DN in its own way. */
static bool
value_same(struct arena *a, const char *x, const char *y)
{
	if (strcmp(x, y) == 0)
		return true;
	return directory_dn_same(a, x, y);
}

bool
ldap_values_same(struct arena *a, struct texts x, struct texts y)
{
	if (x.n != y.n)
		return false;
	x = sorted(a, x);
	y = sorted(a, y);
	for (size_t i = 0; i < x.n; i++)
		if (!value_same(a, x.item[i], y.item[i]))
			return false;
	return true;
}

static const struct texts *
state_names(const struct ldap *l, const struct texts *want)
{
	return want != NULL && want->n != 0 ? want : &l->config->attributes;
}

const char *const *
ldap_state_attrs(struct ldap *l, struct arena *a, const struct texts *want)
{
	const struct texts *names = state_names(l, want);
	const char **all = arena_zero(a, names->n + 2, sizeof(*all));

	if (names->n == 0)
		all[0] = "*";
	else
		memcpy(all, names->item, names->n * sizeof(*all));
	return ldap_attrs(l, a, all);
}

/* Not a value that policy could want, or one that stands elsewhere. */
static bool
is_hidden(const struct ldap *l, const char *name)
{
	return ldap_attribute_ours(l, name) ||
	    ldap_attribute_is(name, l->config->account.rdn);
}

/* The names to report in order: those asked for, or all that are there. */
static struct texts
report_names(struct ldap *l, struct arena *a, const struct directory_entry *en,
    const struct texts *want)
{
	const struct texts *asked = state_names(l, want);
	struct texts all = { 0 };

	if (asked->n != 0)
		return sorted(a, *asked);
	all.item = arena_zero(a, en->n + 1, sizeof(*all.item));
	for (size_t i = 0; i < en->n; i++)
		if (!is_hidden(l, en->attr[i].name))
			all.item[all.n++] = en->attr[i].name;
	return sorted(a, all);
}

void
ldap_state(struct ldap *l, struct arena *a, const struct directory_entry *en,
    const struct texts *want, struct account_state *out)
{
	struct texts names = report_names(l, a, en, want);
	struct buf b = { .arena = a };
	char comma = '{';

	for (size_t i = 0; i < names.n; i++) {
		struct texts v = directory_values(en, names.item[i]);

		if (v.n == 0 || ldap_attribute_secret(names.item[i]))
			continue;
		buf_char(&b, comma);
		comma = ',';
		json_string(&b, names.item[i]);
		buf_char(&b, ':');
		ldap_values_write(&b, a, v);
	}
	buf_str(&b, comma == '{' ? "{}" : "}");
	*out = (struct account_state){
		.id = directory_value(en, l->config->account.id),
		.name = directory_value(en, l->config->account.rdn),
		.status = ldap_is_locked(l, en) ? "disabled" : "active",
		.attributes.text = buf_text(&b),
	};
	out->digest = account_state_digest(a, out);
}
