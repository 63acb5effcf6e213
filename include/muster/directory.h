/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One LDAP client for every provider of a directory (RFC 4511).  The
 * connection is always TLS with a verified certificate; it is made at the
 * first use, bound, kept, and made again when it was lost.  No call waits
 * beyond its deadline, but where a name has several addresses that do not
 * answer: libldap tries each for as long.
 *
 * Every function answers 0 or -1.  A change that was sent and not answered
 * is ERR_UNKNOWN; what the server answered is judged by one table.
 */
#ifndef MUSTER_DIRECTORY_H
#define MUSTER_DIRECTORY_H

#include <muster/provider.h>

struct directory;

struct directory_config {
	const char *url; /* ldaps://host or ldap://host (StartTLS) */
	const char *ca;	 /* file of certificates; NULL: the system's */
	const char *bind_dn, *bind_password;
	int64_t page; /* entries of one page; 0: 500 */
};

/* Checks the configuration and copies it; connects to nobody yet. */
int directory_open(const struct directory_config *, struct directory **,
    struct err *) __attribute__((warn_unused_result));
void directory_close(struct directory *);

/* Makes a connection, bound and alive a moment ago, unless there is one: each
   function below does, so this is for who does not want to wait then. */
int directory_connect(struct directory *, const struct muster_call *,
    struct err *) __attribute__((warn_unused_result));

/* The class of a result code (RFC 4511 A.1 and those of extensions). */
enum err_class directory_class(int code);
/* The result code of the last operation, for what a class cannot say. */
int directory_code(const struct directory *);

struct directory_attr {
	const char *name;
	struct texts values; /* what is not UTF-8 as "base64:..." */
};

struct directory_entry {
	const char *dn;
	size_t n;
	struct directory_attr *attr;
};

/* The values of an attribute (names are compared without case); none. */
struct texts directory_values(const struct directory_entry *, const char *name);
/* The first of them, or NULL. */
const char *directory_value(const struct directory_entry *, const char *name);

enum directory_scope { DIRECTORY_ENTRY, DIRECTORY_CHILDREN, DIRECTORY_TREE };

struct directory_query {
	const char *base;
	enum directory_scope scope;
	const char *filter;	  /* NULL: any entry */
	const char *const *attrs; /* ends with NULL; operational ones
					   must be named */
};

/* The entry is valid for the call of each only, which may keep nothing of
   it.  A server's limit on results does not matter: pages are used.
   ERR_REFUSED, after the entries, where the server refers to another one for
   a part of them. */
int directory_each(struct directory *, struct muster_call *,
    const struct directory_query *,
    int (*each)(void *ctx, struct arena *, const struct directory_entry *,
	struct err *),
    void *ctx, struct err *) __attribute__((warn_unused_result));

/* Exactly one entry: ERR_GONE if there is none, ERR_REFUSED if it may be on
   another server, ERR_CONFLICT if there are several. */
int directory_find(struct directory *, struct muster_call *, struct arena *,
    const struct directory_query *, struct directory_entry *, struct err *)
    __attribute__((warn_unused_result));

enum directory_edit { DIRECTORY_ADD, DIRECTORY_DROP, DIRECTORY_SET };

struct directory_mod {
	enum directory_edit edit;
	const char *name;
	struct texts values; /* SET without any removes all */
};

/*
 * A change, and what the entry is after it as the server itself says in
 * the same answer (post-read, RFC 4527): after->dn is NULL where the server
 * does not know that control.  attrs and after may be NULL.
 */
struct directory_change {
	const char *dn;
	const struct directory_mod *mod;
	size_t mods;
	const char *const *attrs;
	struct directory_entry *after;
};

int directory_add(struct directory *, struct muster_call *, struct arena *,
    const struct directory_change *, struct err *)
    __attribute__((warn_unused_result));
int directory_modify(struct directory *, struct muster_call *, struct arena *,
    const struct directory_change *, struct err *)
    __attribute__((warn_unused_result));

int directory_rename(struct directory *, struct muster_call *, const char *dn,
    const char *rdn, struct err *) __attribute__((warn_unused_result));
int directory_delete(struct directory *, struct muster_call *, const char *dn,
    struct err *) __attribute__((warn_unused_result));
/* Whether the attribute has that value, by the server's own matching. */
int directory_compare(struct directory *, struct muster_call *, const char *dn,
    const char *name, const char *value, bool *same, struct err *)
    __attribute__((warn_unused_result));
/* Sets a password so that the server hashes it (RFC 3062). */
int directory_password(struct directory *, struct muster_call *, const char *dn,
    const char *secret, struct err *) __attribute__((warn_unused_result));

/*
 * Whether the server takes the secret for that DN: a real bind on a
 * connection of its own.  An empty secret is never taken.  A refused bind
 * counts towards the lockout that the server's password policy may have
 * (pwdMaxFailure), so do not probe with it.
 */
int directory_try(struct directory *, struct muster_call *, const char *dn,
    const char *secret, bool *taken, struct err *)
    __attribute__((warn_unused_result));

/* "name=value" with what RFC 4514 wants escaped. */
const char *directory_rdn(struct arena *, const char *name, const char *value);
/* A value as RFC 4515 wants it within a filter. */
const char *directory_quote(struct arena *, const char *value);
/* One spelling for equal DNs: lower case, no blanks between its parts;
   a text that is no DN comes back in lower case. */
const char *directory_dn_key(struct arena *, const char *dn);
/* Whether both are DNs, and their keys are equal. */
bool directory_dn_same(struct arena *, const char *x, const char *y);

#endif
