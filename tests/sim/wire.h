/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies between the engine and everything else: calls on their way to
 * a system and back, questions to the evaluator, what HR and people send.
 * Here things get lost, late, doubled, reordered and garbled.
 *
 * A system keeps one promise: a request that was sent reaches it within the
 * settle time after its worker gave up, or never.
 */
#ifndef TESTS_SIM_WIRE_H
#define TESTS_SIM_WIRE_H

#include <muster/err.h>

#include <stdbool.h>
#include <stdint.h>

struct sim;
struct outcall;
struct question;
struct engine_reply;

enum fault {
	FAULT_NONE,
	FAULT_LOST_REQUEST,
	FAULT_LOST_REPLY,
	FAULT_LATE, /* done after the worker's deadline */
	FAULT_DIED, /* the worker died, and the request goes on */
	FAULT_BUSY,
	FAULT_DENIED,
	FAULT_GONE, /* a replica that lags: once for a step */
	FAULT_CONFLICT,
	FAULT_REFUSED,
	FAULT_GARBAGE,	  /* done, and answered with nonsense */
	FAULT_UNVERIFIED, /* done, and nobody could look again */
	FAULTS
};
extern const char *const fault_words[FAULTS];

struct asked { /* a call's input, as far as systems look at it */
	int64_t id;
	char name[32], kind[16], cn[32], department[16], entitlement[16];
	bool disabled, create_only;
	int n;
};

struct flight { /* one call */
	int64_t call, epoch, step, identity, account;
	int system;
	char verb[24];
	struct asked ask;
	enum fault fault;
	int64_t reaches; /* when the system gets it; 0 never */
	int64_t timeout, settle;
	bool done, answered; /* by the system; to the engine */
	const char *out;
	struct err why;
};

enum parcel_kind { PARCEL_REPLY, PARCEL_ANSWER, PARCEL_COMMAND };

struct parcel { /* one input on its way to the engine */
	int64_t at, serial;
	enum parcel_kind kind;
	int flight;
	bool result; /* of a reply: what the system did, not why */
	struct err why;
	const char *out;
	int64_t question, identity;
	bool bad; /* an answer that is no verdict */
	const char *verb, *body, *actor;
	bool once; /* a command that is not sent again after a crash */
	bool used; /* a slot that is free otherwise */
};

struct wire {
	struct flight *flight;
	int flights, flight_room;
	struct parcel *parcel;
	int parcels, parcel_room;
	int64_t serial;
	double fault_rate, answer_fault_rate;
	double weight[FAULTS];
	int64_t slow; /* how long an ordinary call takes at most */
};

void wire_begin(struct sim *);
/* A call leaves. */
void wire_call(struct sim *, const struct outcall *);
void wire_question(struct sim *, const struct question *);
void wire_command(struct sim *, int64_t at, const char *actor, const char *verb,
    const char *body, bool once);
/* Requests that reach their systems by now. */
void wire_run(struct sim *);
/* The daemon died: its workers with it. */
void wire_cut(struct sim *);
/* Boot time of the next thing on the wire; 0: it is empty. */
int64_t wire_next(const struct sim *);
/* Would this one change something, if all is as it should be? */
bool parcel_is_late(const struct sim *, const struct parcel *);

#endif
