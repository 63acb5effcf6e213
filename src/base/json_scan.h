/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor over a JSON text (RFC 8259), the only reader of JSON in muster.
 * It is strict (no extensions, valid UTF-8, no lone surrogates, no
 * \u0000), never reads outside its text and goes at most JSON_DEPTH deep.
 * Once something was wrong, every move fails and the cursor stays there.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <muster/arena.h>
#include <muster/err.h>

#define JSON_DEPTH 32
#define TABLE_MAX 256 /* members of a table of fields */
#define SAFE_INTEGER INT64_C(9007199254740991) /* 2^53 - 1: all read it so */

enum json_kind {
	JSON_BAD,
	JSON_OBJECT,
	JSON_ARRAY,
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL
};

struct json_scan {
	const char *at, *end;
	int depth;
	const char *fault; /* what is wrong; NULL so far */
};

struct span { /* a piece of a text */
	const char *at;
	size_t n;
};

/* One object or array being walked. */
struct json_walk {
	struct json_scan *scan;
	char shut;
	bool began;
};

/* Moves to the next value and says what it is by its first byte. */
enum json_kind json_peek(struct json_scan *);
/* Passes over one whole value; piece, if not NULL, gets its text. */
bool json_skip(struct json_scan *, struct span *piece);
/* Passes over a string.  The text is decoded, in the arena only if it had
   escapes, else in place (so it has no NUL); without an arena the answer
   means something only for a string without escapes. */
bool json_scan_string(struct json_scan *, struct arena *, struct span *);

/* Goes into the object or array under the cursor. */
bool json_walk_begin(struct json_walk *, struct json_scan *);
/* To the next value; false at the end, which is then passed, or at a
   fault.  In an object, key gets the decoded key. */
bool json_walk_next(struct json_walk *, struct arena *, struct span *key);

/* Nothing but blanks may follow. */
bool json_scan_end(struct json_scan *);

/* Whether the text is one JSON value whose objects have no key twice. */
int json_check(const char *text, size_t n, struct err *)
    __attribute__((warn_unused_result));
/* Records the scan's fault, with the line, as ERR_INPUT; returns -1. */
int json_fault(const struct json_scan *, const char *text, struct err *);
/* The line, from 1, of a place in a text. */
int json_line(const char *text, const char *at);

/* Appends the value that the cursor passes over, without blanks. */
bool json_compact(struct json_scan *, struct buf *);
/* The same as RFC 8785 says; numbers are integers up to SAFE_INTEGER. */
bool json_canonical_add(struct json_scan *, struct buf *);
/* As json_string(), of n bytes.  What is not UTF-8 becomes U+FFFD. */
void json_quote(struct buf *, const char *, size_t n);

/* Bytes that are a character by themselves and need no escape. */
extern const bool json_plain[256];
/* Length of the valid UTF-8 character at p, 0 if there is none. */
size_t utf8_length(const char *p, const char *end);

#endif
