/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decisions.  engine_tick() takes what has arrived and the time, makes
 * one transaction of it, and only after the commit hands out what must
 * leave the process: calls, questions and replies.  It does no I/O besides
 * the store; the simulator runs it under a virtual clock.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "model/call.h"
#include "model/config.h"

struct store;
struct evidence;
struct keyring;
struct engine;

struct engine_env {
	struct store *store;
	struct evidence *evidence;
	struct keyring *keyring; /* NULL: no secrets can be kept */
	const struct config *config;
	/* Random bytes; the simulator's are seeded. */
	void (*random)(void *ctx, void *, size_t);
	void *ctx;
	bool only_read; /* a restored backup waits for accept */
};

struct actor {		  /* who asks; from the socket's peer */
	const char *name; /* "uid:1000 alice" */
	unsigned roles;	  /* bits in the order of role_words */
};

enum input_kind { INPUT_COMMAND, INPUT_INCOMING };

/* A command of the API or of the feeds, or what a child delivered. */
struct input {
	enum input_kind kind;
	const char *verb; /* "hold.release"; engine/command.h lists all */
	const char *body; /* JSON object */
	struct actor actor;
	void *cookie; /* handed back in its reply */
	struct incoming incoming;
};

struct engine_reply {
	void *cookie;
	struct err why;	  /* cls ERR_NONE: body is the answer */
	const char *body; /* JSON */
};

struct output {		       /* arrays live until the next tick */
	struct many calls;     /* struct outcall */
	struct many questions; /* struct question */
	struct many replies;   /* struct engine_reply */
	struct many drops;     /* int64_t: calls to give up */
	struct many more;      /* int64_t: streaming calls to go on with */
	int64_t due;	       /* wall clock of the next tick at the latest */
	bool checkpoint;       /* evidence_publish() now */
	bool notices;	       /* notices were queued */
	bool again;	       /* more is due now: tick at once */
	bool leavers;	       /* and leavers are among it */
};

/* Recovers: calls without an outcome become unknown, questions are asked
   anew; the epoch grows.  ERR_* as the store says. */
struct engine *engine_open(const struct engine_env *, int64_t now,
    struct err *);
void engine_close(struct engine *);

/*
 * One tick.  wall and boot are the two clocks in ms (their difference shows
 * a jump).  Inputs are applied one savepoint each.  -1 when nothing was
 * committed: with ERR_FULL the same inputs may be given again later; any
 * other class means that the process must end.
 */
int engine_tick(struct engine *, const struct input *, size_t n, int64_t wall,
    int64_t boot, struct output *, struct err *)
    __attribute__((warn_unused_result));

/* A new configuration set, from the next tick on; the old one is no
   longer used after it returns. */
int engine_configure(struct engine *, const struct config *, int64_t now,
    struct err *) __attribute__((warn_unused_result));

/* Numbers for /metrics and status; of the engine's thread. */
struct engine_counts {
	int64_t ticks, commits, inputs, calls, steps_done, runs_done;
	int64_t in_flight, full_since;
};
void engine_counts(const struct engine *, struct engine_counts *);
bool engine_only_read(const struct engine *);
bool engine_frozen(const struct engine *);

#endif
