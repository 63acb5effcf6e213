/* SPDX-License-Identifier: Apache-2.0 */
#include "model/run.h"

const char *const run_classes[] = {
	"revoke", "leave", "rotate", "move", "join", "review", NULL
};

const char *const run_states[] = {
	"queued", "open", "done", "failed", "cancelled", NULL
};

const struct field run_fields[] = {
	FIELD(struct run, id, F_KEY, .help = "number of the run"),
	FIELD(struct run, workflow, 0, .help = "its definition"),
	{ .name = "class", .kind = FIELD_OF(struct run, class_),
	    .at = offsetof(struct run, class_), .words = run_classes,
	    .help = "what goes first: revoke, leave, rotate, move, join, "
	    "review" },
	FIELD(struct run, state, 0, .words = run_states,
	    .help = "how far it is"),
	FIELD(struct run, identity, 0, .help = "whose lane it is in"),
	FIELD(struct run, priority, F_WIDE, .help = "lower goes first"),
	FIELD(struct run, event, F_WIDE, .help = "event that asked for it"),
	FIELD(struct run, plan, F_WIDE, .help = "plan that it carries out"),
	FIELD(struct run, hold, F_WIDE, .help = "hold that was released"),
	FIELD(struct run, actor, F_WIDE, .help = "who asked"),
	FIELD(struct run, cause, F_WIDE, .help = "why"),
	FIELD(struct run, input, F_WIDE,
	    .help = "object that it was started with by hand"),
	FIELD(struct run, definitions, F_WIDE,
	    .help = "digest of the configuration that it began with"),
	FIELD(struct run, policy, F_WIDE,
	    .help = "digest of program and input of the verdict"),
	FIELD(struct run, steps, 0, .help = "how many it has"),
	FIELD(struct run, open_steps, 0, .help = "how many are not ended"),
	FIELD(struct run, requested, F_TIME, .help = "when it was asked for"),
	FIELD(struct run, started, F_WIDE | F_TIME,
	    .help = "when it got its lane"),
	FIELD(struct run, ended, F_TIME, .help = "when it was over"),
	FIELD_END
};

const char *const step_states[] = {
	"blocked", "ready", "waiting", "sent", "unknown", "done", "failed",
	"debt", "cancelled", "skipped", NULL
};

const struct field step_fields[] = {
	FIELD(struct step, id, F_KEY, .help = "number of the step"),
	FIELD(struct step, run, 0, .help = "run that it is part of"),
	FIELD(struct step, name, 0, .help = "as the workflow calls it"),
	FIELD(struct step, system, 0, .help = "where it acts"),
	FIELD(struct step, verb, 0, .help = "what it does"),
	FIELD(struct step, account, 0, .help = "account that it acts on"),
	FIELD(struct step, holding, F_WIDE,
	    .help = "holding that it gives or takes"),
	FIELD(struct step, identity, F_WIDE, .help = "whose account it is"),
	FIELD(struct step, secret, F_WIDE,
	    .help = "number of the sealed secret that it carries"),
	FIELD(struct step, in, F_WIDE, .help = "object of its parameters"),
	FIELD(struct step, after, F_WIDE,
	    .help = "names of the steps before it, comma separated"),
	FIELD(struct step, on_failure, F_WIDE,
	    .help = "what happens when it fails"),
	FIELD(struct step, state, 0, .words = step_states,
	    .help = "how far it is"),
	FIELD(struct step, undo, F_WIDE, .help = "what takes it back"),
	FIELD(struct step, removes, F_WIDE,
	    .help = "access falls with it, so it is never given up"),
	FIELD(struct step, repeatable, F_WIDE,
	    .help = "it may be sent again when its outcome is unknown"),
	FIELD(struct step, priority, F_WIDE, .help = "lower goes first"),
	FIELD(struct step, tries, 0, .help = "attempts made"),
	FIELD(struct step, limit, F_WIDE, .help = "attempts allowed"),
	FIELD(struct step, timeout, F_WIDE | F_SPAN,
	    .help = "how long one call may take"),
	FIELD(struct step, due, F_WIDE | F_TIME,
	    .help = "when it is looked at again"),
	FIELD(struct step, call, F_WIDE,
	    .help = "number of the call in flight"),
	FIELD(struct step, phase, F_WIDE, .help = "what that call is"),
	FIELD(struct step, gone, F_WIDE,
	    .help = "how often the target said that it is gone"),
	FIELD(struct step, failure, 0, .help = "class of the last failure"),
	FIELD(struct step, error, F_WIDE, .help = "its text"),
	FIELD(struct step, before, F_WIDE,
	    .help = "what was touched, before"),
	FIELD(struct step, result, F_WIDE, .help = "what was touched, after"),
	FIELD(struct step, how, F_WIDE, .help = "how it was verified"),
	FIELD(struct step, requested, F_WIDE | F_TIME,
	    .help = "when it was first sent"),
	FIELD(struct step, acknowledged, F_WIDE | F_TIME,
	    .help = "when the target answered"),
	FIELD(struct step, verified, F_TIME,
	    .help = "when it was seen to be so"),
	FIELD_END
};
