/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question on its way through the evaluator, slice by slice.
 */
#ifndef SUPERVISOR_ASKED_H
#define SUPERVISOR_ASKED_H

#include <stdbool.h>

#include "supervisor/supervisor.h"

struct verdicts;

#define ASKED_PROGRAMS 1024 /* as the evaluator takes at most */
#define ASKED_STUCK 16	    /* runs that may end an evaluator */

struct skip {
	size_t program, input;
	bool always; /* the program over every input */
};

struct asked {
	struct asked *next;
	struct arena arena; /* everything of the question */
	int64_t id;
	struct texts programs, inputs;
	size_t from, to; /* the slice that was put last */
	int losses;	 /* of this slice, without a culprit */
	struct skip skip[ASKED_STUCK];
	size_t skips;
	bool careful;	 /* one program at a time */
	struct buf rows; /* answers so far */
	int64_t taken;	 /* wall clock; of the first slice */
};

/* A copy of the question; ERR_INPUT if it can never be put. */
struct asked *asked_new(const struct question *, struct err *);
void asked_free(struct asked *);

/* Appends the frame of the next slice. */
void asked_slice(struct asked *, int64_t deadline_ms, struct buf *out);
/* Takes what the evaluator said of the slice; false if it does not fit
   it. */
bool asked_take(struct asked *, const struct verdicts *);
/* Notes the run that ended the evaluator (all programs at once: from here
   on one by one); false: there were too many. */
bool asked_stuck(struct asked *, size_t program, size_t input);
bool asked_is_done(const struct asked *);
/* The whole answer. */
const char *asked_answer(struct asked *);

#endif
