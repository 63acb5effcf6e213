/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/command.h"

#include <string.h>

#include "model/event.h"

const struct field event_add_fields[] = {
	FIELD(struct event_add, feed, F_NEED,
	    .help = "feed that they come from"),
	FIELD_LIST(struct event_add, events, F_NEED, struct person,
	    person_fields, .help = "what happened, in order"),
	FIELD(struct event_add, dry_run, 0,
	    .help = "check them and change nothing"),
	FIELD_END
};

const struct field load_begin_fields[] = {
	FIELD(struct load_begin, feed, F_NEED, .help = "feed that is read"),
	FIELD(struct load_begin, place, F_NEED, .help = "the file's name"),
	FIELD(struct load_begin, digest, F_NEED,
	    .help = "SHA-256 of the file, in hex"),
	FIELD(struct load_begin, dated, F_TIME, .help = "the file's own time"),
	FIELD_END
};

const struct field load_rows_fields[] = {
	FIELD(struct load_rows, load, F_NEED,
	    .help = "number that load.begin gave"),
	FIELD_LIST(struct load_rows, rows, 0, struct feed_row, feed_row_fields,
	    .help = "rows that could be read"),
	FIELD_LIST(struct load_rows, bad, 0, struct bad_row, bad_row_fields,
	    .help = "rows that could not"),
	FIELD(struct load_rows, skipped, 0,
	    .help = "how many the feed's map left out"),
	FIELD_END
};

const struct field load_end_fields[] = {
	FIELD(struct load_end, load, F_NEED,
	    .help = "number that load.begin gave"),
	FIELD(struct load_end, failure, 0,
	    .help = "why the file is refused; absent if it is whole"),
	FIELD_END
};

const struct field by_number_fields[] = { FIELD(struct by_number, id, F_NEED,
					      .help = "its number"),
	FIELD(struct by_number, note, 0, .help = "reason, for the evidence"),
	FIELD_END };

const struct field matter_answer_fields[] = {
	FIELD(struct matter_answer, id, F_NEED, .help = "number of the case"),
	FIELD(struct matter_answer, answer, F_NEED,
	    .help = "one of its choices; or close, but for an owner's"),
	FIELD(struct matter_answer, note, 0,
	    .help = "reason, for the evidence"),
	FIELD_END
};

const struct field system_change_fields[] = { FIELD(struct system_change,
						  system, F_NEED,
						  .help = "name of the system"),
	FIELD(struct system_change, note, 0,
	    .help = "reason, for the evidence"),
	FIELD_END };

const struct field freeze_fields[] = {
	FIELD(struct freeze, on, 0,
	    .help = "stop joins, moves and rotations; never revocations"),
	FIELD(struct freeze, note, 0, .help = "reason, for the evidence"),
	FIELD_END
};

const struct field run_begin_fields[] = {
	FIELD(struct run_begin, workflow, F_NEED,
	    .help = "a workflow without a trigger"),
	FIELD(struct run_begin, identity, 0,
	    .help = "uid, key or user name of whom it is for"),
	FIELD(struct run_begin, input, 0,
	    .help = "parameters laid over those of its steps"),
	FIELD(struct run_begin, cause, 0, .help = "reason, for the evidence"),
	FIELD(struct run_begin, count, 0,
	    .help = "so many equal runs; 1 if absent"),
	FIELD_END
};

const struct field plan_begin_fields[] = {
	FIELD(struct plan_begin, scope, 0,
	    .help = "jq boolean over the identity; all if absent"),
	FIELD_END
};

const struct field plan_apply_fields[] = {
	FIELD(struct plan_apply, digest, F_NEED,
	    .help = "digest of the plan, whole"),
	FIELD(struct plan_apply, note, 0, .help = "reason, for the evidence"),
	FIELD_END
};

const struct field scan_begin_fields[] = {
	FIELD(struct scan_begin, system, 0,
	    .help = "system to read; all if absent"),
	FIELD(struct scan_begin, repair, 0,
	    .help = "repair drift where the mode allows it"),
	FIELD_END
};

const struct field waiver_add_fields[] = {
	FIELD(struct waiver_add, scope, F_NEED,
	    .help = "subject of the finding that may stay"),
	FIELD(struct waiver_add, reason, F_NEED, .help = "why"),
	FIELD(struct waiver_add, expires, F_NEED | F_TIME,
	    .help = "when it ends"),
	FIELD_END
};

