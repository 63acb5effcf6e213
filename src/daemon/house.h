/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon's parts in one place: made in order, handed down, closed in
 * the opposite order.  Only src/daemon knows this struct.
 */
#ifndef DAEMON_HOUSE_H
#define DAEMON_HOUSE_H

#include "api/api.h"
#include "base/secret.h"
#include "daemon/options.h"
#include "daemon/queue.h"
#include "daemon/schema.h"
#include "evidence/evidence.h"
#include "feeds/feeds.h"
#include "store/store.h"
#include "supervisor/supervisor.h"

struct notices; /* daemon/notice.h */

struct house {
	struct options options;
	struct config *config;
	struct arena arena; /* paths and the like; as long as the house */
	const char *state, *store_path, *socket, *spool, *key;
	struct store *store;
	struct keyring *keyring;
	struct evidence *evidence;
	struct supervisor *supervisor;
	struct schemas schemas;
	struct engine *engine;
	struct queue *queue;
	struct api *api;
	struct feeds *feeds;
	struct notices *notices;
	struct config *old;	/* until nobody uses it any more */
	bool reload;		/* asked for; done between two ticks */
	struct reload *reloads; /* who asked: doors.c */
	bool only_read;
	bool roomless;	   /* the last tick found no room on the disk */
	int64_t asked;	   /* questions of the engine not yet answered */
	struct asks *asks; /* questions of the feeds: asks.c */
};

/* Opens everything; -1 with what could not be (and what to do). */
int house_open(struct house *, struct err *)
    __attribute__((warn_unused_result));
void house_close(struct house *);
/* Reads the configuration again; the old one holds if the new is wrong. */
int house_reload(struct house *, struct err *)
    __attribute__((warn_unused_result));

/*
 * doors.c: where other threads come in, and the feeds and notices, which
 * speak to the engine through the queue.
 */
int doors_open(struct house *, struct err *)
    __attribute__((warn_unused_result));
void doors_close(struct house *);
/* After a reload: the new configuration is used from the next piece of work
   on; the old one is freed by doors_tidy() once it no longer is. */
void doors_configure(struct house *, const struct config *);
void doors_tidy(struct house *);
/* Reloads that were asked for through the API. */
void doors_reload(struct house *);

/* The numbers that only the engine's thread knows, for status. */
void house_publish(struct house *);

/* loop.c: runs until a signal ends it, or with --once until nothing is
   due; the exit status. */
int house_run(struct house *);

/*
 * asks.c: questions of other threads to the evaluator.  They are numbered
 * from ASKS_FIRST on, where the engine's never come.
 */
#define ASKS_FIRST (INT64_C(1) << 52)
struct asks *asks_new(struct queue *);
void asks_free(struct asks *);
/* Blocks until the evaluator answered; results in the arena.  The contract
   of feeds_ask_fn. */
int asks_put(void *ctx, const struct texts *programs,
    const struct texts *inputs, struct arena *, const char **results,
    struct err *);
/* Hands what waits to the supervisor; on the engine's thread. */
void asks_send(struct asks *, struct supervisor *);
void asks_answer(struct asks *, const struct incoming *);
void asks_close(struct asks *); /* all that wait get ERR_BUSY */

#endif
