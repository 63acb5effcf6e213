/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all affiliations of an identity together say of it.  Where two say
 * something of the same attribute, one that is in force wins over one that
 * is not, then the feed with the lower authority, then the one that the
 * identity's state comes from, then the older one; and every value keeps
 * the name of its feed.
 */
#ifndef ENGINE_PROFILE_H
#define ENGINE_PROFILE_H

#include "engine/policy.h"

struct profile {
	struct json attributes; /* object */
	struct json sources;	/* object: attribute to feed */
	const char *display, *username, *owner, *purpose;
	int64_t expires;
};

int profile_make(struct engine *, const struct identity *,
    const struct affiliation *, size_t n, struct profile *, struct err *)
    __attribute__((warn_unused_result));

#endif
