/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define QUEUE_MAX 4096

struct queue {
	pthread_mutex_t lock;
	struct ticket *first, **last;
	size_t n;
	bool closed;
	int fd;
};

struct queue *
queue_new(void)
{
	struct queue *q = calloc(1, sizeof(*q));

	if (q == NULL)
		abort();
	pthread_mutex_init(&q->lock, NULL);
	q->last = &q->first;
	q->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (q->fd < 0)
		abort();
	return q;
}

void
queue_free(struct queue *q)
{
	if (q == NULL)
		return;
	close(q->fd);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

int
queue_fd(const struct queue *q)
{
	return q->fd;
}

void
queue_wake(struct queue *q)
{
	const uint64_t one = 1;

	/* A full counter is as readable as any other. */
	if (write(q->fd, &one, sizeof(one)) < 0)
		return;
}

int
queue_add(struct queue *q, struct ticket *t, struct err *err)
{
	bool closed, full;

	t->next = NULL;
	pthread_mutex_lock(&q->lock);
	closed = q->closed;
	full = q->n >= QUEUE_MAX;
	if (!closed && !full) {
		*q->last = t;
		q->last = &t->next;
		q->n++;
	}
	pthread_mutex_unlock(&q->lock);
	if (closed)
		return err_set(err, ERR_BUSY, "musterd is ending");
	if (full)
		return err_set(err, ERR_BUSY, "too many commands wait");
	queue_wake(q);
	return 0;
}

struct ticket *
queue_take(struct queue *q, size_t max)
{
	struct ticket *list, **end = &list;
	uint64_t ignored;
	size_t n = 0;

	if (read(q->fd, &ignored, sizeof(ignored)) < 0)
		ignored = 0;
	pthread_mutex_lock(&q->lock);
	list = q->first;
	while (*end != NULL && n < max) {
		end = &(*end)->next;
		n++;
	}
	q->first = *end;
	*end = NULL;
	q->n -= n;
	if (q->first == NULL)
		q->last = &q->first;
	bool more = q->first != NULL;
	pthread_mutex_unlock(&q->lock);
	if (more)
		queue_wake(q);
	return list;
}

struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t done;
	bool answered;
	struct err why;
	struct arena *arena;
	const char *body;
};

static void
waiter_answer(struct ticket *t, const struct err *why, const char *body)
{
	struct waiter *w = t->ctx;

	pthread_mutex_lock(&w->lock);
	if (why != NULL)
		w->why = *why;
	if (body != NULL)
		w->body = arena_str(w->arena, body);
	w->answered = true;
	pthread_cond_signal(&w->done);
	pthread_mutex_unlock(&w->lock);
}

int
queue_call(struct queue *q, const char *verb, const char *body,
    const struct actor *actor, struct arena *a, const char **reply,
    struct err *err)
{
	struct waiter w = { .arena = a };
	struct ticket t = { .input = { .kind = INPUT_COMMAND,
				.verb = verb,
				.body = body,
				.actor = *actor,
				.cookie = &t },
		.answer = waiter_answer,
		.ctx = &w };

	pthread_mutex_init(&w.lock, NULL);
	pthread_cond_init(&w.done, NULL);
	if (queue_add(q, &t, &w.why) != 0)
		w.answered = true;
	pthread_mutex_lock(&w.lock);
	while (!w.answered)
		pthread_cond_wait(&w.done, &w.lock);
	pthread_mutex_unlock(&w.lock);
	pthread_cond_destroy(&w.done);
	pthread_mutex_destroy(&w.lock);
	if (reply != NULL)
		*reply = w.body;
	if (w.why.cls == ERR_NONE)
		return 0;
	*err = w.why;
	return -1;
}

void
queue_close(struct queue *q)
{
	const struct err why = { ERR_BUSY, 0, "musterd is ending" };
	struct ticket *t;

	pthread_mutex_lock(&q->lock);
	q->closed = true;
	t = q->first;
	q->first = NULL;
	q->last = &q->first;
	q->n = 0;
	pthread_mutex_unlock(&q->lock);
	while (t != NULL) {
		struct ticket *next = t->next;

		t->answer(t, &why, NULL);
		t = next;
	}
}
