/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who stands behind a member value: the accounts of a directory by the key
 * of their DN (or by name), for one listing of memberships.  About a
 * hundred bytes an account.
 */
#ifndef LDAP_MEMBERS_H
#define LDAP_MEMBERS_H

#include <stdbool.h>

struct members;

struct members *members_new(void);
void members_free(struct members *);
/* Copies its texts. */
void members_add(struct members *, const char *key, const char *id,
    const char *name);
/* Sets id and name, which live as long as the members, and returns true. */
bool members_find(const struct members *, const char *key, const char **id,
    const char **name);

#endif
