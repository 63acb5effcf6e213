/* SPDX-License-Identifier: Apache-2.0 */
#include "api/status.h"

const struct field tally_fields[] = { FIELD(struct tally, word, F_KEY),
	FIELD(struct tally, n, 0), FIELD(struct tally, oldest, F_TIME),
	FIELD_END };

#define S(m, ...) FIELD(struct status, m, __VA_ARGS__)
#define S_TALLY(m, ...) \
	FIELD_SUB(struct status, m, 0, tally_fields, __VA_ARGS__)
#define S_TALLIES(m, ...) \
	FIELD_LIST(struct status, m, 0, struct tally, tally_fields, __VA_ARGS__)

const struct field status_fields[] = { S(instance, F_KEY,
					   .help = "name of the instance"),
	S(version, 0, .help = "of musterd"),
	S(state, 0, .help = "ok, or what keeps it from its full duty"),
	{ .name = "private",
	    .kind = FIELD_BOOL,
	    .at = offsetof(struct status, private_),
	    .help = "its own user has every role" },
	S(sandbox, 0, .help = "what workers are confined by"),
	S(definitions, 0, .help = "digest of the configuration set"),
	S(now, F_TIME, .help = "the daemon's clock"),
	S(since, F_TIME, .help = "when it started"),
	S(room, 0, .help = "bytes free for the store"),
	S(full_since, F_TIME, .help = "since when the disk is full"),
	S(evidence, 0, .help = "records"), S_TALLY(holds, .help = "open holds"),
	S_TALLY(cases, .help = "open cases"),
	S_TALLY(debts, .help = "open debts"),
	S_TALLY(notices, .help = "notices that are not sent"),
	S_TALLY(events, .help = "events that wait"),
	S_TALLY(failed, .help = "runs that failed in the last seven days"),
	S_TALLIES(runs, .help = "queued and open runs by class"),
	S_TALLIES(steps, .help = "unfinished and failed steps by state"),
	S_TALLIES(identities, .help = "identities by state"),
	S(troubled, 0, .help = "systems that are paused or cut off"),
	S(ticks, 0, .help = "ticks of the engine since start"),
	S(commits, 0, .help = "of them, those that wrote"),
	S(inputs, 0, .help = "inputs applied"),
	S(calls, 0, .help = "calls sent"),
	S(in_flight, 0, .help = "calls without an answer yet"),
	S(steps_done, 0, .help = "steps ended"),
	S(runs_done, 0, .help = "runs ended"),
	S(workers, 0, .help = "worker processes"),
	S(evaluators, 0, .help = "evaluator processes"), FIELD_END };

#define V(m, ...) FIELD(struct system_view, m, __VA_ARGS__)

const struct field system_view_fields[] = { V(system, F_KEY, .help = "name"),
	V(provider, 0, .help = "what speaks its protocol"),
	V(mode, 0, .help = "what muster may do there"),
	V(breaker, 0, .help = "closed; open: cut off; half: being tried"),
	V(failures, 0, .help = "failures in a row"),
	V(until, F_TIME, .help = "when the breaker tries again"),
	V(paused, 0, .help = "by a person"),
	V(note, 0, .help = "who paused it and why"),
	V(fed_by, 0, .help = "the system that feeds it"),
	V(rate, 0, .help = "calls at most"),
	V(concurrency, 0, .help = "workers at most"),
	V(timeout, F_SPAN, .help = "of one call"),
	V(workers, 0, .help = "worker processes now"),
	V(starts, 0, .help = "workers started"),
	V(crashes, 0, .help = "workers that crashed"),
	V(kills, 0, .help = "workers that were killed"),
	V(calls, 0, .help = "calls taken"), FIELD_END };
