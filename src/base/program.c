/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <muster/program.h>

#include "base/brood.h"
#include "base/clock.h"
#include "base/log.h"

#define MAX_ARGS 100
#define MARGIN_MS 250 /* to end the program's group before we end */

/* At its deadline this process may be killed, and then nobody would end
   what it runs: so it is ended a little before. */
static int64_t
end_at(int64_t deadline)
{
	return clock_boot() +
	    (deadline > 2 * MARGIN_MS ? deadline - MARGIN_MS : deadline / 2);
}

static int64_t
time_left(int64_t end)
{
	int64_t left = end - clock_boot();

	return left > 0 ? left : 0;
}

int
program_check(const struct program_def *p, struct err *e)
{
	if (p->path[0] != '/')
		return err_set(e, ERR_INPUT, "program: wants an absolute path");
	if (access(p->path, X_OK) != 0)
		return err_set(e, ERR_INPUT, "program: %s: %s", p->path,
		    strerror(errno));
	if (p->args.n > MAX_ARGS)
		return err_set(e, ERR_INPUT, "args: more than %d", MAX_ARGS);
	if (p->max_output == 0)
		return err_set(e, ERR_INPUT, "max_output: wants 1 or more");
	return 0;
}

/* A program that runs, and our ends of its pipes (-1: closed). */
struct child {
	pid_t pid;
	int in, out;
};

static void
end_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

enum { TOLD = 3 }; /* where a program that cannot be run says why */

/* From here on this is the program, if it can be.  It dies with the thread
   that waits for it, so that nothing of a call outlives a worker that was
   killed, and has no descriptor of ours but its two pipes.  Not by
   posix_spawn, which knows nothing of the first. */
static _Noreturn void
become(const struct program_def *p, const int fds[3], pid_t parent)
{
	const char *argv[MAX_ARGS + 2] = { p->path };
	const char *env[] = { "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", NULL };
	struct sigaction plain = { .sa_handler = SIG_DFL };
	sigset_t none;
	int high[3];

	for (size_t i = 0; i < p->args.n; i++)
		argv[i + 1] = p->args.item[i];
	/* A group of its own, so that its children end with it. */
	if (setpgid(0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
	    getppid() != parent)
		_exit(127);
	brood_add();
	for (int i = 1; i < NSIG; i++)
		(void)sigaction(i, &plain, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 0; i < 3; i++) /* none is overwritten by another */
		high[i] = fcntl(fds[i], F_DUPFD, 10);
	if (dup2(high[0], 0) < 0 || dup2(high[1], 1) < 0 ||
	    dup3(high[2], TOLD, O_CLOEXEC) < 0 ||
	    close_range(TOLD + 1, ~0u, 0) != 0)
		_exit(127);
	execve(p->path, (char *const *)(uintptr_t)argv,
	    (char *const *)(uintptr_t)env);
	(void)!write(TOLD, &errno, sizeof(errno));
	_exit(127);
}

/* With all signals blocked: no handler of ours runs in the child. */
static pid_t
fork_quietly(const struct program_def *p, const int fds[3])
{
	sigset_t all, before;
	pid_t parent = getpid();

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	if (pid == 0)
		become(p, fds, parent);
	int saved = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return pid;
}

/* Answers 0 or an errno; waits until the program runs. */
static int
spawn(const struct program_def *p, int in, int out, pid_t *pid)
{
	int told[2], why = 0;
	ssize_t n;

	if (pipe2(told, O_CLOEXEC) != 0)
		return errno;
	*pid = fork_quietly(p, (const int[3]){ in, out, told[1] });
	int rc = *pid < 0 ? errno : 0;
	close(told[1]);
	do
		n = rc == 0 ? read(told[0], &why, sizeof(why)) : 0;
	while (n < 0 && errno == EINTR);
	close(told[0]);
	if (n != (ssize_t)sizeof(why))
		return rc;
	waitpid(*pid, NULL, 0);
	(void)brood_end();
	return why;
}

static int
child_start(const struct program_def *p, struct child *ch, struct err *e)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	int rc = pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 ?
	    errno :
	    0;

	if (rc == 0)
		rc = spawn(p, in[0], out[1], &ch->pid);
	end_close(&in[0]);
	end_close(&out[1]);
	ch->in = in[1];
	ch->out = out[0];
	if (rc == 0) {
		fcntl(ch->in, F_SETFL, O_NONBLOCK);
		return 0;
	}
	end_close(&ch->in);
	end_close(&ch->out);
	return err_set(e,
	    rc == EACCES || rc == ENOENT || rc == ENOEXEC ? ERR_INPUT :
							    ERR_BUSY,
	    "%s: %s", p->path, strerror(rc));
}

