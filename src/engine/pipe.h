/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One system's traffic: what may be sent to it now.  Concurrency, rate,
 * breaker and pause are decided here and nowhere else.  The breaker and the
 * pause are rows (system_state); the rest is built again at start.
 */
#ifndef ENGINE_PIPE_H
#define ENGINE_PIPE_H

#include "engine/inside.h"

struct system_state { /* the durable part */
	const char *system;
	const char *breaker; /* closed, open, half */
	int64_t failures;    /* in a row */
	int64_t breaker_until;
	bool paused;
	bool restored;	  /* only observed until it was reconciled */
	const char *note; /* who paused it and why */
};
extern const struct field system_state_fields[];

struct pipe {
	const struct system_def *def;
	struct system_state state;
	int64_t in_flight;
	int64_t ahead;	  /* of those in flight: may stand behind others */
	int64_t tokens;	  /* thousandths of a call */
	int64_t refilled; /* boot clock */
	bool ready;	  /* there may be ready steps */
	int64_t cut_sent; /* and not answered yet; 0: none */
	int64_t stands;	  /* since when others make way for cuts; 0: not */
	char note[128];
};

struct ready_key { /* of a page of ready steps */
	const char *system;
	int64_t below, most; /* priority; how many */
	int64_t past, after; /* priority and id of the last one seen */
	bool deletes;	     /* also what cannot be taken back */
};
extern const struct field ready_key_fields[];
/* The first page of all of a system. */
struct ready_key ready_all(const char *system, int64_t most);

struct pipe *pipe_find(struct engine *, const char *system);
/* Builds the pipes of the configuration; keeps what is in flight. */
int pipe_configure(struct engine *, struct err *)
    __attribute__((warn_unused_result));

/* Calls that are no step's: they need a worker each. */
void pipe_took(struct engine *, struct pipe *);
void pipe_gave(struct engine *, struct pipe *);
/* A step's call, before its row says what became of it. */
void pipe_answered(struct engine *, struct pipe *, const struct step *);
/* Whether a step's call may be sent ahead, to stand behind another one of
   its worker: what can be done twice, and nobody waits for. */
bool pipe_ahead(const struct step *);
/* Whether it takes access away: a revocation, or what a leaver loses. */
bool pipe_cut(const struct step *);
/* Is a cut on its way somewhere, for not long yet?  All else stands still
   then: it has disks, processors and directories for itself. */
bool pipes_cut(const struct engine *);

/* Counts what is in flight anew from the rows, and reads the durable part
   again, after something was undone. */
int pipe_recount(struct engine *, struct err *)
    __attribute__((warn_unused_result));

/* Whether what is counted as in flight is what the rows say; ERR_BUG.  For
   the simulator and tests. */
int pipe_check(struct engine *, struct err *)
    __attribute__((warn_unused_result));

/* ms in a row that a crowd stands still for cuts, however many leave. */
#define WAY_MOST 60

/* What an answer says of the system itself. */
int pipe_good(struct engine *, struct pipe *, struct err *)
    __attribute__((warn_unused_result));
int pipe_bad(struct engine *, struct pipe *, const struct err *why,
    struct err *) __attribute__((warn_unused_result));

/* Writes the durable part, with evidence of that kind (NULL: none). */
int pipe_save(struct engine *, struct pipe *, const char *kind, struct err *)
    __attribute__((warn_unused_result));

/* A step that became free goes out at once where nothing waits before it
   and nothing of this tick may still overtake it:
   1 it did (or could not be made into a call), 0 it is to be made ready. */
int pipe_offer(struct engine *, struct step *, struct err *)
    __attribute__((warn_unused_result));
/* Sends ready steps as far as there is room. */
int pipe_send(struct engine *, struct err *)
    __attribute__((warn_unused_result));

#endif
