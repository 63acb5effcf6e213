/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jq programs of a configuration set as one list, which is the same
 * for every identity, so that the evaluator compiles it once; and where in
 * that list each role, name rule, protection and scope has its answer.
 * The first program only says the configuration's digest: an answer that
 * does not begin with it belongs to another list.
 */
#ifndef ENGINE_VERDICT_H
#define ENGINE_VERDICT_H

#include "engine/inside.h"

#define VERDICT_NONE SIZE_MAX
#define VERDICT_KEPT 8192 /* answers, of as many identities in a row */

struct verdict_account {
	const struct role_account *def;
	size_t id;	   /* of its name candidates; VERDICT_NONE */
	size_t *attribute; /* of each def->program */
};

struct verdict_role {
	const struct role_def *def;
	size_t when;
	struct verdict_account *account; /* as many as def->account */
};

struct verdict_scope {
	const struct system_def *system;
	const char *kind;
	size_t program;
};

/* What the evaluator said last of one identity; its texts are allocated. */
struct verdict_answer {
	int64_t identity;
	char *digest, *results;
};

struct verdict_set {
	struct arena arena;
	const struct config *config;
	const char *digest; /* of that configuration */
	struct texts programs;
	struct verdict_role *role; /* by name */
	size_t roles;
	size_t names; /* VERDICT_NONE: no pattern */
	size_t *protect;
	size_t protects;
	struct verdict_scope *scope;
	size_t scopes;
	bool swept;		     /* every identity has seen it: sweep.c */
	bool dated;		     /* a program names the day or the time */
	int64_t day;		     /* for which that was looked after */
	struct verdict_answer *kept; /* by identity, some of them */
	struct plan_memory *summing; /* the plan whose digest is made */
	/* What guards take as the whole, counted now and then: window.c. */
	struct many totals; /* struct effect_count */
	int64_t totals_at;
};

/* The set of the engine's configuration, made on first use. */
struct verdict_set *verdict_set(struct engine *);
void verdict_fini(struct engine *);
/* Does it name .today or .now, so that its answer may change with nothing
   but the day? */
bool verdict_is_dated(const char *program);

/*
 * A run ends, and its identity is looked at again: the same programs say
 * the same of the same input.  Kept in memory, for the identities that were
 * asked about last.
 */
void verdict_keep(struct engine *, int64_t identity, const char *digest,
    const char *results);
/* NULL: of that input nothing is known. */
const char *verdict_kept(struct engine *, int64_t identity, const char *digest);

/* What one program said. */
struct verdict {
	const char *error;  /* NULL: it ran */
	struct json values; /* array */
};
struct verdicts {
	size_t n;
	const struct verdict *item;
};
/* What each program said of the one input.  ERR_REFUSED: it is no answer. */
int verdict_cells(struct engine *, const char *results, struct verdicts *,
    struct err *) __attribute__((warn_unused_result));
/* Decodes an answer about an identity.  ERR_CONFLICT: it answers another
   configuration's programs; ERR_REFUSED: it is no answer. */
int verdict_decode(struct engine *, const char *results, struct verdicts *,
    struct err *) __attribute__((warn_unused_result));
/* The one boolean; ERR_REFUSED names where it stands. */
int verdict_bool(struct engine *, const struct verdicts *, size_t,
    const char *where, bool *, struct err *)
    __attribute__((warn_unused_result));
/* Texts: of one list, or of each value. */
int verdict_texts(struct engine *, const struct verdicts *, size_t,
    const char *where, struct texts *, struct err *)
    __attribute__((warn_unused_result));
/* An attribute as JSON: a text or a list of texts; NULL when absent. */
int verdict_attribute(struct engine *, const struct verdicts *, size_t,
    const char *where, const char **, struct err *)
    __attribute__((warn_unused_result));

#endif
