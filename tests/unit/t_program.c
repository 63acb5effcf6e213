/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <muster/program.h>

#include "fresh_dir.h"

#include "base/brood.h"

/* The argument is $1 of the script. */
static const char *
shell_with(struct arena *a, const char *script, const char *arg, struct err *e)
{
	const char *args[] = { "-c", script, "sh", arg };
	const struct program_def p = { "/bin/sh", { 4, args }, 65536 };
	size_t n;

	return program_run(&p, 10000, a, "in\n", ERR_BUSY, &n, e);
}

static const char *
shell(struct arena *a, const char *script, struct err *e)
{
	return shell_with(a, script, "", e);
}

/* What it gets, and what it does not get from us. */
static void
has_only_its_pipes(void **unused)
{
	static const char *const rows[][2] = {
		{ "cat", "in\n" },
		{ "ls /proc/self/fd | tr '\n' ' '", "0 1 2 3 " },
		{ "cat /proc/$$/stat | cut -d' ' -f1,5 | tr ' ' '\n' | uniq |"
		  " grep -c .",
		    "1\n" },
		{ "env | cut -d= -f1 | sort | tr '\n' ' '",
		    "LC_ALL PATH PWD " },
	};
	struct arena a = { NULL, 0 };
	struct err e = { 0 };
	int leaked = dup(1); /* without close-on-exec */

	(void)unused;
	assert_true(leaked > 2);
	setenv("EVIL", "1", 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *said = shell(&a, rows[i][0], &e);

		if (said == NULL)
			fail_msg("%s: %s", rows[i][0], e.text);
		assert_string_equal(said, rows[i][1]);
	}
	close(leaked);
	arena_fini(&a);
}

/* Signals are as a program expects them, whatever we do with ours. */
static void
has_signals_of_its_own(void **unused)
{
	struct arena a = { NULL, 0 };
	struct err e = { 0 };
	sigset_t term;

	(void)unused;
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	assert_null(shell(&a, "kill -PIPE $$; echo alive", &e));
	assert_non_null(strstr(e.text, "pipe"));
	assert_null(shell(&a, "kill -TERM $$; echo alive", &e));
	assert_non_null(strstr(e.text, "Terminated"));
	assert_string_equal(shell(&a, "echo alive", &e), "alive\n");
	sigprocmask(SIG_UNBLOCK, &term, NULL);
	signal(SIGPIPE, SIG_DFL);
	arena_fini(&a);
}

static void
what_cannot_run_says_why(void **unused)
{
	const struct program_def folder = { "/", { 0, NULL }, 10 },
				 none = { "/no/such", { 0, NULL }, 10 };
	struct arena a = { NULL, 0 };
	struct err e = { 0 };
	size_t n;

	(void)unused;
	assert_null(program_run(&folder, 1000, &a, "", ERR_BUSY, &n, &e));
	assert_int_equal(e.cls, ERR_INPUT);
	assert_non_null(strstr(e.text, strerror(EACCES)));
	assert_null(program_run(&none, 1000, &a, "", ERR_BUSY, &n, &e));
	assert_int_equal(e.cls, ERR_INPUT);
	assert_non_null(strstr(e.text, strerror(ENOENT)));
	/* Nothing of it is left to be waited for. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	arena_fini(&a);
}

/* Gone, or dead and not yet waited for by whoever inherited it. */
static bool
is_dead(pid_t pid)
{
	char path[64], state = 'X';

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "r");
	if (f == NULL)
		return true;
	int got = fscanf(f, "%*d (%*[^)]) %c", &state);
	fclose(f);
	return got != 1 || state == 'Z' || state == 'X';
}

