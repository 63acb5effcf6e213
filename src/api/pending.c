/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was handed to the engine and waits for its answer.  A pending is
 * freed by whoever comes last: the asker, who may have given up, or the
 * answer.
 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "api/inside.h"
#include "base/clock.h"

struct pending {
	struct pending *next, *prev;
	struct arena arena; /* the texts that were handed over */
	pthread_cond_t wake;
	bool answered, left;
	struct err why;
	const char *body;
};

static struct pending *
pending_new(struct api *api)
{
	struct pending *p = calloc(1, sizeof(*p));
	pthread_condattr_t attr;

	if (p == NULL)
		abort();
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->wake, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_lock(&api->lock);
	p->next = api->pending;
	if (p->next != NULL)
		p->next->prev = p;
	api->pending = p;
	pthread_mutex_unlock(&api->lock);
	return p;
}

/* With the lock held. */
static void
pending_unlink(struct api *api, struct pending *p)
{
	if (p->prev != NULL)
		p->prev->next = p->next;
	else
		api->pending = p->next;
	if (p->next != NULL)
		p->next->prev = p->prev;
}

static void
pending_free(struct pending *p)
{
	pthread_cond_destroy(&p->wake);
	arena_fini(&p->arena);
	free(p);
}

static void
pending_drop(struct api *api, struct pending *p)
{
	pthread_mutex_lock(&api->lock);
	pending_unlink(api, p);
	pending_free(p);
	pthread_mutex_unlock(&api->lock);
}

static struct timespec
wait_until(int64_t ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(ms / SECOND);
	t.tv_nsec += (long)(ms % SECOND) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

static int
gave_up(const struct api *api, int64_t ms, struct err *e)
{
	if (api->closing)
		return err_set(e, ERR_BUSY,
		    "musterd is ending; ask again "
		    "when it is back");
	return err_set(e, ERR_BUSY,
	    "no answer after %lld s, still working: "
	    "it will be done once; look at \"muster status\" before you ask "
	    "again",
	    (long long)(ms / SECOND));
}

/* Waits for the answer and makes it the request's. */
static int
pending_wait(struct request *r, struct pending *p, int64_t ms, struct err *e)
{
	struct api *api = r->api;
	struct timespec until = wait_until(ms);
	int late = 0, ret;

	pthread_mutex_lock(&api->lock);
	while (!p->answered && !api->closing && late == 0)
		late = pthread_cond_timedwait(&p->wake, &api->lock, &until);
	if (!p->answered) {
		p->left = true;
		ret = gave_up(api, ms, e);
	} else {
		ret = p->why.cls == ERR_NONE ? 0 : -1;
		if (ret == 0)
			buf_str(&r->reply, p->body == NULL ? "{}" : p->body);
		else
			*e = p->why;
		pending_unlink(api, p);
		pending_free(p);
	}
	pthread_mutex_unlock(&api->lock);
	return ret;
}

static struct actor
actor_copy(struct arena *a, const struct actor *who)
{
	return (struct actor){ arena_str(a, who->name), who->roles };
}

int
pending_submit(struct request *r, const char *verb, const char *body,
    struct err *e)
{
	struct api *api = r->api;
	struct pending *p = pending_new(api);
	struct input *in = arena_zero(&p->arena, 1, sizeof(*in));

	in->kind = INPUT_COMMAND;
	in->verb = arena_str(&p->arena, verb);
	in->body = arena_str(&p->arena, body);
	in->actor = actor_copy(&p->arena, &r->actor);
	in->cookie = p;
	if (api->config.calls.submit(api->config.ctx, in, e) != 0)
		return pending_drop(api, p), -1;
	return pending_wait(r, p, api->config.timeout, e);
}

int
pending_load(struct request *r, const struct api_upload *from, struct err *e)
{
	struct api *api = r->api;
	struct pending *p = pending_new(api);
	struct api_upload *up = arena_zero(&p->arena, 1, sizeof(*up));

	*up = *from;
	up->feed = arena_str(&p->arena, from->feed);
	up->spool = arena_str(&p->arena, from->spool);
	up->name = arena_str(&p->arena, from->name);
	up->actor = actor_copy(&p->arena, &r->actor);
	if (api->config.calls.load(api->config.ctx, up, p, e) != 0) {
		unlink(up->spool);
		pending_drop(api, p);
		return -1;
	}
	/* A large file is read and mapped whole before it is answered. */
	return pending_wait(r, p, 20 * api->config.timeout, e);
}

int
pending_reload(struct request *r, struct err *e)
{
	struct api *api = r->api;
	struct pending *p = pending_new(api);
	struct actor *who = arena_zero(&p->arena, 1, sizeof(*who));

	*who = actor_copy(&p->arena, &r->actor);
	if (api->config.calls.reload(api->config.ctx, who, p, e) != 0)
		return pending_drop(api, p), -1;
	return pending_wait(r, p, api->config.timeout, e);
}

void
api_reply(struct api *api, void *cookie, const struct err *why,
    const char *body)
{
	struct pending *p = cookie;

	pthread_mutex_lock(&api->lock);
	if (p->left) {
		pending_unlink(api, p);
		pending_free(p);
	} else {
		if (why != NULL)
			p->why = *why;
		if (body != NULL)
			p->body = arena_str(&p->arena, body);
		p->answered = true;
		pthread_cond_signal(&p->wake);
	}
	pthread_mutex_unlock(&api->lock);
}

/* Wakes everyone who waits; what they leave behind is freed by the end. */
void
pendings_wake(struct api *api)
{
	pthread_mutex_lock(&api->lock);
	api->closing = true;
	for (struct pending *p = api->pending; p != NULL; p = p->next)
		pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&api->lock);
}

void
pendings_forget(struct api *api)
{
	struct pending *next;

	pthread_mutex_lock(&api->lock);
	struct pending *p = api->pending;
	api->pending = NULL;
	pthread_mutex_unlock(&api->lock);
	for (; p != NULL; p = next) {
		next = p->next;
		pending_free(p);
	}
}
