/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { OUTPUT_MAX = 16 << 20, SECRET_FD = 3 };

const char *
child_providers(void)
{
	const char *dir = getenv("MUSTER_PROVIDERDIR");

	return dir != NULL ? dir : PKGLIBDIR "/providers";
}

/* A file in memory with this text, rewound; -1. */
static int
text_file(const char *text)
{
	int fd = memfd_create("muster", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	if (text != NULL && fd_write(fd, text, strlen(text)) != 0)
		return close(fd), -1;
	return lseek(fd, 0, SEEK_SET) < 0 ? (close(fd), -1) : fd;
}

static const char *
file_text(struct arena *a, int fd)
{
	char part[8192];
	struct buf b = { .arena = a };
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, part, sizeof(part))) > 0 && b.len < OUTPUT_MAX)
		buf_add(&b, part, (size_t)n);
	return buf_text(&b);
}

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
spawn(struct child *c, const char *path, const int fd[4])
{
	char *argv[6] = { (char *)(uintptr_t)c->program };
	posix_spawn_file_actions_t acts;
	pid_t pid;

	for (size_t i = 0; i < 4 && c->args[i] != NULL; i++)
		argv[i + 1] = (char *)(uintptr_t)c->args[i];
	posix_spawn_file_actions_init(&acts);
	for (int i = 0; i < 4; i++)
		posix_spawn_file_actions_adddup2(&acts, fd[i], i);
	int ret = posix_spawn(&pid, path, &acts, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&acts);
	if (ret == 0)
		c->status = wait_for(pid);
	return ret;
}

int
child_run(struct child *c, struct arena *a, struct err *e)
{
	const char *dir = getenv("MUSTER_LIBEXECDIR");
	const char *path = arena_printf(a, "%s/%s",
	    dir != NULL ? dir : PKGLIBEXECDIR, c->program);
	int fd[4] = { text_file(c->input), text_file(NULL), text_file(NULL),
		text_file(c->secret) };
	int ret = EMFILE;

	/* Above what they become, so that none hides another. */
	for (int i = 0; i < 4; i++) {
		int high = fd[i] < 0 ? -1 : fcntl(fd[i], F_DUPFD_CLOEXEC, 10);

		if (fd[i] >= 0)
			close(fd[i]);
		fd[i] = high;
	}
	if (fd[0] >= 0 && fd[1] >= 0 && fd[2] >= 0 && fd[3] >= 0)
		ret = spawn(c, path, fd);
	if (ret == 0) {
		c->out = file_text(a, fd[1]);
		c->err = file_text(a, fd[2]);
	}
	for (int i = 0; i < 4; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	return ret == 0 ?
	    0 :
	    err_set(e, ERR_BUG,
		"%s: %s; is muster "
		"installed whole? MUSTER_LIBEXECDIR names another folder",
		path, strerror(ret));
}
