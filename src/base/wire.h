/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What musterd and a muster-worker say to each other in frames
 * (base/frame.h) on CHILD_CHANNEL (base/sandbox.h).
 *
 *	musterd                          worker
 *	start                      ->
 *	                           <-    ready, or why not, and it ends
 *	call                       ->
 *	                           <-    rows ... rows	(streaming only)
 *	more, for each rows taken  ->
 *	                           <-    reply, with out or a failure
 *
 * One call at a time.  A call that is sent ahead stands in the channel behind
 * another one, and has a ticket: a number, 8 bytes in the order of the
 * machine, in a socket that both sides read.  Whoever reads the ticket has the
 * call.  A worker that finds none, or a later one, passes the call over and
 * says nothing: musterd took it back.  A call that comes again has a ticket of
 * its own, and none is used twice.
 *
 * A worker has at most WIRE_AHEAD frames of rows out that musterd has not
 * answered with more.  What it is told about a call that it no longer runs,
 * it ignores.  It ends when the channel closes.  The values of in, out and
 * rows stay JSON text: neither side parses what only the other understands.
 */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include <muster/field.h>

#define WIRE_AHEAD 4		/* frames of rows without an answer */
#define WIRE_ROWS 200		/* rows in one frame, at most */
#define WIRE_BYTES (256u << 10) /* bytes of rows in one frame */
#define WIRE_ROW (64u << 10)	/* bytes of one row */

struct wire_settings {
	const char *sandbox; /* required, best-effort, off */
	bool verify;	     /* false: the provider need not read back */
	bool warm; /* connect before the greeting, if that is possible:
				provider.h */
};

struct wire_start {
	const char *system, *provider;
	const char *module; /* path of the shared object */
	struct json config; /* object, secrets in clear */
	struct wire_settings settings;
};

struct wire_op {
	const char *verb;
	int64_t flags; /* enum op_flags */
};

struct wire_ready {
	bool ready;
	int64_t abi;
	const char *provider;
	struct many ops;     /* struct wire_op */
	const char *sandbox; /* "landlock 5, seccomp", "none" */
	const char *failure; /* word of err_meanings; NULL when ready */
	const char *text;
	int64_t after_ms;
};

/* musterd to worker, after start: a call, or more alone. */
struct wire_call {
	int64_t call, epoch;
	const char *verb;
	int64_t deadline_ms; /* left, from the moment the worker takes it */
	struct json in;
	int64_t more;	/* not 0: a frame of rows of that call was
				   taken, and nothing else is set */
	int64_t ticket; /* of this sending; 0: it is the worker's for good */
};

/* worker to musterd: exactly one of rows, out and failure. */
struct wire_reply {
	int64_t call, epoch;
	struct json rows, out;
	const char *failure, *text;
	int64_t after_ms;
};

extern const struct field wire_start_fields[], wire_ready_fields[],
    wire_call_fields[], wire_reply_fields[];

#endif
