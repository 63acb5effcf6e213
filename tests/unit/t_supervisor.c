/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a worker does, its call is delivered exactly once, nothing else
 * suffers, and neither a process nor a descriptor is left behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "supervisor/supervisor.h"

#define GOT_MAX	256

struct got {
	enum incoming_kind kind;
	int64_t call, epoch, taken;
	struct err why;
	char *out, *system;
};

struct harness {
	struct supervisor *s;
	struct got got[GOT_MAX];
	size_t n, seen;
	char lock[64];
};

static char fake[512];		/* the program fake_child */

static void
keep(void *ctx, const struct incoming *in)
{
	struct harness *h = ctx;

	assert_true(h->n < GOT_MAX);
	h->got[h->n++] = (struct got){ .kind = in->kind, .call = in->call,
	    .epoch = in->epoch, .taken = in->taken, .why = in->why,
	    .out = in->out == NULL ? NULL : strdup(in->out),
	    .system = in->system == NULL ? NULL : strdup(in->system) };
}

static void
forget_all(struct harness *h)
{
	for (size_t i = 0; i < h->n; i++) {
		free(h->got[i].out);
		free(h->got[i].system);
	}
	h->n = h->seen = 0;
}

/* Waits as the engine does: for the descriptor or for the due time. */
static void
turn(struct harness *h, int64_t most_ms, size_t max)
{
	struct pollfd p = { .fd = supervisor_fd(h->s), .events = POLLIN };
	int64_t wait = supervisor_due(h->s) - clock_boot();

	if (wait > most_ms)
		wait = most_ms;
	poll(&p, 1, wait < 0 ? 0 : (int)wait);
	supervisor_poll(h->s, max, keep, h);
}

/* The next delivery of this kind; NULL if none comes in time. */
static struct got *
next(struct harness *h, enum incoming_kind kind, int64_t ms)
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
static void
settle(struct harness *h, int64_t ms)
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

static void
define(struct harness *h, const char *system, const char *config,
    int64_t concurrency, int64_t idle)
{
	const struct worker_def d = { .system = system, .provider = "fake",
	    .config = config, .concurrency = concurrency, .idle = idle,
	    .verify = true };
	struct err e;

	assert_int_equal(supervisor_define(h->s, &d, &e), 0);
}

static void
call(struct harness *h, int64_t id, const char *verb, int64_t timeout)
{
	const struct outcall c = { .call = id, .epoch = 3, .system = "corp",
	    .verb = verb, .in = "{\"name\":\"jdoe\"}", .timeout = timeout };

	supervisor_send(h->s, &c);
}

static int
harness_open(void **state)
{
	struct harness *h = calloc(1, sizeof(*h));
	struct err e = { ERR_NONE, 0, "" };

	snprintf(h->lock, sizeof(h->lock), "/tmp/t_supervisor.%d", getpid());
	const struct supervisor_paths paths = { .worker = fake,
	    .eval = "/nonexistent/muster-eval", .providers = "/nonexistent",
	    .lock = h->lock, .sandbox = "off", .eval_timeout = 1000,
	    .eval_workers = 1 };
	h->s = supervisor_open(&paths, &e);
	if (h->s == NULL)
		print_error("%s\n", e.text);
	*state = h;
	return h->s == NULL ? -1 : 0;
}

static int
harness_close(void **state)
{
	struct harness *h = *state;

	supervisor_close(h->s);
	forget_all(h);
	unlink(h->lock);
	free(h);
	return 0;
}

