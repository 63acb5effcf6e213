/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The deterministic simulator: the real engine over a store in memory,
 * under a clock of its own, between systems, an evaluator, an HR department
 * and an operator that are all played, and all of whose mischief follows
 * from one seed.  What must always be true is checked after every tick and
 * once more when everything has come to rest.
 *
 * World time is the boot clock.  The wall clock is it plus an offset that
 * jumps.
 */
#ifndef TESTS_SIM_H
#define TESTS_SIM_H

#include "base/clock.h"
#include "chance.h"
#include "engine/engine.h"
#include "evidence/evidence.h"
#include "people.h"
#include "plant.h"
#include "rows.h"
#include "wire.h"
#include "world.h"

#define SIM_BOOT DAY			 /* boot clock at the start */
#define SIM_EPOCH INT64_C(1796000000000) /* wall clock then */

/* How a tick ends, if not well. */
enum end {
	END_WELL,
	END_UNCOMMITTED, /* the process dies, nothing was committed */
	END_SILENT,	 /* it dies after the commit, before anything left */
	END_SPOKEN	 /* it dies once all has left */
};

struct sim {
	uint64_t seed;
	struct chance chance;
	struct arena arena; /* of one schedule */
	const struct config *config;
	struct store *store;
	struct evidence *evidence;
	struct engine *engine;
	struct output out;
	struct output early; /* of a tick whose commit is made to fail */
	int64_t boot, offset;
	int64_t wake;  /* boot time of the next tick; 0 only when asked */
	int64_t looks; /* when the operator looks; 0 not yet known */
	bool calm;     /* nothing goes wrong any more */
	bool committing_fails;
	int64_t full_until; /* the disk is full until then; 0 it is not */
	int64_t ticks, crashes, crash_every;
	double crash_rate, jump_rate, full_rate, outage_rate;

	/* What was so before the tick. */
	int64_t last_run;
	int64_t last_seq;
	unsigned frozen;   /* systems, by their bit */
	uint64_t left;	   /* identities, by the bit of their number */
	uint64_t sums[16]; /* of tables: check_sum */

	struct rows rows;
	struct world world;
	struct wire wire;
	struct people people;
	struct plant plant;

	bool verbose;
	const char *broken; /* name of the invariant; NULL: all hold */
	char why[400];
};

static inline int64_t
sim_wall(const struct sim *s)
{
	return s->boot - SIM_BOOT + SIM_EPOCH + s->offset;
}

/* The first one counts. */
void sim_break(struct sim *, const char *invariant, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void sim_say(struct sim *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* daemon.c: the process that holds the engine. */
void daemon_start(struct sim *);
void daemon_stop(struct sim *);
/* One tick with what is due; sees to what comes out of it. */
void daemon_tick(struct sim *);
/* Boot time of the next thing that happens; 0: nothing ever. */
int64_t daemon_next(struct sim *);

/* check.c: when a call leaves, and after every commit. */
void check_sent(struct sim *, const struct outcall *);
void check_tick(struct sim *, struct parcel **, size_t n);
/* Nobody who left may still get in. */
void check_left(struct sim *);
/* rest.c: when nothing is due any more. */
void check_rest(struct sim *);

/* company.c: the configuration of the company that is played. */
struct config *company_load(const char *srcdir, struct err *);

#endif
