/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the engine knows of the standard verbs: one table.
 */
#ifndef ENGINE_VERB_H
#define ENGINE_VERB_H

#include <stdbool.h>

struct verb {
	const char *verb;
	const char *effect; /* of model/plan.h */
	bool removes;	    /* access falls with it: never given up */
	bool repeatable;    /* every provider converges on it */
	bool reads;
	bool account;	  /* takes an account_ref: id, name, kind */
	const char *undo; /* verb that takes it back; NULL none */
};

/* NULL for a namespaced verb, which is none of these things. */
const struct verb *verb_find(const char *verb);

#endif
