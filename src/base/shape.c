/* SPDX-License-Identifier: Apache-2.0 */
/* The shapes of the standard verbs: both ends of a call know them. */
#include <string.h>

#include <muster/provider.h>

#include "base/digest.h"

static const char *const kind_words[] = {
	"primary",
	"privileged",
	"shared",
	"test",
	"service",
	NULL,
};
static const char *const status_words[] = { "active", "disabled", NULL };

const struct field nothing_fields[] = { FIELD_END };

const struct field account_ref_fields[] = {
	FIELD(struct account_ref, id, F_KEY,
	    .help = "the system's immutable id"),
	FIELD(struct account_ref, name, 0, .help = "login name"),
	FIELD(struct account_ref, kind, 0, .words = kind_words),
	FIELD_END,
};

const struct field account_want_fields[] = {
	FIELD(struct account_want, id, F_KEY,
	    .help = "the system's immutable id, if it is known"),
	FIELD(struct account_want, name, 0, .help = "login name"),
	FIELD(struct account_want, kind, 0, .words = kind_words),
	FIELD(struct account_want, attributes, 0,
	    .help = "name to text or list of texts; null removes"),
	FIELD(struct account_want, secret, F_SECRET, .help = "first password"),
	FIELD(struct account_want, disabled, 0, .help = "create it locked"),
	FIELD(struct account_want, create_only, 0,
	    .help = "an existing account of this name is a conflict"),
	FIELD_END,
};

const struct field account_state_fields[] = {
	FIELD(struct account_state, id, F_NEED | F_KEY,
	    .help = "the system's immutable id"),
	FIELD(struct account_state, name, 0, .help = "login name"),
	FIELD(struct account_state, status, F_NEED, .words = status_words),
	FIELD(struct account_state, attributes, F_WIDE,
	    .help = "name to text or list of texts"),
	FIELD(struct account_state, entitlements, F_WIDE,
	    .help = "held directly, where that is cheap to know"),
	FIELD(struct account_state, digest, F_WIDE,
	    .help = "over status, name and attributes"),
	FIELD_END,
};

const struct field entitlement_ref_fields[] = {
	FIELD(struct entitlement_ref, id, F_KEY,
	    .help = "the account's immutable id"),
	FIELD(struct entitlement_ref, name, 0, .help = "its login name"),
	FIELD(struct entitlement_ref, kind, 0, .words = kind_words),
	FIELD(struct entitlement_ref, entitlement, F_NEED,
	    .help = "group, role or policy"),
	FIELD_END,
};

const struct field credential_ref_fields[] = {
	FIELD(struct credential_ref, id, F_KEY,
	    .help = "the account's immutable id"),
	FIELD(struct credential_ref, name, 0, .help = "its login name"),
	FIELD(struct credential_ref, kind, 0, .words = kind_words),
	FIELD(struct credential_ref, credential, 0,
	    .help = "\"password\" or the id of a key"),
	FIELD(struct credential_ref, secret, F_SECRET,
	    .help = "value to set or to try"),
	FIELD_END,
};

const struct field change_fields[] = {
	FIELD(struct change, id, F_KEY, .help = "the account's immutable id"),
	FIELD(struct change, name, 0, .help = "its login name"),
	FIELD(struct change, changed, 0, .help = "false: it was so before"),
	FIELD(struct change, before, 0, .help = "what was touched, before"),
	FIELD(struct change, after, 0, .help = "what was touched, after"),
	FIELD(struct change, verified, 0, .help = "looked at again, and so"),
	FIELD(struct change, how, 0, .help = "how it was verified"),
	FIELD_END,
};

const struct field list_want_fields[] = {
	FIELD(struct list_want, digests, 0,
	    .help = "id, name, status and digest only"),
	FIELD(struct list_want, attributes, 0,
	    .help = "that policy cares about; none: all"),
	FIELD_END,
};

const struct field membership_fields[] = {
	FIELD(struct membership, entitlement, F_NEED | F_KEY,
	    .help = "group, role or policy"),
	FIELD(struct membership, id, 0,
	    .help = "the account's immutable id; none: not an account"),
	FIELD(struct membership, name, 0,
	    .help = "login name, or what else the member is"),
	FIELD_END,
};

const struct field check_fields[] = {
	FIELD(struct check, ok, F_NEED),
	FIELD(struct check, detail, 0, .help = "what was tried, and found"),
	FIELD(struct check, facts, 0, .help = "what the system can do"),
	FIELD_END,
};

#define IN(name) name##_fields, sizeof(struct name)

static const struct shape shapes[] = {
	{ "system.check", OP_READS, nothing_fields, 0, IN(check) },
	{ "account.list", OP_READS | OP_STREAMS, IN(list_want),
	    IN(account_state) },
	{ "account.read", OP_READS, IN(account_ref), IN(account_state) },
	{ "account.ensure", 0, IN(account_want), IN(change) },
	{ "account.disable", OP_REVOKES, IN(account_ref), IN(change) },
	{ "account.enable", 0, IN(account_ref), IN(change) },
	{ "account.rename", 0, IN(account_ref), IN(change) },
	{ "account.delete", OP_REVOKES, IN(account_ref), IN(change) },
	{ "entitlement.list", OP_READS | OP_STREAMS, IN(list_want),
	    IN(membership) },
	{ "entitlement.grant", 0, IN(entitlement_ref), IN(change) },
	{ "entitlement.revoke", OP_REVOKES, IN(entitlement_ref), IN(change) },
	{ "credential.issue", 0, IN(credential_ref), IN(change) },
	{ "credential.disable", OP_REVOKES, IN(credential_ref), IN(change) },
	{ "credential.enable", 0, IN(credential_ref), IN(change) },
	{ "credential.revoke", OP_REVOKES, IN(credential_ref), IN(change) },
	{ "credential.verify", OP_READS, IN(credential_ref), IN(check) },
	{ "session.revoke", OP_REVOKES, IN(account_ref), IN(change) },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

const struct shape *
shape_find(const char *verb)
{
	for (const struct shape *s = shapes; s->verb != NULL; s++)
		if (strcmp(s->verb, verb) == 0)
			return s;
	return NULL;
}

const char *
account_state_digest(struct arena *a, const struct account_state *st)
{
	const char *all = arena_printf(a, "%s\n%s\n%s", st->status,
	    st->name != NULL ? st->name : "",
	    st->attributes.text != NULL ? st->attributes.text : "");

	return digest_text(a, all);
}
