/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is going on, as one struct: "muster status" prints it, /metrics and
 * /healthz are drawn from it.
 */
#ifndef API_STATUS_H
#define API_STATUS_H

#include <muster/field.h>

struct request;

#define STATUS_LATELY (7 * DAY)

struct tally {		  /* how many, and since when */
	const char *word; /* of a class or a state; NULL: of all */
	int64_t n, oldest;
};

struct status {
	const char *instance, *version, *definitions;
	const char *state; /* ok; only reading; disk full; frozen */
	bool private_;
	const char *sandbox;
	int64_t now, since;
	int64_t room; /* bytes free for the store */
	int64_t full_since;
	int64_t evidence; /* records */
	struct tally holds, cases, debts, notices, events;
	struct tally failed; /* runs, in the last STATUS_LATELY */
	struct many runs, steps, identities; /* struct tally */
	struct texts troubled;		     /* systems: "corp: breaker open" */
	int64_t ticks, commits, inputs, calls, in_flight, steps_done, runs_done;
	int64_t workers, evaluators;
};
extern const struct field status_fields[], tally_fields[];

/* One configured system, as it runs. */
struct system_view {
	const char *system, *provider, *mode, *breaker;
	int64_t failures, until;
	bool paused;
	const char *note, *fed_by, *rate;
	int64_t concurrency, timeout, workers, starts, crashes, kills, calls;
};
extern const struct field system_view_fields[];

/* From a snapshot of its own; texts in the request's arena. */
int status_read(struct request *, struct status *, struct err *)
    __attribute__((warn_unused_result));

#endif
