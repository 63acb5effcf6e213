/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the store's own files share: the handle, and how a failure of SQLite
 * is told.
 */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include <pthread.h>

#include <sqlite3.h>

#include "store/store.h"

/* A statement, and which member goes to which slot and column.  The maps
   hold for one field table each and are made again for another one. */
struct ready {
	sqlite3_stmt *st;
	const struct field *key_table, *row_table;
	const struct field **slots, **columns;
	int slot_count, column_count;
};

/*
 * Copies the WAL back into the database, on a thread and a connection of
 * its own, so that no commit ever waits for it.
 */
struct checkpointer {
	sqlite3 *db; /* NULL: none (a reader, ":memory:") */
	pthread_t thread;
	pthread_mutex_t lock; /* of the members below */
	pthread_cond_t wake;
	int frames; /* in the WAL after the last commit */
	int copied; /* of them, tried already */
	bool stop;
};

struct store {
	sqlite3 *db;
	char *path;
	struct arena arena;   /* of path and maps; lives as long as this */
	struct arena scratch; /* of one statement's parameters */
	struct ready ready[STMT_COUNT];
	int lock;	     /* descriptor that holds PATH.lock; -1 none */
	bool open;	     /* between begin and commit or rollback */
	enum err_class lost; /* why SQLite itself ended the transaction */
	struct checkpointer checkpointer;
};

/* The failure that db has just reported, as a class and a sentence. */
int store_failed(sqlite3 *db, const char *path, struct err *);
/* Runs text without parameters or rows (PRAGMA, schema). */
int store_say(sqlite3 *db, const char *path, const char *text, struct err *)
    __attribute__((warn_unused_result));
/* The only number that a PRAGMA answers. */
int store_ask(sqlite3 *db, const char *path, const char *text, int64_t *answer,
    struct err *) __attribute__((warn_unused_result));
/* A connection with the settings that all of them have. */
sqlite3 *store_connect(const char *path, int flags, struct err *);

/* store/migrate.c: brings the schema to this version; ERR_INPUT if it is
   from a newer one. */
int store_migrate(sqlite3 *db, const char *path, struct err *)
    __attribute__((warn_unused_result));
/* ERR_INPUT unless the schema is exactly of this version. */
int store_same_version(sqlite3 *db, const char *path, struct err *)
    __attribute__((warn_unused_result));

/* store/checkpoint.c */
int checkpointer_start(struct store *, struct err *)
    __attribute__((warn_unused_result));
void checkpointer_stop(struct store *);

#endif
