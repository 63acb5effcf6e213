/* SPDX-License-Identifier: Apache-2.0 */
#include "model/event.h"

#include "model/identity.h"

const char *const event_kinds[] = {
	"record", "joiner", "mover", "leaver", "leave", "return", "rehire",
	"rename", "withdraw", NULL
};

const char *const event_states[] = {
	"assess", "due", "future", "held", "applied", "rejected",
	"set_aside", "withdrawn", "superseded", NULL
};

const struct field event_fields[] = {
	FIELD(struct event, id, F_KEY, .help = "number of the event"),
	FIELD(struct event, source, 0, .help = "feed that told it"),
	FIELD(struct event, source_id, F_WIDE,
	    .help = "the source's own id of it"),
	FIELD(struct event, seq, F_WIDE, .help = "place within its source"),
	FIELD(struct event, kind, 0, .words = event_kinds,
	    .help = "what happened"),
	FIELD(struct event, state, 0, .words = event_states,
	    .help = "what became of it"),
	FIELD(struct event, key, 0,
	    .help = "key of the affiliation that it is about"),
	FIELD(struct event, effective, F_TIME,
	    .help = "from when on it is true"),
	FIELD(struct event, body, F_WIDE,
	    .help = "what it says; an absent member says nothing, null "
	    "takes a value away"),
	FIELD(struct event, snapshot, F_WIDE,
	    .help = "number of the load that it came in"),
	FIELD(struct event, hold, F_WIDE,
	    .help = "number of the hold that keeps it"),
	FIELD(struct event, identity, 0, .help = "whom it changed"),
	FIELD(struct event, effects, F_WIDE,
	    .help = "how much of each effect it would have"),
	FIELD(struct event, actor, F_WIDE, .help = "who sent it"),
	FIELD(struct event, error, F_WIDE, .help = "why it was set aside"),
	FIELD(struct event, place, F_WIDE, .help = "file and line"),
	FIELD(struct event, received, F_WIDE | F_TIME,
	    .help = "when it came in"),
	FIELD(struct event, applied, F_WIDE | F_TIME,
	    .help = "when it was applied"),
	FIELD(struct event, due, F_WIDE | F_TIME,
	    .help = "when it is looked at again"),
	FIELD(struct event, tries, F_WIDE,
	    .help = "crashes while it was applied"),
	FIELD_END
};

const struct field person_fields[] = {
	FIELD(struct person, key, F_NEED | F_KEY,
	    .help = "names the affiliation within the feed, for good"),
	FIELD(struct person, event, 0, .words = event_kinds,
	    .help = "what happened; only in streams of events"),
	FIELD(struct person, id, 0, .help = "the source's own id of the "
	    "event; the same again changes nothing"),
	FIELD(struct person, effective, 0,
	    .help = "date or time from which on it is true"),
	FIELD(struct person, seq, 0,
	    .help = "order among events of one effective time"),
	FIELD(struct person, kind, 0, .words = identity_kinds,
	    .help = "what the identity is; absent: person"),
	FIELD(struct person, affiliation, 0,
	    .help = "employee, contractor and so on"),
	FIELD(struct person, status, 0, .words = (const char *const[]){
	    "active", "leave", "ended", NULL },
	    .help = "whether it is in force"),
	FIELD(struct person, start, 0,
	    .help = "first date (2026-11-29) or time of it"),
	FIELD(struct person, end, 0,
	    .help = "last date, which still belongs to it, or the time at "
	    "which it ends"),
	FIELD(struct person, last_day, 0,
	    .help = "last working date: access ends with it, if it is the "
	    "earlier one"),
	FIELD(struct person, away_from, 0,
	    .help = "first date or time of a leave of absence"),
	FIELD(struct person, away_until, 0,
	    .help = "date or time of the return from it"),
	FIELD(struct person, zone, 0,
	    .help = "IANA time zone of these dates; absent: the feed's"),
	FIELD(struct person, unit, 0, .help = "part of the house"),
	FIELD(struct person, manager, 0,
	    .help = "the manager's key in the same feed"),
	FIELD(struct person, owner, 0,
	    .help = "key of whoever answers for a non-human identity"),
	FIELD(struct person, purpose, 0,
	    .help = "what a non-human identity is for"),
	FIELD(struct person, expires, 0,
	    .help = "last date, or time, of a non-human identity"),
	FIELD(struct person, display, 0, .help = "name for people to read"),
	FIELD(struct person, username, 0,
	    .help = "login name, where the source dictates it"),
	FIELD(struct person, match, 0, .help = "strong key of the person "
	    "across feeds and rehires, such as a person number; never a "
	    "mail address or a login name"),
	FIELD(struct person, cause, 0,
	    .help = "why it ends: voluntary, for_cause, death and so on"),
	FIELD(struct person, attributes, 0,
	    .help = "object of everything else that policy may look at"),
	FIELD_END
};

const char *const load_states[] = {
	"reading", "assessing", "held", "accepted", "rejected", "superseded",
	"refused", NULL
};

const struct field load_fields[] = {
	FIELD(struct load, id, F_KEY, .help = "number of the load"),
	FIELD(struct load, feed, 0, .help = "feed that it is of"),
	FIELD(struct load, place, 0, .help = "name of the file"),
	FIELD(struct load, digest, F_WIDE, .help = "SHA-256 of the file"),
	FIELD(struct load, state, 0, .words = load_states,
	    .help = "what became of it"),
	FIELD(struct load, actor, F_WIDE, .help = "who handed it in"),
	FIELD(struct load, error, F_WIDE, .help = "why it was refused"),
	FIELD(struct load, rows, 0, .help = "rows read"),
	FIELD(struct load, bad, 0, .help = "rows set aside"),
	FIELD(struct load, events, 0, .help = "differences found"),
	FIELD(struct load, assessed, F_WIDE,
	    .help = "of these, how many have their effects counted"),
	FIELD(struct load, began, F_TIME, .help = "when it came in"),
	FIELD(struct load, ended, F_WIDE | F_TIME,
	    .help = "when it was decided"),
	FIELD(struct load, dated, F_WIDE | F_TIME,
	    .help = "the file's own time"),
	FIELD(struct load, hold, F_WIDE,
	    .help = "number of the hold that keeps it"),
	FIELD(struct load, cursor, F_WIDE,
	    .help = "how far its rows were compared"),
	FIELD_END
};

const struct field feed_row_fields[] = {
	FIELD(struct feed_row, feed, 0, .help = "feed that it is of"),
	FIELD(struct feed_row, key, F_KEY, .help = "its key there"),
	FIELD(struct feed_row, load, 0,
	    .help = "load that it came in; 0: the accepted rows"),
	FIELD(struct feed_row, digest, F_WIDE, .help = "of the body"),
	FIELD(struct feed_row, body, F_WIDE,
	    .help = "the person, as the feed's map made it"),
	FIELD(struct feed_row, place, F_WIDE, .help = "file and line"),
	FIELD_END
};

const struct field bad_row_fields[] = {
	FIELD(struct bad_row, id, F_KEY, .help = "number of the bad row"),
	FIELD(struct bad_row, load, 0, .help = "load that it came in"),
	FIELD(struct bad_row, feed, 0, .help = "feed that it is of"),
	FIELD(struct bad_row, place, 0, .help = "file and line"),
	FIELD(struct bad_row, key, 0, .help = "its key, if it is known"),
	FIELD(struct bad_row, reason, 0, .help = "what is wrong with it"),
	FIELD(struct bad_row, at, F_WIDE | F_TIME,
	    .help = "when it was read"),
	FIELD_END
};
