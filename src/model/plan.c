/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan.h"

#include "model/account.h"

const char *const effects[] = { "create", "change", "remove", "disable",
	"delete", "rotate", "none", NULL };

const char *const plan_states[] = { "computing", "ready", "applying", "applied",
	"expired", "failed", "cancelled", NULL };

const char *const item_states[] = { "planned", "applied", "moved", "skipped",
	NULL };

static const char *const item_modes[] = { "observe", "propose", "enforce",
	NULL };

const struct field plan_fields[] = { FIELD(struct plan, id, F_KEY,
					 .help = "number of the plan"),
	FIELD(struct plan, digest, 0,
	    .help = "over all of it; what is applied is named by it"),
	FIELD(struct plan, state, 0, .words = plan_states,
	    .help = "what became of it"),
	FIELD(struct plan, actor, F_WIDE, .help = "who asked for it"),
	FIELD(struct plan, error, F_WIDE, .help = "why it failed"),
	FIELD(struct plan, scope, F_WIDE,
	    .help = "jq boolean over identities; absent: all"),
	FIELD(struct plan, definitions, F_WIDE,
	    .help = "digest of the configuration"),
	FIELD(struct plan, as_of, F_TIME, .help = "the moment that it is of"),
	FIELD(struct plan, expires, F_TIME,
	    .help = "until when it can be applied"),
	FIELD(struct plan, applied, F_WIDE | F_TIME,
	    .help = "when it was applied"),
	FIELD(struct plan, identities, 0, .help = "how many to look at"),
	FIELD(struct plan, looked, F_WIDE, .help = "how many were looked at"),
	FIELD(struct plan, cursor, F_WIDE, .help = "the last one of these"),
	FIELD(struct plan, counts, F_WIDE,
	    .help = "object of effects and how often"),
	FIELD(struct plan, applied_by, F_WIDE, .help = "who applied it"),
	FIELD(struct plan, hold, F_WIDE,
	    .help = "number of the hold that keeps it"),
	FIELD_END };

const struct field item_fields[] = { FIELD(struct item, id, F_KEY,
					 .help = "number of the item"),
	FIELD(struct item, plan, F_WIDE, .help = "plan that it is part of"),
	FIELD(struct item, identity, 0, .help = "whom it is about"),
	FIELD(struct item, account, F_WIDE, .help = "account that changes"),
	FIELD(struct item, holding, F_WIDE, .help = "holding that changes"),
	FIELD(struct item, system, 0, .help = "where"),
	FIELD(struct item, verb, 0, .help = "what is done"),
	FIELD(struct item, effect, 0, .words = effects,
	    .help = "what guards count it as"),
	FIELD(struct item, kind, F_WIDE, .words = account_kinds,
	    .help = "of the account"),
	FIELD(struct item, name, 0, .help = "login name"),
	FIELD(struct item, entitlement, 0, .help = "group, role or policy"),
	FIELD(struct item, in, F_WIDE, .help = "object of parameters"),
	FIELD(struct item, before, F_WIDE, .help = "how it is"),
	FIELD(struct item, after, F_WIDE, .help = "how it will be"),
	FIELD(struct item, reason, F_WIDE, .help = "why"),
	FIELD(struct item, mode, F_WIDE, .words = item_modes,
	    .help = "what may be done there"),
	FIELD(struct item, version, F_WIDE,
	    .help = "of the account or holding that it was made from"),
	FIELD(struct item, basis, F_WIDE,
	    .help = "version of the identity that it was made for"),
	FIELD(struct item, secret, F_WIDE,
	    .help = "a first password is drawn for it"),
	FIELD(struct item, state, 0, .words = item_states,
	    .help = "what became of it"),
	FIELD_END };

const struct field effect_use_fields[] = { FIELD(struct effect_use, id, F_KEY,
					       .help = "number of the entry"),
	FIELD(struct effect_use, at, F_TIME, .help = "when it began"),
	FIELD(struct effect_use, identity, 0, .help = "from whom"),
	FIELD(struct effect_use, effect, 0, .words = effects,
	    .help = "what was done"),
	FIELD(struct effect_use, system, 0, .help = "where"),
	FIELD(struct effect_use, n, 0, .help = "how often"), FIELD_END };

const struct field parked_fields[] = { FIELD(struct parked, identity, F_KEY,
					   .help = "whose removals wait"),
	FIELD(struct parked, hold, 0, .help = "hold that is to be decided"),
	FIELD(struct parked, passed, 0, .help = "it was released"), FIELD_END };

const struct field sweep_fields[] = { FIELD(struct sweep, id, F_KEY,
					  .help = "always 1"),
	FIELD(struct sweep, digest, 0, .help = "of the configuration"),
	FIELD(struct sweep, cursor, 0, .help = "last identity made due"),
	FIELD_END };

const char *const scan_states[] = { "running", "done", "failed", NULL };

const struct field scan_fields[] = { FIELD(struct scan, id, F_KEY,
					 .help = "number of the reconcile"),
	FIELD(struct scan, system, 0, .help = "what is read"),
	FIELD(struct scan, state, 0, .words = scan_states,
	    .help = "how far it is"),
	FIELD(struct scan, actor, F_WIDE, .help = "who asked for it"),
	FIELD(struct scan, error, F_WIDE, .help = "why it failed"),
	FIELD(struct scan, repair, F_WIDE, .help = "drift is put right"),
	FIELD(struct scan, call, F_WIDE, .help = "number of its call"),
	FIELD(struct scan, phase, F_WIDE,
	    .help = "0 accounts, 1 entitlements, 2 what was not there"),
	FIELD(struct scan, rows, 0, .help = "rows read"),
	FIELD(struct scan, expected, F_WIDE, .help = "rows to be expected"),
	FIELD(struct scan, drift, 0,
	    .help = "accounts that differ from "
		    "what muster wrote"),
	FIELD(struct scan, missing, 0, .help = "accounts that are gone"),
	FIELD(struct scan, unknown, 0,
	    .help = "accounts and holdings that nobody explains"),
	FIELD(struct scan, repaired, 0, .help = "repairs begun"),
	FIELD(struct scan, began, F_TIME, .help = "when it began"),
	FIELD(struct scan, ended, F_WIDE | F_TIME, .help = "when it ended"),
	FIELD(struct scan, cursor, F_WIDE, .help = "last account looked at"),
	FIELD_END };

const struct field finding_fields[] = { FIELD(struct finding, id, F_KEY,
					    .help = "number of the finding"),
	FIELD(struct finding, scan, 0, .help = "reconcile that found it"),
	FIELD(struct finding, account, F_WIDE, .help = "account"),
	FIELD(struct finding, holding, F_WIDE, .help = "holding"),
	FIELD(struct finding, system, 0, .help = "where"),
	FIELD(struct finding, kind, 0,
	    .help = "drift, missing, unmatched, "
		    "unexplained, excess or renamed"),
	FIELD(struct finding, subject, 0, .help = "what it is about"),
	FIELD(struct finding, detail, 0, .help = "what was found"),
	FIELD(struct finding, at, F_WIDE | F_TIME, .help = "when"), FIELD_END };
