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
	int64_t after;	    /* first passwords: as far as this round is */
	bool failed;	    /* one of this round */
	int64_t bad_rounds; /* in a row */
	int64_t next_round; /* boot clock; so is the next */
	int64_t quiet_until;
};

static const struct actor self = { "muster notices", ~0u };

/* False: the engine does not take it now (the disk is full).  The same is
   sent again then, so nothing is for a while. */
static bool
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
		&err) == 0)
		return true;
	log_warn("notice %lld: %s", (long long)id, err.text);
	n->quiet_until = clock_boot() + MINUTE;
	return false;
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

static bool
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
	bool taken = told(n, "notice.settle", row->id, due, &why, &a);
	arena_fini(&a);
	return taken;
}

struct reason_walk {
	const char *reason;
	bool found;
};

static int
reason_look(void *ctx, const char *key, const char *value, struct err *err)
{
	struct reason_walk *w = ctx;

	(void)key, (void)err;
	w->found |= strcmp(value, w->reason) == 0;
	return 0;
}

/* Whether the account is held because of this role. */
static bool
is_reason(struct arena *a, const struct account *acc, const char *role)
{
	struct reason_walk w = { .found = false };
	struct buf b = { .arena = a };
	struct err ignored;

	json_string(&b, arena_printf(a, "role %s", role));
	w.reason = buf_text(&b);
	return acc->reasons.text != NULL &&
	    json_each(a, acc->reasons.text, reason_look, &w, &ignored) == 0 &&
	    w.found;
}

static const struct role_account *
role_delivery(const struct role_def *r, const struct account *acc)
{
	for (size_t k = 0; k < r->account.n; k++) {
		const struct role_account *d = (const struct role_account *)
						   r->account.item +
		    k;

		if (d->password != NULL && d->deliver_to != NULL &&
		    strcmp(d->system, acc->system) == 0 &&
		    strcmp(d->kind, acc->kind) == 0)
			return d;
	}
	return NULL;
}

static bool
is_same_place(const struct role_account *a, const struct role_account *b)
{
	return strcmp(a->deliver, b->deliver) == 0 &&
	    strcmp(a->deliver_to, b->deliver_to) == 0;
}

/* What the role that gave the account says; where that is no longer known,
   what all say that could have.  NULL: nobody may guess who reads it. */
static const struct role_account *
delivery_find(const struct config *c, const struct account *acc,
    struct arena *a)
{
	const struct role_account *any = NULL;
	bool several = false;

	for (size_t i = 0; i < c->roles.n; i++) {
		const struct role_def *r = (const struct role_def *)
					       c->roles.item +
		    i;
		const struct role_account *d = role_delivery(r, acc);

		if (d == NULL)
			continue;
		if (is_reason(a, acc, r->role))
			return d;
		several |= any != NULL && !is_same_place(any, d);
		any = d;
	}
	return several ? NULL : any;
}

/* Delivers one; false if it was not, and the engine knows why. */
static bool
secret_do(struct notices *n, const struct secret *s)
{
	struct arena a = { 0 };
	struct by_id key = { s->account };
	struct account acc = { 0 };
	struct err why = { 0 };
	const struct role_account *d;

	/* The letter has the password in clear. */
	arena_lock(&a);
	if (store_get(n->store, &a, STMT_RUN_ACCOUNT, by_id_fields, &key,
		account_fields, &acc, &why) == 0) {
		d = delivery_find(n->env.config, &acc, &a);
		if (d == NULL)
			err_set(&why, ERR_INPUT,
			    "the roles do not say, or not as one, where a "
			    "first password for %s/%s goes",
			    acc.system, acc.kind);
		else if (deliver(n->env.keyring, s, &acc, d, &a, &why) == 0)
			why.cls = ERR_NONE;
	}
	bool taken = told(n, "secret.delivered", s->id, 0, &why, &a);
	arena_fini(&a);
	return taken && why.cls == ERR_NONE;
}

/* Nothing is sent now: musterd ends, or the engine takes no answer. */
static bool
is_quiet(struct notices *n)
{
	bool stop;

	pthread_mutex_lock(&n->lock);
	stop = n->stop;
	pthread_mutex_unlock(&n->lock);
	return stop || clock_boot() < n->quiet_until;
}

/* Notices that are due; true if any of them is out of the way. */
static bool
notices_look(struct notices *n)
{
	struct arena a = { 0 };
	struct many due = { 0 };
	struct notice key = { .due = clock_wall() };
	struct err err = { 0 };
	bool any = false;

	if (is_quiet(n))
		return false;
	if (store_list(n->store, &a, STMT_NOTICE_DUE, notice_fields, &key,
		notice_fields, sizeof(struct notice), 0, &due, &err) != 0)
		log_warn("notices: %s", err.text);
	for (size_t i = 0; i < due.n && !is_quiet(n); i++)
		any |= notice_do(n, (const struct notice *)due.item + i);
	arena_fini(&a);
	return any;
}

/* A round over all that wait is at its end: after a failure, the next one
   waits a while. */
static void
round_end(struct notices *n)
{
	int64_t pause = 5 * SECOND << (n->bad_rounds < 4 ? n->bad_rounds : 4);

	n->after = 0;
	n->next_round = n->failed ? clock_boot() + pause : 0;
	n->bad_rounds = n->failed ? n->bad_rounds + 1 : 0;
	n->failed = false;
}

/* First passwords, some at a time and each once a round, so that one hook
   that fails keeps neither the others nor the notices. */
static bool
secrets_look(struct notices *n)
{
	struct arena a = { 0 };
	struct many rows = { 0 };
	struct by_id after = { n->after };
	struct err err = { 0 };
	bool any = false;

	if (is_quiet(n) || clock_boot() < n->next_round)
		return false;
	if (store_list(n->store, &a, STMT_SECRET_WAITING, by_id_fields, &after,
		secret_fields, sizeof(struct secret), 0, &rows, &err) != 0)
		log_warn("first passwords: %s", err.text);
	for (size_t i = 0; i < rows.n && !is_quiet(n); i++) {
		const struct secret *s = (const struct secret *)rows.item + i;
		bool done = secret_do(n, s);

		n->failed |= !done;
		any |= done;
		n->after = s->id;
	}
	if (rows.n == 0)
		round_end(n);
	arena_fini(&a);
	return any || rows.n > 0;
}

static void
nap(struct notices *n)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += 2;
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
		n->idle = n->woken = false;
		pthread_mutex_unlock(&n->lock);
		bool any = notices_look(n);
		any |= secrets_look(n);
		pthread_mutex_lock(&n->lock);
		n->idle = !any && !n->woken;
		if (n->idle)
			nap(n);
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
