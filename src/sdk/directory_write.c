/* SPDX-License-Identifier: Apache-2.0 */
/* The LDAP client changes: each request, and its one answer. */
#include <string.h>

#include "sdk/directory.h"

/* libldap's form of the changes, in the arena. */
static LDAPMod **
mods_make(struct arena *a, const struct directory_change *ch, bool add)
{
	static const int ops[] = { LDAP_MOD_ADD, LDAP_MOD_DELETE,
		LDAP_MOD_REPLACE };
	LDAPMod **all = arena_zero(a, ch->mods + 1, sizeof(*all));

	for (size_t i = 0; i < ch->mods; i++) {
		const struct directory_mod *from = &ch->mod[i];
		size_t n = from->values.n;
		struct berval *v = arena_zero(a, n + 1, sizeof(*v));
		struct berval **list = arena_zero(a, n + 1, sizeof(*list));

		for (size_t k = 0; k < n; k++) {
			v[k].bv_val = (char *)from->values.item[k];
			v[k].bv_len = strlen(from->values.item[k]);
			list[k] = &v[k];
		}
		all[i] = arena_zero(a, 1, sizeof(**all));
		all[i]->mod_op = LDAP_MOD_BVALUES |
		    (add ? LDAP_MOD_ADD : ops[from->edit]);
		all[i]->mod_type = (char *)from->name;
		all[i]->mod_bvalues = n != 0 ? list : NULL;
	}
	return all;
}

/* "Tell me these attributes as they are then" (RFC 4527, 3.2). */
static int
post_read_make(const char *const *attrs, LDAPControl **out)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	struct berval value;

	if (ber == NULL)
		return LDAP_NO_MEMORY;
	int rc = LDAP_ENCODING_ERROR;
	if (ber_printf(ber, "{v}", (char **)attrs) >= 0 &&
	    ber_flatten2(ber, &value, 0) == 0)
		rc = ldap_control_create(LDAP_CONTROL_POST_READ, 0, &value, 1,
		    out);
	ber_free(ber, 1);
	return rc;
}

static struct texts
array_texts(struct arena *a, BerVarray vals)
{
	size_t n = 0;

	while (vals != NULL && vals[n].bv_val != NULL)
		n++;
	struct berval **list = arena_zero(a, n + 1, sizeof(*list));
	for (size_t i = 0; i < n; i++)
		list[i] = &vals[i];
	return directory_texts(a, list);
}

/* Reads a search result entry out of the control of an answer. */
static void
post_read_take(LDAPControl **controls, struct arena *a,
    struct directory_entry *out)
{
	LDAPControl *c = ldap_control_find(LDAP_CONTROL_POST_READ, controls,
	    NULL);
	BerElement *ber = c != NULL ? ber_init(&c->ldctl_value) : NULL;
	struct berval name;
	BerVarray vals;

	if (ber == NULL)
		return;
	if (ber_scanf(ber, "{m{", &name) != LBER_ERROR)
		out->dn = arena_mem(a, name.bv_val, name.bv_len);
	out->attr = arena_zero(a, c->ldctl_value.bv_len / 4 + 1,
	    sizeof(*out->attr));
	while (out->dn != NULL && ber_scanf(ber, "{m", &name) != LBER_ERROR) {
		struct directory_attr *at = &out->attr[out->n++];

		at->name = arena_mem(a, name.bv_val, name.bv_len);
		if (ber_scanf(ber, "[W]}", &vals) == LBER_ERROR)
			break;
		at->values = array_texts(a, vals);
		ber_bvarray_free(vals);
	}
	ber_free(ber, 1);
	if (out->dn != NULL)
		directory_name_first(out);
}

/* The one answer of a change that was sent. */
static int
answer_take(struct directory *d, struct muster_call *c, int id, const char *dn,
    struct arena *a, struct directory_entry *after, struct err *e)
{
	LDAPControl **controls = NULL;
	LDAPMessage *m = NULL;
	char *text = NULL;
	int code = LDAP_OTHER;

