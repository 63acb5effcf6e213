/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/frame.h"
#include "supervisor/child.h"
#include "supervisor/evals.h"
#include "supervisor/inside.h"
#include "supervisor/pool.h"

#define LOCK_LIMIT (10 * SECOND)
#define TIMEOUT_MOST (24 * HOUR)
#define CONFIG_MOST ((size_t)FRAME_MAX / 2)
#define EVENTS 64

struct late { /* an input that found no room */
	struct late *next;
	struct incoming in;
	char *system, *out;
};

static char *
text_copy(const char *s)
{
	char *copy = s == NULL ? NULL : strdup(s);

	if (s != NULL && copy == NULL)
		abort();
	return copy;
}

static void
text_free(char *s)
{
	if (s != NULL)
		explicit_bzero(s, strlen(s));
	free(s);
}

/* Opens, above the descriptors that children get it as. */
static int
open_high(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	int high = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	int saved = errno;
	close(fd);
	errno = saved;
	return high;
}

/*
 * An flock belongs to the open file that all children inherit: as long as
 * one of them lives, nobody else gets it exclusively.
 */
static int
lock_take(int fd, const char *path, struct err *e)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int64_t until = clock_boot() + LOCK_LIMIT;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set(e, ERR_REFUSED, "%s: %s", path,
			    strerror(errno));
		if (clock_boot() >= until)
			return err_set(e, ERR_CONFLICT,
			    "%s: workers of "
			    "another musterd still run",
			    path);
		nanosleep(&pause, NULL);
	}
	if (flock(fd, LOCK_SH | LOCK_NB) != 0)
		return err_set(e, ERR_CONFLICT,
		    "%s: taken by another "
		    "musterd",
		    path);
	return 0;
}

static int
files_open(struct supervisor *s, const struct supervisor_paths *paths,
    struct err *e)
{
	s->null = open_high("/dev/null", O_RDWR);
	s->lock = open_high(paths->lock, O_RDWR | O_CREAT);
	if (s->null < 0 || s->lock < 0)
		return err_set(e, ERR_REFUSED, "%s: %s",
		    s->null < 0 ? "/dev/null" : paths->lock, strerror(errno));
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0)
		return err_set(e, ERR_REFUSED, "epoll: %s", strerror(errno));
	return lock_take(s->lock, paths->lock, e);
}

struct supervisor *
supervisor_open(const struct supervisor_paths *paths, struct err *e)
{
	struct supervisor *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->null = s->lock = s->epoll = -1;
	s->worker = text_copy(paths->worker);
	s->eval = text_copy(paths->eval);
	s->providers = text_copy(paths->providers);
	s->sandbox = text_copy(paths->sandbox);
	s->late_end = &s->late;
	s->due = INT64_MAX;
	s->evals = evals_new(s, paths->eval_timeout, paths->eval_workers);
	if (files_open(s, paths, e) == 0)
		return s;
	supervisor_close(s);
	return NULL;
}

static void
late_free(struct late *l)
{
	text_free(l->system);
	text_free(l->out);
	free(l);
}

static struct late *
late_take(struct supervisor *s)
{
	struct late *l = s->late;

	s->late = l->next;
	if (s->late == NULL)
		s->late_end = &s->late;
	return l;
}

void
supervisor_close(struct supervisor *s)
{
	evals_free(s->evals);
	for (size_t i = 0; i < s->npools; i++)
		pool_free(s->pools[i]);
	while (s->late != NULL)
		late_free(late_take(s));
	free(s->pools);
	for (int i = 0; i < 3; i++) {
		int fd = i == 0 ? s->epoll : i == 1 ? s->null : s->lock;

		if (fd >= 0)
			close(fd);
	}
	free(s->worker);
	free(s->eval);
	free(s->providers);
	free(s->sandbox);
	free(s);
}

