/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/locked.h"
#include "base/sandbox.h"
#include "supervisor/inside.h"

#define PATIENCE SECOND /* for a child that was asked to end */
#define REAP_PAUSE 5	/* ms between looks at an ending child */

struct chunk { /* bytes that the socket had no room for */
	struct chunk *next;
	size_t from, n;
	char at[];
};

struct handed { /* a child's own descriptors, as they are here */
	int channel, tickets;
};

/* Descriptors that are handed to a child live above those that it gets
   them as, so that no step of a spawn overwrites the next one's source. */
static int
fd_lift(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 10);
}

static void
handed_close(const struct handed *h)
{
	if (h->channel >= 0)
		close(h->channel);
	if (h->tickets >= 0)
		close(h->tickets);
}

static int
spawn_fds(posix_spawn_file_actions_t *fa, const struct supervisor *s,
    const struct handed *h)
{
	if (posix_spawn_file_actions_adddup2(fa, s->null, 0) != 0 ||
	    posix_spawn_file_actions_adddup2(fa, s->null, 1) != 0 ||
	    posix_spawn_file_actions_adddup2(fa, h->channel, CHILD_CHANNEL) !=
		0 ||
	    posix_spawn_file_actions_adddup2(fa, s->lock, CHILD_LOCK) != 0 ||
	    posix_spawn_file_actions_adddup2(fa, h->tickets, CHILD_TICKETS) !=
		0)
		return -1;
	return posix_spawn_file_actions_addclosefrom_np(fa, CHILD_FDS);
}

/* All signals as they are by default, and a process group of its own, so
   that what a child starts can be ended with it. */
static int
spawn_signals(posix_spawnattr_t *attr)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	if (posix_spawnattr_setsigdefault(attr, &all) != 0 ||
	    posix_spawnattr_setsigmask(attr, &none) != 0 ||
	    posix_spawnattr_setpgroup(attr, 0) != 0)
		return -1;
	return posix_spawnattr_setflags(attr,
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
		POSIX_SPAWN_SETPGROUP);
}

/* Answers 0 or an errno. */
static int
spawn(pid_t *pid, const struct supervisor *s, const struct handed *h,
    const char *program, const char *arg)
{
	char zone[80] = "TZ=UTC0", lang[] = "LANG=C.UTF-8";
	char *const argv[] = { (char *)(uintptr_t)program,
		(char *)(uintptr_t)arg, NULL };
	char *const env[] = { lang, zone, NULL };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	int rc = ENOMEM;

	if (getenv("TZ") != NULL)
		snprintf(zone, sizeof(zone), "TZ=%s", getenv("TZ"));
	if (posix_spawn_file_actions_init(&fa) != 0)
		return rc;
	if (posix_spawnattr_init(&attr) == 0) {
		if (spawn_fds(&fa, s, h) == 0 && spawn_signals(&attr) == 0)
			rc = posix_spawn(pid, program, &fa, &attr, argv, env);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&fa);
	return rc;
}

static int
channel_watch(struct child *c)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };

	if (fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0)
		return -1;
	return epoll_ctl(c->sup->epoll, EPOLL_CTL_ADD, c->fd, &ev);
}

int
child_start(struct child *c, struct supervisor *s,
    const struct child_owner *owner, const char *program, const char *arg,
    int tickets, struct err *e)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_set(e, ERR_BUSY, "socketpair: %s", strerror(errno));
	*c = (struct child){ .sup = s, .owner = owner, .fd = pair[0] };
	c->out_end = &c->out;
	const struct handed h = { fd_lift(pair[1]),
		fd_lift(tickets < 0 ? s->null : tickets) };
	close(pair[1]);
	int rc = h.channel < 0 || h.tickets < 0 ?
	    EMFILE :
	    spawn(&c->pid, s, &h, program, arg);
	handed_close(&h);
	if (rc != 0 || channel_watch(c) != 0) {
		if (rc == 0) {
			rc = errno;
			kill(c->pid, SIGKILL);
			waitpid(c->pid, NULL, 0);
		}
		close(c->fd);
		c->fd = -1;
		return err_set(e, ERR_BUSY, "%s: %s", program, strerror(rc));
	}
	c->next = s->running;
	s->running = c;
	return 0;
}

static void
chunk_free(const struct child *c, struct chunk *k)
{
	if (c->owner->secrets) {
		locked_free(k, sizeof(*k) + k->n);
		return;
	}
	explicit_bzero(k->at, k->n);
	free(k);
}

static void
chunks_drop(struct child *c)
{
	while (c->out != NULL) {
		struct chunk *k = c->out;

		c->out = k->next;
		chunk_free(c, k);
	}
	c->out_end = &c->out;
}

static void
writes_watch(struct child *c, bool full)
{
	struct epoll_event ev = { .data.ptr = c,
		.events = full ? EPOLLIN | EPOLLOUT : EPOLLIN };

	if (c->full == full || c->fd < 0)
		return;
	c->full = full;
	if (epoll_ctl(c->sup->epoll, EPOLL_CTL_MOD, c->fd, &ev) != 0)
		child_kill(c, "its channel failed");
}

/* Keeps what is left of the pieces after the first sent bytes. */
static void
chunk_add(struct child *c, const struct iovec *v, size_t pieces, size_t sent)
{
	size_t total = 0, at = 0;

	for (size_t i = 0; i < pieces; i++)
		total += v[i].iov_len;
	size_t size = sizeof(struct chunk) + total - sent;
	struct chunk *k = c->owner->secrets ? locked_new(size) :
					      calloc(1, size);
	if (k == NULL)
		abort();
	k->n = total - sent;
	for (size_t i = 0; i < pieces; i++) {
		size_t skip = sent < v[i].iov_len ? sent : v[i].iov_len;

		memcpy(k->at + at, (const char *)v[i].iov_base + skip,
		    v[i].iov_len - skip);
		at += v[i].iov_len - skip;
		sent -= skip;
	}
	*c->out_end = k;
	c->out_end = &k->next;
}

