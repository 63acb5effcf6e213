/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body of an event: what a source says of a person.  A member that is
 * absent says nothing, and one that is null or an empty text takes the
 * value away; the struct shows both as NULL, person_blanks() tells them
 * apart.
 */
#ifndef MODEL_PERSON_H
#define MODEL_PERSON_H

#include "model/event.h"

/* The body in its one spelling (RFC 8785, empty texts as null); NULL if it
   is not one JSON object, or has a number with a fraction. */
const char *person_normal(struct arena *, const char *body, struct err *);

/* Reads a body strictly, apart from the nulls. */
int person_decode(struct arena *, const char *body, struct person *,
    struct err *) __attribute__((warn_unused_result));

/* Does a body in its one spelling take this member away? */
bool person_blanks(struct arena *, const char *body, const char *member);

#endif
