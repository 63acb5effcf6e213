/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/inside.h"

/* The writer waits for nobody but a checkpoint that makes room. */
#define BUSY_MS 10000

#define MEMORY ":memory:"

/* os: the errno of the failure.  sqlite3_system_errno() is 0 by the time
   that a failed write has been rolled back (seen in 3.40). */
static enum err_class
class_of(sqlite3 *db, int os)
{
	switch (sqlite3_errcode(db) & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_FULL:
		return ERR_FULL;
	case SQLITE_IOERR:
		return os == ENOSPC || os == EDQUOT || os == EFBIG ? ERR_FULL :
								     ERR_BUG;
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_READONLY:
		return ERR_INPUT;
	}
	switch (sqlite3_extended_errcode(db)) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return ERR_CONFLICT;
	}
	return ERR_BUG;
}

static int
damaged(const char *path, const char *how, struct err *e)
{
	return err_set(e, ERR_BUG,
	    "%s: the store is damaged (%s); nothing "
	    "was changed: stop, keep the file, and restore the last backup",
	    path, how);
}

/* What to do about it; NULL: only muster's makers know. */
static const char *
advice(enum err_class cls, int code)
{
	switch (cls) {
	case ERR_BUSY:
		return "another program holds it; try again, and look who has "
		       "it open if that does not help";
	case ERR_FULL:
		return "there is no room for it; make some on its disk";
	case ERR_INPUT:
		return "it cannot be opened or written; look at who owns it "
		       "and its folder, and at their modes";
	case ERR_CONFLICT:
		return "the same is there already; look again";
	default:
		return code == SQLITE_IOERR ?
		    "its disk cannot be read or written; look at the system's "
		    "log" :
		    NULL;
	}
}

int
store_failed(sqlite3 *db, const char *path, struct err *e)
{
	int os = errno, code = sqlite3_errcode(db) & 0xff;
	enum err_class cls = class_of(db, os);
	const char *text = advice(cls, code);

	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return damaged(path, sqlite3_errmsg(db), e);
	if (text != NULL)
		return err_set(e, cls, "%s: %s (%s)", path, text,
		    sqlite3_errmsg(db));
	return err_set(e, cls, "%s: %s", path, sqlite3_errmsg(db));
}

int
store_say(sqlite3 *db, const char *path, const char *text, struct err *e)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return store_failed(db, path, e);
}

int
store_ask(sqlite3 *db, const char *path, const char *text, int64_t *answer,
    struct err *e)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(db, text, -1, &st, NULL) != SQLITE_OK)
		return store_failed(db, path, e);
	int ret = 0;
	if (sqlite3_step(st) == SQLITE_ROW)
		*answer = sqlite3_column_int64(st, 0);
	else
		ret = store_failed(db, path, e);
	sqlite3_finalize(st);
	return ret;
}

/* Nobody reads SQLite's memory statistics, and they cost a lock for each
   allocation. */
static void
library_begin(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 1024, 256);
}

sqlite3 *
store_connect(const char *path, int flags, struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	sqlite3 *db = NULL;

	pthread_once(&once, library_begin);
	if (sqlite3_open_v2(path, &db,
		flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
		NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(db, BUSY_MS);
		return db;
	}
	store_failed(db, path, e);
	sqlite3_close(db);
	return NULL;
}

/* The lock is the open file description's, so that it ends with the last
   descriptor and no close() elsewhere in the process can lose it. */
static int
lock_take(const char *lock_path, int *fd, struct err *e)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char pid[32] = "";

	*fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0)
		return err_set(e, ERR_INPUT, "%s: %s", lock_path,
		    strerror(errno));
	if (fcntl(*fd, F_OFD_SETLK, &whole) == 0) {
		int n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());

		if (ftruncate(*fd, 0) == 0 &&
		    pwrite(*fd, pid, (size_t)n, 0) == n)
			return 0;
		return err_set(e, errno == ENOSPC ? ERR_FULL : ERR_BUG,
		    "%s: %s", lock_path, strerror(errno));
	}
	ssize_t n = pread(*fd, pid, sizeof(pid) - 1, 0);
	pid[n > 0 ? n : 0] = '\0';
	pid[strcspn(pid, "\n")] = '\0';
	return err_set(e, ERR_CONFLICT,
	    "%s: held by another musterd "
	    "(process %s)",
	    lock_path, pid[0] == '\0' ? "unknown" : pid);
}

