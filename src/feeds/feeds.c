/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/feeds.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "feeds/file.h"

#define LOOK_EVERY (5 * SECOND) /* for feeds that name no interval */

struct wait {
	struct upload upload;
	struct wait *next;
};

/* What is remembered of a feed's own file between two looks; losing it
   costs one more reading, which changes nothing. */
struct seen {
	char *feed;
	char digest[65];
	int64_t dated;	/* of the file with that digest */
	int64_t looked; /* boot clock; 0 never */
	int64_t failed; /* boot clock of the last refusal */
};

struct feeds {
	struct feeds_env env;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	const struct config *next; /* takes the place of env.config */
	struct wait *first, **last;
	struct seen *seen;
	size_t nseen;
	bool stop, busy, looked; /* looked: at all that is due */
};

static const struct actor self = { "muster feeds", ~0u };

static struct seen *
seen_find(struct feeds *f, const char *feed)
{
	for (size_t i = 0; i < f->nseen; i++)
		if (strcmp(f->seen[i].feed, feed) == 0)
			return &f->seen[i];
	f->seen = realloc(f->seen, (f->nseen + 1) * sizeof(*f->seen));
	if (f->seen == NULL)
		abort();
	struct seen *s = &f->seen[f->nseen++];
	*s = (struct seen){ .feed = strdup(feed) };
	if (s->feed == NULL)
		abort();
	return s;
}

static bool
is_due(struct feeds *f, const struct feed_def *d)
{
	const struct seen *s = seen_find(f, d->feed);
	int64_t every = d->every > 0 ? d->every : LOOK_EVERY;

	return d->path != NULL &&
	    (s->looked == 0 || clock_boot() - s->looked >= every);
}

/* Reads a feed's own file if it is another than last time; or the same,
   written anew: the engine wants to know that it still comes. */
static void
path_read(struct feeds *f, const struct feed_def *d)
{
	struct seen *s = seen_find(f, d->feed);
	struct arena a = { 0 };
	struct err err = { 0 };
	const char *name = strrchr(d->path, '/'), *reply;
	struct feed_file file = { .env = &f->env,
		.def = d,
		.path = d->path,
		.name = name != NULL ? name + 1 : d->path,
		.actor = &self };
	char hex[65];
	int64_t dated;

	s->looked = clock_boot();
	if (feed_file_digest(d->path, hex, &dated, &err) != 0) {
		/* What is no file to be read is told, once. */
		if (err.cls == ERR_INPUT && s->failed == 0)
			feed_file_refuse(&file, &err);
		if (err.cls != ERR_GONE && s->failed == 0)
			log_warn("feed %s: %s", d->feed, err.text);
		s->failed = err.cls == ERR_GONE ? 0 : s->looked;
		arena_fini(&a);
		return;
	}
	s->failed = 0;
	if (strcmp(hex, s->digest) != 0 ||
	    (dated != s->dated && strcmp(d->as, "snapshot") == 0)) {
		int ret = feed_file_read(&file, &a, &reply, &err);

		if (ret == 0)
			log_info("feed %s: %s: %s", d->feed, file.name, reply);
		else
			log_warn("feed %s: %s", d->feed, err.text);
		if (ret == 0 || err.cls == ERR_INPUT) {
			memcpy(s->digest, hex, sizeof(hex));
			s->dated = dated;
		}
	}
	arena_fini(&a);
}

static void
upload_read(struct feeds *f, const struct upload *u)
{
	const struct feed_def *d = config_feed(f->env.config, u->feed);
	struct feed_file file = { .env = &f->env,
		.def = d,
		.path = u->path,
		.name = u->name,
		.dated = u->dated,
		.actor = &u->actor,
		.dry_run = u->dry_run };
	struct arena a = { 0 };
	struct err err = { 0 };
	const char *reply = NULL;

	if (d == NULL)
		err_set(&err, ERR_GONE, "%s: no such feed", u->feed);
	else if (feed_file_read(&file, &a, &reply, &err) == 0)
		err.cls = ERR_NONE;
	unlink(u->path);
	u->done(u->cookie, err.cls == ERR_NONE ? NULL : &err, reply);
	arena_fini(&a);
}

