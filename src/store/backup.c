/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/inside.h"

#define STEP_PAGES 256

struct copy {
	const char *from, *to, *part, *dir;
	int fd; /* of part, locked */
};

/* It might be the store itself, or a key. */
static int
taken(const struct copy *c, struct err *e)
{
	return err_set(e, ERR_CONFLICT,
	    "%s: is there already, and a backup replaces nothing: name "
	    "another file",
	    c->to);
}

/* One byte is locked that SQLite does not use (it uses those from 1 GiB
   on), so that two backups to one place do not write into each other. */
static int
part_open(struct copy *c, struct err *e)
{
	struct flock first = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_len = 1 };

	c->fd = open(c->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (c->fd < 0)
		return err_set(e, ERR_INPUT, "%s: %s", c->part,
		    strerror(errno));
	if (fcntl(c->fd, F_OFD_SETLK, &first) != 0)
		return err_set(e, ERR_CONFLICT,
		    "%s: another backup is being written there", c->part);
	if (fchmod(c->fd, 0600) != 0 || ftruncate(c->fd, 0) != 0)
		return err_set(e, ERR_INPUT, "%s: %s", c->part,
		    strerror(errno));
	return 0;
}

/*
 * The source's read transaction stays open for the whole copy: it is of one
 * moment, and the writer's commits do not make SQLite begin again.
 */
static int
pages_copy(sqlite3 *from, sqlite3 *to, struct copy *c, struct err *e)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int rc;

	if (b == NULL)
		return store_failed(to, c->part, e);
	do
		rc = sqlite3_backup_step(b, STEP_PAGES);
	while (rc == SQLITE_OK);
	if (sqlite3_backup_finish(b) == SQLITE_OK && rc == SQLITE_DONE)
		return 0;
	return store_failed(to, c->part, e);
}

static int
from_to(struct copy *c, struct err *e)
{
	int64_t seen;
	int ret = -1;
	sqlite3 *to = NULL,
		*from = store_connect(c->from, SQLITE_OPEN_READONLY, e);

	if (from != NULL && store_same_version(from, c->from, e) == 0 &&
	    store_say(from, c->from, "BEGIN", e) == 0 &&
	    store_ask(from, c->from, "PRAGMA schema_version", &seen, e) == 0)
		to = store_connect(c->part, SQLITE_OPEN_READWRITE, e);
	if (to != NULL &&
	    store_say(to, c->part,
		"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;", e) == 0)
		ret = pages_copy(from, to, c, e);
	sqlite3_close(to);
	sqlite3_close(from);
	return ret;
}

static int
not_ok(void *found, int columns, char **values, char **names)
{
	(void)names;
	if (columns > 0 && values[0] != NULL)
		snprintf(found, 200, "%s", values[0]);
	return 0;
}

/* What is wrong with the copy is wrong with the store that it came from. */
static int
part_check(struct copy *c, struct err *e)
{
	char found[200] = "";
	sqlite3 *db = store_connect(c->part, SQLITE_OPEN_READWRITE, e);

	if (db == NULL)
		return -1;
	int rc = sqlite3_exec(db, "PRAGMA quick_check(1)", not_ok, found, NULL);
	int ret = rc == SQLITE_OK ? 0 : store_failed(db, c->from, e);
	if (ret == 0 && strcmp(found, "ok") != 0)
		ret = err_set(e, ERR_BUG,
		    "%s: the store is damaged (%s); no "
		    "backup was made: keep the file, and restore the last "
		    "backup",
		    c->from, found);
	sqlite3_close(db);
	return ret;
}

static int
dir_sync(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	int ret = fsync(fd);
	close(fd);
	return ret;
}

static int
part_finish(struct copy *c, struct err *e)
{
	if (fsync(c->fd) == 0 &&
	    renameat2(AT_FDCWD, c->part, AT_FDCWD, c->to, RENAME_NOREPLACE) ==
		0 &&
	    dir_sync(c->dir) == 0)
		return 0;
	if (errno == EEXIST)
		return taken(c, e);
	return err_set(e, errno == ENOSPC ? ERR_FULL : ERR_BUG, "%s: %s", c->to,
	    strerror(errno));
}

static const char *
folder_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return ".";
	return arena_mem(a, path, (size_t)(slash == path ? 1 : slash - path));
}

int
store_backup(const char *from, const char *to, struct err *e)
{
	struct arena a = { 0 };
	struct copy c = { .from = from, .to = to, .fd = -1 };

	c.part = arena_printf(&a, "%s.part", to);
	c.dir = folder_of(&a, to);
	int ret = access(to, F_OK) == 0 ? taken(&c, e) : part_open(&c, e);
	if (ret == 0) {
		ret = from_to(&c, e) == 0 && part_check(&c, e) == 0 ?
		    part_finish(&c, e) :
		    -1;
		if (ret != 0)
			unlink(c.part);
	}
	if (c.fd >= 0)
		close(c.fd);
	arena_fini(&a);
	return ret;
}
