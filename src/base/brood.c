/* SPDX-License-Identifier: Apache-2.0 */
#include "base/brood.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/sandbox.h"

#define PATIENCE SECOND /* for what was killed, to be gone */

/* There is one for each process, and only a worker's main thread has it. */
static struct {
	bool kept;
	pid_t keeper; /* 0: there is none */
	int tell;     /* pipe to it, of pid_t; 0 in it: no program runs */
	int list;     /* the kernel's list of our children, or -1 */
} brood = { .tell = -1, .list = -1 };

/* Until the worker is gone: then nobody else ends what it ran. */
static _Noreturn void
keep(int from)
{
	pid_t group = 0, next;
	ssize_t n;

	while ((n = read(from, &next, sizeof(next))) != 0)
		if (n == (ssize_t)sizeof(next))
			group = next;
		else if (errno != EINTR)
			break;
	if (group > 0)
		kill(-group, SIGKILL);
	_exit(0);
}

/* A group of its own, which is not ended with the worker's, and nothing of
   ours but the lock: no new musterd begins before it has ended. */
static _Noreturn void
become_keeper(const int pair[2])
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	close(pair[1]);
	if (setpgid(0, 0) != 0 || dup2(pair[0], CHILD_CHANNEL) < 0 ||
	    close_range(CHILD_FDS, ~0u, 0) != 0)
		_exit(1);
	prctl(PR_SET_NAME, "muster-keeper");
	keep(CHILD_CHANNEL);
}

/* Opened before Landlock bounds what may be; a kernel without it has only
   the program's group to go by. */
static int
list_open(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/children",
	    (int)getpid());
	return open(path, O_RDONLY | O_CLOEXEC);
}

int
brood_begin(struct err *e)
{
	int pair[2];

	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 ||
	    pipe2(pair, O_CLOEXEC) != 0)
		return err_set(e, ERR_BUSY, "keeper: %s", strerror(errno));
	brood.keeper = fork();
	if (brood.keeper == 0)
		become_keeper(pair);
	int why = errno;
	close(pair[0]);
	if (brood.keeper < 0) {
		close(pair[1]);
		brood.keeper = 0;
		return err_set(e, ERR_BUSY, "keeper: %s", strerror(why));
	}
	brood.tell = pair[1];
	brood.list = list_open();
	brood.kept = true;
	return 0;
}

void
brood_drop(void)
{
	if (!brood.kept)
		return;
	prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
	close(brood.tell);
	if (brood.list >= 0)
		close(brood.list);
	while (waitpid(brood.keeper, NULL, 0) < 0 && errno == EINTR)
		;
	brood.kept = false;
	brood.tell = brood.list = -1;
	brood.keeper = 0;
}

static bool
tell(pid_t group)
{
	ssize_t n;

	do
		n = write(brood.tell, &group, sizeof(group));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(group);
}

void
brood_add(void)
{
	if (brood.kept)
		(void)tell(getpid()); /* brood_end() sees that it is gone */
}

/* Kills those on the list but the keeper, and answers how many. */
static int
list_kill(void)
{
	char text[4096], *at = text, *end;
	int killed = 0;
	ssize_t n = pread(brood.list, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	for (;; at = end) {
		pid_t pid = (pid_t)strtol(at, &end, 10);

		/* The last one may be cut off where the text is. */
		if (end == at || *end == '\0')
			return killed;
		if (pid > 1 && pid != brood.keeper) {
			kill(pid, SIGKILL);
			killed++;
		}
	}
}

/* Waits for all that have ended; false when the keeper is among them. */
static bool
ended_reap(void)
{
	bool kept = true;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		if (pid == brood.keeper)
			kept = false;
	return kept;
}

bool
brood_end(void)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	int64_t until = clock_boot() + PATIENCE;

	if (!brood.kept)
		return true;
	while (ended_reap()) {
		if (brood.list < 0 || list_kill() == 0)
			return tell(0);
		if (clock_boot() > until)
			return false;
		nanosleep(&pause, NULL);
	}
	return false;
}
