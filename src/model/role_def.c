/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "model/account.h"
#include "model/config_read.h"

static const char *const password_words[] = { "generate", NULL };
static const char *const deliver_words[] = { "file", "exec", NULL };

const struct field role_account_fields[] = {
	FIELD(struct role_account, id, 0,
	    .help = "jq: candidates for its login name; absent: the "
		    "identity's user name"),
	FIELD(struct role_account, attributes, 0,
	    .help = "object: attribute to jq program"),
	FIELD(struct role_account, password, 0, .words = password_words,
	    .help = "how the first password is made; absent: there is none"),
	FIELD(struct role_account, deliver, 0, .words = deliver_words,
	    .help = "how the first password reaches its owner"),
	FIELD(struct role_account, deliver_to, 0,
	    .help = "folder, or absolute path of the program"),
	FIELD_END
};

const struct field role_def_fields[] = {
	FIELD(struct role_def, role, F_NEED | F_KEY, .help = "its name"),
	FIELD(struct role_def, when, F_NEED,
	    .help = "jq boolean over the identity: whether it has the role"),
	FIELD(struct role_def, accounts, 0,
	    .help = "object: system/kind to the account there"),
	FIELD(struct role_def, entitlements, 0,
	    .help = "object: system/kind to a list of entitlements"),
	FIELD(struct role_def, overlap, F_SPAN,
	    .help = "a mover keeps what it gave so long"),
	FIELD_END
};

struct in_role { /* while a role's objects are walked */
	struct reading *r;
	const struct place *p;
	struct role_def *role;
	struct role_account *account;
	const char *target, *system, *kind;
};

/* "corp/privileged"; the kind may be left out. */
static void
target_split(struct in_role *in, const char *member, const char *target)
{
	const char *slash = strchr(target, '/');

	in->target = target;
	in->kind = slash != NULL ? slash + 1 : "primary";
	in->system = slash == NULL ?
	    target :
	    arena_mem(in->r->arena, target, (size_t)(slash - target));
	for (const char *const *k = account_kinds; *k != NULL; k++)
		if (strcmp(*k, in->kind) == 0)
			return;
	config_wrong(in->r, in->p, "%s.%s: no account is of kind '%s'", member,
	    target, in->kind);
}

static void *
more(struct arena *a, struct many *list, size_t size)
{
	list->item = arena_grow(a, list->item, list->n * size,
	    (list->n + 1) * size);
	return (char *)list->item + list->n++ * size;
}

static void
text_more(struct arena *a, struct texts *list, const char *text)
{
	list->item = arena_grow(a, list->item, list->n * sizeof(char *),
	    (list->n + 1) * sizeof(char *));
	list->item[list->n++] = text;
}

static int
attribute_add(void *ctx, const char *key, const char *value, struct err *e)
{
	struct in_role *in = ctx;
	const char *program = value[0] != '"' ?
	    NULL :
	    json_scalar(in->r->arena, value);

	(void)e;
	if (program == NULL) {
		config_wrong(in->r, in->p,
		    "accounts.%s.attributes.%s: wants "
		    "a jq program as a text",
		    in->target, key);
		return 0;
	}
	text_more(in->r->arena, &in->account->attribute, key);
	text_more(in->r->arena, &in->account->program, program);
	return 0;
}

static void
password_check(struct in_role *in)
{
	const struct role_account *a = in->account;

	if ((a->deliver == NULL) != (a->deliver_to == NULL))
		config_wrong(in->r, in->p,
		    "accounts.%s: deliver and "
		    "deliver_to go together",
		    in->target);
	else if ((a->password == NULL) != (a->deliver == NULL))
		config_wrong(in->r, in->p,
		    "accounts.%s: password and deliver"
		    " go together",
		    in->target);
	else if (a->deliver_to != NULL && a->deliver_to[0] != '/')
		config_wrong(in->r, in->p,
		    "accounts.%s.deliver_to: wants an "
		    "absolute path",
		    in->target);
}

static int
account_add(void *ctx, const char *key, const char *value, struct err *e)
{
	struct in_role *in = ctx;

	target_split(in, "accounts", key);
	in->account = more(in->r->arena, &in->role->account,
	    sizeof(struct role_account));
	if (!config_decode_text(in->r, in->p,
		arena_printf(in->r->arena, "accounts.%s.", key),
		role_account_fields, value, in->account))
		return 0;
	in->account->target = in->target;
	in->account->system = in->system;
	in->account->kind = in->kind;
	password_check(in);
	if (in->account->attributes.text == NULL)
		return 0;
	if (in->account->attributes.text[0] == '{')
		return json_each(in->r->arena, in->account->attributes.text,
		    attribute_add, in, e);
	config_wrong(in->r, in->p, "accounts.%s.attributes: wants an object",
	    key);
	return 0;
}

struct entitlement_list {
	struct texts list;
};

static const struct field entitlement_list_fields[] = {
	FIELD(struct entitlement_list, list, F_NEED), FIELD_END
};

static int
entitlements_add(void *ctx, const char *key, const char *value, struct err *e)
{
	struct in_role *in = ctx;
	struct entitlement_list l = { 0 };
	const char *text = arena_printf(in->r->arena, "{\"list\":%s}", value);

	target_split(in, "entitlements", key);
	if (json_decode(in->r->arena, entitlement_list_fields, text,
		strlen(text), &l, e) != 0) {
		config_wrong(in->r, in->p,
		    "entitlements.%s: wants a list of "
		    "texts",
		    key);
		return 0;
	}
	for (size_t i = 0; i < l.list.n; i++) {
		struct role_holding *h = more(in->r->arena, &in->role->holding,
		    sizeof(*h));

		*h = (struct role_holding){ in->target, in->system, in->kind,
			l.list.item[i] };
		if (*h->entitlement == '\0')
			config_wrong(in->r, in->p,
			    "entitlements.%s[%zu]: is "
			    "empty",
			    key, i);
	}
	return 0;
}

static void
object_walk(struct in_role *in, const char *member, const struct json *j,
    int (*each)(void *, const char *, const char *, struct err *))
{
	struct err e = { 0 };

	if (j->text == NULL)
		return;
	if (j->text[0] != '{')
		config_wrong(in->r, in->p, "%s: wants an object", member);
	else if (json_each(in->r->arena, j->text, each, in, &e) != 0)
		config_wrong(in->r, in->p, "%s: %s", member, e.text);
}

void
config_role_read(struct reading *r, const struct place *p)
{
	struct role_def *d = config_def(r, &r->roles, p);
	struct in_role in = { .r = r, .p = p, .role = d };

	d->file = p->file;
	if (!config_decode(r, p, role_def_fields, d))
		return;
	if (!config_is_name(d->role))
		config_wrong(r, p,
		    "role: wants lower-case letters, digits, -"
		    " and _");
	config_span(r, p, "overlap", d->overlap, 0, 3650 * DAY);
	object_walk(&in, "accounts", &d->accounts, account_add);
	object_walk(&in, "entitlements", &d->entitlements, entitlements_add);
}
