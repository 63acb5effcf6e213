/* SPDX-License-Identifier: Apache-2.0 */
#include "null.h"

#include <string.h>

static int
memberships_send(struct muster_call *c, const struct null_account *acc,
    struct err *e)
{
	for (size_t k = 0; k < acc->entitlements.n; k++) {
		struct membership m = { acc->entitlements.item[k], acc->id,
			acc->name };

		if (muster_row(c, membership_fields, &m, e) != 0)
			return -1;
	}
	return 0;
}

int
null_entitlement_list(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	struct null_account acc;

	(void)in;
	(void)out;
	for (size_t i = 0; i < null_store_count(n->store); i++)
		if (null_store_load(n->store, a, i, &acc, e) != 0 ||
		    (!acc.gone && memberships_send(c, &acc, e) != 0))
			return -1;
	return 0;
}

/* The list without what; NULL items where it was not in it. */
static bool
texts_drop(struct texts *t, const char *what)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->item[i], what) == 0) {
			t->item[i] = t->item[--t->n];
			return true;
		}
	return false;
}

static void
texts_add(struct arena *a, struct texts *t, const char *what)
{
	const char **item = arena_zero(a, t->n + 1, sizeof(*item));

	if (t->n != 0)
		memcpy(item, t->item, t->n * sizeof(*item));
	item[t->n++] = what;
	t->item = item;
}

static int
entitlement_set(struct null *n, struct muster_call *c, struct arena *a,
    const struct entitlement_ref *r, bool held, struct change *out,
    struct err *e)
{
	struct null_account acc;

	if (null_store_find(n->store, a, r->id, r->name, &acc, e) != 0)
		return -1;
	bool was = texts_drop(&acc.entitlements, r->entitlement);
	if (held)
		texts_add(a, &acc.entitlements, r->entitlement);
	if (was != held && null_store_save(n->store, a, &acc, e) != 0)
		return -1;
	null_changed(n, c, &acc, was != held, out);
	return 0;
}

int
null_entitlement_grant(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	return entitlement_set(n, c, a, in, true, out, e);
}

int
null_entitlement_revoke(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	return entitlement_set(n, c, a, in, false, out, e);
}

static int
secret_set(struct null *n, struct muster_call *c, struct arena *a,
    const struct credential_ref *r, const char *secret, struct change *out,
    struct err *e)
{
	struct null_account acc;

	if (null_store_find(n->store, a, r->id, r->name, &acc, e) != 0)
		return -1;
	bool differs = (secret == NULL) != (acc.secret == NULL) ||
	    (secret != NULL && strcmp(secret, acc.secret) != 0);
	acc.secret = secret;
	if (differs && null_store_save(n->store, a, &acc, e) != 0)
		return -1;
	null_changed(n, c, &acc, differs, out);
	return 0;
}

int
null_credential_issue(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	const struct credential_ref *r = in;

	if (r->secret == NULL)
		return err_set(e, ERR_INPUT, "secret: missing");
	return secret_set(n, c, a, r, null_hash(a, r->secret), out, e);
}

int
null_credential_revoke(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	return secret_set(n, c, a, in, NULL, out, e);
}

int
null_credential_verify(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	const struct credential_ref *r = in;
	struct null_account acc;
	struct check *ch = out;

	(void)c;
	if (null_store_find(n->store, a, r->id, r->name, &acc, e) != 0)
		return -1;
	ch->ok = r->secret != NULL && acc.secret != NULL &&
	    strcmp(acc.status, "active") == 0 &&
	    strcmp(null_hash(a, r->secret), acc.secret) == 0;
	ch->detail = ch->ok ? "accepted" : "refused";
	return 0;
}

int
null_session_revoke(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	const struct account_ref *r = in;
	struct null_account acc;

	if (null_store_find(n->store, a, r->id, r->name, &acc, e) != 0)
		return -1;
	null_changed(n, c, &acc, true, out);
	return 0;
}
