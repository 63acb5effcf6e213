/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attributes of an account: an object of texts and lists of texts.  A list
 * of one is that one, order means nothing, and an empty list is absent.
 */
#ifndef ENGINE_ATTRIBUTE_H
#define ENGINE_ATTRIBUTE_H

#include <muster/field.h>

/* Do two values say the same?  NULL is absent. */
bool attribute_same(struct arena *, const char *a, const char *b);

struct attribute_diff {
	size_t n;		   /* attributes that differ */
	size_t blanked;		   /* of which are taken away */
	struct json in;		   /* what to write; a blanked one is [] */
	struct json before, after; /* those that differ, for people */
};
/*
 * From what is known to what is wanted.  What stands in known only is
 * taken away if muster wrote it, and blank allows that.
 */
int attribute_diff(struct arena *, const char *want, const char *known,
    const char *wrote, bool blank, struct attribute_diff *, struct err *)
    __attribute__((warn_unused_result));

#endif
