/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The accounts of the null provider: in memory, and where a file is given
 * also in a journal of JSON lines there, one for each new state of an
 * account.  Whoever holds the store has read all lines of the others, so
 * several workers and restarts agree.  An account's id is its place in the
 * order of creation: "n1", "n2", ...
 */
#ifndef NULL_STORE_H
#define NULL_STORE_H

#include <muster/field.h>

struct null_account {
	const char *id, *name, *status;
	struct json attributes;
	struct texts entitlements;
	const char *secret; /* hash of the password; NULL: none */
	bool gone;
};

struct null_store;

/* path NULL: in memory only. */
struct null_store *null_store_open(const char *path, struct err *);
void null_store_close(struct null_store *);

/* Between hold and release no other worker changes anything. */
int null_store_hold(struct null_store *, struct err *)
    __attribute__((warn_unused_result));
void null_store_release(struct null_store *);

/* How many accounts there ever were; they are numbered from 0. */
size_t null_store_count(const struct null_store *);
/* Reads one into the arena; gone ones too. */
int null_store_load(struct null_store *, struct arena *, size_t at,
    struct null_account *, struct err *) __attribute__((warn_unused_result));
/* Finds by id or, where that is NULL, by name; ERR_GONE. */
int null_store_find(struct null_store *, struct arena *, const char *id,
    const char *name, struct null_account *, struct err *)
    __attribute__((warn_unused_result));
/* Writes an account; one without an id is new and gets one. */
int null_store_save(struct null_store *, struct arena *, struct null_account *,
    struct err *) __attribute__((warn_unused_result));

#endif
