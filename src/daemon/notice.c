/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/notice.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/channel.h"
#include "daemon/deliver.h"
#include "engine/command.h"
#include "model/account.h"
#include "store/store.h"

#define TRIES_MAX 12 /* then it is failed, and status shows it */
#define PAUSE_MAX (10 * MINUTE)

struct notices {
	struct notices_env env;
	const struct config *next;
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop, woken, idle;
};

static const struct actor self = { "muster notices", ~0u };

static void
told(struct notices *n, const char *verb, int64_t id, int64_t due,
    const struct err *why, struct arena *a)
{
	struct sent_notice s = { .id = id,
		.ok = why->cls == ERR_NONE,
		.error = why->cls == ERR_NONE ? NULL : why->text,
		.due = due };
	struct buf b = { .arena = a };
	struct err err = { 0 };

	json_encode(&b, sent_notice_fields, &s);
	if (n->env.call(n->env.call_ctx, verb, buf_text(&b), &self, a, NULL,
		&err) != 0)
		log_warn("notice %lld: %s", (long long)id, err.text);
}

static const struct channel *
channel_find(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->settings.channels.n; i++) {
		const struct channel *ch = (const struct channel *)
					       c->settings.channels.item +
		    i;

		if (strcmp(ch->name, name) == 0)
			return ch;
	}
	return NULL;
}

static void
notice_do(struct notices *n, const struct notice *row)
{
	const struct channel *c = channel_find(n->env.config, row->channel);
	struct arena a = { 0 };
	struct err why = { 0 };
	int64_t pause = 5 * SECOND << (row->tries < 8 ? row->tries : 8);
	int64_t due = 0;

	if (c == NULL)
		err_set(&why, ERR_INPUT, "channel %s is no longer configured",
		    row->channel);
	else if (channel_send(c, row, &a, &why) == 0)
		why.cls = ERR_NONE;
	if (why.cls != ERR_NONE) {
		log_warn("notice %lld: %s", (long long)row->id, why.text);
		if (why.cls == ERR_BUSY && row->tries + 1 < TRIES_MAX)
			due = clock_wall() +
			    (pause < PAUSE_MAX ? pause : PAUSE_MAX);
	}
	told(n, "notice.settle", row->id, due, &why, &a);
	arena_fini(&a);
}

/* The first role that says how a password of this kind goes out. */
static const struct role_account *
delivery_find(const struct config *c, const struct account *acc)
{
	for (size_t i = 0; i < c->roles.n; i++) {
		const struct role_def *r = (const struct role_def *)
					       c->roles.item +
		    i;

		for (size_t k = 0; k < r->account.n; k++) {
			const struct role_account *d =
			    (const struct role_account *)r->account.item + k;

			if (d->password != NULL && d->deliver_to != NULL &&
			    strcmp(d->system, acc->system) == 0 &&
			    strcmp(d->kind, acc->kind) == 0)
				return d;
		}
	}
	return NULL;
}

static void
secret_do(struct notices *n, const struct secret *s)
{
	struct arena a = { 0 };
	struct by_id key = { s->account };
	struct account acc = { 0 };
	struct err why = { 0 };
	const struct role_account *d;

	if (store_get(n->store, &a, STMT_RUN_ACCOUNT, by_id_fields, &key,
		account_fields, &acc, &why) == 0) {
		d = delivery_find(n->env.config, &acc);
		if (d == NULL)
			err_set(&why, ERR_INPUT,
			    "no role says where a first "
			    "password for %s/%s goes",
			    acc.system, acc.kind);
		else if (deliver(n->env.keyring, s, &acc, d, &a, &why) == 0)
			why.cls = ERR_NONE;
	}
	told(n, "secret.delivered", s->id, 0, &why, &a);
	arena_fini(&a);
}

/* One look: sends what is due; true if there was anything. */
static bool
look(struct notices *n)
{
	struct arena a = { 0 };
	struct many due = { 0 }, secrets = { 0 };
	struct notice key = { .due = clock_wall() };
	struct by_id none = { 0 };
	struct err err = { 0 };

	if (store_list(n->store, &a, STMT_NOTICE_DUE, notice_fields, &key,
		notice_fields, sizeof(struct notice), 0, &due, &err) != 0 ||
	    store_list(n->store, &a, STMT_SECRET_WAITING, by_id_fields, &none,
		secret_fields, sizeof(struct secret), 0, &secrets, &err) != 0)
		log_warn("notices: %s", err.text);
	for (size_t i = 0; i < secrets.n && !n->stop; i++)
		secret_do(n, (const struct secret *)secrets.item + i);
	for (size_t i = 0; i < due.n && !n->stop; i++)
		notice_do(n, (const struct notice *)due.item + i);
	bool any = due.n + secrets.n > 0;
	arena_fini(&a);
	return any;
}

static void
nap(struct notices *n, bool failing)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += failing ? 5 : 2;
	while (!n->woken && !n->stop &&
	    pthread_cond_timedwait(&n->wake, &n->lock, &until) == 0)
		continue;
	n->woken = false;
}

static void *
notices_run(void *ctx)
{
	struct notices *n = ctx;

	pthread_mutex_lock(&n->lock);
	while (!n->stop) {
		n->env.config = n->next;
		n->idle = false;
		pthread_mutex_unlock(&n->lock);
		bool any = look(n);
		pthread_mutex_lock(&n->lock);
		n->idle = !any && !n->woken;
		if (!any || !n->woken)
			nap(n, any);
	}
	pthread_mutex_unlock(&n->lock);
	return NULL;
}

struct notices *
notices_open(const struct notices_env *env, struct err *err)
{
	struct notices *n = calloc(1, sizeof(*n));
	pthread_condattr_t clock;

	if (n == NULL)
		abort();
	n->env = *env;
	n->next = env->config;
	n->store = store_reader(env->store, err);
	if (n->store == NULL) {
		free(n);
		return NULL;
	}
	pthread_mutex_init(&n->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&n->wake, &clock);
	pthread_condattr_destroy(&clock);
	if (pthread_create(&n->thread, NULL, notices_run, n) != 0) {
		store_close(n->store);
		free(n);
		err_set(err, ERR_BUSY, "no thread for notices");
		return NULL;
	}
	return n;
}

void
notices_close(struct notices *n)
{
	if (n == NULL)
		return;
	pthread_mutex_lock(&n->lock);
	n->stop = true;
	pthread_cond_signal(&n->wake);
	pthread_mutex_unlock(&n->lock);
	pthread_join(n->thread, NULL);
	store_close(n->store);
	pthread_cond_destroy(&n->wake);
	pthread_mutex_destroy(&n->lock);
	free(n);
}

void
notices_wake(struct notices *n)
{
	pthread_mutex_lock(&n->lock);
	n->woken = true;
	n->idle = false;
	pthread_cond_signal(&n->wake);
	pthread_mutex_unlock(&n->lock);
}

bool
notices_idle(struct notices *n)
{
	bool idle;

	pthread_mutex_lock(&n->lock);
	idle = n->idle;
	pthread_mutex_unlock(&n->lock);
	return idle;
}

void
notices_configure(struct notices *n, const struct config *c)
{
	pthread_mutex_lock(&n->lock);
	n->next = c;
	pthread_cond_signal(&n->wake);
	pthread_mutex_unlock(&n->lock);
}

const struct config *
notices_config(struct notices *n)
{
	const struct config *c;

	pthread_mutex_lock(&n->lock);
	c = n->env.config;
	pthread_mutex_unlock(&n->lock);
	return c;
}
