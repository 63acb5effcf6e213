/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider contract.  A provider speaks one system's protocol.  It is a
 * shared object that exports one symbol, muster_provider, and is loaded by
 * muster-worker for ONE system, in a process of its own, with ONE call at a
 * time: write plain, blocking, single-threaded C.
 *
 * The SDK decodes the configuration and every call's input from the field
 * tables below before provider code runs, and encodes what it answers.  A
 * provider never sees muster's store, its socket or another system's
 * secrets, and everything that it answers is treated as hostile input.
 */
#ifndef MUSTER_PROVIDER_H
#define MUSTER_PROVIDER_H

#include <muster/field.h>

/* A provider is built for exactly one version of this contract. */
#define MUSTER_PROVIDER_ABI 2

enum op_flags {
	OP_READS = 1,	   /* changes nothing */
	OP_REPEATABLE = 2, /* converges: a second call does no harm */
	OP_STREAMS = 4,	   /* answers rows through muster_row() */
	OP_REVOKES = 8,	   /* takes access away; runs under any freeze */
	OP_UNVERIFIED = 16 /* the target offers no way to look again */
};

enum need_flags {
	NEED_NETWORK = 1, /* may open TCP connections */
	NEED_EXEC = 2	  /* may run the program that it is configured with */
};

struct muster_call; /* what the SDK knows of the running call */

/* in is decoded, out is zeroed; texts in out live in the arena.  Answers 0,
   or -1 with the failure.  A mutation whose request may have reached the
   target without an answer must say ERR_UNKNOWN.  Where the operation has
   no table for in or out, that is a struct json: the object as its text. */
typedef int op_fn(void *self, struct muster_call *, struct arena *,
    const void *in, void *out, struct err *);

struct op {
	const char *verb; /* "account.disable", "acme:reindex" */
	unsigned flags;
	op_fn *call;
	const struct field *in;
	size_t in_size;
	const struct field *out; /* the row, if OP_STREAMS */
	size_t out_size;
	const char *help;
};

struct muster_provider {
	int abi; /* MUSTER_PROVIDER_ABI */
	const char *name;
	const char *help;
	unsigned needs;
	const struct field *config;
	size_t config_size;
	/* Called once, and again after ERR_BUSY; self is handed to every op. */
	/* It checks and prepares, and does not talk to the system yet: that is
	   for the first call, which runs within the sandbox. */
	int (*open)(const void *config, void **self, struct err *);
	void (*close)(void *self);
	const struct op *ops; /* ends with a NULL verb */
	/* Paths that the configuration names and the sandbox must let it read
	   (a CA file); ends with NULL; may be NULL itself. */
	const char *const *read_paths; /* names of config fields */
	const char *const *exec_paths; /* names of config fields */
	/* Operations that only the configuration knows (the http provider's
	   extra verbs): the one called verb, or NULL; for a NULL verb all of
	   them, ending with a NULL verb.  May be NULL itself. */
	const struct op *(*more_ops)(void *self, const char *verb);
	/* Files or folders that it may also write; like read_paths. */
	const char *const *write_paths;
	/* Connects and authenticates, within the sandbox and before the first
	   call, in a worker that is kept for cuts and must not let one wait.
	   It changes nothing in the system; its failure is no news, for the
	   first call tries again.  May be NULL. */
	int (*warm)(void *self, struct muster_call *, struct err *);
};

/* Sends one row of a streaming operation; the SDK pages and bounds them.
   Without a table the row is a struct json. */
int muster_row(struct muster_call *, const struct field *, const void *row,
    struct err *) __attribute__((warn_unused_result));
/* Milliseconds until the call's deadline, never below 0. */
int64_t muster_left(const struct muster_call *);
/* The operation that was asked for: for functions that serve several. */
const char *muster_verb(const struct muster_call *);
/* Whether the caller wants changes to be looked at again. */
bool muster_verify(const struct muster_call *);

/*
 * The shapes of the standard verbs.  A provider may use them as they are
 * (account_ref_fields and so on) or describe its own, wider ones with the
 * same member names.
 */
struct account_ref {
	const char *id;	  /* the system's immutable id; NULL: not known */
	const char *name; /* login name */
	const char *kind; /* primary, privileged, shared, test, service */
};

struct account_want {
	const char *id, *name, *kind;
	struct json attributes; /* object: name to text or list of texts */
	const char *secret;	/* first password; NULL: none.  F_SECRET */
	bool disabled;		/* create it locked */
	bool create_only;	/* an existing one of this name is a conflict */
};

struct account_state { /* what the system says of one account */
	const char *id, *name;
	const char *status;	   /* active, disabled */
	struct json attributes;	   /* those that are managed */
	struct texts entitlements; /* held directly; if cheap to know */
	const char *digest;	   /* hex; over status, name and attributes */
};

struct entitlement_ref {
	const char *id, *name, *kind; /* the account */
	const char *entitlement;
};

struct credential_ref {
	const char *id, *name, *kind;
	const char *credential; /* "password", a key id */
	const char *secret;	/* value to set or to try.  F_SECRET */
};

struct change {			   /* what a mutation answers */
	const char *id, *name;	   /* of the account, as now known */
	bool changed;		   /* false: it was so before */
	struct json before, after; /* redacted; enough to undo */
	bool verified;		   /* looked again, and it is so */
	const char *how;	   /* "read-back", "bind refused" */
};

struct list_want {
	bool digests;		 /* send (id, name, status, digest) only */
	struct texts attributes; /* that policy cares about; empty: all */
};

struct membership { /* a row of entitlement.list */
	const char *entitlement, *id, *name;
};

struct check { /* what system.check answers */
	bool ok;
	const char *detail; /* server, version, what was tried */
	struct json facts;
};

extern const struct field account_ref_fields[], account_want_fields[],
    account_state_fields[], entitlement_ref_fields[], credential_ref_fields[],
    change_fields[], list_want_fields[], membership_fields[], check_fields[],
    nothing_fields[];

/*
 * Which of them each standard verb takes and answers; NULL for another
 * verb.  account.rename takes an account_ref: id says which account, name
 * is its new one.  credential.verify answers a check: ok is whether the
 * secret authenticates.
 */
struct shape {
	const char *verb;
	unsigned flags; /* OP_READS, OP_STREAMS, OP_REVOKES */
	const struct field *in;
	size_t in_size;
	const struct field *out;
	size_t out_size;
};

const struct shape *shape_find(const char *verb);

/* Hex SHA-256 over status, name and attributes, for account_state.digest.
   Attributes must be in one order, whatever order the system gave. */
const char *account_state_digest(struct arena *, const struct account_state *);

#endif
