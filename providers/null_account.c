/* SPDX-License-Identifier: Apache-2.0 */
#include "null.h"

#include <string.h>

static void
state_of(struct arena *a, const struct null_account *acc,
    struct account_state *out)
{
	*out = (struct account_state){ .id = acc->id,
		.name = acc->name,
		.status = acc->status,
		.attributes = acc->attributes,
		.entitlements = acc->entitlements };
	out->digest = account_state_digest(a, out);
}

int
null_account_read(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	const struct account_ref *r = in;
	struct null_account acc;

	(void)c;
	if (null_store_find(n->store, a, r->id, r->name, &acc, e) != 0)
		return -1;
	state_of(a, &acc, out);
	return 0;
}

static int
account_create(struct null *n, struct muster_call *c, struct arena *a,
    const struct account_want *w, struct change *out, struct err *e)
{
	struct null_account acc = { .name = w->name,
		.status = w->disabled ? "disabled" : "active",
		.attributes = w->attributes,
		.secret = w->secret != NULL ? null_hash(a, w->secret) : NULL };

	if (w->name == NULL)
		return err_set(e, ERR_INPUT, "a new account wants a name");
	if (null_store_save(n->store, a, &acc, e) != 0)
		return -1;
	null_changed(n, c, &acc, true, out);
	out->after = w->attributes;
	return 0;
}

int
null_account_ensure(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	const struct account_want *w = in;
	struct change *ch = out;
	struct null_account acc;

	if (null_store_find(n->store, a, w->id, w->name, &acc, e) != 0) {
		if (e->cls != ERR_GONE || w->id != NULL)
			return -1;
		return account_create(n, c, a, w, out, e);
	}
	if (w->create_only)
		return err_set(e, ERR_CONFLICT, "%s exists", acc.name);
	const char *old = acc.attributes.text != NULL ? acc.attributes.text :
							"{}";
	const char *new = json_merge(a, old,
	    w->attributes.text != NULL ? w->attributes.text : "{}", e);
	if (new == NULL)
		return -1;
	bool differs = strcmp(old, new) != 0;
	ch->before.text = old;
	acc.attributes.text = ch->after.text = new;
	if (differs && null_store_save(n->store, a, &acc, e) != 0)
		return -1;
	null_changed(n, c, &acc, differs, ch);
	return 0;
}

static int
status_set(struct null *n, struct muster_call *c, struct arena *a,
    const struct account_ref *r, const char *status, struct change *out,
    struct err *e)
{
	struct null_account acc;

	if (null_store_find(n->store, a, r->id, r->name, &acc, e) != 0)
		return -1;
	bool differs = strcmp(acc.status, status) != 0;
	out->before.text = arena_printf(a, "{\"status\":\"%s\"}", acc.status);
	out->after.text = arena_printf(a, "{\"status\":\"%s\"}", status);
	acc.status = status;
	if (differs && null_store_save(n->store, a, &acc, e) != 0)
		return -1;
	null_changed(n, c, &acc, differs, out);
	return 0;
}

int
null_account_disable(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	return status_set(n, c, a, in, "disabled", out, e);
}

int
null_account_enable(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	return status_set(n, c, a, in, "active", out, e);
}

int
null_account_rename(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	const struct account_ref *r = in;
	struct null_account acc, other;

	if (r->id == NULL || r->name == NULL)
		return err_set(e, ERR_INPUT, "wants id and the new name");
	if (null_store_find(n->store, a, r->id, NULL, &acc, e) != 0)
		return -1;
	bool differs = strcmp(acc.name, r->name) != 0;
	if (differs &&
	    null_store_find(n->store, a, NULL, r->name, &other, e) == 0)
		return err_set(e, ERR_CONFLICT, "%s exists", r->name);
	acc.name = r->name;
	if (differs && null_store_save(n->store, a, &acc, e) != 0)
		return -1;
	null_changed(n, c, &acc, differs, out);
	return 0;
}

int
null_account_delete(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	const struct account_ref *r = in;
	struct null_account acc;

	if (null_store_find(n->store, a, r->id, r->name, &acc, e) != 0)
		return -1;
	acc.gone = true;
	if (null_store_save(n->store, a, &acc, e) != 0)
		return -1;
	null_changed(n, c, &acc, true, out);
	return 0;
}

int
null_account_list(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	const struct list_want *w = in;

	(void)out;
	(void)a;
	for (size_t i = 0; i < null_store_count(n->store); i++) {
		struct arena one = { NULL, 0 };
		struct null_account acc;
		struct account_state st;

		int rc = null_store_load(n->store, &one, i, &acc, e);
		if (rc == 0 && !acc.gone) {
			state_of(&one, &acc, &st);
			if (w->digests) {
				st.attributes.text = NULL;
				st.entitlements.n = 0;
			}
			rc = muster_row(c, account_state_fields, &st, e);
		}
		arena_fini(&one);
		if (rc != 0)
			return -1;
	}
	return 0;
}
