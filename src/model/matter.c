/* SPDX-License-Identifier: Apache-2.0 */
#include "model/matter.h"

const char *const case_states[] = { "open", "closed", NULL };

const struct field matter_fields[] = {
	FIELD(struct matter, id, F_KEY, .help = "number of the case"),
	FIELD(struct matter, kind, 0, .help = "what kind of thing waits"),
	FIELD(struct matter, subject, 0, .help = "what it is about"),
	FIELD(struct matter, what, 0, .help = "what happened"),
	FIELD(struct matter, why, F_WIDE, .help = "why a person must look"),
	FIELD(struct matter, owner, F_WIDE, .help = "who has to answer"),
	FIELD(struct matter, state, 0, .words = case_states,
	    .help = "whether it still waits"),
	FIELD(struct matter, choices, F_WIDE,
	    .help = "object of each answer and what it will do"),
	FIELD(struct matter, answer, F_WIDE, .help = "what was answered"),
	FIELD(struct matter, actor, F_WIDE, .help = "who answered"),
	FIELD(struct matter, note, F_WIDE, .help = "why so"),
	FIELD(struct matter, run, F_WIDE, .help = "run that it is about"),
	FIELD(struct matter, step, F_WIDE, .help = "step that it is about"),
	FIELD(struct matter, identity, F_WIDE, .help = "whom it is about"),
	FIELD(struct matter, deadline, F_TIME,
	    .help = "until when an answer is needed"),
	FIELD(struct matter, opened, F_TIME, .help = "when it was opened"),
	FIELD(struct matter, closed, F_WIDE | F_TIME,
	    .help = "when it was closed"),
	FIELD(struct matter, reminded, F_WIDE | F_TIME,
	    .help = "when its owner was reminded"),
	FIELD_END
};

const char *const hold_states[] = {
	"open", "released", "rejected", "superseded", NULL
};

const struct field hold_fields[] = {
	FIELD(struct hold, id, F_KEY, .help = "number of the hold"),
	FIELD(struct hold, kind, 0, .help = "snapshot, events or plan"),
	FIELD(struct hold, subject, 0, .help = "what it keeps back"),
	FIELD(struct hold, state, 0, .words = hold_states,
	    .help = "whether it still does"),
	FIELD(struct hold, reason, 0, .help = "what stopped it"),
	FIELD(struct hold, owner, F_WIDE, .help = "who has to decide"),
	FIELD(struct hold, loaded_by, F_WIDE,
	    .help = "who handed it in, and cannot release it"),
	FIELD(struct hold, counts, F_WIDE,
	    .help = "object of the effects that it would have"),
	FIELD(struct hold, trips, F_WIDE,
	    .help = "list of the guards: what was found, what is allowed"),
	FIELD(struct hold, need, 0, .help = "people who must release it"),
	FIELD(struct hold, releases, F_WIDE, .help = "list of who did"),
	FIELD(struct hold, actor, F_WIDE, .help = "who decided last"),
	FIELD(struct hold, note, F_WIDE, .help = "why so"),
	FIELD(struct hold, load, F_WIDE, .help = "load that it keeps back"),
	FIELD(struct hold, deadline, F_TIME,
	    .help = "until when a decision is needed"),
	FIELD(struct hold, opened, F_TIME, .help = "when it was opened"),
	FIELD(struct hold, closed, F_WIDE | F_TIME,
	    .help = "when it was decided"),
	FIELD(struct hold, reminded, F_WIDE | F_TIME,
	    .help = "when its owner was reminded"),
	FIELD_END
};

const struct field debt_fields[] = {
	FIELD(struct debt, id, F_KEY, .help = "number of the debt"),
	FIELD(struct debt, step, 0, .help = "step that owes it"),
	FIELD(struct debt, account, F_WIDE, .help = "account that it is on"),
	FIELD(struct debt, holding, F_WIDE, .help = "holding to be taken"),
	FIELD(struct debt, identity, 0, .help = "whose access it is"),
	FIELD(struct debt, system, 0, .help = "where it has to go"),
	FIELD(struct debt, verb, 0, .help = "what has to be done"),
	FIELD(struct debt, what, 0, .help = "what has to go"),
	FIELD(struct debt, error, F_WIDE, .help = "why it is still there"),
	FIELD(struct debt, tries, 0, .help = "attempts made"),
	FIELD(struct debt, since, F_TIME, .help = "when it was decided"),
	FIELD(struct debt, due, F_WIDE | F_TIME,
	    .help = "when it is tried again"),
	FIELD(struct debt, settled, F_TIME,
	    .help = "when it was verified gone"),
	FIELD(struct debt, alarmed, F_WIDE | F_TIME,
	    .help = "when people were last told"),
	FIELD_END
};

const struct field waiver_fields[] = {
	FIELD(struct waiver, id, F_KEY, .help = "number of the waiver"),
	FIELD(struct waiver, scope, 0, .help = "findings that may stay"),
	FIELD(struct waiver, reason, 0, .help = "why"),
	FIELD(struct waiver, approver, 0, .help = "who said so"),
	FIELD(struct waiver, created, F_WIDE | F_TIME,
	    .help = "when it was given"),
	FIELD(struct waiver, expires, F_TIME, .help = "how long it holds"),
	FIELD_END
};

const char *const notice_states[] = { "queued", "sent", "failed", NULL };

const struct field notice_fields[] = {
	FIELD(struct notice, id, F_KEY, .help = "number of the notice"),
	FIELD(struct notice, channel, 0, .help = "way that it goes"),
	FIELD(struct notice, kind, 0, .help = "what it tells"),
	FIELD(struct notice, subject, 0, .help = "what it is about"),
	FIELD(struct notice, body, F_WIDE, .help = "object of what it says"),
	FIELD(struct notice, state, 0, .words = notice_states,
	    .help = "whether it went"),
	FIELD(struct notice, error, F_WIDE, .help = "why it did not"),
	FIELD(struct notice, tries, F_WIDE, .help = "attempts made"),
	FIELD(struct notice, due, F_WIDE | F_TIME,
	    .help = "when it is tried again"),
	FIELD(struct notice, created, F_TIME, .help = "when it was queued"),
	FIELD(struct notice, sent, F_WIDE | F_TIME, .help = "when it went"),
	FIELD_END
};