	if (directory_wait(d, c, id, ERR_UNKNOWN, dn, &m, e) != 0)
		return -1;
	int rc = ldap_parse_result(d->ld, m, &code, NULL, &text, NULL,
	    &controls, 1);
	if (rc != LDAP_SUCCESS) {
		directory_fail(d, rc, dn, NULL, e);
		e->cls = ERR_UNKNOWN;
		return -1;
	}
	d->code = code;
	if (code != LDAP_SUCCESS)
		directory_fail(d, code, dn, text, e);
	else if (after != NULL)
		post_read_take(controls, a, after);
	ldap_memfree(text);
	ldap_controls_free(controls);
	return code == LDAP_SUCCESS ? 0 : -1;
}

/* A request that could not be written: nothing has happened. */
static int
not_sent(struct directory *d, int rc, const char *dn, struct err *e)
{
	directory_drop(d);
	return directory_fail(d, rc, dn, NULL, e);
}

static int
change_send(struct directory *d, struct muster_call *c, struct arena *a,
    const struct directory_change *ch, bool add, struct err *e)
{
	LDAPMod **mods = mods_make(a, ch, add);
	LDAPControl *post = NULL;
	int id, rc = LDAP_SUCCESS;

	if (ch->after != NULL)
		*ch->after = (struct directory_entry){ 0 };
	if (directory_connect(d, c, e) != 0)
		return -1;
	if (ch->after != NULL)
		rc = post_read_make(ch->attrs, &post);
	LDAPControl *all[] = { post, NULL };
	if (rc == LDAP_SUCCESS && add)
		rc = ldap_add_ext(d->ld, ch->dn, mods, all, NULL, &id);
	else if (rc == LDAP_SUCCESS)
		rc = ldap_modify_ext(d->ld, ch->dn, mods, all, NULL, &id);
	ldap_control_free(post);
	if (rc != LDAP_SUCCESS)
		return not_sent(d, rc, ch->dn, e);
	return answer_take(d, c, id, ch->dn, a, ch->after, e);
}

int
directory_add(struct directory *d, struct muster_call *c, struct arena *a,
    const struct directory_change *ch, struct err *e)
{
	return change_send(d, c, a, ch, true, e);
}

int
directory_modify(struct directory *d, struct muster_call *c, struct arena *a,
    const struct directory_change *ch, struct err *e)
{
	return change_send(d, c, a, ch, false, e);
}

int
directory_rename(struct directory *d, struct muster_call *c, const char *dn,
    const char *rdn, struct err *e)
{
	int id;

	if (directory_connect(d, c, e) != 0)
		return -1;
	int rc = ldap_rename(d->ld, dn, rdn, NULL, 1, NULL, NULL, &id);
	if (rc != LDAP_SUCCESS)
		return not_sent(d, rc, dn, e);
	return answer_take(d, c, id, dn, NULL, NULL, e);
}

int
directory_delete(struct directory *d, struct muster_call *c, const char *dn,
    struct err *e)
{
	int id;

	if (directory_connect(d, c, e) != 0)
		return -1;
	int rc = ldap_delete_ext(d->ld, dn, NULL, NULL, &id);
	if (rc != LDAP_SUCCESS)
		return not_sent(d, rc, dn, e);
	return answer_take(d, c, id, dn, NULL, NULL, e);
}

int
directory_password(struct directory *d, struct muster_call *c, const char *dn,
    const char *secret, struct err *e)
{
	struct berval user = { strlen(dn), (char *)dn };
	struct berval new = { strlen(secret), (char *)secret };
	int id;

	if (directory_connect(d, c, e) != 0)
		return -1;
	int rc = ldap_passwd(d->ld, &user, NULL, &new, NULL, NULL, &id);
	if (rc != LDAP_SUCCESS)
		return not_sent(d, rc, dn, e);
	return answer_take(d, c, id, dn, NULL, NULL, e);
}
