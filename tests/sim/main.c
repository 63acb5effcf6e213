/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim [--seeds A-B | --seed N] [--verbose] [--all] [--srcdir DIR]
 *     [--plant NAME [--until INVARIANT]]
 * sim --plants
 *
 * Plays one schedule for each seed.  Exit status 1 when one breaks an
 * invariant (that one, with --until); its seed is printed, and plays the
 * same again.  --all goes on with the others.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operator.h"
#include "sim.h"
#include "store/inside.h"

#define TICKS_MOST 5000
#define REST (20 * HOUR) /* what is due later is not waited for */
#define LOOKS 4		 /* at everybody, at the end */

void
sim_break(struct sim *s, const char *invariant, const char *fmt, ...)
{
	va_list ap;

	if (s->broken != NULL)
		return;
	s->broken = invariant;
	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
	sim_say(s, "BROKEN %s: %s", invariant, s->why);
}

void
sim_say(struct sim *s, const char *fmt, ...)
{
	va_list ap;

	if (!s->verbose)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

static int
commit_hook(void *ctx)
{
	struct sim *s = ctx;

	if (s->committing_fails)
		s->early = s->out;
	return s->committing_fails;
}

/* In some schedules a joiner's grants that fail undo what was made. */
static void
compensates(struct sim *s, bool yes)
{
	const struct workflow_def *w = config_workflow_on(s->config, "joiner");
	struct workflow_step *step = w->step.item;

	for (size_t i = 0; i < w->step.n; i++)
		if (strcmp(step[i].do_, "entitlement.grant") == 0)
			step[i].on_failure = yes ? "compensate" : "continue";
}

static void
begin(struct sim *s, uint64_t seed)
{
	struct chance *c = &s->chance;

	s->seed = seed;
	c->state = seed;
	chance_next(c);
	arena_reset(&s->arena);
	s->boot = SIM_BOOT;
	s->offset = s->looks = s->ticks = s->crashes = 0;
	s->full_until = s->last_run = 0;
	s->last_seq = -1;
	s->calm = false;
	s->broken = NULL;
	s->plant.fired = false;
	memset(&s->world, 0, sizeof(s->world));
	s->crash_rate = chance_of(c, 0.4) ? 0 :
					    (double)chance_in(c, 1, 30) / 300;
	s->crash_every = chance_of(c, 0.06) ? chance_in(c, 1, 4) : 0;
	s->jump_rate = chance_of(c, 0.8) ? 0 :
					   (double)chance_in(c, 1, 10) / 400;
	s->full_rate = chance_of(c, 0.85) ? 0 :
					    (double)chance_in(c, 1, 10) / 300;
	s->outage_rate = chance_of(c, 0.7) ? 0 :
					     (double)chance_in(c, 1, 10) / 500;
	rows_empty(&s->rows);
	if (s->full_rate > 0) /* when it is full must not depend on others */
		sqlite3_exec(s->rows.db, "VACUUM", NULL, NULL, NULL);
	daemon_start(s);
	wire_begin(s);
	people_begin(s);
	operator_begin(s);
	compensates(s, chance_of(c, 0.15));
	sim_say(s,
	    "seed %llu: %d people, faults %.2f, answers %.2f, crashes "
	    "%.3f (every %lld), jumps %.3f, full %.3f, outages %.3f",
	    (unsigned long long)seed, s->people.n, s->wire.fault_rate,
	    s->wire.answer_fault_rate, s->crash_rate, (long long)s->crash_every,
	    s->jump_rate, s->full_rate, s->outage_rate);
}

/* Nothing goes wrong from here on. */
static void
calm_down(struct sim *s)
{
	s->calm = true;
	s->offset = 0;
	s->looks = 0;
	memset(s->world.out_until, 0, sizeof(s->world.out_until));
	operator_end(s);
	sim_say(s, "calm at %.3f", (double)(s->boot - SIM_BOOT) / 1000);
}

/* Until nothing more is due; then once more after everybody was looked
   at. */
static void
play(struct sim *s)
{
	int looks = 0;

	while (s->broken == NULL) {
		int64_t next = daemon_next(s);
		int64_t over = s->people.last + MINUTE;

		if (s->ticks > TICKS_MOST) {
			sim_break(s, "stuck", "it never comes to rest");
			return;
		}
		if (!s->calm && (next == 0 || next > over)) {
			s->boot = over > s->boot ? over : s->boot;
			calm_down(s);
			s->wake = s->boot;
			continue;
		}
		if (s->calm && (next == 0 || next > s->boot + HOUR))
			check_left(s);
		if (next == 0 || next > s->boot + REST) {
			if (looks++ == LOOKS)
				return;
			operator_converge(s);
			s->wake = s->boot;
			continue;
		}
		s->boot = next;
		wire_run(s);
		daemon_tick(s);
	}
}

/* The rows that tell what happened, one a line. */
static void
dump(struct sim *s)
{
	static const char *const tables[] = {
		"SELECT 'identity', id, state,"
		" username, version, due, converging FROM identity",
		"SELECT 'account', id, identity, system, kind, name, native,"
		" want_status, seen_status, cut_at, delete_after FROM account",
		"SELECT 'holding', id, account, entitlement, state, want, seen,"
		" closed FROM holding",
		"SELECT 'run', id, workflow, identity, state, cause,"
		" requested, ended FROM run",
		"SELECT 'step', id, run, name, system, verb, account, state,"
		" tries, due, phase, gone, failure, how FROM step",
		"SELECT 'debt', id, step, settled FROM debt",
		"SELECT 'event', id, source_id, kind, effective, state, due,"
		" hold FROM event",
		"SELECT 'case', id, kind, subject, what, why,"
		" state FROM matter",
		"SELECT 'hold', id, kind, subject, state"
		" FROM hold",
		NULL
	};

	for (const char *const *t = tables; s->verbose && *t != NULL; t++) {
		sqlite3_stmt *st = rows_begin(&s->rows, *t, 0, 0);

		while (rows_next(st)) {
			for (int i = 0; i < sqlite3_column_count(st); i++)
				printf("%s%s", i > 0 ? " | " : "",
				    rows_text(st, i));
			putchar('\n');
		}
	}
}

static int
schedule(struct sim *s, uint64_t seed)
{
	begin(s, seed);
	play(s);
	if (s->broken == NULL)
		check_rest(s);
	if (s->broken != NULL)
		dump(s);
	sim_say(s, "%lld ticks, %lld crashes, %d calls, %d accounts",
	    (long long)s->ticks, (long long)s->crashes, s->wire.flights,
	    s->world.n);
	if (s->full_until != 0)
		sqlite3_exec(s->rows.db, "PRAGMA max_page_count = 1000000",
		    NULL, NULL, NULL);
	daemon_stop(s);
	if (s->broken == NULL)
		return 0;
	printf("seed %llu broke %s: %s\n", (unsigned long long)seed, s->broken,
	    s->why);
	return -1;
}

struct options {
	uint64_t from, to;
	const char *srcdir, *until; /* the invariant that is to break */
	bool on;		    /* go on after a failure */
};

static int
options_read(struct sim *s, struct options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *end = NULL;

		if (strcmp(argv[i], "--verbose") == 0)
			s->verbose = true;
		else if (strcmp(argv[i], "--all") == 0)
			o->on = true;
		else if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc) {
			o->from = strtoull(argv[++i], &end, 10);
			if (*end != '-')
				return -1;
			o->to = strtoull(end + 1, NULL, 10);
		} else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
			o->from = o->to = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--plant") == 0 && i + 1 < argc &&
		    plant_known(argv[i + 1]))
			s->plant.name = argv[++i];
		else if (strcmp(argv[i], "--until") == 0 && i + 1 < argc)
			o->until = argv[++i];
		else if (strcmp(argv[i], "--srcdir") == 0 && i + 1 < argc)
			o->srcdir = argv[++i];
		else
			return -1;
	}
	return o->from == 0 || o->to < o->from ? -1 : 0;
}

