/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands that change something, one table: who may give them, and
 * what they take.  The API makes its routes from it, the CLI its verbs, and
 * the documents their pages.
 */
#ifndef ENGINE_COMMAND_H
#define ENGINE_COMMAND_H

#include <muster/field.h>

enum role_bits { /* in the order of role_words */
	ROLE_VIEWER = 1,
	ROLE_FEED = 2,
	ROLE_OPERATOR = 4,
	ROLE_APPROVER = 8,
	ROLE_AUDITOR = 16,
	ROLE_ADMIN = 32
};

struct command {
	const char *verb;
	unsigned roles; /* any of them may; admin always may */
	const struct field *in;
	size_t in_size;
	const char *help;
};
extern const struct command commands[]; /* ends with a NULL verb */
const struct command *command_find(const char *verb);

struct event_add { /* event.add: one or many, in order */
	const char *feed;
	struct many events; /* struct person, with event words */
	bool dry_run;
};
struct load_begin {
	const char *feed, *place, *digest;
	int64_t dated;
};
struct load_rows { /* a slice of a load; at most 500 rows */
	int64_t load;
	struct many rows; /* struct feed_row */
	struct many bad;  /* struct bad_row */
	int64_t skipped;  /* that the feed's map left out */
};
struct load_end {
	int64_t load;
	const char *failure;
}; /* NULL: whole */
struct by_number {
	int64_t id;
	const char *note;
};
struct matter_answer {
	int64_t id;
	const char *answer, *note;
};
struct system_change {
	const char *system, *note;
};
struct freeze {
	bool on;
	const char *note;
};
struct run_begin {			 /* a workflow started by hand */
	const char *workflow, *identity; /* uid or key; NULL: none */
	struct json input;
	const char *cause;
	int64_t count; /* so many equal runs (load tests); 0: 1 */
};
struct plan_begin {
	const char *scope;
}; /* jq boolean; NULL: all */
struct plan_apply {
	const char *digest, *note;
};
struct scan_begin {
	const char *system;
	bool repair;
}; /* NULL: all */
struct waiver_add {
	const char *scope, *reason;
	int64_t expires;
};
struct identity_flag {
	const char *identity, *note;
	bool on;
};
struct by_identity {
	const char *identity, *note;
};
struct sent_notice {
	int64_t id;
	bool ok;
	const char *error;
	int64_t due;
};

extern const struct field event_add_fields[], load_begin_fields[],
    load_rows_fields[], load_end_fields[], by_number_fields[],
    matter_answer_fields[], system_change_fields[], freeze_fields[],
    run_begin_fields[], plan_begin_fields[], plan_apply_fields[],
    scan_begin_fields[], waiver_add_fields[], identity_flag_fields[],
    by_identity_fields[], sent_notice_fields[], nothing_in_fields[];

/*
 * event.add load.begin load.rows load.end
 * hold.release hold.reject case.answer
 * run.start run.retry run.cancel
 * system.pause system.resume system.reset freeze
 * plan.compute plan.apply plan.cancel reconcile.start
 * waiver.add waiver.drop identity.protect identity.legal_hold
 * identity.converge restore.accept evidence.rekey evidence.checkpoint
 * notice.settle (of the daemon's own sender)
 */
#endif
