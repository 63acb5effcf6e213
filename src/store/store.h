/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only file that speaks SQLite.  Callers name a statement of
 * store/stmts.def and hand over a struct with its field table; they never
 * see SQL text or a column index.  One process holds the store for writing
 * (an exclusive lock beside it), one thread of it writes, in one
 * transaction at a time; readers have handles of their own and see
 * snapshots.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <muster/field.h>

enum stmt {
#define STMT(id, sql) STMT_##id,
#include "store/evidence.def"
#include "store/session.def"
#include "store/stmts.def"
#undef STMT
	STMT_COUNT
};

struct store;

/*
 * Opens for writing, makes or migrates the schema.  ERR_CONFLICT: another
 * daemon holds it.  ERR_INPUT: written by a newer muster.  ERR_BUG: it is
 * damaged; the text names the file and says what to do (nothing is
 * repaired).  path ":memory:" is a private store for tests.
 */
struct store *store_open(const char *path, struct err *);
/* A read-only handle on the same file, for one thread at a time. */
struct store *store_reader(const char *path, struct err *);
void store_close(struct store *);

/*
 * Runs a statement that returns nothing.  Each :name of its text is a
 * member of key.  ERR_CONFLICT on a broken unique or foreign key; ERR_FULL
 * when the disk is full; ERR_BUG otherwise.
 */
int store_put(struct store *, enum stmt, const struct field *, const void *key,
    struct err *) __attribute__((warn_unused_result));
/* The same; *id gets the new row's integer key. */
int store_add(struct store *, enum stmt, const struct field *, const void *key,
    int64_t *id, struct err *) __attribute__((warn_unused_result));
/* How many rows the last put changed. */
int64_t store_changed(const struct store *);

/*
 * Reads one row into out (zeroed by the callee), texts in the arena;
 * ERR_GONE when there is none.  key has its own table: it may be another
 * struct than out.
 */
int store_get(struct store *, struct arena *, enum stmt,
    const struct field *key_table, const void *key, const struct field *table,
    void *out, struct err *) __attribute__((warn_unused_result));
/* The same, but no row is no failure: 1 found, 0 none, -1. */
int store_find(struct store *, struct arena *, enum stmt,
    const struct field *key_table, const void *key, const struct field *table,
    void *out, struct err *) __attribute__((warn_unused_result));
/* All rows as one array of size bytes each, at most max (0: no limit). */
int store_list(struct store *, struct arena *, enum stmt,
    const struct field *key_table, const void *key, const struct field *table,
    size_t size, size_t max, struct many *out, struct err *)
    __attribute__((warn_unused_result));

/* Keys that most statements need. */
struct by_id {
	int64_t id;
};
struct by_name {
	const char *name;
};
extern const struct field by_id_fields[], by_name_fields[];

/* Writes between begin and commit land together or not at all. */
int store_begin(struct store *, struct err *)
    __attribute__((warn_unused_result));
int store_commit(struct store *, struct err *)
    __attribute__((warn_unused_result));
void store_rollback(struct store *);
/* Savepoints nest inside a transaction, last in first out. */
int store_mark(struct store *, struct err *)
    __attribute__((warn_unused_result));
int store_keep(struct store *, struct err *)
    __attribute__((warn_unused_result)); /* release the last mark */
int store_undo(struct store *, struct err *)
    __attribute__((warn_unused_result)); /* roll back to it, drop it */

/* A reader's snapshot: what is read between the two is of one moment. */
int store_look(struct store *, struct err *)
    __attribute__((warn_unused_result));
void store_unlook(struct store *);

/* Copies the live store to path (mode 0600, complete or absent), in small
   steps that let the writer go on.  ERR_CONFLICT: there is such a file. */
int store_backup(const char *from, const char *to, struct err *)
    __attribute__((warn_unused_result));

/* Bytes free on the store's file system. */
int64_t store_room(const struct store *);

#endif
