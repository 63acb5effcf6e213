/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the answer of one attempt makes of its step.  Pure: rows, the time
 * and a random number in, the next row's state out.  Nothing else in the
 * engine judges an outcome.
 */
#ifndef ENGINE_SETTLE_H
#define ENGINE_SETTLE_H

#include "model/config.h"
#include "model/run.h"

struct outcome {
	const struct err *why; /* cls ERR_NONE: it succeeded */
	bool verified;	       /* the provider looked again, and it is so */
	uint64_t chance;       /* for the jitter */
	int64_t now;
};

/* How a removal is known whose object is not there. */
#define SETTLE_GONE "gone, seen twice"

struct settled {
	const char *state; /* of model/run.h */
	const char *phase; /* of the next attempt: act, check */
	int64_t due;
	int64_t gone;	 /* times seen gone, from now on */
	const char *how; /* of a success that needed no read-back */
	bool system_bad; /* counts against the system's breaker */
	bool system_good;
	bool denied; /* muster's own rights were refused */
};

void settle(const struct step *, const struct system_def *,
    const struct outcome *, struct settled *);

/* Full jitter: between 0 and the doubled pause, at most backoff_max. */
int64_t settle_pause(const struct system_def *, int64_t tries, uint64_t chance);

#endif