/* Where the pool of a system is, or would be. */
static size_t
pool_place(const struct supervisor *s, const char *system)
{
	size_t low = 0, high = s->npools;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(pool_system(s->pools[mid]), system) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct pool *
pool_find(const struct supervisor *s, const char *system)
{
	size_t at = pool_place(s, system);

	return at < s->npools &&
		strcmp(pool_system(s->pools[at]), system) == 0 ?
	    s->pools[at] :
	    NULL;
}

static void
pool_add(struct supervisor *s, const struct worker_def *d)
{
	size_t at = pool_place(s, d->system);

	if (s->npools == s->room) {
		s->room = s->room == 0 ? 16 : 2 * s->room;
		s->pools = reallocarray(s->pools, s->room,
		    sizeof(struct pool *));
		if (s->pools == NULL)
			abort();
	}
	memmove(s->pools + at + 1, s->pools + at,
	    (s->npools - at) * sizeof(struct pool *));
	s->pools[at] = pool_new(s, d);
	s->npools++;
}

/* A name that becomes part of a path, or of a frame as it is. */
static bool
is_plain(const char *name, const char *extra)
{
	if (*name == '\0' || strlen(name) > 128)
		return false;
	for (; *name != '\0'; name++)
		if (!((*name >= 'a' && *name <= 'z') ||
			(*name >= 'A' && *name <= 'Z') ||
			(*name >= '0' && *name <= '9') ||
			strchr(extra, *name) != NULL))
			return false;
	return true;
}

int
supervisor_define(struct supervisor *s, const struct worker_def *d,
    struct err *e)
{
	struct worker_def use = *d;
	struct pool *p = pool_find(s, d->system);

	if (!is_plain(d->provider, "-_"))
		return err_set(e, ERR_INPUT, "%s: no name of a provider",
		    d->provider);
	if (strlen(d->config) > CONFIG_MOST)
		return err_set(e, ERR_INPUT,
		    "%s: its configuration and secrets have more than %zu "
		    "bytes",
		    d->system, CONFIG_MOST);
	if (use.concurrency < 1)
		use.concurrency = 1;
	if (use.idle < 1)
		use.idle = MINUTE;
	if (use.ahead > CALL_AHEAD_MOST)
		use.ahead = CALL_AHEAD_MOST;
	if (p != NULL)
		pool_define(p, &use);
	else
		pool_add(s, &use);
	return 0;
}

void
supervisor_forget(struct supervisor *s, const char *system)
{
	struct pool *p = pool_find(s, system);

	if (p != NULL)
		pool_shut(p);
	supervisor_wake(s, clock_boot());
}

static void
call_refuse(struct supervisor *s, const struct outcall *c, const char *why)
{
	int64_t now = clock_wall();
	struct incoming in = { .kind = INCOMING_REPLY,
		.call = c->call,
		.epoch = c->epoch,
		.system = c->system,
		.taken = now,
		.answered = now };

	err_set(&in.why, ERR_INPUT, "%s", why);
	supervisor_give(s, &in);
}

void
supervisor_send(struct supervisor *s, const struct outcall *c)
{
	struct pool *p = pool_find(s, c->system);
	struct outcall use = *c;

	if (use.timeout < 1)
		use.timeout = MINUTE;
	if (use.timeout > TIMEOUT_MOST)
		use.timeout = TIMEOUT_MOST;
	if (p == NULL || pool_is_shut(p))
		call_refuse(s, c, "no such system");
	else if (!is_plain(c->verb, ".-_:"))
		call_refuse(s, c, "no name of an operation");
	else if (strlen(c->in) > FRAME_MAX - 512)
		call_refuse(s, c, "the call is too large");
	else
		pool_send(p, &use);
}

void
supervisor_ask(struct supervisor *s, const struct question *q)
{
	evals_ask(s->evals, q);
}

void
supervisor_drop(struct supervisor *s, int64_t call)
{
	for (size_t i = 0; i < s->npools; i++)
		if (pool_drop(s->pools[i], call))
			return;
}

void
supervisor_more(struct supervisor *s, int64_t call)
{
	for (size_t i = 0; i < s->npools; i++)
		if (pool_more(s->pools[i], call))
			return;
}

int
supervisor_fd(const struct supervisor *s)
{
	return s->epoll;
}

int64_t
supervisor_due(const struct supervisor *s)
{
	return s->due;
}

void
supervisor_wake(struct supervisor *s, int64_t boot_ms)
{
	if (boot_ms < s->due)
		s->due = boot_ms;
}

static void
deliver_one(struct supervisor *s, const struct incoming *in)
{
	s->left--;
	s->within = true;
	s->deliver(s->ctx, in);
	s->within = false;
}

void
supervisor_give(struct supervisor *s, const struct incoming *in)
{
	/* Never from within a delivery: the engine is in the middle of it. */
	if (s->left > 0 && !s->within) {
		deliver_one(s, in);
		return;
	}
	struct late *l = calloc(1, sizeof(*l));
	if (l == NULL)
		abort();
	l->in = *in;
	l->in.system = l->system = text_copy(in->system);
	l->in.out = l->out = text_copy(in->out);
	*s->late_end = l;
	s->late_end = &l->next;
	supervisor_wake(s, clock_boot());
}

static void
late_deliver(struct supervisor *s)
{
	while (s->late != NULL && s->left > 0) {
		struct late *l = late_take(s);

		deliver_one(s, &l->in);
		late_free(l);
	}
}

static void
backlog_drain(struct supervisor *s)
{
	struct child *next;

	s->backlog = false;
	for (struct child *c = s->running; c != NULL; c = next) {
		next = c->next;
		child_drain(c);
		if (next != NULL && next->fd < 0) { /* it left meanwhile */
			s->backlog = true;
			return;
		}
	}
}

static void
ending_reap(struct supervisor *s, int64_t now)
{
	struct child *next;

	for (struct child *c = s->ending; c != NULL && s->left > 0; c = next) {
		next = c->next;
		(void)child_reap(c, now);
	}
	if (s->ending != NULL)
		supervisor_wake(s, s->left > 0 ? now + 5 : now);
}

/* Timers, ends, and systems that nobody needs any more. */
static void
tick(struct supervisor *s, int64_t now)
{
	s->due = INT64_MAX;
	ending_reap(s, now);
	for (size_t i = 0; i < s->npools; i++)
		pool_tick(s->pools[i], now);
	evals_tick(s->evals, now);
	for (size_t i = 0; i < s->npools;) {
		if (!pool_is_over(s->pools[i])) {
			i++;
			continue;
		}
		pool_free(s->pools[i]);
		s->npools--;
		memmove(s->pools + i, s->pools + i + 1,
		    (s->npools - i) * sizeof(struct pool *));
	}
}

void
supervisor_poll(struct supervisor *s, size_t max,
    void (*deliver)(void *ctx, const struct incoming *), void *ctx)
{
	struct epoll_event ev[EVENTS];
	int64_t now = clock_boot();

	s->left = max;
	s->deliver = deliver;
	s->ctx = ctx;
	late_deliver(s);
	if (s->backlog)
		backlog_drain(s);
	if (now >= s->due)
		tick(s, now);
	int n = s->left > 0 ? epoll_wait(s->epoll, ev, EVENTS, 0) : 0;
	for (int i = 0; i < n; i++)
		child_ready(ev[i].data.ptr, ev[i].events);
	s->left = 0;
	if (s->backlog || s->late != NULL)
		supervisor_wake(s, now);
}

void
supervisor_counts(const struct supervisor *s, const char *system,
    struct supervisor_counts *c)
{
	struct pool *p = pool_find(s, system);

	*c = (struct supervisor_counts){ 0 };
	if (p != NULL)
		pool_counts(p, c);
}
