/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What children say, read as hostile input: a message is taken apart only
 * as far as needed, is proved to be JSON, and its values are passed on as
 * the bytes that they are.
 */
#ifndef SUPERVISOR_REPLY_H
#define SUPERVISOR_REPLY_H

#include <stdbool.h>

#include <muster/err.h>

#include "base/json_scan.h"
#include "base/wire.h"

enum reply_kind { REPLY_OUT, REPLY_ROWS, REPLY_FAILURE };

struct reply {
	enum reply_kind kind;
	int64_t call, epoch;
	struct span value; /* OUT: any value; ROWS: an array */
	struct err why;	   /* FAILURE */
};

/* False if it is not exactly what base/wire.h says of a reply. */
bool reply_read(const char *text, size_t n, struct reply *);

/* The worker's first frame: false if it is none.  Not ready: why is
   set. */
bool ready_read(const char *text, size_t n, struct err *why);

/* What the evaluator says of a question. */
struct verdicts {
	int64_t id;
	struct span rows;	/* between the outer brackets */
	size_t count;		/* of rows */
	bool stuck;		/* instead: this run ended the process */
	int64_t program, input; /* program: their number if all at once */
	char what[48];		/* of stuck: why, in plain words */
};

/* False unless every row has one cell for each program, and every cell is
   {"values":[...]} or {"error":"text"}. */
bool verdicts_read(const char *text, size_t n, size_t programs,
    struct verdicts *);

#endif
