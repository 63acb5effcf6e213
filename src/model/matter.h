/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matters: what waits for a person (cases, holds), what is owed (debts),
 * what may stay (waivers), and the notices that tell people.
 */
#ifndef MODEL_MATTER_H
#define MODEL_MATTER_H

#include <muster/field.h>

extern const char *const case_states[]; /* open, closed */

/* "case" is a keyword. */
struct matter {
	int64_t id;
	const char *kind;	/* step, event, no_verdict, name, owner, secret,
				   adoption, debt, system, plan, ... */
	const char *subject;	/* "run/12", "identity/4", ... */
	const char *what, *why; /* sentences */
	const char *owner;	/* a role or a person's uid */
	const char *state;
	struct json choices; /* object: answer to what it will do */
	const char *answer, *actor, *note;
	int64_t run, step, identity;
	int64_t deadline, opened, closed, reminded;
};
extern const struct field matter_fields[];

extern const char *const hold_states[];
/* open, released, rejected, superseded */

struct hold {
	int64_t id;
	const char *kind;    /* snapshot, events, plan */
	const char *subject; /* "load/3", "plan/<digest>" */
	const char *state, *reason;
	const char *owner, *loaded_by;
	struct json counts;   /* object: effect to count */
	struct json trips;    /* list of texts: which guard, found, allowed */
	int64_t need;	      /* people who must release it */
	struct json releases; /* list of actors who did */
	const char *actor, *note; /* who decided last */
	int64_t load, deadline, opened, closed, reminded;
};
extern const struct field hold_fields[];

struct debt {
	int64_t id, step, account, holding, identity;
	const char *system, *verb, *what;
	const char *error;
	int64_t tries, since, due, settled, alarmed;
};
extern const struct field debt_fields[];

struct waiver {
	int64_t id;
	const char *scope, *reason, *approver;
	int64_t created, expires;
};
extern const struct field waiver_fields[];

extern const char *const notice_states[]; /* queued, sent, failed */

struct notice {
	int64_t id;
	const char *channel; /* name in the configuration */
	const char *kind;    /* case.opened, hold.opened, debt.opened, ... */
	const char *subject;
	struct json body;
	const char *state, *error;
	int64_t tries, due, created, sent;
};
extern const struct field notice_fields[];

#endif
