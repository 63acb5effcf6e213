/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "store/inside.h"

/*
 * Pages of 4 KiB.  A passive round follows every COPY_AFTER new ones; past
 * RESTART_AFTER (16 MiB) the writer waits once, so that it can begin at the
 * WAL's start again.  The file keeps its size up to the writer's
 * journal_size_limit: to write over what is there is cheaper to sync than to
 * let it grow anew.  Where a reader stands in the way, the next round tries
 * again.
 */
#define COPY_AFTER 1000
#define RESTART_AFTER 4096
#define BUSY_MS 100

/* Runs in the thread that has just committed. */
static int
committed(void *arg, sqlite3 *db, const char *name, int frames)
{
	struct checkpointer *c = arg;

	(void)db;
	(void)name;
	pthread_mutex_lock(&c->lock);
	c->frames = frames;
	if (frames < c->copied)
		c->copied = 0; /* it began at the start again */
	if (frames - c->copied >= COPY_AFTER)
		pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	return SQLITE_OK;
}

/*
 * Most is copied while the writer goes on; only what came in the meantime
 * is left for the round that makes it wait.  A failure is not told: the WAL
 * keeps everything, the next round tries again, and a full or dying disk
 * shows itself at the next commit.
 */
static void
copy(struct checkpointer *c, int frames)
{
	sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL,
	    NULL);
	if (frames >= RESTART_AFTER)
		sqlite3_wal_checkpoint_v2(c->db, NULL,
		    SQLITE_CHECKPOINT_RESTART, NULL, NULL);
}

static void *
thread_main(void *arg)
{
	struct checkpointer *c = arg;

	pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		int frames = c->frames;

		if (frames - c->copied < COPY_AFTER) {
			pthread_cond_wait(&c->wake, &c->lock);
			continue;
		}
		c->copied = frames;
		pthread_mutex_unlock(&c->lock);
		copy(c, frames);
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* Signals are for the daemon's own threads. */
static int
thread_start(struct checkpointer *c)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int rc = pthread_create(&c->thread, NULL, thread_main, c);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc;
}

/* A connection that has read nothing does not know that there is a WAL,
   and its checkpoints do nothing and say that all is well. */
static sqlite3 *
checkpointer_connect(const char *path, struct err *e)
{
	sqlite3 *db = store_connect(path, SQLITE_OPEN_READWRITE, e);
	int64_t seen;

	if (db == NULL)
		return NULL;
	sqlite3_busy_timeout(db, BUSY_MS);
	if (store_say(db, path, "PRAGMA cache_size = -256", e) == 0 &&
	    store_ask(db, path, "PRAGMA schema_version", &seen, e) == 0)
		return db;
	sqlite3_close(db);
	return NULL;
}

int
checkpointer_start(struct store *s, struct err *e)
{
	struct checkpointer *c = &s->checkpointer;

	c->db = checkpointer_connect(s->path, e);
	if (c->db == NULL)
		return -1;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	int rc = thread_start(c);
	if (rc != 0) {
		sqlite3_close(c->db);
		c->db = NULL;
		return err_set(e, ERR_BUG, "no thread for checkpoints: %s",
		    strerror(rc));
	}
	sqlite3_wal_hook(s->db, committed, c);
	return 0;
}

void
checkpointer_stop(struct store *s)
{
	struct checkpointer *c = &s->checkpointer;

	if (c->db == NULL)
		return;
	sqlite3_wal_hook(s->db, NULL, NULL);
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	sqlite3_close(c->db);
	c->db = NULL;
}
