/* SPDX-License-Identifier: Apache-2.0 */
#include "model/account.h"

const char *const account_kinds[] = { "primary", "privileged", "shared", "test",
	"service", NULL };

const char *const account_statuses[] = { "absent", "active", "disabled",
	"unknown", NULL };

const struct field account_fields[] = { FIELD(struct account, id, F_KEY,
					    .help = "number of the account"),
	FIELD(struct account, identity, 0,
	    .help = "whose it is; 0: unmatched, only observed"),
	FIELD(struct account, system, 0, .help = "where it is"),
	FIELD(struct account, kind, 0, .words = account_kinds,
	    .help = "what it is for"),
	FIELD(struct account, name, 0, .help = "login name"),
	FIELD(struct account, native, F_WIDE,
	    .help = "the system's immutable id"),
	FIELD(struct account, want_status, 0, .words = account_statuses,
	    .help = "desired: what policy says"),
	FIELD(struct account, wrote_status, F_WIDE, .words = account_statuses,
	    .help = "written: what muster last put there"),
	FIELD(struct account, seen_status, 0, .words = account_statuses,
	    .help = "observed: what the system last said"),
	FIELD(struct account, want, F_WIDE, .help = "desired attributes"),
	FIELD(struct account, wrote, F_WIDE, .help = "written attributes"),
	FIELD(struct account, seen, F_WIDE, .help = "observed attributes"),
	FIELD(struct account, seen_name, F_WIDE, .help = "observed login name"),
	FIELD(struct account, seen_digest, F_WIDE,
	    .help = "over what was observed"),
	FIELD(struct account, origin, F_WIDE,
	    .help = "joiner, adopted, observed, or restored: a restored "
		    "store has it as working, and it was not"),
	FIELD(struct account, reasons, F_WIDE, .help = "list of why it exists"),
	FIELD(struct account, version, F_WIDE,
	    .help = "grows with every change of what is desired or observed"),
	FIELD(struct account, created, F_WIDE | F_TIME,
	    .help = "when muster first knew of it"),
	FIELD(struct account, cut_at, F_WIDE | F_TIME,
	    .help = "when it was verified disabled"),
	FIELD(struct account, delete_after, F_WIDE | F_TIME,
	    .help = "when it may be deleted"),
	FIELD(struct account, keep_until, F_WIDE | F_TIME,
	    .help = "a mover keeps it until then"),
	FIELD(struct account, seen_at, F_WIDE | F_TIME,
	    .help = "when it was last observed"),
	FIELD(struct account, scan, F_WIDE,
	    .help = "reconcile that saw it last"),
	FIELD(struct account, outside, F_WIDE,
	    .help = "of the system's scope, as policy last said"),
	FIELD_END };

const char *const holding_states[] = { "planned", "held", "revoking", "closed",
	"unexplained", NULL };

const struct field holding_fields[] = { FIELD(struct holding, id, F_KEY,
					    .help = "number of the holding"),
	FIELD(struct holding, account, 0, .help = "account that holds it"),
	FIELD(struct holding, entitlement, 0, .help = "group, role or policy"),
	FIELD(struct holding, state, 0, .words = holding_states,
	    .help = "how far it is given or taken"),
	FIELD(struct holding, from, F_TIME, .help = "since when it is held"),
	FIELD(struct holding, until, F_TIME, .help = "until when"),
	FIELD(struct holding, reasons, F_WIDE,
	    .help = "list of why it is held; empty: unexplained"),
	FIELD(struct holding, want, F_WIDE, .help = "policy wants it"),
	FIELD(struct holding, seen, F_WIDE, .help = "the system has it"),
	FIELD(struct holding, keep_until, F_WIDE | F_TIME,
	    .help = "a mover keeps it until then"),
	FIELD(struct holding, closed, F_WIDE | F_TIME,
	    .help = "when it was verified gone"),
	FIELD(struct holding, scan, F_WIDE,
	    .help = "reconcile that saw it last"),
	FIELD(struct holding, version, F_WIDE,
	    .help = "grows with every change"),
	FIELD_END };

const char *const name_states[] = { "reserved", "used", "tombstone", NULL };

const struct field name_fields[] = {
	FIELD(struct name, space, 0,
	    .help = "system in which the name is unique, or * for all"),
	FIELD(struct name, name, F_KEY, .help = "login name"),
	FIELD(struct name, identity, 0, .help = "who has or had it"),
	FIELD(struct name, state, 0, .words = name_states,
	    .help = "whether it may be drawn"),
	FIELD(struct name, until, F_TIME, .help = "how long it rests"),
	FIELD_END
};

const struct field secret_fields[] = { FIELD(struct secret, id, F_KEY,
					   .help = "number of the secret"),
	FIELD(struct secret, account, 0, .help = "account that it is for"),
	FIELD(struct secret, purpose, 0, .help = "what it is for"),
	FIELD(struct secret, sealed, F_WIDE | F_SECRET,
	    .help = "the value under envelope encryption"),
	FIELD(struct secret, fingerprint, 0, .help = "keyed fingerprint"),
	FIELD(struct secret, created, F_TIME, .help = "when it was drawn"),
	FIELD(struct secret, delivered, F_TIME,
	    .help = "when it was handed over"),
	FIELD(struct secret, erased, F_TIME, .help = "when it was erased"),
	FIELD_END };
