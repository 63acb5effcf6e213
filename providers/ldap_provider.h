/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ldap provider's parts.  An account is known by its immutable id
 * (entryUUID); its DN is looked up for each call and never remembered, so a
 * rename by somebody else is noticed, and no change hits a stranger.
 */
#ifndef LDAP_PROVIDER_H
#define LDAP_PROVIDER_H

#include <muster/directory.h>

struct ldap_bind {
	const char *dn, *password;
};

struct ldap_account_def {
	const char *rdn; /* attribute that holds the login name */
	const char *id;	 /* attribute that never changes */
	struct texts object_classes;
	const char *filter;
	const char *marker; /* attribute that says whose an account is */
};

struct ldap_group_def {
	const char *attribute; /* that holds the members */
	const char *by;	       /* dn or name: what its values are */
	const char *object_class;
	const char *placeholder; /* DN: stays when the last one goes */
};

struct ldap_lock_def {
	const char *style; /* ppolicy or attribute */
	const char *attribute, *on, *off;
};

struct ldap_config {
	const char *url, *ca, *base, *people, *groups;
	bool starttls;
	struct ldap_bind bind;
	struct ldap_account_def account;
	struct ldap_group_def group;
	struct ldap_lock_def lock;
	struct texts attributes;
	int64_t page;
};

struct ldap {
	const struct ldap_config *config; /* the worker keeps it */
	struct directory *directory;
};

/* Every operation of the contract has this form; self is a struct ldap. */
extern op_fn ldap_account_list, ldap_account_read, ldap_account_ensure,
    ldap_account_disable, ldap_account_enable, ldap_account_rename,
    ldap_account_delete, ldap_entitlement_list, ldap_entitlement_grant,
    ldap_entitlement_revoke, ldap_credential_issue, ldap_credential_verify;

/* ldap_entry.c: an account as the directory has it. */

/*
 * Finds an account by id or, where that is NULL, by name; ERR_GONE if there
 * is none.  Besides attrs (ends with NULL; may be NULL) the entry has id,
 * name and lock.
 */
int ldap_find(struct ldap *, struct muster_call *, struct arena *,
    const char *id, const char *name, const char *const *attrs,
    struct directory_entry *, struct err *) __attribute__((warn_unused_result));
/* Reads an entry again by its DN, in the same way. */
int ldap_read(struct ldap *, struct muster_call *, struct arena *,
    const char *dn, const char *const *attrs, struct directory_entry *,
    struct err *) __attribute__((warn_unused_result));
/* The list with the attributes behind id, name and lock. */
const char *const *ldap_attrs(struct ldap *, struct arena *,
    const char *const *more);
/*
 * A change that failed on an entry that was found a moment ago: that it is
 * not at its DN any more does not say that it is gone.
 */
int ldap_moved(struct err *);

/* want: the attributes that are asked for; none: the configured ones. */
void ldap_state(struct ldap *, struct arena *, const struct directory_entry *,
    const struct texts *want, struct account_state *);
const char *const *ldap_state_attrs(struct ldap *, struct arena *,
    const struct texts *want);
/* Says which account was changed, or was so before. */
void ldap_changed(struct ldap *, const struct directory_entry *, bool now,
    struct change *);
/* Values as JSON: null, a text, or a sorted list. */
void ldap_values_write(struct buf *, struct arena *, struct texts);
/* The same set of values, in any order. */
bool ldap_values_same(struct arena *, struct texts, struct texts);

/* ldap_attribute.c: what a description such as "cn;lang-de" names. */

/* Whether it is of the attribute of that name, whatever its options. */
bool ldap_attribute_is(const char *description, const char *name);
/* A name with options, and no OID. */
bool ldap_attribute_good(const char *description);
/* Holds what authenticates. */
bool ldap_attribute_secret(const char *description);
/* Says what an entry is, who, or whether it is locked: only the operations
   that are made for it set it. */
bool ldap_attribute_ours(const struct ldap *, const char *description);

/* ldap_lock.c: what keeps an account out. */

#define LDAP_LOCK_MODS 2
/* Writes the changes that lock (or unlock); returns how many. */
size_t ldap_lock_mods(const struct ldap *, bool on,
    struct directory_mod mods[LDAP_LOCK_MODS]);
/* The attributes that say so; ends with NULL. */
const char *const *ldap_lock_attrs(const struct ldap *);
bool ldap_is_locked(const struct ldap *, const struct directory_entry *);
/* Locked in every way that ldap_lock_mods() sets. */
bool ldap_is_bolted(const struct ldap *, const struct directory_entry *);
/* Locks or unlocks the entry. */
int ldap_lock(struct ldap *, struct muster_call *, struct arena *,
    const char *dn, bool on, struct err *) __attribute__((warn_unused_result));

/* ldap_group.c */

/* The names of the groups that the entry is directly in. */
int ldap_groups_of(struct ldap *, struct muster_call *, struct arena *,
    const struct directory_entry *, struct texts *, struct err *)
    __attribute__((warn_unused_result));

/* ldap_password.c */

/* Sets a password and leaves a lock as it was; *bolted says how it is. */
int ldap_password_set(struct ldap *, struct muster_call *, struct arena *,
    const struct directory_entry *, const char *secret, bool *bolted,
    struct err *) __attribute__((warn_unused_result));

#endif
