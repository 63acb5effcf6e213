/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "daemon/house.h"
#include "daemon/notice.h"

/* A request of the API on its way through the queue. */
struct visit {
	struct ticket ticket;
	struct house *house;
	void *cookie;
};

static void
visit_answer(struct ticket *t, const struct err *why, const char *body)
{
	struct visit *v = t->ctx;

	api_reply(v->house->api, v->cookie, why, body);
	free(v);
}

static int
visit_submit(void *ctx, const struct input *in, struct err *err)
{
	struct visit *v = calloc(1, sizeof(*v));

	if (v == NULL)
		abort();
	v->house = ctx;
	v->cookie = in->cookie;
	v->ticket = (struct ticket){ .input = *in,
		.answer = visit_answer,
		.ctx = v };
	v->ticket.input.cookie = &v->ticket;
	if (queue_add(v->house->queue, &v->ticket, err) == 0)
		return 0;
	free(v);
	return -1;
}

static void
upload_done(void *cookie, const struct err *why, const char *body)
{
	struct visit *v = cookie;

	api_reply(v->house->api, v->cookie, why, body);
	free(v);
}

static int
visit_upload(void *ctx, const struct api_upload *u, void *cookie,
    struct err *err)
{
	struct visit *v = calloc(1, sizeof(*v));
	struct upload up = { .feed = u->feed,
		.path = u->spool,
		.name = u->name,
		.dated = u->dated,
		.actor = u->actor,
		.dry_run = u->dry_run,
		.done = upload_done,
		.cookie = v };

	if (v == NULL)
		abort();
	v->house = ctx;
	v->cookie = cookie;
	if (v->house->feeds == NULL) {
		free(v);
		return err_set(err, ERR_CONFLICT,
		    "a restored backup is only "
		    "read: `muster restore accept` first");
	}
	if (feeds_upload(v->house->feeds, &up, err) == 0)
		return 0;
	free(v);
	return -1;
}

/* Who asked for a reload, until the engine's thread has done it. */
struct reload {
	void *cookie;
	struct reload *next;
};

static pthread_mutex_t reload_lock = PTHREAD_MUTEX_INITIALIZER;

static int
visit_reload(void *ctx, const struct actor *actor, void *cookie,
    struct err *err)
{
	struct house *h = ctx;
	struct reload *r = calloc(1, sizeof(*r));

	(void)err;
	if (r == NULL)
		abort();
	r->cookie = cookie;
	pthread_mutex_lock(&reload_lock);
	r->next = h->reloads;
	h->reloads = r;
	pthread_mutex_unlock(&reload_lock);
	log_info("%s asks for the configuration to be read again", actor->name);
	queue_wake(h->queue);
	return 0;
}

void
doors_reload(struct house *h)
{
	struct err err = { 0 };
	struct reload *r, *next;
	struct arena a = { 0 };
	int ret;

	pthread_mutex_lock(&reload_lock);
	r = h->reloads;
	h->reloads = NULL;
	pthread_mutex_unlock(&reload_lock);
	if (r == NULL)
		return;
	ret = house_reload(h, &err);
	for (; r != NULL; r = next) {
		next = r->next;
		api_reply(h->api, r->cookie, ret != 0 ? &err : NULL,
		    arena_printf(&a, "{\"digest\":\"%s\"}", h->config->digest));
		free(r);
	}
	arena_fini(&a);
}

/* Those that nobody waits for any more. */
static void
reloads_free(struct house *h)
{
	while (h->reloads != NULL) {
		struct reload *r = h->reloads;

		h->reloads = r->next;
		free(r);
	}
}

static int
call_engine(void *ctx, const char *verb, const char *body,
    const struct actor *actor, struct arena *a, const char **reply,
    struct err *err)
{
	return queue_call(ctx, verb, body, actor, a, reply, err);
}

static int
senders_open(struct house *h, struct err *err)
{
	struct feeds_env f = { .config = h->config,
		.spool = h->spool,
		.call = call_engine,
		.call_ctx = h->queue,
		.ask = asks_put,
		.ask_ctx = h->asks };
	struct notices_env n = { .config = h->config,
		.store = h->store_path,
		.keyring = h->keyring,
		.call = call_engine,
		.call_ctx = h->queue };

	if (h->only_read)
		return 0;
	if ((h->feeds = feeds_open(&f, err)) == NULL)
		return -1;
	h->notices = notices_open(&n, err);
	return h->notices == NULL ? -1 : 0;
}

int
doors_open(struct house *h, struct err *err)
{
	struct api_config c = { .socket = h->socket,
		.listen = h->config->settings.listen,
		.store = h->store_path,
		.spool = h->spool,
		.config = h->config,
		.private_ = h->options.private_,
		.ctx = h,
		.calls = { .submit = visit_submit,
		    .load = visit_upload,
		    .reload = visit_reload } };

	h->asks = asks_new(h->queue);
	if (senders_open(h, err) != 0)
		return -1;
	if (h->options.once)
		return 0;
	h->api = api_open(&c, err);
	return h->api == NULL ? -1 : 0;
}

void
doors_close(struct house *h)
{
	if (h->queue != NULL)
		queue_close(h->queue);
	if (h->asks != NULL)
		asks_close(h->asks);
	feeds_stop(h->feeds);
	notices_close(h->notices);
	/* Its connections hand over uploads and reloads until it is closed. */
	api_close(h->api);
	feeds_close(h->feeds);
	reloads_free(h);
}

void
doors_configure(struct house *h, const struct config *c)
{
	if (h->feeds != NULL)
		feeds_configure(h->feeds, c);
	if (h->notices != NULL)
		notices_configure(h->notices, c);
	if (h->api != NULL)
		api_configure(h->api, c);
}

/* A restored backup was accepted: feeds and notices begin. */
static void
accepted(struct house *h)
{
	struct err err = { 0 };

	h->only_read = false;
	if (senders_open(h, &err) != 0)
		log_error("feeds and notices do not start: %s", err.text);
}

void
doors_tidy(struct house *h)
{
	if (h->only_read && !engine_only_read(h->engine))
		accepted(h);
	if (h->old == NULL ||
	    (h->feeds != NULL && feeds_config(h->feeds) == h->old) ||
	    (h->notices != NULL && notices_config(h->notices) == h->old))
		return;
	config_free(h->old);
	h->old = NULL;
}
