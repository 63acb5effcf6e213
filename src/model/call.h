/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What passes between the engine and the children that the supervisor
 * keeps: calls and questions out, whatever came of them in.  Texts belong
 * to whoever filled the struct in and are valid for one hand-over.
 */
#ifndef MODEL_CALL_H
#define MODEL_CALL_H

#include <muster/field.h>

/* ms that a crowd makes way for a cut: nothing joins what is in flight beside
   it, in the engine as in the workers' queues. */
#define CALL_WAY 20
/* Calls that one worker may have at a time. */
#define CALL_AHEAD_MOST 8

struct outcall { /* a call as the engine decided it */
	int64_t call, epoch;
	const char *system, *verb;
	const char *in;	 /* JSON object in clear */
	int64_t timeout; /* ms from the moment a worker takes it */
	bool secret;	 /* in carries one, and stands in locked memory */
	bool cut;	 /* of a step that takes access away */
	bool ahead;	 /* may stand behind another call of its worker */
};

struct question { /* programs over inputs, for the evaluator */
	int64_t id;
	struct texts programs; /* jq */
	struct texts inputs;   /* JSON */
};

enum incoming_kind {
	INCOMING_REPLY,	 /* of a worker: out or failure */
	INCOMING_ROWS,	 /* a page of a streaming call */
	INCOMING_ANSWER, /* of the evaluator, or its failure */
	INCOMING_STATE	 /* a system's workers: started, refused */
};

struct incoming {
	enum incoming_kind kind;
	int64_t call, epoch; /* ANSWER: the question's id in call */
	const char *system;
	const char *out;	 /* JSON: out, rows array, or results: for each
				   input an array with, for each program,
				   {"values":[...]} or {"error":"text"} */
	bool cut;		 /* REPLY: to such a call */
	struct err why;		 /* cls ERR_NONE: no failure */
	int64_t taken, answered; /* wall clock, ms */
};

#endif
