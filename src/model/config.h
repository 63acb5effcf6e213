/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration set: muster.json and the files of systems/, roles/,
 * workflows/ and feeds/ beside it.  It is read whole, checked whole, and
 * never changed afterwards: a reload makes a new one.  Its digest covers
 * every definition and goes into evidence; secrets are not in it.
 *
 * Every error names file and path: "systems/corp.json: url: missing".
 */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include <muster/field.h>

/* Highest count and share of one effect (model/plan.h) that one change may
   have unless a person releases it. */
struct guard {
	const char *effect;
	const char *system; /* NULL: over all */
	int64_t max;	    /* count; 0: not by count */
	int64_t percent;    /* of what could be so affected; 0: not */
	int64_t floor;	    /* share does not trip below this count */
};
extern const struct field guard_fields[];

struct access {		  /* who may do what; any match counts */
	const char *role; /* viewer feed operator approver auditor admin */
	struct texts uids, gids; /* numbers or names */
};
extern const struct field access_fields[];
extern const char *const role_words[];

struct channel { /* where notices go */
	const char *name;
	const char *type;    /* exec smtp webhook */
	struct texts kinds;  /* of notices; empty: all */
	const char *program; /* exec: absolute path; notice on stdin */
	struct texts args;
	const char *url;      /* smtp://host:port or https:// */
	const char *url_file; /* with the https:// URL, where that is secret */
	const char *from;
	struct texts to;
	const char *user;
	const char *secret_file; /* smtp password, webhook key */
	const char *ca;
};
extern const struct field channel_fields[];

struct names_def {	       /* login names */
	const char *pattern;   /* jq over the identity: list of candidates */
	struct texts reserved; /* never drawn: root, admin, ... */
	int64_t tombstone;     /* ms that a freed name rests */
};
extern const struct field names_def_fields[];

struct settings {	      /* muster.json */
	const char *instance; /* short name; log origin muster/<instance> */
	const char *origin;   /* of the evidence log, if another */
	const char *state;    /* folder of store, keys, spool */
	const char *socket;   /* Unix socket of the API */
	const char *listen;   /* "127.0.0.1:9469": metrics and healthz */
	const char *sandbox;  /* required best-effort off */
	const char *key;      /* master key file */
	const char *evidence_key, *checkpoint;
	struct many access, guards, channels;
	struct names_def names;
	struct texts protected_; /* jq booleans over the identity, or
				   "system/name" of an account */
	const char *case_owner;
	int64_t case_deadline;
	int64_t gap;	 /* end and start within it are a mover */
	int64_t prehire; /* accounts are made so long before a start */
	int64_t tombstone;
	int64_t retention; /* of evidence bodies; 0 for ever */
	int64_t plan_expires;
	int64_t mass_people; /* who must release a mass removal: 2 */
};
extern const struct field settings_fields[];

struct modes { /* observe propose enforce, for each class */
	const char *create, *change, *remove, *disable, *delete_, *rotate;
};
extern const struct field modes_fields[];

struct rate {
	int64_t calls, per;
}; /* "200/s": calls in per ms */

struct system_def {
	const char *system, *provider, *file;
	const char *mode;   /* of all classes; default observe */
	struct modes modes; /* where a class differs */
	const char *scope;  /* jq boolean over {identity, account}: only
				   there may anything but observe happen */
	struct json config; /* the provider's own members; a value
				   {"file": path} is read at start */
	const char *verify; /* yes, no: the http provider's read-back */
	int64_t concurrency, ahead;
	const char *rate_text;
	struct rate rate; /* from rate_text */
	int64_t timeout, settle, idle;
	int64_t attempts; /* for one step, unless it says otherwise */
	int64_t backoff, backoff_max; /* full jitter between 0 and these */
	int64_t breaker;	      /* failures in a row that open it */
	int64_t breaker_pause;
	const char *fed_by;
	struct texts protected_; /* native names that nothing touches */
	struct texts managed;	 /* attributes that muster writes */
};
extern const struct field system_def_fields[];

struct role_account {		   /* "corp/primary" of a role */
	const char *target;	   /* as written */
	const char *system, *kind; /* from target */
	const char *id;		   /* jq: candidates of its name; NULL: the
				   identity's username */
	struct json attributes;	   /* object: name to jq program */
	struct texts attribute;	   /* its names */
	struct texts program;	   /* and their programs, in the same order */
	const char *password;	   /* NULL: none; "generate" */
	const char *deliver;	/* "file" or "exec": how the first one goes */
	const char *deliver_to; /* folder, or absolute program */
};

struct role_holding {
	const char *target, *system, *kind, *entitlement;
};

struct role_def {
	const char *role, *file;
	const char *when;	  /* jq boolean over the identity */
	struct json accounts;	  /* object: target to role_account */
	struct json entitlements; /* object: target to list */
	struct many account;	  /* struct role_account, from accounts */
	struct many holding;	  /* struct role_holding, from entitlements */
	int64_t overlap;	  /* a mover keeps it so long */
};
extern const struct field role_def_fields[], role_account_fields[];

