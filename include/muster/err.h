/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors: what a failure asks of whoever catches it.  A class says what to
 * do next, never where the failure came from; the text says the latter.
 */
#ifndef MUSTER_ERR_H
#define MUSTER_ERR_H

#include <stdint.h>

enum err_class {
	ERR_NONE,
	ERR_INPUT,    /* what was given is wrong; the same again cannot work */
	ERR_BUSY,     /* the other side may answer later; try again */
	ERR_DENIED,   /* our own credentials or rights were refused */
	ERR_GONE,     /* the object does not exist there */
	ERR_CONFLICT, /* something else stands in the way; look again */
	ERR_REFUSED,  /* the other side's rules forbid this request */
	ERR_UNKNOWN,  /* it was sent, and nobody knows whether it happened */
	ERR_FULL,     /* no room on disk; goes on by itself later */
	ERR_BUG,      /* we broke a promise to ourselves */
	ERR_CLASSES
};

struct err {
	enum err_class cls;
	int64_t after_ms; /* ERR_BUSY: not before so many ms; 0 unknown */
	char text[480];
};

/*
 * The one table of meanings.  "failure" is the word in rows, frames and
 * JSON; retry: the same request may be sent again after a pause.
 */
struct err_meaning {
	const char *word;
	int http, exit;
	int retry;
};

extern const struct err_meaning err_meanings[ERR_CLASSES];

/* The class called so; ERR_BUG for a word that nobody knows. */
enum err_class err_named(const char *word);

/* Records a failure and returns -1, so that a failing path is one line. */
int err_set(struct err *, enum err_class, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts context in front of a failure on its way up; returns -1. */
int err_within(struct err *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#ifdef __clang_analyzer__
/* It reads one file at a time, and must be told that both return -1. */
#define err_set(...) ((err_set)(__VA_ARGS__), -1)
#define err_within(...) ((err_within)(__VA_ARGS__), -1)
#endif

#endif
