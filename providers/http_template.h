/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text with {name} in it, read once and filled in for each call.  A name
 * is a member of the operation's input ("id", "attributes.mail", or "in"
 * for all of it).  What is filled in stays a value: percent-encoded in a
 * path, escaped in JSON, without control characters in a header.  {name|quoted}
 * is the value as a JSON string with its quotes, for what is a language within
 * the text: the filters of SCIM (RFC 7644 3.4.2.2) take such strings.
 */
#ifndef HTTP_TEMPLATE_H
#define HTTP_TEMPLATE_H

#include <muster/field.h>

enum template_kind {
	TEMPLATE_PATH,	/* as it is written, up to the values */
	TEMPLATE_QUERY, /* the value of a parameter: encoded whole */
	TEMPLATE_HEADER,
	TEMPLATE_JSON
};

struct template
{
	struct template_part *part;
	size_t n;
};

/* Where names are looked up: in first, then out.  JSON objects; out may be
   NULL. */
struct template_scope {
	const char *in, *out;
};

/*
 * "{{" stands for a brace.  In JSON a whole string "{name}" is replaced by
 * the member's value as it is, or null if there is none.
 */
int template_compile(struct arena *, enum template_kind, const char *text,
    struct template *, struct err *) __attribute__((warn_unused_result));

/* The first name that is not known; NULL: all are. */
const char *template_unknown(const struct template *,
    bool (*known)(const void *ctx, const char *name), const void *ctx);

/* Appends the text; ERR_INPUT for a member that is not there or does not
   fit. */
int template_fill(const struct template *, struct arena *,
    const struct template_scope *, struct buf *, struct err *)
    __attribute__((warn_unused_result));

#endif