/* Writes what the pipe takes; closes it when all is written. */
static void
input_write(struct child *ch, const char **input)
{
	ssize_t n = write(ch->in, *input, strlen(*input));

	if (n > 0)
		*input += n;
	if (**input == '\0' || (n < 0 && errno != EAGAIN && errno != EINTR))
		end_close(&ch->in);
}

/* Reads what is there; closes it at its end.  False beyond the bound. */
static bool
output_read(struct child *ch, struct buf *out, size_t max)
{
	char some[16384];
	ssize_t n = read(ch->out, some, sizeof(some));

	if (n > 0 && (size_t)n > max - out->len)
		return false;
	if (n > 0)
		buf_add(out, some, (size_t)n);
	else if (n == 0 || errno != EINTR)
		end_close(&ch->out);
	return true;
}

/* Feeds and reads it until it closes its output. */
static int
child_talk(const struct program_def *p, struct child *ch, int64_t end,
    const char *input, struct buf *out, struct err *e)
{
	while (ch->out >= 0) {
		struct pollfd fds[2] = { { ch->out, POLLIN, 0 },
			{ ch->in, POLLOUT, 0 } };
		int rc = poll(fds, 2, (int)time_left(end));

		if (rc == 0)
			return err_set(e, ERR_UNKNOWN,
			    "%s: did not end in time", p->path);
		if (rc < 0 && errno != EINTR)
			return err_set(e, ERR_UNKNOWN, "%s: %s", p->path,
			    strerror(errno));
		if (rc > 0 && fds[1].revents != 0)
			input_write(ch, &input);
		if (rc > 0 && fds[0].revents != 0 &&
		    !output_read(ch, out, p->max_output))
			return err_set(e, ERR_UNKNOWN,
			    "%s: more than %zu bytes of output", p->path,
			    p->max_output);
	}
	return 0;
}

/* Whether it has ended; it is not waited for yet, so its number, and that of
   its group, are nobody else's. */
static bool
has_ended(const struct child *ch)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)ch->pid, &info,
		   WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid != 0;
}

/* It may have closed its output and run on: until the deadline. */
static int
child_end(const struct program_def *p, struct child *ch, int64_t end, bool now,
    struct err *e)
{
	int status = 0;
	bool got = false;

	while (!now && !(got = has_ended(ch)) && time_left(end) > 0)
		poll(NULL, 0, 1);
	/* Its group goes in any case: nothing of a call outlives it. */
	kill(-ch->pid, SIGKILL);
	while (waitpid(ch->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!brood_end()) {
		log_error("%s: something that it started does not end",
		    p->path);
		_exit(1);
	}
	end_close(&ch->in);
	end_close(&ch->out);
	if (now)
		return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status))
		return err_set(e, ERR_UNKNOWN, "%s: exit status %d", p->path,
		    WEXITSTATUS(status));
	return err_set(e, ERR_UNKNOWN, "%s: %s", p->path,
	    !got ? "did not end in time" : strsignal(WTERMSIG(status)));
}

char *
program_run(const struct program_def *p, int64_t deadline, struct arena *a,
    const char *input, enum err_class unsure, size_t *n, struct err *e)
{
	struct buf out = { .arena = a };
	int64_t end = end_at(deadline);
	struct child ch;

	if (child_start(p, &ch, e) != 0)
		return NULL;
	bool bad = child_talk(p, &ch, end, input, &out, e) != 0;
	if (child_end(p, &ch, end, bad, e) != 0) {
		e->cls = unsure;
		return NULL;
	}
	buf_add(&out, "", 0);
	*n = out.len;
	return out.at;
}
