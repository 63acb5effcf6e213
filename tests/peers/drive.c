/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drive WORKER START.json < calls: starts a muster-worker as musterd would,
 * sends it the calls on standard input one after another (a line of JSON
 * each: {"verb": ..., "in": {...}}), and prints what it answers, a line
 * each.  Numbers the calls itself.  Ends with 1 if the worker was not ready
 * or went away.
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/frame.h"
#include "base/sandbox.h"
#include "base/wire.h"

#define START_MAX ((size_t)1 << 20)

static void
die(const struct err *e)
{
	fprintf(stderr, "drive: %s\n", e->text);
	exit(1);
}

static pid_t
worker_start(const char *program, int *fd)
{
	posix_spawn_file_actions_t acts;
	char *const argv[] = { (char *)program, NULL }, *env[] = { NULL };
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 ||
	    posix_spawn_file_actions_init(&acts) != 0 ||
	    posix_spawn_file_actions_adddup2(&acts, pair[1], CHILD_CHANNEL) !=
		0) {
		perror("drive");
		exit(1);
	}
	int rc = posix_spawn(&pid, program, &acts, NULL, argv, env);
	posix_spawn_file_actions_destroy(&acts);
	if (rc != 0) {
		fprintf(stderr, "drive: %s: %s\n", program, strerror(rc));
		exit(1);
	}
	close(pair[1]);
	*fd = pair[0];
	return pid;
}

/* Prints the next frame; false if the worker went away. */
static bool
frame_print(int fd, struct arena *a, char **text, size_t *n)
{
	struct err e;
	int rc = frame_read(fd, a, text, n, &e);

	if (rc < 0)
		die(&e);
	if (rc == 0)
		return false;
	printf("%s\n", *text);
	fflush(stdout);
	return true;
}

static void
call_send(int fd, struct arena *a, const struct wire_call *c)
{
	struct buf b = { .arena = a };
	struct err e;

	json_encode_clear(&b, wire_call_fields, c);
	if (frame_write(fd, b.at, b.len, &e) != 0)
		die(&e);
}

/* Prints everything up to the reply, and takes each page of rows. */
static bool
reply_print(int fd, struct arena *a, int64_t call)
{
	struct wire_reply r;
	struct err e;
	char *text;
	size_t n;

	do {
		r = (struct wire_reply){ 0 };
		if (!frame_print(fd, a, &text, &n))
			return false;
		if (json_decode(a, wire_reply_fields, text, n, &r, &e) != 0)
			die(&e);
		if (r.rows.text != NULL)
			call_send(fd, a, &(struct wire_call){ .more = call });
	} while (r.rows.text != NULL);
	return true;
}

static int
calls_send(int fd, FILE *from)
{
	int64_t next = 1;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, from)) > 0) {
		struct arena a = { NULL, 0 };
		struct wire_call c = { .deadline_ms = 10000 };
		struct err e;

		if (json_decode(&a, wire_call_fields, line, (size_t)n, &c,
			&e) != 0)
			die(&e);
		c.call = c.epoch = next++;
		call_send(fd, &a, &c);
		bool alive = reply_print(fd, &a, c.call);
		arena_fini(&a);
		if (!alive)
			return 1;
	}
	free(line);
	return 0;
}

int
main(int argc, char **argv)
{
	struct arena a = { NULL, 0 };
	struct wire_ready ready = { 0 };
	struct err e;
	int fd, status;
	size_t n;

	if (argc != 3) {
		fputs("usage: drive WORKER START.json < calls\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	char *text = file_read(&a, argv[2], START_MAX, &n, &e);
	if (text == NULL)
		die(&e);
	pid_t pid = worker_start(argv[1], &fd);
	if (frame_write(fd, text, n, &e) != 0)
		die(&e);
	int rc = 1;
	if (frame_print(fd, &a, &text, &n) &&
	    json_decode(&a, wire_ready_fields, text, n, &ready, &e) == 0 &&
	    ready.ready)
		rc = calls_send(fd, stdin);
	close(fd);
	waitpid(pid, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fprintf(stderr, "drive: the worker ended with %d\n", status);
	arena_fini(&a);
	return rc;
}
