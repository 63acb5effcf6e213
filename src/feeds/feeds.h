/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feeds: files of rows become commands for the engine.  One thread reads
 * one file at a time, has its rows mapped by the evaluator, and hands them
 * over slice by slice, each only after the last was answered; so memory is
 * bounded and nothing is ahead of what is durable.
 */
#ifndef FEEDS_FEEDS_H
#define FEEDS_FEEDS_H

#include "engine/engine.h"

/* A command for the engine; blocks until it is answered, and the answer is
   durable.  The reply is in the arena. */
typedef int feeds_call_fn(void *ctx, const char *verb, const char *body,
    const struct actor *, struct arena *, const char **reply, struct err *);
/* Programs over inputs; blocks.  results: for each input an array with, for
   each program, {"values":[...]} or {"error":"text"}. */
typedef int feeds_ask_fn(void *ctx, const struct texts *programs,
    const struct texts *inputs, struct arena *, const char **results,
    struct err *);

struct feeds_env {
	const struct config *config;
	const char *spool; /* leftovers in it are removed at start */
	feeds_call_fn *call;
	void *call_ctx;
	feeds_ask_fn *ask;
	void *ask_ctx;
};

struct upload {
	const char *feed, *path; /* path: in the spool; unlinked after */
	const char *name;	 /* as the sender calls the file */
	int64_t dated;		 /* the file's own time; 0: now */
	struct actor actor;
	bool dry_run;
	/* On the feeds' thread; why NULL: success, body says what became of
	   it.  The texts of the upload must live until then. */
	void (*done)(void *cookie, const struct err *why, const char *body);
	void *cookie;
};

struct feeds;

struct feeds *feeds_open(const struct feeds_env *, struct err *);
/* Ends the thread (the caller has made sure that call and ask answer);
   uploads that wait, and all that come later, are told ERR_BUSY. */
void feeds_stop(struct feeds *);
/* When no upload can come any more; stops it too. */
void feeds_close(struct feeds *);
/* Takes a copy of the upload. */
int feeds_upload(struct feeds *, const struct upload *, struct err *)
    __attribute__((warn_unused_result));
/* Another configuration, from the next file on. */
void feeds_configure(struct feeds *, const struct config *);
/* The one in use: an older one may be freed once this is another. */
const struct config *feeds_config(struct feeds *);
/* No file is being read, waits, or is due now. */
bool feeds_idle(struct feeds *);

#endif
