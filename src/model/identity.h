/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identities and their affiliations: who there is, and what ties each of
 * them to the organisation.  An identity's state follows from its
 * affiliations and the time alone (engine/phase.h computes it).
 */
#ifndef MODEL_IDENTITY_H
#define MODEL_IDENTITY_H

#include <muster/field.h>

extern const char *const identity_kinds[];  /* person service workload
						   device agent */
extern const char *const identity_states[]; /* pending active suspended
						   left */

struct identity {
	int64_t id;
	const char *uid; /* public, never reused (base/digest.h id_new) */
	const char *kind, *state;
	const char *display;
	int64_t owner;	       /* identity id; 0 none (persons) */
	const char *owner_key; /* key of the owner as the feed names it */
	const char *purpose;
	int64_t expires;	/* non-human: its end; 0 none */
	struct json attributes; /* object: the merged values */
	struct json sources;	/* object: attribute to feed */
	const char *username;	/* drawn name, if any */
	const char *cause;	/* of the last leave: voluntary, for_cause... */
	bool protected_, legal_hold;
	bool guarded;	     /* settings.protected said so when policy was
				   last asked: a leaver is not asked again */
	int64_t version;     /* grows with every change of this row */
	int64_t due;	     /* when to look at it again; 0 never */
	int64_t converging;  /* version that policy is asked about;
				   0 not; < 0: engine/turn.h */
	const char *verdict; /* why the last convergence gave none */
	int64_t created, left_at;
};
extern const struct field identity_fields[];

struct affiliation {
	int64_t id, identity;
	const char *feed, *key;	    /* unique together */
	const char *kind;	    /* employee, contractor, ... ; free text */
	const char *unit, *manager; /* manager: a key of the same feed */
	const char *zone;	    /* IANA; its dates are local there */
	int64_t starts, ends;	    /* [starts, ends); 0 open */
	int64_t last_day;	    /* end of the last working day: access ends
				   at the earlier of ends and last_day */
	int64_t away_from, away_until; /* leave of absence */
	struct json attributes;	       /* what this feed says of the person */
	const char *cause;	       /* of its end */
	int64_t effective, seq;	       /* of the newest event applied to it */
	int64_t version;
};
extern const struct field affiliation_fields[];

#endif
