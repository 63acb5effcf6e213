/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/house.h"

struct waiting {
	struct question question;
	struct waiting *next;
	bool sent, answered;
	struct err why;
	struct arena *arena;
	const char *results;
};

struct asks {
	pthread_mutex_t lock;
	pthread_cond_t done;
	struct queue *queue; /* to wake the engine's thread */
	struct waiting *first;
	int64_t next;
	bool closed;
};

struct asks *
asks_new(struct queue *q)
{
	struct asks *a = calloc(1, sizeof(*a));

	if (a == NULL)
		abort();
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->done, NULL);
	a->queue = q;
	a->next = ASKS_FIRST;
	return a;
}

void
asks_free(struct asks *a)
{
	if (a == NULL)
		return;
	pthread_cond_destroy(&a->done);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

static void
waiting_drop(struct asks *a, struct waiting *w)
{
	for (struct waiting **at = &a->first; *at != NULL; at = &(*at)->next)
		if (*at == w) {
			*at = w->next;
			return;
		}
}

int
asks_put(void *ctx, const struct texts *programs, const struct texts *inputs,
    struct arena *arena, const char **results, struct err *err)
{
	struct asks *a = ctx;
	struct waiting w = { .arena = arena };

	pthread_mutex_lock(&a->lock);
	w.question = (struct question){ a->next++, *programs, *inputs };
	if (a->closed)
		w.answered = err_set(&w.why, ERR_BUSY, "musterd is ending") !=
		    0;
	w.next = a->first;
	a->first = &w;
	queue_wake(a->queue);
	while (!w.answered)
		pthread_cond_wait(&a->done, &a->lock);
	waiting_drop(a, &w);
	pthread_mutex_unlock(&a->lock);
	*results = w.results;
	if (w.why.cls == ERR_NONE)
		return 0;
	*err = w.why;
	return -1;
}

void
asks_send(struct asks *a, struct supervisor *s)
{
	pthread_mutex_lock(&a->lock);
	for (struct waiting *w = a->first; w != NULL; w = w->next) {
		if (w->sent || w->answered)
			continue;
		w->sent = true;
		supervisor_ask(s, &w->question);
	}
	pthread_mutex_unlock(&a->lock);
}

static void
settle_one(struct asks *a, struct waiting *w, const struct err *why,
    const char *results)
{
	w->why = *why;
	if (results != NULL)
		w->results = arena_str(w->arena, results);
	w->answered = true;
	pthread_cond_broadcast(&a->done);
}

void
asks_answer(struct asks *a, const struct incoming *in)
{
	pthread_mutex_lock(&a->lock);
	for (struct waiting *w = a->first; w != NULL; w = w->next)
		if (w->question.id == in->call && !w->answered) {
			settle_one(a, w, &in->why, in->out);
			break;
		}
	pthread_mutex_unlock(&a->lock);
}

void
asks_close(struct asks *a)
{
	const struct err why = { ERR_BUSY, 0, "musterd is ending" };

	pthread_mutex_lock(&a->lock);
	a->closed = true;
	for (struct waiting *w = a->first; w != NULL; w = w->next)
		if (!w->answered)
			settle_one(a, w, &why, NULL);
	pthread_mutex_unlock(&a->lock);
}
