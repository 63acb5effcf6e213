/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans: the ordered difference between desired and observed.  A plan's
 * digest covers its as_of, the digest of its definitions, and each item's
 * action and input versions.
 */
#ifndef MODEL_PLAN_H
#define MODEL_PLAN_H

#include <muster/field.h>

extern const char *const effects[];
/* create change remove disable delete rotate; "none" for reads */
extern const char *const plan_states[];
/* computing, ready, applying, applied, expired, failed, cancelled */
extern const char *const item_states[];
/* planned, applied, moved: no longer as planned, skipped */

struct plan {
	int64_t id;
	const char *digest; /* hex; NULL while computing */
	const char *state, *actor, *error, *scope;
	const char *definitions;
	int64_t as_of, expires, applied;
	int64_t identities, looked; /* to look at, looked at */
	int64_t cursor;		    /* last identity looked at; -1: its
				       scope is looked at first */
	struct json counts;	    /* object: effect to count */
	const char *applied_by;
	int64_t hold;
};
extern const struct field plan_fields[];

struct item {
	int64_t id, plan; /* plan 0: made for one run only */
	int64_t identity, account, holding;
	const char *system, *verb, *effect;
	const char *kind; /* of the account */
	const char *name, *entitlement;
	struct json in;		   /* parameters of the verb, without secrets */
	struct json before, after; /* what a person compares */
	const char *reason;
	const char *mode; /* of its effect there: observe (shown, never
				   carried out), propose (only by apply),
				   enforce */
	int64_t version;  /* of the account or holding that it read */
	int64_t basis;	  /* version of the identity it was made for */
	bool secret;	  /* a first password is drawn when it is sent */
	const char *state;
};
extern const struct field item_fields[];

/* What convergence began to take away of late: the guards' window. */
struct effect_use {
	int64_t id, at, identity;
	const char *effect, *system;
	int64_t n;
};
extern const struct field effect_use_fields[];

/* An identity whose removals wait for the decision on a hold. */
struct parked {
	int64_t identity, hold; /* -hold: it was rejected */
	bool passed;		/* released: its next convergence goes by */
};
extern const struct field parked_fields[];

/* How far a changed configuration has been put before all identities. */
struct sweep {
	int64_t id;	    /* always 1 */
	const char *digest; /* of the configuration */
	int64_t cursor;	    /* last identity made due; -1: all were */
};
extern const struct field sweep_fields[];

/* One reading of a system: reconcile. */
extern const char *const scan_states[]; /* running, done, failed */
struct scan {
	int64_t id;
	const char *system, *state, *actor, *error;
	bool repair;
	int64_t call, phase;	/* phase 0 accounts, 1 entitlements, 2 absent */
	int64_t rows, expected; /* for the progress bar */
	int64_t drift, missing, unknown, repaired;
	int64_t began, ended, cursor;
};
extern const struct field scan_fields[];

struct finding { /* one thing that a reconcile found */
	int64_t id, scan, account, holding;
	const char *system, *kind; /* drift, missing, unmatched,
					   unexplained, excess, renamed */
	const char *subject, *detail;
	int64_t at;
};
extern const struct field finding_fields[];

#endif