static void
answers(void **state)
{
	struct harness *h = *state;
	int64_t before = clock_wall();

	define(h, "corp", "{}", 1, MINUTE);
	call(h, 11, "account.read", 5000);
	struct got *g = next(h, INCOMING_STATE, 5000);
	assert_non_null(g);
	assert_int_equal(g->why.cls, ERR_NONE);
	assert_non_null(strstr(g->out, "\"provider\":\"fake\""));
	g = next(h, INCOMING_REPLY, 5000);
	assert_non_null(g);
	assert_int_equal(g->call, 11);
	assert_int_equal(g->epoch, 3);
	assert_int_equal(g->why.cls, ERR_NONE);
	assert_string_equal(g->system, "corp");
	assert_string_equal(g->out, "{\"echo\":{\"name\":\"jdoe\"}}");
	assert_in_range(g->taken, before, clock_wall());
	/* A second call goes to the same worker. */
	call(h, 12, "busy", 5000);
	g = next(h, INCOMING_REPLY, 5000);
	assert_int_equal(g->why.cls, ERR_BUSY);
	assert_string_equal(g->why.text, "come back");
	assert_int_equal(g->why.after_ms, 1234);
	struct supervisor_counts c;
	supervisor_counts(h->s, "corp", &c);
	assert_int_equal(c.starts, 1);
	assert_int_equal(c.calls, 2);
	assert_int_equal(c.crashes + c.kills, 0);
}

/* Every way to go wrong ends one call, as unknown, and not the next. */
static void
misbehaves(void **state)
{
	static const struct {
		const char *verb, *text;
		bool crash;	/* else it is killed */
	} rows[] = {
		{ "crash", "signal 11", true },
		{ "leave", "status 7", true },
		{ "shut", "signal 9", true },
		{ "hang", "no answer before the deadline", false },
		{ "flood", "too large", false },
		{ "no-json", "broke the rules", false },
		{ "no-object", "broke the rules", false },
		{ "no-out", "broke the rules", false },
		{ "other-call", "broke the rules", false },
		{ "other-epoch", "broke the rules", false },
		{ "two-values", "broke the rules", false },
		{ "odd-member", "broke the rules", false },
		{ "odd-failure", "broke the rules", false },
		{ "both", "broke the rules", false },
		{ "no-list", "broke the rules", false },
		{ "no-utf8", "broke the rules", false },
		{ "nul", "broke the rules", false },
		{ "tail", "broke the rules", false },
		{ "fraction", "broke the rules", false },
		{ "empty", "broke the rules", false },
		{ "stream-rude", "broke the rules", false },
	};
	struct harness *h = *state;

	define(h, "corp", "{}", 1, MINUTE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct supervisor_counts before, after;

		print_message("%s\n", rows[i].verb);
		supervisor_counts(h->s, "corp", &before);
		call(h, 20, rows[i].verb, 300);
		struct got *g = next(h, INCOMING_REPLY, 5000);
		assert_non_null(g);
		assert_int_equal(g->call, 20);
		assert_int_equal(g->why.cls, ERR_UNKNOWN);
		assert_null(g->out);
		assert_non_null(strstr(g->why.text, rows[i].text));
		supervisor_counts(h->s, "corp", &after);
		assert_int_equal(after.crashes - before.crashes,
		    rows[i].crash);
		assert_int_equal(after.kills - before.kills, !rows[i].crash);
		call(h, 21, "account.read", 5000);
		g = next(h, INCOMING_REPLY, 5000);
		assert_non_null(g);
		assert_int_equal(g->call, 21);
		assert_int_equal(g->why.cls, ERR_NONE);
		forget_all(h);
	}
}

/* A reply that nobody asked for ends the worker, and harms no call. */
static void
answers_twice(void **state)
{
	struct harness *h = *state;

	define(h, "corp", "{}", 1, MINUTE);
	call(h, 1, "twice", 5000);
	struct got *g = next(h, INCOMING_REPLY, 5000);
	assert_int_equal(g->why.cls, ERR_NONE);
	settle(h, 100);
	struct supervisor_counts c;
	supervisor_counts(h->s, "corp", &c);
	assert_int_equal(c.kills, 1);
	assert_int_equal(c.workers, 0);
	call(h, 2, "account.read", 5000);
	g = next(h, INCOMING_REPLY, 5000);
	assert_int_equal(g->call, 2);
	assert_int_equal(g->why.cls, ERR_NONE);
}

