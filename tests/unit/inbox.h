/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A supervisor for one test, driven as the engine drives it, and what it
 * has delivered.
 */
#ifndef TESTS_INBOX_H
#define TESTS_INBOX_H

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "supervisor/supervisor.h"

#define GOT_MAX 256

struct got {
	enum incoming_kind kind;
	int64_t call, epoch, taken;
	struct err why;
	char *out, *system;
};

struct inbox {
	struct supervisor *s;
	struct got got[GOT_MAX];
	size_t n, seen;
	char lock[64];
};

/* A program or folder of the build. */
static inline char *
built(char out[512], const char *name)
{
	const char *dir = getenv("builddir");

	snprintf(out, 512, "%s/%s", dir == NULL ? "." : dir, name);
	return out;
}

static inline void
keep(void *ctx, const struct incoming *in)
{
	struct inbox *h = ctx;

	assert_true(h->n < GOT_MAX);
	h->got[h->n++] = (struct got){ .kind = in->kind,
		.call = in->call,
		.epoch = in->epoch,
		.taken = in->taken,
		.why = in->why,
		.out = in->out == NULL ? NULL : strdup(in->out),
		.system = in->system == NULL ? NULL : strdup(in->system) };
}

static inline void
forget_all(struct inbox *h)
{
	for (size_t i = 0; i < h->n; i++) {
		free(h->got[i].out);
		free(h->got[i].system);
	}
	h->n = h->seen = 0;
}

/* Waits as the engine does: for the descriptor or for the due time. */
static inline void
turn(struct inbox *h, int64_t most_ms, size_t max)
{
	struct pollfd p = { .fd = supervisor_fd(h->s), .events = POLLIN };
	int64_t wait = supervisor_due(h->s) - clock_boot();

	if (wait > most_ms)
		wait = most_ms;
	poll(&p, 1, wait < 0 ? 0 : (int)wait);
	supervisor_poll(h->s, max, keep, h);
}

/* The next delivery of this kind; NULL if none comes in time. */
static inline struct got *
next(struct inbox *h, enum incoming_kind kind, int64_t ms)
{
	int64_t until = clock_boot() + ms;

	for (;;) {
		while (h->seen < h->n)
			if (h->got[h->seen++].kind == kind)
				return &h->got[h->seen - 1];
		int64_t left = until - clock_boot();
		if (left <= 0)
			return NULL;
		turn(h, left, 16);
	}
}

/* Turns until nothing happens any more for that long. */
static inline void
calm(struct inbox *h, int64_t ms)
{
	size_t n = h->n;
	int64_t until = clock_boot() + ms;

	while (clock_boot() < until) {
		turn(h, until - clock_boot(), 16);
		if (h->n != n) {
			n = h->n;
			until = clock_boot() + ms;
		}
	}
}

static inline void
define_ahead(struct inbox *h, const char *provider, const char *config,
    int64_t concurrency, int64_t ahead, int64_t idle)
{
	const struct worker_def d = { .system = "corp",
		.provider = provider,
		.config = config,
		.concurrency = concurrency,
		.ahead = ahead,
		.idle = idle,
		.verify = true };
	struct err e;

	assert_int_equal(supervisor_define(h->s, &d, &e), 0);
}

static inline void
define(struct inbox *h, const char *provider, const char *config,
    int64_t concurrency, int64_t idle)
{
	define_ahead(h, provider, config, concurrency, 1, idle);
}

static inline void
call_out(struct inbox *h, int64_t id, const char *verb, const char *in,
    int64_t timeout, bool ahead)
{
	const struct outcall c = { .call = id,
		.epoch = 3,
		.system = "corp",
		.verb = verb,
		.in = in,
		.timeout = timeout,
		.ahead = ahead };

	supervisor_send(h->s, &c);
}

static inline void
call_with(struct inbox *h, int64_t id, const char *verb, const char *in,
    int64_t timeout)
{
	call_out(h, id, verb, in, timeout, false);
}

static inline void
call(struct inbox *h, int64_t id, const char *verb, int64_t timeout)
{
	call_with(h, id, verb, "{\"name\":\"jdoe\"}", timeout);
}

static inline void
ask(struct inbox *h, int64_t id, struct texts programs, struct texts inputs)
{
	const struct question q = { .id = id,
		.programs = programs,
		.inputs = inputs };

	supervisor_ask(h->s, &q);
}

/* The programs of paths that are NULL do not exist. */
static inline int
inbox_open(struct inbox *h, const char *worker, const char *eval,
    const char *sandbox, int64_t eval_timeout)
{
	struct err e = { ERR_NONE, 0, "" };
	char providers[512];

	snprintf(h->lock, sizeof(h->lock), "/tmp/muster-inbox.%d",
	    (int)getpid());
	const struct supervisor_paths paths = { .worker = worker == NULL ?
		    "/nonexistent/worker" :
		    worker,
		.eval = eval == NULL ? "/nonexistent/eval" : eval,
		.providers = built(providers, "providers/.libs"),
		.lock = h->lock,
		.sandbox = sandbox,
		.eval_timeout = eval_timeout,
		.eval_workers = 1 };
	h->s = supervisor_open(&paths, &e);
	if (h->s == NULL)
		print_error("%s\n", e.text);
	return h->s == NULL ? -1 : 0;
}

/* And no process is left. */
static inline void
inbox_close(struct inbox *h)
{
	supervisor_close(h->s);
	h->s = NULL;
	forget_all(h);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	unlink(h->lock);
}

static inline int
fake_open(void **state)
{
	struct inbox *h = calloc(1, sizeof(*h));
	char fake[512];

	*state = h;
	return inbox_open(h, built(fake, "tests/unit/fake_child"), NULL, "off",
	    1000);
}

/* The real worker. */
static inline int
worker_open(void **state)
{
	struct inbox *h = calloc(1, sizeof(*h));
	char worker[512];

	*state = h;
	return inbox_open(h, built(worker, "muster-worker"), NULL,
	    "best-effort", 1000);
}

static inline int
fake_close(void **state)
{
	inbox_close(*state);
	free(*state);
	return 0;
}

#define WITH_FAKE(test) \
	cmocka_unit_test_setup_teardown(test, fake_open, fake_close)

#endif
