/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenLDAP and other servers of RFC 4511: the configuration, and which
 * function does which operation.
 */
#include "ldap_provider.h"

#include <stdlib.h>
#include <string.h>

static const struct field bind_fields[] = {
	FIELD(struct ldap_bind, dn, F_NEED, .help = "muster's own account"),
	FIELD(struct ldap_bind, password, F_NEED | F_SECRET,
	    .help = "its password"),
	FIELD_END,
};

static const struct field account_fields[] = {
	FIELD(struct ldap_account_def, rdn, 0, .fallback = "\"uid\"",
	    .help = "attribute with the login name, first part of the DN"),
	FIELD(struct ldap_account_def, id, 0, .fallback = "\"entryUUID\"",
	    .help = "attribute that the server sets and never changes"),
	FIELD(struct ldap_account_def, object_classes, 0,
	    .fallback = "[\"inetOrgPerson\"]", .help = "of a new account"),
	FIELD(struct ldap_account_def, filter, 0,
	    .fallback = "\"(objectClass=inetOrgPerson)\"",
	    .help = "what counts as an account"),
	FIELD(struct ldap_account_def, marker, 0,
	    .help =
		"attribute, such as employeeNumber, that says whose an "
		"account is: one of the wanted name and marker is taken for ours; "
		"without it, one whose password is the first that was drawn for it"),
	FIELD_END,
};

static const char *const by_words[] = { "dn", "name", NULL };

static const struct field group_fields[] = {
	FIELD(struct ldap_group_def, attribute, 0, .fallback = "\"member\"",
	    .help = "attribute that holds the members"),
	FIELD(struct ldap_group_def, by, 0, .words = by_words,
	    .fallback = "\"dn\"", .help = "what its values are"),
	FIELD(struct ldap_group_def, object_class, 0,
	    .fallback = "\"groupOfNames\"", .help = "what counts as a group"),
	FIELD(struct ldap_group_def, placeholder, 0,
	    .help = "DN of an entry that stays in a group when its last "
		    "member goes"),
	FIELD_END,
};

static const char *const style_words[] = { "ppolicy", "attribute", NULL };

static const struct field lock_fields[] = {
	FIELD(struct ldap_lock_def, style, 0, .words = style_words,
	    .fallback = "\"ppolicy\"",
	    .help = "ppolicy: pwdAccountLockedTime and pwdEndTime"),
	FIELD(struct ldap_lock_def, attribute, 0,
	    .help = "of style attribute: what to set, as nsAccountLock"),
	FIELD(struct ldap_lock_def, on, 0, .help = "its value when locked"),
	FIELD(struct ldap_lock_def, off, 0,
	    .help = "its value when not; none: the attribute is removed"),
	FIELD_END,
};

static const struct field config_fields[] = {
	FIELD(struct ldap_config, url, F_NEED,
	    .help = "ldaps://host or ldap://host, which means StartTLS"),
	FIELD(struct ldap_config, starttls, 0, .fallback = "true",
	    .help = "without TLS nothing is sent, so this is never false"),
	FIELD(struct ldap_config, ca, 0,
	    .help = "file of CA certificates; none: the system's"),
	FIELD_SUB(struct ldap_config, bind, F_NEED, bind_fields),
	FIELD(struct ldap_config, base, F_NEED,
	    .help = "DN that all accounts and groups are below, on this "
		    "server"),
	FIELD(struct ldap_config, people, F_NEED,
	    .help = "DN that accounts are made in"),
	FIELD(struct ldap_config, groups, F_NEED,
	    .help = "DN that groups are in"),
	FIELD_SUB(struct ldap_config, account, 0, account_fields),
	FIELD_SUB(struct ldap_config, group, 0, group_fields),
	FIELD_SUB(struct ldap_config, lock, 0, lock_fields),
	FIELD(struct ldap_config, attributes, 0,
	    .help = "attributes that account.read tells; none: all"),
	FIELD(struct ldap_config, page, 0, .fallback = "500",
	    .help = "entries of one page of results"),
	FIELD_END,
};

static int
config_check(const struct ldap_config *k, struct err *e)
{
	const struct ldap_lock_def *d = &k->lock;

	if (!k->starttls)
		return err_set(e, ERR_INPUT,
		    "starttls: a connection without "
		    "TLS would show passwords, and is never made");
	if (strcmp(d->style, "attribute") == 0 &&
	    (d->attribute == NULL || d->on == NULL))
		return err_set(e, ERR_INPUT,
		    "lock: style attribute wants attribute and on");
	for (size_t i = 0; i < k->attributes.n; i++)
		if (!ldap_attribute_good(k->attributes.item[i]) ||
		    ldap_attribute_secret(k->attributes.item[i]))
			return err_set(e, ERR_INPUT,
			    "attributes[%zu]: %.100s: is not told, or no name "
			    "of an attribute",
			    i, k->attributes.item[i]);
	if (k->account.object_classes.n == 0)
		return err_set(e, ERR_INPUT,
		    "account.object_classes: wants at least one");
	return 0;
}

static int
ldap_open(const void *config, void **self, struct err *e)
{
	const struct ldap_config *k = config;
	const struct directory_config d = { .url = k->url,
		.ca = k->ca,
		.bind_dn = k->bind.dn,
		.bind_password = k->bind.password,
		.page = k->page };
	struct directory *directory;

	if (config_check(k, e) != 0 || directory_open(&d, &directory, e) != 0)
		return -1;
	struct ldap *l = calloc(1, sizeof(*l));
	if (l == NULL)
		abort();
	*l = (struct ldap){ k, directory };
	*self = l;
	return 0;
}