struct workflow_step {
	const char *name;
	const char *do_;      /* verb */
	const char *system;   /* of a step without for_each */
	const char *for_each; /* ".accounts[]", ".entitlements[]",
				   ".revocations[]", ".changes[]" */
	struct texts after;
	const char *on_failure; /* stop continue compensate */
	struct json with;	/* object: parameters of the verb */
	int64_t attempts, timeout;
	bool repeatable; /* of a namespaced verb: may be sent again when its
				   outcome is unknown */
};
extern const struct field workflow_step_fields[];

struct workflow_def {
	const char *workflow, *file;
	const char *on;	    /* joiner mover leaver rehire leave return;
				   NULL: started by hand */
	const char *class_; /* run class; from on if absent */
	struct json steps;  /* object: name to step */
	struct many step;   /* struct workflow_step in order */
	int64_t retention;  /* leaver: accounts are deleted after it */
	int64_t parallel;   /* runs open at once; 0: no limit */
};
extern const struct field workflow_def_fields[];

struct feed_def {
	const char *feed, *file;
	const char *format;   /* csv jsonl */
	const char *as;	      /* snapshot events */
	const char *path;     /* file that is read when due; NULL: only what
				   is handed in */
	int64_t every;	      /* how often path is looked at */
	const char *map;      /* jq: row to struct person */
	struct texts columns; /* that a file must have */
	const char *zone;
	bool absent_leaves; /* snapshot: a key that is gone is a leaver */
	int64_t min_rows;
	int64_t overlap;	 /* percent of the accepted keys that a
				   snapshot must have; default 80 */
	int64_t stale;		 /* an older file is refused; 0 never */
	int64_t max_bad;	 /* percent of rows that may be bad */
	int64_t authority;	 /* lower wins where two feeds disagree */
	struct texts attributes; /* it is authoritative for; empty: all */
	struct many guards;	 /* instead of the settings' */
	int64_t leavers_a_day;	 /* explicit leavers before a hold opens */
	const char *separator;	 /* csv: "," */
	const char *match;	 /* identities are matched by person.match */
};
extern const struct field feed_def_fields[];

struct config {
	const char *dir, *digest;
	struct settings settings;
	struct many systems, roles, workflows, feeds;
	struct texts sources; /* texts of all files, for the definitions */
	struct arena arena;   /* owns all of it */
};

/* Reads and checks everything but the jq programs; NULL with the first
   error, or all of them through each (may be NULL). */
struct config *config_load(const char *dir,
    void (*each)(void *ctx, const struct err *), void *ctx, struct err *);
/* The same for whoever only checks it: of a wrong set all definitions that
   are right in themselves.  *errors gets how many were told; NULL: there is
   no such folder. */
struct config *config_load_whole(const char *dir,
    void (*each)(void *ctx, const struct err *), void *ctx, size_t *errors,
    struct err *);
void config_free(struct config *);

const struct system_def *config_system(const struct config *, const char *);
const struct role_def *config_role(const struct config *, const char *);
const struct workflow_def *config_workflow(const struct config *, const char *);
/* The workflow for a trigger (joiner ...); NULL if none is defined. */
const struct workflow_def *config_workflow_on(const struct config *,
    const char *on);
const struct feed_def *config_feed(const struct config *, const char *);
/* 127.0.0.1:9469, [::1]:9469/path or localhost: what never leaves the
   machine, as it stands behind "://". */
bool host_is_loopback(const char *);
/* The mode of a system for a class of effect: observe, propose, enforce. */
const char *system_mode(const struct system_def *, const char *effect);
/* An entry of "protected" is the account system/name or a program: how long
   the system's name is; 0: a program. */
size_t config_account_system(const char *entry);
/* What stands somewhere in a set. */
struct config_at {
	const char *file;	 /* relative to the set */
	const char *noun, *name; /* of the definition: role engineer; NULL: the
				    file is one */
	const char *path;	 /* inside of it */
};
/* "roles/eng.json:12: when", with "role engineer: " in front of the path where
   the file is a list.  The line is that of what the path names, as far as it
   leads; of a system, in its "config" too. */
const char *config_place(const struct config *, struct arena *,
    const struct config_at *);
/* Every jq program of the set with where it stands, for check. */
struct program {
	const char *text;
	struct config_at at;
};
void config_programs(const struct config *, struct arena *, struct many *out);
/*
 * The provider's configuration with every {"file": path} replaced by that
 * file's content (relative to dir): holds secrets; in the secure heap.
 * schema is the provider's own word ("config" of muster-worker --describe):
 * what it calls secret must be such a file, and only its owner's to read; a
 * value in clear is ERR_INPUT.  NULL: not known, so every file is taken for
 * a secret.
 */
char *config_secrets(const struct config *, const struct system_def *,
    const char *schema, struct err *);

#endif