int
child_send(struct child *c, const struct iovec *body, size_t pieces)
{
	unsigned char head[4];
	struct iovec v[8] = { { .iov_base = head, .iov_len = 4 } };
	struct msghdr m = { .msg_iov = v };
	size_t total = 0, sent = 0;

	if (c->fd < 0 || pieces > 7)
		return -1;
	for (size_t i = 0; i < pieces; i++) {
		v[i + 1] = body[i];
		total += body[i].iov_len;
	}
	for (int i = 0; i < 4; i++)
		head[i] = (unsigned char)(total >> (8 * i) & 0xff);
	m.msg_iovlen = pieces + 1;
	if (c->out == NULL) {
		ssize_t n = sendmsg(c->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR &&
		    errno != ENOBUFS)
			return -1;
		sent = n < 0 ? 0 : (size_t)n;
	}
	if (sent < total + 4) {
		chunk_add(c, v, pieces + 1, sent);
		writes_watch(c, true);
	}
	return 0;
}

static void
child_flush(struct child *c)
{
	while (c->out != NULL) {
		struct chunk *k = c->out;
		ssize_t n = send(c->fd, k->at + k->from, k->n - k->from,
		    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0) /* a broken channel is seen when it is read */
			return;
		k->from += (size_t)n;
		if (k->from < k->n)
			return;
		c->out = k->next;
		if (c->out == NULL)
			c->out_end = &c->out;
		chunk_free(c, k);
	}
	writes_watch(c, false);
}

void
child_drain(struct child *c)
{
	const char *text;
	struct err e;
	size_t n;
	int got = 0;

	while (c->fd >= 0 && c->sup->left > 0 &&
	    (got = frames_next(&c->in, &text, &n, &e)) > 0)
		if (!c->owner->frame(c, (char *)(uintptr_t)text, n))
			child_kill(c, "it broke the rules of the channel");
	if (c->fd < 0)
		return;
	if (got < 0)
		child_kill(c, "it sent a frame that is too large");
	else if (got > 0 || c->sup->left == 0)
		c->sup->backlog = true;
	else if (c->eof)
		child_kill(c, NULL);
}

void
child_ready(struct child *c, unsigned events)
{
	struct err e;

	if (c->fd < 0)
		return;
	if ((events & EPOLLOUT) != 0)
		child_flush(c);
	/* Without room for what it says, it is not read either, so a flood
	   stays in the socket. */
	if (c->fd >= 0 && c->sup->left > 0 && !c->eof &&
	    (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 &&
	    frames_fill(&c->in, c->fd, &e) <= 0)
		c->eof = true;
	child_drain(c);
}

int64_t
child_used(const struct child *c)
{
	clockid_t clock;
	struct timespec t;

	/* It is not waited for yet, so the id is its own. */
	if (clock_getcpuclockid(c->pid, &clock) != 0 ||
	    clock_gettime(clock, &t) != 0)
		return 0;
	return t.tv_sec * SECOND + t.tv_nsec / 1000000;
}

/* Closes the channel and moves the child to those that end. */
static void
child_leave(struct child *c, int64_t kill_at)
{
	struct child **at = &c->sup->running;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->next = c->sup->ending;
	c->sup->ending = c;
	c->kill_at = kill_at;
	close(c->fd);
	c->fd = -1;
	chunks_drop(c);
	supervisor_wake(c->sup, clock_boot());
}

static void
child_end_now(struct child *c)
{
	if (c->killed)
		return;
	c->killed = true;
	/* Its group first: the child itself is in it, once it runs. */
	kill(-c->pid, SIGKILL);
	kill(c->pid, SIGKILL);
}

void
child_kill(struct child *c, const char *fault)
{
	if (c->fd < 0)
		return;
	c->fault = fault;
	child_leave(c, clock_boot());
	/* One that closed its channel may be about to say how it ended. */
	if (fault != NULL)
		child_end_now(c);
	else
		c->kill_at += REAP_PAUSE * 4;
}

void
child_retire(struct child *c)
{
	if (c->fd >= 0)
		child_leave(c, clock_boot() + PATIENCE);
}

static void
ending_text(char *out, size_t n, const struct child *c, int status)
{
	if (c->fault != NULL)
		snprintf(out, n, "%s", c->fault);
	else if (WIFSIGNALED(status))
		snprintf(out, n, "it ended by signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		snprintf(out, n, "it ended with status %d",
		    WEXITSTATUS(status));
}

static void
child_forget(struct child *c)
{
	struct child **at = &c->sup->ending;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	frames_fini(&c->in);
}

/* Whether the process has ended; it is not waited for yet, so its id, and
   that of its group, still belong to it. */
static bool
has_ended(const struct child *c)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)c->pid, &info,
		   WEXITED | WNOHANG | WNOWAIT) != 0 ?
	    errno != EINTR :
	    info.si_pid != 0;
}

bool
child_reap(struct child *c, int64_t now)
{
	char how[96];
	int status = 0;

	if (!has_ended(c)) {
		if (now >= c->kill_at)
			child_end_now(c);
		supervisor_wake(c->sup, now + REAP_PAUSE);
		return false;
	}
	child_end_now(c); /* what it started may outlive it */
	(void)waitpid(c->pid, &status, WNOHANG);
	ending_text(how, sizeof(how), c, status);
	child_forget(c);
	c->owner->ended(c, how);
	return true;
}

void
child_destroy(struct child *c)
{
	if (c->fd >= 0)
		child_leave(c, 0);
	child_end_now(c);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
	child_forget(c);
}
