/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP API: what people, the CLI and monitors ask of musterd.  It knows
 * who asks from the socket's peer alone, answers questions from reader
 * snapshots of its own, and hands every change to the engine: nothing here
 * writes a row.
 *
 * Each connection has a thread, so a slow client costs only itself; the
 * number of connections, the size of what they send and the time that they
 * take are bounded.
 */
#ifndef API_API_H
#define API_API_H

#include <sys/types.h>

#include "engine/engine.h"

struct api;

/* A feed file that was received whole and lies in the spool. */
struct api_upload {
	const char *feed;  /* was configured when the file began */
	const char *spool; /* path, mode 0600; whoever took the upload
				   unlinks it */
	const char *name;  /* as the sender calls the file; hostile text */
	int64_t dated;	   /* the file's own time as the sender says; 0 */
	struct actor actor;
	bool dry_run;
};

/*
 * What the daemon does for the API.  All are called on the API's threads
 * and must not block beyond a lock.  An answer comes later by api_reply()
 * with the cookie, exactly once, from any thread; -1 means at once, and no
 * api_reply() follows.  The texts of what is handed over live until that
 * api_reply() (or api_close()), even if the asker has gone.
 */
struct api_calls {
	/* A command for the engine's next tick; in->cookie is set. */
	int (*submit)(void *ctx, const struct input *, struct err *);
	/* A feed file for src/feeds. */
	int (*load)(void *ctx, const struct api_upload *, void *cookie,
	    struct err *);
	/* Read the configuration again; the answer says its digest. */
	int (*reload)(void *ctx, const struct actor *, void *cookie,
	    struct err *);
};

/*
 * What only the engine's thread knows, published by it when it changed
 * (after a tick, at most some times a second).  Copied by api_publish().
 */
struct api_system { /* what runs for one configured system */
	const char *system;
	int64_t workers, starts, crashes, kills, calls;
};

struct api_state {
	struct engine_counts counts;
	int64_t workers, evaluators; /* processes now */
	const char *evidence_key;    /* verifier key; NULL: none */
	int64_t evidence_size;	     /* leaves */
	const char *sandbox;	     /* "required", "best-effort: no
					   Landlock", "off" */
	bool only_read;		     /* a restored backup waits for accept */
	bool frozen;
	struct many systems; /* struct api_system */
};

struct api_config {
	const char *socket; /* path; a stale one is replaced */
	mode_t mode;	    /* of the socket; 0: 0660 */
	const char *listen; /* "127.0.0.1:9469"; NULL: none.  Serves
				   /metrics and /healthz only, and nothing
				   but loopback is accepted */
	const char *store;  /* for reader handles */
	const char *spool;  /* folder for feed files, 0700, exists */
	const struct config *config;
	bool private_;	   /* the daemon's own uid has every role */
	int64_t timeout;   /* ms to wait for a reply; 0: 30 s.  A feed
				   file gets twenty times that */
	int64_t idle;	   /* s without a byte that end a connection;
				   0: 30 */
	size_t upload_max; /* bytes of a feed file; 0: 256 MiB */
	struct api_calls calls;
	void *ctx;
};

/*
 * Starts to serve.  ERR_CONFLICT: another daemon answers on the socket;
 * ERR_INPUT: listen is not a loopback address and port.
 */
struct api *api_open(const struct api_config *, struct err *);
/* Ends all connections, waits for their threads, removes the socket.  What
   was submitted and not answered is forgotten. */
void api_close(struct api *);

/* The answer to a cookie: why (cls ERR_NONE or NULL: success) or the JSON
   body; both are copied. */
void api_reply(struct api *, void *cookie, const struct err *why,
    const char *body);
void api_publish(struct api *, const struct api_state *);
/* A new configuration set (roles may have changed); the old one is no
   longer used after it returns. */
void api_configure(struct api *, const struct config *);

#endif
