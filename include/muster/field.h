/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A field table describes a struct once.  JSON in and out, SQL parameters
 * and rows, request paths, command-line output, JSON Schema, manual pages
 * and redaction are walks over it.
 *
 * Decoding is strict: an unknown key, a wrong type, a missing member and a
 * word that is not listed are ERR_INPUT with the path in front
 * ("systems[2].retry.max: wants an integer").  Encoding writes members in
 * the table's order, leaves out NULL texts and zero times and spans, and
 * never writes a secret.
 */
#ifndef MUSTER_FIELD_H
#define MUSTER_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <muster/arena.h>
#include <muster/err.h>

enum field_kind {
	FIELD_TEXT,  /* const char *, UTF-8; NULL is absent */
	FIELD_INT,   /* int64_t */
	FIELD_BOOL,  /* bool */
	FIELD_JSON,  /* struct json: any JSON value, kept as its text */
	FIELD_TEXTS, /* struct texts: a list of texts */
	FIELD_ONE,   /* a struct in place, described by sub */
	FIELD_MANY   /* struct many: equal structs, described by sub */
};

enum {
	F_NEED = 1,   /* absent is an error */
	F_SECRET = 2, /* every encoder writes "[secret]" in its place */
	F_TIME = 4,   /* int64_t, ms since 1970; RFC 3339 in JSON; 0 absent */
	F_SPAN = 8,   /* int64_t, ms; ISO 8601 duration or 200ms/5s/3m/2h/14d
			   in JSON; 0 absent */
	F_KEY = 16,   /* identifies the struct: first column of a listing */
	F_WIDE = 32,  /* left out of a listing's columns; only in detail */
	F_HEX = 64    /* reserved for struct bytes members shown as hex */
};

struct json { /* one JSON value as compact text; NULL is absent */
	const char *text;
};

struct texts {
	size_t n;
	const char **item;
};

struct many {
	size_t n;
	void *item;
};

struct field {
	const char *name;
	enum field_kind kind;
	unsigned flags;
	size_t at, size;
	const struct field *sub;  /* FIELD_ONE, FIELD_MANY */
	const char *const *words; /* FIELD_TEXT: all legal values */
	const char *fallback;	  /* written as in JSON; used if absent */
	const char *help;	  /* one sentence, no full stop */
};

/* clang-format off */
#define FIELD_OF(T, m) _Generic(((T *)0)->m,				\
	const char *: FIELD_TEXT, int64_t: FIELD_INT, bool: FIELD_BOOL,	\
	struct json: FIELD_JSON, struct texts: FIELD_TEXTS,		\
	struct many: FIELD_MANY)

/* The member's own C type picks the kind, so the two cannot disagree. */
#define FIELD(T, m, fl, ...)						\
	{ .name = #m, .kind = FIELD_OF(T, m), .flags = (fl),		\
	  .at = offsetof(T, m), __VA_ARGS__ }
#define FIELD_SUB(T, m, fl, table, ...)					\
	{ .name = #m, .kind = FIELD_ONE, .flags = (fl),			\
	  .at = offsetof(T, m), .sub = (table), __VA_ARGS__ }
#define FIELD_LIST(T, m, fl, E, table, ...)				\
	{ .name = #m, .kind = FIELD_OF(T, m), .flags = (fl),		\
	  .at = offsetof(T, m), .size = sizeof(E), .sub = (table), __VA_ARGS__ }
#define FIELD_END { .name = NULL }
/* clang-format on */

const struct field *field_find(const struct field *, const char *name,
    size_t len);

/* Gives every absent member with a fallback that value. */
int field_defaults(struct arena *, const struct field *, void *out,
    struct err *) __attribute__((warn_unused_result));

/*
 * Reads one JSON text of n bytes (UTF-8, no duplicate keys, depth at most
 * 32) into out, which must be zeroed.  Texts live in the arena.  Members
 * that are absent get their fallbacks.  "$schema" of the outermost object
 * is for editors, and passed over.
 */
int json_decode(struct arena *, const struct field *, const char *text,
    size_t n, void *out, struct err *) __attribute__((warn_unused_result));

/* The same; when a member is wrong, *line is the line that it stands on (for
   a text that is not JSON it is 0, and the error says the line). */
int json_decode_line(struct arena *, const struct field *, const char *text,
    size_t n, void *out, int *line, struct err *)
    __attribute__((warn_unused_result));

/* Appends the struct as one JSON object; secrets as "[secret]". */
void json_encode(struct buf *, const struct field *, const void *in);
/* The same with secrets in clear: only for a worker's own channel. */
void json_encode_clear(struct buf *, const struct field *, const void *in);
/* The same as json_encode(), as RFC 8785 says; ERR_INPUT on integers beyond
   2^53 - 1, and on documents that json_canonical() refuses. */
int json_encode_canonical(struct buf *, const struct field *, const void *in,
    struct err *) __attribute__((warn_unused_result));
/* Appends s as a JSON string with its quotes (RFC 8785 escapes). */
void json_string(struct buf *, const char *s);

/*
 * Free-form documents, for the few places that hold one.  All answer in
 * the arena; a text that is not JSON is ERR_INPUT.
 */
/* RFC 8785 text of the value; ERR_INPUT on fractions, duplicate keys, and
   integers beyond 2^53 - 1. */
const char *json_canonical(struct arena *, const char *text, size_t n,
    struct err *);
/* The member called key of an object as JSON text, or NULL. */
const char *json_member(struct arena *, const char *text, const char *key);
/* The same as a plain string, if it is one; numbers as digits; or NULL. */
const char *json_member_text(struct arena *, const char *text, const char *key);
/* The text of a string, or the digits of a number; NULL of anything else. */
const char *json_scalar(struct arena *, const char *value);
/* Calls each(ctx, key or NULL, value text) for every member or element. */
int json_each(struct arena *, const char *text,
    int (*each)(void *ctx, const char *key, const char *value, struct err *),
    void *ctx, struct err *);
/* The object a with the members of b laid over it (RFC 7396). */
const char *json_merge(struct arena *, const char *a, const char *b,
    struct err *);

/* Replaces every {name} of a template by the member, percent-encoded; a
   missing or empty member is ERR_INPUT. */
const char *path_expand(struct arena *, const char *tmpl, const struct field *,
    const void *in, struct err *);

/* Writes a JSON Schema (2020-12) object for the table. */
void field_schema(struct buf *, const struct field *, int indent);
/* Writes the table as manual text: name, type, need, default, help. */
void field_manual(struct buf *, const struct field *, int indent);

#endif
