/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "store/inside.h"

/* "Must": tells our files from another program's. */
#define APPLICATION INT64_C(0x4d757374)

struct migration {
	int64_t version;
	const char *text;
};

static const struct migration migrations[] = {
#define MIGRATION(n, sql) { n, sql },
#include "store/migrations.def"
#undef MIGRATION
};

#define MIGRATIONS (sizeof(migrations) / sizeof(migrations[0]))

static int64_t
newest(void)
{
	return migrations[MIGRATIONS - 1].version;
}

static int
version_read(sqlite3 *db, const char *path, int64_t *version, struct err *e)
{
	return store_ask(db, path, "PRAGMA user_version", version, e);
}

static int
not_newer(const char *path, int64_t version, struct err *e)
{
	if (version <= newest())
		return 0;
	return err_set(e, ERR_INPUT,
	    "%s: written by a newer muster (schema "
	    "%lld, this one knows %lld): run that version, or restore a "
	    "backup of this one",
	    path, (long long)version, (long long)newest());
}

/* An empty file may become a store; another program's may not. */
static int
is_ours(sqlite3 *db, const char *path, struct err *e)
{
	int64_t id = 0, pages = 0;

	if (store_ask(db, path, "PRAGMA application_id", &id, e) != 0 ||
	    store_ask(db, path, "PRAGMA page_count", &pages, e) != 0)
		return -1;
	if (id == APPLICATION || (id == 0 && pages <= 1))
		return 0;
	return err_set(e, ERR_INPUT, "%s: not a store of muster", path);
}

static int
migrate_one(sqlite3 *db, const char *path, const struct migration *m,
    struct err *e)
{
	char version[64], ours[64];

	snprintf(version, sizeof(version), "PRAGMA user_version = %lld",
	    (long long)m->version);
	snprintf(ours, sizeof(ours), "PRAGMA application_id = %lld",
	    (long long)APPLICATION);
	if (store_say(db, path, "BEGIN IMMEDIATE", e) != 0)
		return -1;
	if (store_say(db, path, m->text, e) == 0 &&
	    store_say(db, path, version, e) == 0 &&
	    store_say(db, path, ours, e) == 0 &&
	    store_say(db, path, "COMMIT", e) == 0)
		return 0;
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return err_within(e, "migration %lld: ", (long long)m->version);
}

int
store_migrate(sqlite3 *db, const char *path, struct err *e)
{
	int64_t version = 0;

	if (version_read(db, path, &version, e) != 0 ||
	    not_newer(path, version, e) != 0 || is_ours(db, path, e) != 0)
		return -1;
	for (size_t i = 0; i < MIGRATIONS; i++)
		if (migrations[i].version > version &&
		    migrate_one(db, path, &migrations[i], e) != 0)
			return -1;
	return 0;
}

int
store_same_version(sqlite3 *db, const char *path, struct err *e)
{
	int64_t version = 0;

	if (version_read(db, path, &version, e) != 0 ||
	    is_ours(db, path, e) != 0 || not_newer(path, version, e) != 0)
		return -1;
	if (version < newest())
		return err_set(e, ERR_INPUT,
		    "%s: of an older muster (schema "
		    "%lld): start musterd once to bring it up",
		    path, (long long)version);
	return 0;
}
