/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the null provider does wrong on purpose: failures of a class, and
 * the ways in which a provider can break the contract with musterd.
 */
#ifndef NULL_FAULT_H
#define NULL_FAULT_H

#include <muster/field.h>

struct null_fault {
	const char *verb; /* or "*" */
	const char *what; /* a word of err_meanings, or a misbehaviour */
	int64_t times;	  /* how often in this worker; 0: always */
	int64_t skip;	  /* calls that pass first */
	int64_t after_ms; /* of a failure */
};

extern const struct field null_fault_fields[];

/* What to do to this call; NULL: nothing.  Counts it. */
const struct null_fault *null_fault_due(struct many *, const char *verb);

/* Before the operation: fails, crashes, hangs, floods or answers wrongly,
   or returns 0 to let it happen. */
int null_fault_before(const struct null_fault *, struct err *)
    __attribute__((warn_unused_result));
/* After it: the reply gets lost, where that is the fault. */
void null_fault_after(const struct null_fault *);

#endif