static void
writes_slowly(void **state)
{
	struct harness *h = *state;

	define(h, "corp", "{}", 1, MINUTE);
	call(h, 1, "slow", 5000);
	struct got *g = next(h, INCOMING_REPLY, 5000);
	assert_non_null(g);
	assert_int_equal(g->why.cls, ERR_NONE);
	assert_string_equal(g->out, "{\"slow\":true}");
}

static void
streams(void **state)
{
	struct harness *h = *state;
	int pages = 0;

	define(h, "corp", "{}", 1, MINUTE);
	call(h, 1, "stream", 5000);
	/* Four pages come by themselves, and no fifth. */
	for (; pages < 4; pages++)
		assert_non_null(next(h, INCOMING_ROWS, 5000));
	assert_null(next(h, INCOMING_ROWS, 200));
	for (; pages < 10; pages++) {
		char want[32];

		supervisor_more(h->s, 1);
		struct got *g = next(h, INCOMING_ROWS, 5000);
		assert_non_null(g);
		snprintf(want, sizeof(want), "[{\"n\":%d}]", pages);
		assert_string_equal(g->out, want);
	}
	supervisor_more(h->s, 1);
	struct got *g = next(h, INCOMING_REPLY, 5000);
	assert_non_null(g);
	assert_string_equal(g->out, "{\"rows\":10}");
	/* What is acknowledged too late disturbs nothing. */
	supervisor_more(h->s, 1);
	call(h, 2, "account.read", 5000);
	assert_int_equal(next(h, INCOMING_REPLY, 5000)->why.cls, ERR_NONE);
}

static void
does_not_start(void **state)
{
	static const struct {
		const char *config;
		enum err_class cls;
		const char *text;
		int64_t after;
	} rows[] = {
		{ "{\"start\":\"crash\"}", ERR_BUSY, "signal 11", 1000 },
		{ "{\"start\":\"garbage\"}", ERR_BUSY, "broke the rules",
		    1000 },
		{ "{\"start\":\"denied\"}", ERR_DENIED, "wrong password",
		    1000 },
		{ "{\"start\":\"down\"}", ERR_BUSY, "down", 5000 },
	};
	struct harness *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		print_message("%s\n", rows[i].config);
		define(h, "corp", rows[i].config, 2, MINUTE);
		call(h, 1, "account.read", 5000);
		struct got *g = next(h, INCOMING_STATE, 5000);
		assert_non_null(g);
		assert_int_equal(g->why.cls, rows[i].cls);
		assert_non_null(strstr(g->why.text, rows[i].text));
		/* Its call certainly was not carried out. */
		g = next(h, INCOMING_REPLY, 5000);
		assert_int_equal(g->why.cls, ERR_BUSY);
		assert_int_equal(g->why.after_ms, rows[i].after);
		/* Until the pause is over, no process is started. */
		struct supervisor_counts before, after;
		supervisor_counts(h->s, "corp", &before);
		call(h, 2, "account.read", 5000);
		g = next(h, INCOMING_REPLY, 1000);
		assert_int_equal(g->call, 2);
		assert_int_equal(g->why.cls, ERR_BUSY);
		assert_true(g->why.after_ms > 0);
		supervisor_counts(h->s, "corp", &after);
		assert_int_equal(before.starts, after.starts);
		forget_all(h);
	}
	/* Control: a better definition is tried at once. */
	define(h, "corp", "{}", 1, MINUTE);
	call(h, 3, "account.read", 5000);
	assert_int_equal(next(h, INCOMING_REPLY, 5000)->why.cls, ERR_NONE);
}

static void
starts_again_after_a_pause(void **state)
{
	struct harness *h = *state;
	struct supervisor_counts c;

	define(h, "corp", "{\"start\":\"crash\"}", 1, MINUTE);
	for (int i = 0; i < 2; i++) {
		call(h, 1, "account.read", 5000);
		struct got *g = next(h, INCOMING_REPLY, 5000);
		assert_int_equal(g->why.after_ms, 1000 << i);
		usleep((useconds_t)(i == 0 ? 1050 * 1000 : 0));
	}
	supervisor_counts(h->s, "corp", &c);
	assert_int_equal(c.starts, 2);
	assert_int_equal(c.crashes, 2);
}

