/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells people: queued notices go to their channels (a program, SMTP with
 * STARTTLS, a signed webhook), and first passwords to where policy says.
 * One thread with a reader of the store; what became of each is told to the
 * engine as a command.  Nothing here ever makes the engine wait.
 */
#ifndef DAEMON_NOTICE_H
#define DAEMON_NOTICE_H

#include "base/secret.h"
#include "feeds/feeds.h"
#include "model/config.h"

struct notices;

struct notices_env {
	const struct config *config;
	const char *store; /* path, for a reader */
	struct keyring *keyring;
	feeds_call_fn *call; /* a command for the engine; blocks */
	void *call_ctx;
};

struct notices *notices_open(const struct notices_env *, struct err *);
/* The caller has made sure that call answers. */
void notices_close(struct notices *);
/* Something may have been queued. */
void notices_wake(struct notices *);
/* Nothing that is due now waits. */
bool notices_idle(struct notices *);
/* Another configuration, from the next look on; the one in use. */
void notices_configure(struct notices *, const struct config *);
const struct config *notices_config(struct notices *);

#endif
