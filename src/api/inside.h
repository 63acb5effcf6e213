/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the API's own files share.  A request lives on its connection's
 * thread; what several threads touch is in struct api behind its lock.
 */
#ifndef API_INSIDE_H
#define API_INSIDE_H

#include <pthread.h>

#include <microhttpd.h>

#include "api/api.h"
#include "api/grant.h"
#include "api/query.h"

struct store;
struct pending;
struct upload;
struct visit;

struct reader { /* a store handle that nobody uses now */
	struct store *store;
	struct reader *next;
};

struct api {
	struct api_config config; /* texts live in arena */
	struct arena arena;
	struct MHD_Daemon *local, *loopback;
	int socket;	/* listening descriptor */
	int64_t opened; /* wall clock */

	pthread_mutex_t lock; /* of all below */
	struct reader *readers;
	int reader_count;
	struct pending *pending;
	struct visit *visits;	/* who is connected */
	struct api_state state; /* as published; its texts in state_arena */
	struct arena state_arena;
	const struct config *set;
	struct grants grants;
	bool closing;
};

enum { /* what one connection may cost */
	API_CONNECTIONS = 128,
	API_EACH = 64,		/* connections of one user */
	API_MEMORY = 32 * 1024, /* line and headers of a request */
	API_BODY = 1 << 20,	/* bytes of a command */
	API_STACK = 512 * 1024
};

struct request {
	struct api *api;
	struct MHD_Connection *connection;
	struct arena arena;
	struct actor actor;
	bool local; /* came by the Unix socket */
	const char *method;
	const struct route *route;
	const char *rest;   /* what the path says behind the route's */
	struct query query; /* arguments, of routes that declare them */
	struct buf body;    /* in arena; of commands */
	struct upload *upload;
	int64_t deadline; /* boot clock: for the whole request body */
	struct buf reply; /* what goes back */
	const char *type; /* of the reply; NULL: JSON */
	int file;	  /* to send instead of reply; -1 */
	int status;	  /* refused already; 0 */
};

/* route.c */
struct route {
	const char *method, *path; /* a path that ends with '/' is a
					   beginning: the rest goes along */
	unsigned roles;		   /* any of these, or admin; 0: any role */
	unsigned flags;
	const struct field *arguments; /* NULL: none */
	/* Fills in the reply; -1: the error becomes it. */
	int (*answer)(struct request *, struct err *);
	const char *help;
};
enum {
	ROUTE_OPEN = 1,	  /* without a role, and on loopback too */
	ROUTE_BODY = 2,	  /* takes a JSON body */
	ROUTE_UPLOAD = 4, /* takes a feed file */
	ROUTE_ANYONE = 8  /* whoever the socket lets in */
};
extern const struct route routes[]; /* ends with a NULL method */
/* The route, with *rest behind its path; NULL: *other says whether the
   path exists for another method, which *other then names. */
const struct route *route_find(const char *method, const char *path,
    const char **rest, const char **other);
/* Roles that may take it, given the rest of its path. */
unsigned route_roles(const struct route *, const char *rest);
/* The command, unless it is one that the daemon gives to itself. */
const struct command *command_served(const char *verb);

/* A reader of the store for this thread, and its way back. */
struct store *reader_take(struct api *, struct err *);
void reader_give(struct api *, struct store *);
void readers_close(struct api *);

/* pending.c: waits for the engine's answer to a cookie. */
int pending_submit(struct request *, const char *verb, const char *body,
    struct err *) __attribute__((warn_unused_result));
int pending_load(struct request *, const struct api_upload *, struct err *)
    __attribute__((warn_unused_result));
int pending_reload(struct request *, struct err *)
    __attribute__((warn_unused_result));
void pendings_wake(struct api *);
void pendings_forget(struct api *);

/* visit.c: who is connected; a user's part of that is bounded, and so is the
   time until a request's headers are there. */
void visit_notice(void *api, struct MHD_Connection *, void **state,
    enum MHD_ConnectionNotificationCode);
/* From now on it waits for headers, or not. */
void visit_wait(struct api *, struct MHD_Connection *, bool headers);
/* Ends those that have waited too long. */
void visits_tidy(struct api *);

/* upload.c: a feed file on its way into the spool. */
int upload_begin(struct request *, struct err *)
    __attribute__((warn_unused_result));
int upload_more(struct request *, const char *, size_t, struct err *)
    __attribute__((warn_unused_result));
int upload_end(struct request *, struct err *)
    __attribute__((warn_unused_result));
void upload_drop(struct upload *); /* NULL is fine */

/* Handlers of the routes. */
int answer_list(struct request *, struct err *);
int answer_command(struct request *, struct err *);
int answer_load(struct request *, struct err *);
int answer_reload(struct request *, struct err *);
int answer_backup(struct request *, struct err *);
int answer_status(struct request *, struct err *);
int answer_whoami(struct request *, struct err *);
int answer_health(struct request *, struct err *);
int answer_metrics(struct request *, struct err *);
int answer_systems(struct request *, struct err *);
int answer_feeds(struct request *, struct err *);
int answer_roles(struct request *, struct err *);
int answer_workflows(struct request *, struct err *);
int answer_export(struct request *, struct err *);
int answer_key(struct request *, struct err *);
int answer_checkpoint(struct request *, struct err *);

#endif