/* The next piece of work, with the lock held; false: there is none now. */
static bool
work(struct feeds *f)
{
	struct wait *w = f->first;
	const struct config *c = f->env.config;

	if (w != NULL) {
		f->first = w->next;
		if (f->first == NULL)
			f->last = &f->first;
		f->busy = true;
		pthread_mutex_unlock(&f->lock);
		upload_read(f, &w->upload);
		free(w);
		pthread_mutex_lock(&f->lock);
		return true;
	}
	for (size_t i = 0; i < c->feeds.n; i++) {
		const struct feed_def *d = (const struct feed_def *)
					       c->feeds.item +
		    i;

		if (!is_due(f, d))
			continue;
		f->busy = true;
		pthread_mutex_unlock(&f->lock);
		path_read(f, d);
		pthread_mutex_lock(&f->lock);
		return true;
	}
	return false;
}

static void
nap(struct feeds *f)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	pthread_cond_timedwait(&f->wake, &f->lock, &until);
}

/* Another configuration: every feed is looked at anew. */
static void
config_take(struct feeds *f)
{
	f->env.config = f->next;
	f->looked = false;
	for (size_t i = 0; i < f->nseen; i++)
		f->seen[i].looked = 0;
}

static void *
feeds_run(void *ctx)
{
	struct feeds *f = ctx;

	pthread_mutex_lock(&f->lock);
	while (!f->stop) {
		bool did = work(f);

		f->busy = false;
		f->looked |= !did;
		if (f->env.config != f->next)
			config_take(f);
		if (!did && !f->stop)
			nap(f);
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

static int
spool_clear(const char *dir, struct err *err)
{
	struct arena a = { 0 };
	const char **names;
	size_t n;

	if (file_list(&a, dir, "", &names, &n, err) != 0) {
		arena_fini(&a);
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		unlink(arena_printf(&a, "%s/%s", dir, names[i]));
	arena_fini(&a);
	return 0;
}

struct feeds *
feeds_open(const struct feeds_env *env, struct err *err)
{
	struct feeds *f;
	pthread_condattr_t clock;

	if (spool_clear(env->spool, err) != 0)
		return NULL;
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		abort();
	f->env = *env;
	f->next = env->config;
	f->last = &f->first;
	pthread_mutex_init(&f->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&f->wake, &clock);
	pthread_condattr_destroy(&clock);
	if (pthread_create(&f->thread, NULL, feeds_run, f) != 0) {
		err_set(err, ERR_BUSY, "no thread for the feeds");
		free(f);
		return NULL;
	}
	return f;
}

static int
refuse(struct err *err)
{
	return err_set(err, ERR_BUSY, "musterd is ending");
}

static void
uploads_refuse(struct feeds *f)
{
	struct err why;

	(void)refuse(&why);
	while (f->first != NULL) {
		struct wait *w = f->first;

		f->first = w->next;
		w->upload.done(w->upload.cookie, &why, NULL);
		free(w);
	}
}

void
feeds_stop(struct feeds *f)
{
	if (f == NULL)
		return;
	pthread_mutex_lock(&f->lock);
	bool was = f->stop;
	f->stop = true;
	pthread_cond_signal(&f->wake);
	pthread_mutex_unlock(&f->lock);
	if (was)
		return;
	pthread_join(f->thread, NULL);
	uploads_refuse(f);
}

void
feeds_close(struct feeds *f)
{
	if (f == NULL)
		return;
	feeds_stop(f);
	for (size_t i = 0; i < f->nseen; i++)
		free(f->seen[i].feed);
	free(f->seen);
	pthread_cond_destroy(&f->wake);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

int
feeds_upload(struct feeds *f, const struct upload *u, struct err *err)
{
	struct wait *w = calloc(1, sizeof(*w));

	if (w == NULL)
		abort();
	w->upload = *u;
	pthread_mutex_lock(&f->lock);
	bool stopped = f->stop;
	if (!stopped) {
		*f->last = w;
		f->last = &w->next;
		f->looked = false;
		pthread_cond_signal(&f->wake);
	}
	pthread_mutex_unlock(&f->lock);
	if (!stopped)
		return 0;
	free(w);
	return refuse(err);
}

void
feeds_configure(struct feeds *f, const struct config *c)
{
	pthread_mutex_lock(&f->lock);
	f->next = c;
	f->looked = false;
	pthread_cond_signal(&f->wake);
	pthread_mutex_unlock(&f->lock);
}

const struct config *
feeds_config(struct feeds *f)
{
	const struct config *c;

	pthread_mutex_lock(&f->lock);
	c = f->env.config;
	pthread_mutex_unlock(&f->lock);
	return c;
}

bool
feeds_idle(struct feeds *f)
{
	bool idle;

	pthread_mutex_lock(&f->lock);
	idle = f->looked && !f->busy && f->first == NULL;
	pthread_mutex_unlock(&f->lock);
	return idle;
}
