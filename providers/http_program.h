/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jq programs of a description, compiled together as one: libjq reads
 * its own library anew for each program that it compiles.
 */
#ifndef HTTP_PROGRAM_H
#define HTTP_PROGRAM_H

#include <muster/field.h>

struct programs;

struct programs *programs_new(void);
void programs_free(struct programs *);

/* Adds one and answers its number; where says what it is, for errors.
   Both texts must live until programs_compile() returns. */
int programs_add(struct programs *, const char *text, const char *where);
/* ERR_INPUT with the place of a program that does not compile. */
int programs_compile(struct programs *, struct err *)
    __attribute__((warn_unused_result));

/* What a program sees, each as JSON text; NULL members are null. */
struct program_input {
	const char *in, *out;
	int status;
	const char *body; /* null if it is not JSON */
	size_t n;
};

/*
 * Runs a program and hands over each of its results as JSON text, valid for
 * the call of each only.  An error of the program is ERR_INPUT.
 */
int programs_run(struct programs *, int number, const struct program_input *,
    int (*each)(void *ctx, const char *json, struct err *), void *ctx,
    struct err *) __attribute__((warn_unused_result));

/* The one result of a program, in the arena. */
const char *programs_value(struct programs *, int number, struct arena *,
    const struct program_input *, struct err *);

#endif