static void
ldap_close(void *self)
{
	struct ldap *l = self;

	directory_close(l->directory);
	free(l);
}

static int
ldap_warm(void *self, struct muster_call *c, struct err *e)
{
	const struct ldap *l = self;

	return directory_connect(l->directory, c, e);
}

static bool
texts_has(struct texts t, const char *what)
{
	for (size_t i = 0; i < t.n; i++)
		if (strcmp(t.item[i], what) == 0)
			return true;
	return false;
}

/* What the server says of itself (RFC 4512, 5.1). */
static int
facts_read(struct ldap *l, struct muster_call *c, struct arena *a,
    struct check *ch, struct err *e)
{
	static const char *const attrs[] = { "supportedControl",
		"supportedExtension", "vendorName", "vendorVersion", NULL };
	const struct directory_query q = { .base = "", .attrs = attrs };
	struct directory_entry root;
	struct buf b = { .arena = a };

	if (directory_find(l->directory, c, a, &q, &root, e) != 0)
		return -1;
	struct texts controls = directory_values(&root, attrs[0]);
	struct texts exops = directory_values(&root, attrs[1]);
	const char *vendor = directory_value(&root, attrs[2]);
	buf_printf(&b,
	    "{\"paged\":%s,\"post_read\":%s,\"password\":%s,"
	    "\"vendor\":",
	    texts_has(controls, "1.2.840.113556.1.4.319") ? "true" : "false",
	    texts_has(controls, "1.3.6.1.1.13.2") ? "true" : "false",
	    texts_has(exops, "1.3.6.1.4.1.4203.1.11.1") ? "true" : "false");
	json_string(&b, vendor != NULL ? vendor : "unknown");
	buf_char(&b, '}');
	ch->facts.text = buf_text(&b);
	return 0;
}

static int
ldap_check(void *self, struct muster_call *c, struct arena *a, const void *in,
    void *out, struct err *e)
{
	struct ldap *l = self;
	const struct ldap_config *k = l->config;
	const char *const places[] = { k->base, k->people, k->groups };
	static const char *const none[] = { "1.1", NULL };
	struct check *ch = out;
	struct directory_entry en;

	(void)in;
	if (facts_read(l, c, a, ch, e) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const struct directory_query q = { .base = places[i],
			.scope = DIRECTORY_ENTRY,
			.attrs = none };

		if (directory_find(l->directory, c, a, &q, &en, e) != 0)
			return e->cls != ERR_GONE ?
			    -1 :
			    err_set(e, ERR_INPUT, "no such entry: %s",
				places[i]);
	}
	ch->ok = true;
	ch->detail = arena_printf(a, "%s as %s", k->url, k->bind.dn);
	return 0;
}

static const char *const read_paths[] = { "ca", NULL };

#define AS(name) name##_fields, sizeof(struct name)
#define SET OP_REPEATABLE
#define CUT (OP_REPEATABLE | OP_REVOKES)

static const struct op ops[] = {
	{ "system.check", OP_READS, ldap_check, nothing_fields, 0, AS(check),
	    "Binds, and looks for the containers" },
	{ "account.list", OP_READS | OP_STREAMS, ldap_account_list,
	    AS(list_want), AS(account_state), "All accounts, by pages" },
	{ "account.read", OP_READS, ldap_account_read, AS(account_ref),
	    AS(account_state), "One account by id, or else by name" },
	{ "account.ensure", SET, ldap_account_ensure, AS(account_want),
	    AS(change), "Adds an account, or changes what differs" },
	{ "account.disable", CUT, ldap_account_disable, AS(account_ref),
	    AS(change), "Locks an account for good" },
	{ "account.enable", SET, ldap_account_enable, AS(account_ref),
	    AS(change), "Takes the lock away" },
	{ "account.rename", SET, ldap_account_rename, AS(account_ref),
	    AS(change), "Gives the account of that id another name" },
	{ "account.delete", CUT, ldap_account_delete, AS(account_ref),
	    AS(change), "Removes an account" },
	{ "entitlement.list", OP_READS | OP_STREAMS, ldap_entitlement_list,
	    AS(list_want), AS(membership), "Direct members of all groups" },
	{ "entitlement.grant", SET, ldap_entitlement_grant, AS(entitlement_ref),
	    AS(change), "Adds to a group" },
	{ "entitlement.revoke", CUT, ldap_entitlement_revoke,
	    AS(entitlement_ref), AS(change), "Takes out of a group" },
	{ "credential.issue", SET, ldap_credential_issue, AS(credential_ref),
	    AS(change), "Sets the password; a lock stays" },
	{ "credential.verify", OP_READS, ldap_credential_verify,
	    AS(credential_ref), AS(check),
	    "Tries the password by a bind, which counts as an attempt" },
	{ NULL, 0, NULL, NULL, 0, NULL, 0, NULL },
};

const struct muster_provider muster_provider = {
	.abi = MUSTER_PROVIDER_ABI,
	.name = "ldap",
	.help = "OpenLDAP and other LDAPv3 directories",
	.needs = NEED_NETWORK,
	.config = config_fields,
	.config_size = sizeof(struct ldap_config),
	.open = ldap_open,
	.close = ldap_close,
	.ops = ops,
	.read_paths = read_paths,
	.warm = ldap_warm,
};
