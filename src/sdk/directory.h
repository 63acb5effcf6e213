/* SPDX-License-Identifier: Apache-2.0 */
/* Between the parts of the LDAP client; providers see muster/directory.h. */
#ifndef SDK_DIRECTORY_H
#define SDK_DIRECTORY_H

#include <ldap.h>

#include <muster/directory.h>

struct directory {
	char *url, *ca, *bind_dn, *bind_password;
	int page;
	LDAP *ld;      /* NULL: not connected */
	int code;      /* of the last operation */
	int64_t until; /* boot clock: what its sockets wait for at most */
	bool late;     /* a socket waited for so long */
	struct ldap_conncb hook;
};

/* Bounds every wait of the handle's socket by until, also within TLS. */
int directory_watch(struct directory *, LDAP *)
    __attribute__((warn_unused_result));

/* Ends the connection: what it still owes is not wanted any more. */
void directory_drop(struct directory *);

/* Records a failure with its code; text may be NULL. */
int directory_fail(struct directory *, int code, const char *what,
    const char *text, struct err *);

/*
 * Waits for the next message of a request until the call's deadline.  sent
 * says what it means if none comes: ERR_UNKNOWN for a change, ERR_BUSY for
 * a question.  The caller frees the message.
 */
int directory_wait(struct directory *, const struct muster_call *, int id,
    enum err_class sent, const char *what, LDAPMessage **, struct err *)
    __attribute__((warn_unused_result));

void directory_entry_read(LDAP *, struct arena *, LDAPMessage *,
    struct directory_entry *);
/* Of an attribute with several values the one that the DN has comes first:
   it is the entry's name, and the others are aliases. */
void directory_name_first(struct directory_entry *);
/* Values as texts in the arena. */
struct texts directory_texts(struct arena *, struct berval *const *);

#endif