const struct field identity_flag_fields[] = {
	FIELD(struct identity_flag, identity, F_NEED,
	    .help = "uid, key or user name of the identity"),
	FIELD(struct identity_flag, note, 0,
	    .help = "reason, for the evidence"),
	FIELD(struct identity_flag, on, 0, .help = "set it, or take it back"),
	FIELD_END
};

const struct field by_identity_fields[] = {
	FIELD(struct by_identity, identity, F_NEED,
	    .help = "uid, key or user name of the identity"),
	FIELD(struct by_identity, note, 0, .help = "reason, for the evidence"),
	FIELD_END
};

const struct field sent_notice_fields[] = {
	FIELD(struct sent_notice, id, F_NEED, .help = "number of the notice"),
	FIELD(struct sent_notice, ok, 0, .help = "it was taken"),
	FIELD(struct sent_notice, error, 0, .help = "why it was not"),
	FIELD(struct sent_notice, due, F_TIME,
	    .help = "when to try again; absent: given up"),
	FIELD_END
};

const struct field nothing_in_fields[] = { FIELD_END };

#define IN(t) t##_fields, sizeof(struct t)
#define NONE nothing_in_fields, 0

const struct command commands[] = {
	{ "event.add", ROLE_FEED, IN(event_add),
	    "tell muster what happened, without a file" },
	{ "load.begin", ROLE_FEED, IN(load_begin), "begin a feed's file" },
	{ "load.rows", ROLE_FEED, IN(load_rows), "a slice of its rows" },
	{ "load.end", ROLE_FEED, IN(load_end), "end it: judge and compare" },
	{ "hold.release", ROLE_APPROVER, IN(by_number),
	    "let a held change happen" },
	{ "hold.reject", ROLE_APPROVER, IN(by_number), "drop a held change" },
	{ "case.answer", ROLE_OPERATOR | ROLE_APPROVER, IN(matter_answer),
	    "decide what a case asks" },
	{ "run.start", ROLE_OPERATOR, IN(run_begin),
	    "start a workflow by hand" },
	{ "run.retry", ROLE_OPERATOR, IN(by_number),
	    "go on with a failed run from the step that failed" },
	{ "run.cancel", ROLE_OPERATOR, IN(by_number),
	    "end a run that takes no access away" },
	{ "system.pause", ROLE_OPERATOR, IN(system_change),
	    "stop all but revocations on a system" },
	{ "system.resume", ROLE_OPERATOR, IN(system_change),
	    "take a pause back" },
	{ "system.reset", ROLE_OPERATOR, IN(system_change),
	    "close a system's breaker, and try what failed there now" },
	{ "freeze", ROLE_OPERATOR, IN(freeze),
	    "stop all but revocations everywhere" },
	{ "plan.compute", ROLE_OPERATOR, IN(plan_begin),
	    "compute what would change" },
	{ "plan.apply", ROLE_APPROVER, IN(plan_apply),
	    "carry out exactly one plan" },
	{ "plan.cancel", ROLE_OPERATOR, IN(by_number), "drop a plan" },
	{ "reconcile.start", ROLE_OPERATOR, IN(scan_begin),
	    "compare the ledger with the systems" },
	{ "waiver.add", ROLE_APPROVER, IN(waiver_add),
	    "let a finding stay for a time" },
	{ "waiver.drop", ROLE_APPROVER, IN(by_number), "end a waiver" },
	{ "identity.protect", ROLE_ADMIN, IN(identity_flag),
	    "let nothing touch an identity" },
	{ "identity.legal_hold", ROLE_APPROVER, IN(identity_flag),
	    "let nothing delete an identity's accounts" },
	{ "identity.converge", ROLE_OPERATOR, IN(by_identity),
	    "ask policy about an identity now" },
	{ "restore.accept", ROLE_ADMIN, IN(by_number),
	    "go on from a restored backup" },
	{ "evidence.rekey", ROLE_ADMIN, NONE,
	    "sign with a new key from now on" },
	{ "evidence.checkpoint", ROLE_AUDITOR | ROLE_OPERATOR, NONE,
	    "sign the evidence as it stands" },
	{ "notice.settle", ROLE_ADMIN, IN(sent_notice),
	    "what became of a notice (of musterd itself)" },
	{ "secret.delivered", ROLE_ADMIN, IN(sent_notice),
	    "what became of a first password (of musterd itself)" },
	{ NULL, 0, NULL, 0, NULL }
};

const struct command *
command_find(const char *verb)
{
	for (const struct command *c = commands; c->verb != NULL; c++)
		if (strcmp(c->verb, verb) == 0)
			return c;
	return NULL;
}
