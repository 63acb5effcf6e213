/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes come when they are needed and go when they are not; none of
 * them inherits, keeps or leaves behind anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>

#include "inbox.h"

#include "base/log.h"
#include "base/sandbox.h"
#include "base/secret.h"

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
	struct inbox *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		print_message("%s\n", rows[i].config);
		define(h, "fake", rows[i].config, 2, MINUTE);
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
	define(h, "fake", "{}", 1, MINUTE);
	call(h, 3, "account.read", 5000);
	assert_int_equal(next(h, INCOMING_REPLY, 5000)->why.cls, ERR_NONE);
}

static void
starts_again_after_a_pause(void **state)
{
	struct inbox *h = *state;
	struct supervisor_counts c;

	define(h, "fake", "{\"start\":\"crash\"}", 1, MINUTE);
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
reaps_idle_workers(void **state)
{
	struct inbox *h = *state;
	struct supervisor_counts c;

	define(h, "fake", "{}", 1, 150);
	call(h, 1, "account.read", 5000);
	assert_non_null(next(h, INCOMING_REPLY, 5000));
	supervisor_counts(h->s, "corp", &c);
	assert_int_equal(c.workers, 1);
	calm(h, 400);
	supervisor_counts(h->s, "corp", &c);
	assert_int_equal(c.workers, 0);
	assert_int_equal(c.kills + c.crashes, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static struct supervisor_counts
counts(struct inbox *h)
{
	struct supervisor_counts c;

	supervisor_counts(h->s, "corp", &c);
	return c;
}

/* What a worker says when it is asked how it was started. */
static const char *
started(struct inbox *h, int64_t id)
{
	call(h, id, "warm", 5000);
	struct got *g = next(h, INCOMING_REPLY, 5000);

	assert_non_null(g);
	assert_int_equal(g->call, id);
	assert_int_equal(g->why.cls, ERR_NONE);
	return g->out;
}

/* Who is cut while a crowd has all other places waits for no start. */
static void
keeps_one_for_cuts(void **state)
{
	struct inbox *h = *state;

	define(h, "fake", "{}", 3, 150);
	assert_string_equal(started(h, 1), "{\"warm\":false}");
	call(h, 2, "hang", 60000);
	calm(h, 50);
	assert_int_equal(counts(h).workers, 1);
	call(h, 3, "hang", 60000);
	/* It is there, and stays, however long it has nothing to do. */
	calm(h, 400);
	assert_int_equal(counts(h).workers, 3);
	assert_int_equal(counts(h).starts, 3);
	assert_string_equal(started(h, 4), "{\"warm\":true}");
	assert_int_equal(counts(h).starts, 3);
	/* And goes with the crowd. */
	supervisor_drop(h->s, 2);
	supervisor_drop(h->s, 3);
	calm(h, 400);
	assert_int_equal(counts(h).workers, 0);
}

/* Whatever becomes of it, others lose nothing, a cut waits for none of it, the
   system is not called ill, and it is not tried again and again. */
static void
does_without_one(void **state)
{
	static const char *const how[] = { "cold", "stuck", "brief", "odd" };
	struct inbox *h = *state;

	for (size_t i = 0; i < sizeof(how) / sizeof(*how); i++) {
		char config[64];
		int64_t before = counts(h).starts;

		print_message("%s\n", how[i]);
		snprintf(config, sizeof(config), "{\"start\":\"%s\"}", how[i]);
		define(h, "fake", config, 2, MINUTE);
		call(h, 1, "hang", 60000);
		calm(h, 200);
		assert_string_equal(started(h, 2), "{\"warm\":false}");
		calm(h, 200);
		assert_in_range(counts(h).starts - before, 2, 3);
		for (size_t k = 0; k < h->n; k++)
			assert_int_equal(h->got[k].why.cls, ERR_NONE);
		supervisor_drop(h->s, 1);
		calm(h, 100);
		forget_all(h);
	}
	/* Of a single one none is kept. */
	int64_t before = counts(h).starts;
	define(h, "fake", "{}", 1, MINUTE);
	call(h, 3, "hang", 60000);
	calm(h, 100);
	assert_int_equal(counts(h).starts, before + 1);
}

/* What there are too many of go, though a crowd is at work. */
static void
goes_when_fewer_are_wanted(void **state)
{
	struct inbox *h = *state;

	define(h, "fake", "{}", 6, 150);
	for (int i = 1; i <= 6; i++)
		call(h, i, "slow", 60000);
	for (int i = 1; i <= 6; i++)
		assert_non_null(next(h, INCOMING_REPLY, 5000));
	assert_int_equal(counts(h).workers, 6);
	define(h, "fake", "{}", 2, 150);
	call(h, 7, "hang", 60000);
	calm(h, 600);
	assert_int_equal(counts(h).workers, 2);
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
	struct inbox *h = *state;

	define(h, "fake", "{}", 1, MINUTE);
	call(h, 1, "facts", 5000);
	int first = number_in(next(h, INCOMING_REPLY, 5000)->out, "pid");
	define(h, "fake", "{}", 1, MINUTE); /* the same: it stays */
	call(h, 2, "facts", 5000);
	assert_int_equal(number_in(next(h, INCOMING_REPLY, 5000)->out, "pid"),
	    first);
	/* A running call ends as it began, the next one is served anew. */
	call(h, 3, "slow", 5000);
	define(h, "fake", "{\"x\":1}", 1, MINUTE);
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
	struct inbox *h = *state;
	int stray[40];

	for (int i = 0; i < 40; i++) /* not even what lacks cloexec */
		stray[i] = dup(2);
	define(h, "fake", "{}", 1, MINUTE);
	call(h, 1, "facts", 5000);
	struct got *g = next(h, INCOMING_REPLY, 5000);
	assert_int_equal(number_in(g->out, "fds"), CHILD_FDS);
	assert_int_equal(number_in(g->out, "environment"), 2);
	assert_non_null(strstr(g->out, "\"group\":true"));
	for (int i = 0; i < 40; i++)
		close(stray[i]);
}

/* What a worker has started ends with it. */
static void
ends_the_group(void **state)
{
	struct inbox *h = *state;

	define(h, "fake", "{}", 1, MINUTE);
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
	struct inbox *h = *state;
	int fds = fd_count();

	define(h, "fake", "{}", 4, 1);
	for (int i = 0; i < 250; i++) {
		for (int k = 0; k < 4; k++)
			call(h, 4 * i + k + 1, verbs[(i + k) % 6], 5000);
		for (int k = 0; k < 4; k++)
			assert_non_null(next(h, INCOMING_REPLY, 10000));
		forget_all(h);
	}
	calm(h, 300);
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

/* What a killed worker had started is killed with it and not waited for, so
   the lock is free a moment later. */
static bool
lock_comes(int fd)
{
	for (int i = 0; i < 1000; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		usleep(10000);
	}
	return false;
}

/* While a worker of an old daemon lives, a new one does not begin. */
static void
waits_for_old_workers(void **state)
{
	struct inbox *h = *state;
	int fd = open(h->lock, O_RDWR | O_CLOEXEC);

	define(h, "fake", "{}", 1, MINUTE);
	call(h, 1, "account.read", 5000);
	assert_non_null(next(h, INCOMING_REPLY, 5000));
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	supervisor_close(h->s);
	bool came = lock_comes(fd);
	close(fd);
	assert_int_equal(inbox_open(h, NULL, NULL, "off", 1000), 0);
	assert_true(came);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FAKE(does_not_start),
		WITH_FAKE(starts_again_after_a_pause),
		WITH_FAKE(reaps_idle_workers),
		WITH_FAKE(keeps_one_for_cuts),
		WITH_FAKE(does_without_one),
		WITH_FAKE(goes_when_fewer_are_wanted),
		WITH_FAKE(is_replaced),
		WITH_FAKE(inherits_nothing),
		WITH_FAKE(ends_the_group),
		WITH_FAKE(leaves_nothing_behind),
		WITH_FAKE(waits_for_old_workers),
	};

	secret_init();
	log_open("t_children", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
