/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events: what happened outside, as a feed or a caller told it; and the
 * feeds' own state.
 */
#ifndef MODEL_EVENT_H
#define MODEL_EVENT_H

#include <muster/field.h>

extern const char *const event_kinds[];
/* record joiner mover leaver leave return rehire rename withdraw */
extern const char *const event_states[];
/* assess: its effects are being counted; due: apply now; future: apply at
   effective; held: in a hold; applied; rejected; set_aside: failed alone,
   a case is open; withdrawn; superseded */

struct event {
	int64_t id;
	const char *source, *source_id; /* unique together */
	int64_t seq;			/* order within the source */
	const char *kind, *state;
	const char *key;     /* of the affiliation, within the source */
	int64_t effective;   /* ms; never 0 once stored */
	struct json body;    /* struct person as JSON: members that are
				   present replace, JSON null blanks */
	int64_t snapshot;    /* the load that it came in; 0 none */
	int64_t hold;	     /* the hold that keeps it; 0 none */
	int64_t identity;    /* whom it changed; 0 not yet known */
	struct json effects; /* counts by class, from the assessment */
	const char *actor;   /* who sent it */
	const char *error;
	const char *place; /* "hr.csv:41" */
	int64_t received, applied;
	int64_t due;   /* when to look at it; 0 never */
	int64_t tries; /* crashes while it was applied */
	bool leaves;   /* counted as a leaver: its feed's own guard */
};
extern const struct field event_fields[];

/*
 * What a feed's mapping program makes of one row: the body of an event.
 * Dates may be plain (2026-11-29: local midnight in zone) or RFC 3339.
 */
struct person {
	const char *key;   /* F_NEED */
	const char *event; /* a word of event_kinds; streams only */
	const char *id;	   /* the source's own id of the event */
	const char *effective;
	int64_t seq;
	const char *kind;	 /* word of identity_kinds; default person */
	const char *affiliation; /* employee, contractor, ... */
	const char *status;	 /* active, leave, ended */
	const char *start, *end, *last_day, *away_from, *away_until;
	const char *zone;
	const char *unit, *manager; /* manager: key */
	const char *owner;	    /* key; non-human */
	const char *purpose, *expires;
	const char *display;
	const char *username;	/* if HR dictates it */
	const char *match;	/* strong key across feeds and rehires: a
				   national id, a person number */
	const char *cause;	/* of an end: voluntary, for_cause, ... */
	struct json attributes; /* everything else: given, family, ... */
};
extern const struct field person_fields[];

/* One reading of a snapshot feed, or of a file of events. */
extern const char *const load_states[];
/* reading, assessing, held, accepted, rejected, superseded, refused */
struct load {
	int64_t id;
	const char *feed, *place; /* place: the file's name */
	const char *digest;	  /* SHA-256 of the file, hex */
	const char *state, *actor, *error;
	int64_t rows, bad, events; /* rows read, set aside; differences */
	int64_t skipped;	   /* rows that the map left out */
	int64_t assessed;	   /* events whose effects are counted */
	int64_t began, ended;
	int64_t dated; /* the file's own time (mtime) */
	int64_t hold;
	const char *cursor; /* how far its rows were compared */
};
extern const struct field load_fields[];

/* A row of the last accepted snapshot, or of one being read. */
struct feed_row {
	const char *feed, *key;
	int64_t load;	    /* 0: the accepted one */
	const char *digest; /* of the body */
	const char *body;   /* struct person */
	const char *place;
};
extern const struct field feed_row_fields[];

/* A row that could not be read: reported, set aside, never a leaver. */
struct bad_row {
	int64_t id, load;
	const char *feed, *place, *key, *reason;
	int64_t at;
};
extern const struct field bad_row_fields[];

#endif