static void
refuses(void **state)
{
	static const struct {
		const char *system, *verb;
		size_t in;
	} rows[] = {
		{ "nowhere", "account.read", 2 },
		{ "corp", "x\",\"more\":1", 2 },
		{ "corp", "", 2 },
		{ "corp", "account.read", 1 << 20 },
	};
	struct harness *h = *state;

	define(h, "corp", "{}", 1, MINUTE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *in = malloc(rows[i].in + 1);

		memset(in, ' ', rows[i].in);
		in[0] = '{';
		in[rows[i].in - 1] = '}';
		in[rows[i].in] = '\0';
		const struct outcall c = { .call = 9, .epoch = 1,
		    .system = rows[i].system, .verb = rows[i].verb,
		    .in = in, .timeout = 1000 };
		supervisor_send(h->s, &c);
		free(in);
		struct got *g = next(h, INCOMING_REPLY, 1000);
		assert_non_null(g);
		assert_int_equal(g->call, 9);
		assert_int_equal(g->why.cls, ERR_INPUT);
	}
	const struct worker_def d = { .system = "x", .provider = "../evil",
	    .config = "{}" };
	struct err e;
	assert_int_equal(supervisor_define(h->s, &d, &e), -1);
	assert_int_equal(e.cls, ERR_INPUT);
}

static void
drops(void **state)
{
	struct harness *h = *state;

	define(h, "corp", "{}", 1, MINUTE);
	call(h, 1, "hang", 60000);
	call(h, 2, "account.read", 5000);	/* waits for the worker */
	call(h, 3, "account.read", 5000);
	settle(h, 100);
	supervisor_drop(h->s, 2);
	supervisor_drop(h->s, 1);
	struct got *g = next(h, INCOMING_REPLY, 5000);
	assert_non_null(g);
	assert_int_equal(g->call, 3);
	assert_int_equal(g->why.cls, ERR_NONE);
	assert_null(next(h, INCOMING_REPLY, 100));
}

static void
keeps_to_concurrency(void **state)
{
	struct harness *h = *state;
	struct supervisor_counts c;

	define(h, "corp", "{}", 3, MINUTE);
	for (int i = 0; i < 5; i++)
		call(h, 100 + i, "hang", 400);
	settle(h, 150);
	supervisor_counts(h->s, "corp", &c);
	assert_int_equal(c.workers, 3);
	assert_int_equal(c.calls, 3);
	for (int i = 0; i < 5; i++)
		assert_int_equal(next(h, INCOMING_REPLY, 5000)->why.cls,
		    ERR_UNKNOWN);
	supervisor_counts(h->s, "corp", &c);
	assert_int_equal(c.calls, 5);
}

