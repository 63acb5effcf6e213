/* SPDX-License-Identifier: Apache-2.0 */
#include "model/identity.h"

const char *const identity_kinds[] = {
	"person", "service", "workload", "device", "agent", NULL
};

const char *const identity_states[] = {
	"pending", "active", "suspended", "left", NULL
};

const struct field identity_fields[] = {
	FIELD(struct identity, id, F_KEY, .help = "number of the identity"),
	FIELD(struct identity, uid, 0,
	    .help = "public id, never used again"),
	FIELD(struct identity, kind, 0, .words = identity_kinds,
	    .help = "what it is"),
	FIELD(struct identity, state, 0, .words = identity_states,
	    .help = "what its affiliations and the time make of it"),
	FIELD(struct identity, display, 0, .help = "name for people to read"),
	FIELD(struct identity, username, 0, .help = "login name, once drawn"),
	FIELD(struct identity, owner, 0,
	    .help = "number of the identity that answers for it"),
	FIELD(struct identity, owner_key, F_WIDE,
	    .help = "the owner's key as the feed names it"),
	FIELD(struct identity, purpose, F_WIDE,
	    .help = "what a non-human identity is for"),
	FIELD(struct identity, expires, F_WIDE | F_TIME,
	    .help = "when a non-human identity ends"),
	FIELD(struct identity, attributes, F_WIDE,
	    .help = "object of the merged values of all feeds"),
	FIELD(struct identity, sources, F_WIDE,
	    .help = "object that names the feed of each attribute"),
	FIELD(struct identity, cause, F_WIDE,
	    .help = "why it left: voluntary, for_cause, death and so on"),
	{ .name = "protected",
	    .kind = FIELD_OF(struct identity, protected_), .flags = F_WIDE,
	    .at = offsetof(struct identity, protected_),
	    .help = "nothing is taken from it unless people release it" },
	FIELD(struct identity, legal_hold, F_WIDE,
	    .help = "its accounts are cut, but never deleted"),
	FIELD(struct identity, guarded, F_WIDE,
	    .help = "policy protected it when it was last asked"),
	FIELD(struct identity, version, F_WIDE,
	    .help = "grows with every change"),
	FIELD(struct identity, due, F_WIDE | F_TIME,
	    .help = "when it is looked at again"),
	FIELD(struct identity, converging, F_WIDE,
	    .help = "number of the question while policy is asked"),
	FIELD(struct identity, verdict, F_WIDE,
	    .help = "why the last convergence gave no verdict"),
	FIELD(struct identity, created, F_WIDE | F_TIME,
	    .help = "when it was first heard of"),
	FIELD(struct identity, left_at, F_TIME,
	    .help = "when its last affiliation ended"),
	FIELD_END
};

const struct field affiliation_fields[] = {
	FIELD(struct affiliation, id, F_KEY,
	    .help = "number of the affiliation"),
	FIELD(struct affiliation, identity, 0, .help = "whose it is"),
	FIELD(struct affiliation, feed, 0, .help = "feed that tells it"),
	FIELD(struct affiliation, key, 0, .help = "its key in that feed"),
	FIELD(struct affiliation, kind, 0,
	    .help = "employee, contractor and so on"),
	FIELD(struct affiliation, unit, 0, .help = "part of the house"),
	FIELD(struct affiliation, manager, F_WIDE,
	    .help = "the manager's key in the same feed"),
	FIELD(struct affiliation, zone, F_WIDE,
	    .help = "IANA time zone that its dates are local to"),
	FIELD(struct affiliation, starts, F_TIME, .help = "when it begins"),
	FIELD(struct affiliation, ends, F_TIME,
	    .help = "when it is over; the last date that the feed gives "
	    "still belongs to it"),
	FIELD(struct affiliation, last_day, F_WIDE | F_TIME,
	    .help = "end of the last working day, if access ends earlier"),
	FIELD(struct affiliation, away_from, F_WIDE | F_TIME,
	    .help = "when a leave of absence begins"),
	FIELD(struct affiliation, away_until, F_WIDE | F_TIME,
	    .help = "when it is over"),
	FIELD(struct affiliation, attributes, F_WIDE,
	    .help = "object of what this feed says"),
	FIELD(struct affiliation, cause, F_WIDE, .help = "why it ended"),
	FIELD(struct affiliation, effective, F_WIDE | F_TIME,
	    .help = "effective time of the newest event applied to it"),
	FIELD(struct affiliation, seq, F_WIDE,
	    .help = "place of that event in its source"),
	FIELD(struct affiliation, version, F_WIDE,
	    .help = "grows with every change"),
	FIELD_END
};