static bool
within_5_s(bool (*is_so)(pid_t), pid_t pid)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };

	for (int i = 0; i < 500; i++) {
		if (is_so(pid))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* Reads the id that the program wrote as soon as it ran. */
static pid_t
pid_read(int from)
{
	char text[32] = "";
	ssize_t n = read(from, text, sizeof(text) - 1);

	assert_true(n > 0);
	return (pid_t)strtol(text, NULL, 10);
}

/* A killed worker leaves no program: it cannot end it any more. */
static void
dies_with_its_parent(void **unused)
{
	char dir[sizeof(DIR_TEMPLATE)], fifo[64], script[128];

	(void)unused;
	dir_make(dir);
	snprintf(fifo, sizeof(fifo), "%s/pid", dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	snprintf(script, sizeof(script), "echo $$ >%s; exec sleep 76", fifo);
	pid_t worker = fork();
	if (worker == 0) {
		struct arena a = { NULL, 0 };
		struct err e;

		_exit(shell(&a, script, &e) != NULL);
	}
	int from = open(fifo, O_RDONLY);
	assert_true(from >= 0);
	pid_t program = pid_read(from);
	close(from);
	/* Control: it runs as long as its parent does. */
	assert_false(is_dead(program));
	assert_int_equal(kill(worker, SIGKILL), 0);
	assert_int_equal(waitpid(worker, NULL, 0), worker);
	assert_true(within_5_s(is_dead, program));
	dir_remove(dir);
}

struct worker {
	pid_t pid;
	char dir[sizeof(DIR_TEMPLATE)];
	pid_t stray; /* what its program started */
};

/* A process that runs a program, and what that started as soon as it is
   there; with a brood, as workers have it. */
static struct worker
worker_run(bool kept, const char *script)
{
	struct worker w = { .pid = 0 };
	char fifo[64];

	dir_make(w.dir);
	snprintf(fifo, sizeof(fifo), "%s/pid", w.dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	w.pid = fork();
	if (w.pid == 0) {
		struct arena a = { NULL, 0 };
		struct err e;

		signal(SIGPIPE, SIG_IGN);
		if (kept && brood_begin(&e) != 0)
			_exit(2);
		_exit(shell_with(&a, script, fifo, &e) == NULL);
	}
	int from = open(fifo, O_RDONLY);
	assert_true(from >= 0);
	w.stray = pid_read(from);
	close(from);
	return w;
}

static void
worker_fini(struct worker *w)
{
	kill(w->stray, SIGKILL);
	dir_remove(w->dir);
}

/* In groups and sessions of their own, and with parents that are gone. */
static const char *const strays[] = {
	"sleep 75 >/dev/null 2>&1 & echo $! >$1",
	"setsid sleep 75 >/dev/null 2>&1 & echo $! >$1; sleep 0.3",
	("(setsid sh -c 'setsid sleep 75 & echo $! >$1' sh $1) >/dev/null & "
	 "sleep 0.3"),
};

static void
nothing_outlives_its_call(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(strays) / sizeof(*strays); i++) {
		struct worker w = worker_run(true, strays[i]);
		int status;

		print_message("%s\n", strays[i]);
		assert_int_equal(waitpid(w.pid, &status, 0), w.pid);
		assert_int_equal(status, 0);
		assert_true(is_dead(w.stray));
		worker_fini(&w);
		/* Control: whoever left the group is found by nobody else. */
		w = worker_run(false, strays[i]);
		assert_int_equal(waitpid(w.pid, &status, 0), w.pid);
		if (i == 0)
			assert_true(within_5_s(is_dead, w.stray));
		else
			assert_false(is_dead(w.stray));
		worker_fini(&w);
	}
}

static void
a_killed_worker_leaves_nothing_in_the_group(void **unused)
{
	static const char script[] = "sleep 75 >/dev/null 2>&1 & "
				     "echo $! >$1; wait";

	(void)unused;
	for (int kept = 1; kept >= 0; kept--) {
		struct worker w = worker_run(kept, script);

		assert_false(is_dead(w.stray));
		assert_int_equal(kill(w.pid, SIGKILL), 0);
		assert_int_equal(waitpid(w.pid, NULL, 0), w.pid);
		/* Control: without a keeper it would live on. */
		if (kept)
			assert_true(within_5_s(is_dead, w.stray));
		else
			assert_false(is_dead(w.stray));
		worker_fini(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_only_its_pipes),
		cmocka_unit_test(has_signals_of_its_own),
		cmocka_unit_test(what_cannot_run_says_why),
		cmocka_unit_test(dies_with_its_parent),
		cmocka_unit_test(nothing_outlives_its_call),
		cmocka_unit_test(a_killed_worker_leaves_nothing_in_the_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
