/* SPDX-License-Identifier: Apache-2.0 */
/*
 * muster-eval: jq programs over the facts of identities, in a process that
 * can open no file and no socket.
 *
 *	muster-eval MODE	answers questions of musterd on descriptor 3
 *	muster-eval --check	reads a JSON array of programs, writes an array
 *				of null or what is wrong with each
 *
 * MODE says how strictly the sandbox is wanted: required, best-effort, off.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <muster/arena.h>

#include "base/frame.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "eval/answer.h"
#include "eval/cache.h"
#include "eval/watch.h"

#define NICE 10
#define MEMORY ((uint64_t)1 << 30)
#define CHECK_MAX ((size_t)16 << 20) /* bytes of all programs */

/* Dates are read and written in UTC, whatever the machine says, and
   programs find an environment without secrets. */
static void
environment_clear(void)
{
	clearenv();
	setenv("TZ", "UTC0", 1);
	tzset();
}

/* It works for crowds, and never for a leaver, who is not asked about: the
   processor is first for the engine and the workers. */
static void
stand_back(void)
{
	errno = 0;
	if (nice(NICE) == -1 && errno != 0)
		log_warn("nice: %s", strerror(errno));
}

static int
lock_down(int fds, enum sandbox_mode mode, struct sandbox_report *r,
    struct err *e)
{
	const struct sandbox_rules nothing = { 0 };

	if (sandbox_begin(fds, e) != 0 || sandbox_limit(MEMORY, 0, e) != 0)
		return -1;
	return sandbox_enter(&nothing, mode, r, e);
}

static int
serve_one(struct cache *c, struct arena *a, struct err *e)
{
	struct buf out = { .arena = a };
	char *text;
	size_t n;
	int got = frame_read(CHILD_CHANNEL, a, &text, &n, e);

	if (got <= 0)
		return got;
	if (answer_question(c, a, text, n, &out, e) != 0)
		return -1;
	if (frame_write(CHILD_CHANNEL, out.at, out.len, e) != 0)
		return -1;
	return 1;
}

static int
serve(struct err *e)
{
	struct cache *c = cache_open();
	struct arena a = { NULL, 0 };
	int more;

	if (watch_open(CHILD_CHANNEL, e) != 0)
		return -1;
	while ((more = serve_one(c, &a, e)) > 0)
		arena_reset(&a);
	arena_fini(&a);
	cache_close(c);
	return more;
}

/* Tells musterd that questions may come, or why never. */
static int
greet(const char *word, struct err *e)
{
	struct arena a = { NULL, 0 };
	struct buf out = { .arena = &a };
	struct sandbox_report r;
	enum sandbox_mode mode;
	int ret = sandbox_mode_named(word, &mode, e);

	if (ret == 0)
		ret = lock_down(CHILD_FDS, mode, &r, e);
	if (ret == 0)
		buf_printf(&out, "{\"ready\":true,\"sandbox\":\"%s\"}", r.text);
	else
		buf_str(&out, "{\"ready\":false}");
	struct err lost;
	if (frame_write(CHILD_CHANNEL, out.at, out.len, &lost) != 0)
		ret = -1;
	arena_fini(&a);
	return ret;
}

static int
stdin_read(struct arena *a, struct buf *in, struct err *e)
{
	char *piece = arena_zero(a, 65536, 1);
	size_t n;

	while ((n = fread(piece, 1, 65536, stdin)) > 0) {
		buf_add(in, piece, n);
		if (in->len > CHECK_MAX)
			return err_set(e, ERR_INPUT, "too large");
	}
	if (ferror(stdin))
		return err_set(e, ERR_INPUT, "standard input: %s",
		    strerror(errno));
	return 0;
}

static int
check(struct err *e)
{
	struct arena a = { NULL, 0 };
	struct buf in = { .arena = &a }, out = { .arena = &a };
	struct cache *c = cache_open();
	struct sandbox_report r;
	int ret = lock_down(CHILD_CHANNEL, SANDBOX_BEST_EFFORT, &r, e);

	if (ret == 0)
		ret = stdin_read(&a, &in, e);
	if (ret == 0)
		ret = answer_check(c, &a, buf_text(&in), in.len, &out, e);
	if (ret == 0 && (puts(buf_text(&out)) < 0 || fflush(stdout) != 0))
		ret = err_set(e, ERR_FULL, "standard output: %s",
		    strerror(errno));
	cache_close(c);
	arena_fini(&a);
	return ret;
}

int
main(int argc, char **argv)
{
	struct err e = { ERR_NONE, 0, "" };
	int ret;

	log_open("muster-eval", LOG_LEVEL_INFO);
	environment_clear();
	stand_back();
	if (argc != 2) {
		fputs("usage: muster-eval MODE | muster-eval --check\n",
		    stderr);
		return 2;
	}
	if (strcmp(argv[1], "--check") == 0) {
		ret = check(&e);
	} else {
		ret = greet(argv[1], &e);
		if (ret == 0)
			ret = serve(&e);
	}
	if (ret != 0)
		log_error("%s", e.text);
	/* The address sanitizer's own end would need what the sandbox took
	   away. */
	fflush(stdout);
	_exit(ret == 0 ? 0 : 1);
}