/* A 4-byte big-endian number of the database header. */
static int64_t
header_number(const unsigned char *header, int at)
{
	return (int64_t)header[at] << 24 | header[at + 1] << 16 |
	    header[at + 2] << 8 | header[at + 3];
}

/*
 * A file that is shorter than its header says was cut by a copy; SQLite
 * finds that only when it needs a lost page.  With a WAL beside it the file
 * may be short for a moment.  Offsets: https://sqlite.org/fileformat.html
 * section 1.3.
 */
static int
not_cut(const char *path, const char *wal, struct err *e)
{
	unsigned char header[100];
	struct stat st;
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0; /* new, or SQLite says why not */
	if (fstat(fd, &st) == 0 && st.st_size > 0)
		n = pread(fd, header, sizeof(header), 0);
	close(fd);
	if (n <= 0)
		return 0;
	if (n < (ssize_t)sizeof(header))
		return damaged(path, "its header is cut", e);
	int64_t page = header[16] << 8 | header[17];
	int64_t pages = header_number(header, 28);
	bool told = header_number(header, 24) == header_number(header, 92);
	int64_t size = st.st_size;
	if (stat(wal, &st) == 0 && st.st_size > 0)
		return 0;
	if (told && size < pages * (page == 1 ? 65536 : page))
		return damaged(path, "it is shorter than its header says", e);
	return 0;
}

static int
settings(struct store *s, const char *text, struct err *e)
{
	return store_say(s->db, s->path, text, e);
}

/* The modest caches are part of the daemon's memory budget. */
static int
writer_start(struct store *s, struct err *e)
{
	bool memory = strcmp(s->path, MEMORY) == 0;

	s->db = store_connect(s->path,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, e);
	if (s->db == NULL)
		return -1;
	if (settings(s,
		"PRAGMA cache_size = -8192;"
		"PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
		"PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
		"PRAGMA wal_autocheckpoint = 0; PRAGMA journal_mode = WAL;"
		"PRAGMA journal_size_limit = 33554432;"
		"PRAGMA synchronous = FULL;",
		e) != 0 ||
	    store_migrate(s->db, s->path, e) != 0)
		return -1;
	return memory ? 0 : checkpointer_start(s, e);
}

static struct store *
store_new(const char *path)
{
	struct store *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->path = arena_str(&s->arena, path);
	s->lock = -1;
	return s;
}

/* For its owner alone; SQLite gives the WAL and its index the same mode. */
static int
private_file(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(e, ERR_INPUT, "%s: %s", path, strerror(errno));
	close(fd);
	return 0;
}

static int
file_start(struct store *s, struct err *e)
{
	const char *lock = arena_printf(&s->arena, "%s.lock", s->path);
	const char *wal = arena_printf(&s->arena, "%s-wal", s->path);

	if (lock_take(lock, &s->lock, e) != 0)
		return -1;
	return private_file(s->path, e) != 0 ? -1 : not_cut(s->path, wal, e);
}

struct store *
store_open(const char *path, struct err *e)
{
	struct store *s = store_new(path);
	bool memory = strcmp(path, MEMORY) == 0;

	if ((memory || file_start(s, e) == 0) && writer_start(s, e) == 0)
		return s;
	store_close(s);
	return NULL;
}

struct store *
store_reader(const char *path, struct err *e)
{
	struct store *s = store_new(path);

	s->db = store_connect(path, SQLITE_OPEN_READONLY, e);
	if (s->db != NULL &&
	    settings(s,
		"PRAGMA cache_size = -2048;"
		"PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
		"PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;",
		e) == 0 &&
	    store_same_version(s->db, path, e) == 0)
		return s;
	store_close(s);
	return NULL;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	if (s->db != NULL && s->open)
		store_rollback(s);
	checkpointer_stop(s);
	for (int i = 0; i < STMT_COUNT; i++)
		sqlite3_finalize(s->ready[i].st);
	sqlite3_close(s->db);
	if (s->lock >= 0)
		close(s->lock);
	arena_fini(&s->scratch);
	arena_fini(&s->arena);
	free(s);
}

int64_t
store_room(const struct store *s)
{
	struct statvfs fs;

	if (strcmp(s->path, MEMORY) == 0 || statvfs(s->path, &fs) != 0)
		return INT64_MAX;
	return (int64_t)(fs.f_bavail * fs.f_frsize);
}
