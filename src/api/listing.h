/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of rows that anyone with a role may read: one row here is a
 * route of the API, a noun of the CLI, and a page of its manual.
 */
#ifndef API_LISTING_H
#define API_LISTING_H

#include "api/query.h"
#include "store/store.h"

struct listing {
	const char *path; /* "runs": /v1/runs and /v1/runs/ID */
	unsigned roles;	  /* 0: any role */
	enum stmt page, one;
	/* Where the filter called narrow is given, this statement finds the
	   page by an index; NULL: there is none. */
	enum stmt narrow_page;
	const char *narrow;
	const struct field *filters;
	const struct field *row;
	size_t size;
	const char *key, *key2; /* members that "after" is made of */
	const char *help;
	bool who; /* rows get "who", the identity's name */
};

extern const struct listing listings[]; /* ends with a NULL path */
const struct listing *listing_find(const char *path, size_t n);

/* The row of the identity that a person means by a uid, a feed key, a user
   name or "identity/12"; ERR_GONE. */
int identity_meant(struct store *, struct arena *, const char *text,
    int64_t *id, struct err *) __attribute__((warn_unused_result));
/*
 * Appends {"items":[...],"next":"..."}; next is absent on the last page.
 * ERR_GONE if q names an identity that nobody knows.
 */
int listing_page(const struct listing *, struct store *, struct arena *,
    struct query *, struct buf *, struct err *)
    __attribute__((warn_unused_result));
/* Appends the one row called id (of identities also a uid, a feed key or a
   user name). */
int listing_one(const struct listing *, struct store *, struct arena *,
    const char *id, struct buf *, struct err *)
    __attribute__((warn_unused_result));

#endif