static void
reaps_idle_workers(void **state)
{
	struct harness *h = *state;
	struct supervisor_counts c;

	define(h, "corp", "{}", 2, 150);
	call(h, 1, "account.read", 5000);
	assert_non_null(next(h, INCOMING_REPLY, 5000));
	supervisor_counts(h->s, "corp", &c);
	assert_int_equal(c.workers, 1);
	settle(h, 400);
	supervisor_counts(h->s, "corp", &c);
	assert_int_equal(c.workers, 0);
	assert_int_equal(c.kills + c.crashes, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static int
number_in(const char *json, const char *name)
{
	const char *at = strstr(json, name);

	assert_non_null(at);
	return atoi(at + strlen(name) + 2);
}

static void
is_replaced(void **state)
{
	struct harness *h = *state;

	define(h, "corp", "{}", 1, MINUTE);
	call(h, 1, "facts", 5000);
	int first = number_in(next(h, INCOMING_REPLY, 5000)->out, "pid");
	define(h, "corp", "{}", 1, MINUTE);	/* the same: it stays */
	call(h, 2, "facts", 5000);
	assert_int_equal(number_in(next(h, INCOMING_REPLY, 5000)->out, "pid"),
	    first);
	/* A running call ends as it began, the next one is served anew. */
	call(h, 3, "slow", 5000);
	define(h, "corp", "{\"x\":1}", 1, MINUTE);
	call(h, 4, "facts", 5000);
	struct got *g = next(h, INCOMING_REPLY, 5000);
	assert_int_equal(g->call, 3);
	assert_int_equal(g->why.cls, ERR_NONE);
	g = next(h, INCOMING_REPLY, 5000);
	assert_int_equal(g->call, 4);
	assert_int_not_equal(number_in(g->out, "pid"), first);
	/* A system that is forgotten takes no call. */
	call(h, 5, "slow", 5000);
	supervisor_forget(h->s, "corp");
	call(h, 6, "facts", 5000);
	g = next(h, INCOMING_REPLY, 5000);
	assert_int_equal(g->call, 6);
	assert_int_equal(g->why.cls, ERR_INPUT);
	g = next(h, INCOMING_REPLY, 5000);
	assert_int_equal(g->call, 5);
	assert_int_equal(g->why.cls, ERR_NONE);
}

static void
inherits_nothing(void **state)
{
	struct harness *h = *state;
	int stray[40];

	for (int i = 0; i < 40; i++)	/* not even what lacks cloexec */
		stray[i] = dup(2);
	define(h, "corp", "{}", 1, MINUTE);
	call(h, 1, "facts", 5000);
	struct got *g = next(h, INCOMING_REPLY, 5000);
	assert_int_equal(number_in(g->out, "fds"), 5);
	assert_int_equal(number_in(g->out, "environment"), 2);
	assert_non_null(strstr(g->out, "\"group\":true"));
	for (int i = 0; i < 40; i++)
		close(stray[i]);
}

/* What a worker has started ends with it. */
static void
ends_the_group(void **state)
{
	struct harness *h = *state;

	define(h, "corp", "{}", 1, MINUTE);
	call(h, 1, "fork", 5000);
	int left = number_in(next(h, INCOMING_REPLY, 5000)->out, "left");
	assert_int_equal(kill(left, 0), 0);
	call(h, 2, "crash", 5000);
	assert_int_equal(next(h, INCOMING_REPLY, 5000)->why.cls, ERR_UNKNOWN);
	for (int i = 0; i < 200 && kill(left, 0) == 0; i++) {
		char path[64], line[256] = "";

		/* An orphan that nobody waits for stays as a zombie. */
		snprintf(path, sizeof(path), "/proc/%d/stat", left);
		FILE *f = fopen(path, "re");
		if (f != NULL) {
			char *got = fgets(line, sizeof(line), f);

			fclose(f);
			if (got != NULL && strstr(line, ") Z") != NULL)
				return;
		}
		usleep(10000);
	}
	assert_int_equal(kill(left, 0), -1);
}

static void
delivers_no_more_than_asked(void **state)
{
	struct harness *h = *state;

	for (int i = 0; i < 5; i++) {
		const struct outcall c = { .call = i + 1, .system = "none",
		    .verb = "x", .in = "{}", .timeout = 1 };

		supervisor_send(h->s, &c);
	}
	assert_true(supervisor_due(h->s) <= clock_boot());
	supervisor_poll(h->s, 2, keep, h);
	assert_int_equal(h->n, 2);
	supervisor_poll(h->s, 2, keep, h);
	supervisor_poll(h->s, 2, keep, h);
	assert_int_equal(h->n, 5);
	for (int i = 0; i < 5; i++)
		assert_int_equal(h->got[i].call, i + 1);
	/* Pages that were read together come one at a time. */
	forget_all(h);
	define(h, "corp", "{}", 1, MINUTE);
	call(h, 1, "stream", 5000);
	int64_t until = clock_boot() + 5000;
	while (h->n < 4 && clock_boot() < until) {
		size_t n = h->n;

		turn(h, 100, 1);
		assert_true(h->n <= n + 1);
	}
	assert_int_equal(h->n, 4);	/* the state and three pages */
}

static int
fd_count(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void
leaves_nothing_behind(void **state)
{
	static const char *const verbs[] = { "crash", "no-json", "leave",
	    "account.read", "twice", "shut" };
	struct harness *h = *state;
	int fds = fd_count();

	define(h, "corp", "{}", 4, 1);
	for (int i = 0; i < 250; i++) {
		for (int k = 0; k < 4; k++)
			call(h, 4 * i + k + 1, verbs[(i + k) % 6], 5000);
		for (int k = 0; k < 4; k++)
			assert_non_null(next(h, INCOMING_REPLY, 10000));
		forget_all(h);
	}
	settle(h, 300);
	struct supervisor_counts c;
	supervisor_counts(h->s, "corp", &c);
	print_message("%d starts, %d crashes, %d kills\n", (int)c.starts,
	    (int)c.crashes, (int)c.kills);
	assert_true(c.starts > 500);
	assert_int_equal(c.workers, 0);
	assert_int_equal(fd_count(), fds);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* While a worker of an old daemon lives, a new one does not begin. */
static void
waits_for_old_workers(void **state)
{
	struct harness *h = *state;
	int fd = open(h->lock, O_RDWR | O_CLOEXEC);

	define(h, "corp", "{}", 1, MINUTE);
	call(h, 1, "account.read", 5000);
	assert_non_null(next(h, INCOMING_REPLY, 5000));
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	supervisor_close(h->s);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	close(fd);
	void *again = NULL;
	assert_int_equal(harness_open(&again), 0);
	struct harness *new = again;
	h->s = new->s;
	free(new);
}

/* A call that fills the socket is written piece by piece, whole. */
static void
sends_large_calls(void **state)
{
	struct harness *h = *state;
	size_t n = 900 << 10;
	char *in = malloc(n + 16);

	define(h, "corp", "{}", 1, MINUTE);
	strcpy(in, "{\"a\":\"");
	memset(in + 6, 'x', n);
	strcpy(in + 6 + n, "\"}");
	const struct outcall c = { .call = 1, .epoch = 1, .system = "corp",
	    .verb = "account.read", .in = in, .timeout = 20000 };
	supervisor_send(h->s, &c);
	struct got *g = next(h, INCOMING_REPLY, 20000);
	assert_non_null(g);
	assert_int_equal(g->why.cls, ERR_NONE);
	assert_int_equal(strlen(g->out), strlen(in) + strlen("{\"echo\":}"));
	free(in);
}

/* A program that is not there fails the question, and not the daemon. */
static void
has_no_evaluator(void **state)
{
	const char *text[] = { "." };
	const struct question q = { .id = 5, .programs = { 1, text },
	    .inputs = { 1, text } };
	struct harness *h = *state;

	supervisor_ask(h->s, &q);
	struct got *g = next(h, INCOMING_ANSWER, 5000);
	assert_non_null(g);
	assert_int_equal(g->call, 5);
	assert_int_equal(g->why.cls, ERR_BUSY);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, harness_open, harness_close)

int
main(void)
{
	const char *dir = getenv("builddir");
	const struct CMUnitTest tests[] = {
		TEST(answers), TEST(misbehaves), TEST(answers_twice),
		TEST(writes_slowly), TEST(streams), TEST(does_not_start),
		TEST(starts_again_after_a_pause), TEST(refuses), TEST(drops),
		TEST(keeps_to_concurrency), TEST(reaps_idle_workers),
		TEST(is_replaced), TEST(inherits_nothing),
		TEST(ends_the_group), TEST(delivers_no_more_than_asked),
		TEST(leaves_nothing_behind), TEST(waits_for_old_workers),
		TEST(sends_large_calls), TEST(has_no_evaluator),
	};

	snprintf(fake, sizeof(fake), "%s/tests/unit/fake_child",
	    dir == NULL ? "." : dir);
	secret_init();
	log_open("t_supervisor", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
