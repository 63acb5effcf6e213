/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts, holdings and names.  Desired (want_), written (wrote_) and
 * observed (seen_) are kept apart: drift is observed against written, a
 * plan is desired against observed.
 */
#ifndef MODEL_ACCOUNT_H
#define MODEL_ACCOUNT_H

#include <muster/field.h>

extern const char *const account_kinds[];
/* primary privileged shared test service */
extern const char *const account_statuses[];
/* absent active disabled unknown */

struct account {
	int64_t id, identity; /* identity 0: unmatched, only observed */
	const char *system, *kind;
	const char *name;   /* login name; reserved in the name table */
	const char *native; /* the system's immutable id; NULL: not yet */
	const char *want_status, *wrote_status, *seen_status;
	struct json want, wrote, seen; /* attributes: name to text or list */
	const char *seen_name;
	const char *seen_digest; /* as the provider last gave it */
	const char *origin;	 /* joiner, adopted, observed, restored */
	struct json reasons;	 /* list of texts: "role engineer" */
	int64_t version;	 /* grows with every change of want or seen */
	int64_t created, cut_at; /* cut_at: disable verified */
	int64_t delete_after;	 /* retention; 0 none */
	int64_t keep_until;	 /* overlap of a mover: cut only then */
	int64_t seen_at;
	int64_t scan; /* the reconcile that saw it last */
	bool outside; /* of the system's scope, as policy last said */
};
extern const struct field account_fields[];

extern const char *const holding_states[];
/* planned, held, revoking, closed, unexplained */

struct holding {
	int64_t id, account;
	const char *entitlement;
	const char *state;
	int64_t from, until; /* [from, until); until 0 open */
	struct json reasons; /* list of texts; empty: unexplained */
	bool want, seen;
	int64_t keep_until; /* overlap of a mover: goes only then */
	int64_t closed;	    /* verified gone */
	int64_t scan, version;
};
extern const struct field holding_fields[];

extern const char *const name_states[]; /* reserved, used, tombstone */

/* A login name in a name space (the system, or "*"): never drawn twice
   while it stands here. */
struct name {
	const char *space, *name;
	int64_t identity;
	const char *state;
	int64_t until; /* of a tombstone */
};
extern const struct field name_fields[];

/* A sealed secret (base/secret.h), known elsewhere by its id only. */
struct secret {
	int64_t id, account;
	const char *purpose; /* first password, ... */
	const char *sealed, *fingerprint;
	int64_t created, delivered, erased;
};
extern const struct field secret_fields[];

#endif
