/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question of musterd and its answer.
 *
 * {"id":N,"deadline_ms":N,"programs":[text...],"inputs":[value...],
 *  "careful":bool, "skip":[[program,input]...]}
 *					input -1: that program always
 * {"id":N,"results":[[{"values":[..]}|{"error":text}...]...]}
 *
 * One row for each input, one cell for each program.  There may be fewer
 * rows than inputs, where more do not fit into a frame, but never none.
 * Programs are run all at once; a run of all that is stuck (watch.h)
 * names no program, and is to be asked again with careful, which runs them
 * one by one and heeds skip.
 */
#ifndef EVAL_ANSWER_H
#define EVAL_ANSWER_H

#include <muster/arena.h>
#include <muster/err.h>

struct cache;

#define QUESTION_PROGRAMS 1024

/* ERR_INPUT if it is no question. */
int answer_question(struct cache *, struct arena *, const char *text, size_t n,
    struct buf *out, struct err *) __attribute__((warn_unused_result));

/* Reads a JSON array of programs, answers an array of null or of what is
   wrong with each. */
int answer_check(struct cache *, struct arena *, const char *text, size_t n,
    struct buf *out, struct err *) __attribute__((warn_unused_result));

#endif