static int
sim_open(struct sim *s, const char *srcdir, struct err *e)
{
	s->config = company_load(srcdir, e);
	if (s->config == NULL)
		return -1;
	s->store = store_open(":memory:", e);
	if (s->store == NULL)
		return -1;
	rows_open(&s->rows, s->store);
	sqlite3_commit_hook(s->store->db, commit_hook, s);
	return 0;
}

static void
sim_close(struct sim *s)
{
	rows_close(&s->rows);
	store_close(s->store);
	config_free((struct config *)s->config);
	free(s->wire.flight);
	free(s->wire.parcel);
	arena_fini(&s->arena);
}

int
main(int argc, char **argv)
{
	static struct sim s;
	struct options o = { 1, 100, getenv("srcdir"), NULL, false };
	struct err e = { 0 };
	int ret = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && strcmp(argv[1], "--plants") == 0) {
		plant_list();
		return 0;
	}
	if (options_read(&s, &o, argc, argv) != 0) {
		fprintf(stderr,
		    "usage: sim [--seeds A-B | --seed N] "
		    "[--verbose] [--all] [--srcdir DIR] "
		    "[--plant NAME [--until INVARIANT]]\n");
		return 2;
	}
	if (sim_open(&s, o.srcdir != NULL ? o.srcdir : ".", &e) != 0) {
		fprintf(stderr, "sim: %s\n", e.text);
		return 2;
	}
	for (uint64_t seed = o.from; seed <= o.to && (ret == 0 || o.on); seed++)
		if (schedule(&s, seed) != 0 &&
		    (o.until == NULL || strcmp(o.until, s.broken) == 0))
			ret = 1;
	sim_close(&s);
	return ret;
}
