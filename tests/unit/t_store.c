/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <pthread.h>
#include <sqlite3.h>

#include "fresh_dir.h"

#include "evidence/evidence.h"
#include "store/inside.h"

/* The tests use the table of evidence records: any row will do. */
struct place {
	struct arena arena;
	char dir[sizeof(DIR_TEMPLATE)];
	const char *db;
	struct err err;
};

static void
place_init(struct place *p)
{
	*p = (struct place){ 0 };
	dir_make(p->dir);
	p->db = arena_printf(&p->arena, "%s/db", p->dir);
}

static void
place_fini(struct place *p)
{
	dir_remove(p->dir);
	arena_fini(&p->arena);
}

static struct store *
opened(struct place *p)
{
	struct store *s = store_open(p->db, &p->err);

	if (s == NULL)
		fail_msg("%s", p->err.text);
	return s;
}

static struct store *
reading(struct place *p)
{
	struct store *s = store_reader(p->db, &p->err);

	if (s == NULL)
		fail_msg("%s", p->err.text);
	return s;
}

static void
must(int rc, const struct err *e)
{
	if (rc != 0)
		fail_msg("%s", e->text);
}

static int
add(struct store *s, int64_t seq, const char *body, struct err *e)
{
	struct record r = { .seq = seq,
		.at = 5,
		.kind = "k",
		.subject = "s",
		.body = body,
		.digest = "d" };

	return store_put(s, STMT_RECORD_ADD, record_fields, &r, e);
}

static int
found(struct store *s, int64_t seq)
{
	struct arena a = { 0 };
	struct record r, at = { .seq = seq };
	struct err e = { 0 };
	int rc = store_find(s, &a, STMT_RECORD_BY_SEQ, record_fields, &at,
	    record_fields, &r, &e);

	if (rc < 0)
		fail_msg("%s", e.text);
	arena_fini(&a);
	return rc;
}

static int64_t
count(struct store *s)
{
	struct arena a = { 0 };
	struct record r;
	struct err e = { 0 };

	must(store_get(s, &a, STMT_RECORD_COUNT, NULL, NULL, record_fields, &r,
		 &e),
	    &e);
	arena_fini(&a);
	return r.seq;
}

static void
say(struct place *p, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* Members of every kind under the columns' names. */
struct kinds {
	int64_t seq, at;
	const char *kind;
	const char *subject;
	bool run;
	int64_t identity;
	struct json body;
	struct texts salt;
	const char *digest;
};

static const struct field kinds_fields[] = { FIELD(struct kinds, seq, 0),
	FIELD(struct kinds, at, F_TIME), FIELD(struct kinds, kind, 0),
	FIELD(struct kinds, subject, 0), FIELD(struct kinds, run, 0),
	FIELD(struct kinds, identity, F_SPAN), FIELD(struct kinds, body, 0),
	FIELD(struct kinds, salt, 0), FIELD(struct kinds, digest, F_SECRET),
	FIELD_END };

static void
every_kind_comes_back(void **unused)
{
	const char *list[] = { "a\"b", "", "\xc3\xa9\n" };
	struct kinds in = { .seq = 3,
		.at = 1234567890123,
		.kind = "x",
		.subject = "caf\xc3\xa9",
		.run = true,
		.identity = -5,
		.body = { "{\"a\":[1,null]}" },
		.salt = { 3, list },
		.digest = "sealed" };
	struct kinds none = { .seq = 4,
		.kind = "",
		.subject = "",
		.digest = "" },
		     out, at = { .seq = 3 };
	struct arena a = { 0 };
	struct err e = { 0 };
	struct store *s = store_open(":memory:", &e);

	(void)unused;
	must(store_put(s, STMT_RECORD_ADD, kinds_fields, &in, &e), &e);
	must(store_get(s, &a, STMT_RECORD_BY_SEQ, kinds_fields, &at,
		 kinds_fields, &out, &e),
	    &e);
	assert_int_equal(out.at, in.at);
	assert_string_equal(out.subject, in.subject);
	assert_true(out.run);
	assert_int_equal(out.identity, -5);
	assert_string_equal(out.body.text, in.body.text);
	assert_int_equal(out.salt.n, 3);
	for (int i = 0; i < 3; i++)
		assert_string_equal(out.salt.item[i], list[i]);
	assert_string_equal(out.digest, "sealed");

	must(store_put(s, STMT_RECORD_ADD, kinds_fields, &none, &e), &e);
	at.seq = 4;
	memset(&out, 0x5a, sizeof(out));
	must(store_get(s, &a, STMT_RECORD_BY_SEQ, kinds_fields, &at,
		 kinds_fields, &out, &e),
	    &e);
	assert_int_equal(out.at, 0);
	assert_string_equal(out.kind, "");
	assert_false(out.run);
	assert_null(out.body.text);
	assert_int_equal(out.salt.n, 0);

	/* The same statement with another table: the maps follow. */
	struct record r, by = { .seq = 3 };
	must(store_get(s, &a, STMT_RECORD_BY_SEQ, record_fields, &by,
		 record_fields, &r, &e),
	    &e);
	assert_string_equal(r.subject, in.subject);
	assert_int_equal(r.run, 1);
	store_close(s);
	arena_fini(&a);
}

static void
a_name_that_is_no_member_is_a_bug(void **unused)
{
	struct arena a = { 0 };
	struct err e = { 0 };
	struct store *s = store_open(":memory:", &e);
	struct by_id id = { 1 };
	struct record r, at = { .seq = 1 };

	(void)unused;
	assert_int_equal(store_put(s, STMT_RECORD_ADD, by_id_fields, &id, &e),
	    -1);
	assert_int_equal(e.cls, ERR_BUG);
	must(add(s, 1, NULL, &e), &e);
	assert_int_equal(store_get(s, &a, STMT_RECORD_BY_SEQ, record_fields,
			     &at, by_id_fields, &id, &e),
	    -1);
	assert_int_equal(e.cls, ERR_BUG);
	at.seq = 2;
	assert_int_equal(store_get(s, &a, STMT_RECORD_BY_SEQ, record_fields,
			     &at, record_fields, &r, &e),
	    -1);
	assert_int_equal(e.cls, ERR_GONE);
	store_close(s);
	arena_fini(&a);
}

static void
lists_are_whole_or_bounded(void **unused)
{
	struct {
		int64_t from, to, limit;
	} page = { 0, 100, -1 };
	static const struct field page_fields[] = {
		{ .name = "from", .kind = FIELD_INT, .at = 0 },
		{ .name = "to", .kind = FIELD_INT, .at = 8 },
		{ .name = "limit", .kind = FIELD_INT, .at = 16 }, FIELD_END
	};
	static const size_t most[] = { 0, 1, 8, 9, 29, 30, 31 };
	struct arena a = { 0 };
	struct err e = { 0 };
	struct store *s = store_open(":memory:", &e);

	(void)unused;
	for (int64_t i = 0; i < 30; i++)
		must(add(s, i, NULL, &e), &e);
	for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		struct many rows;
		size_t want = most[i] == 0 || most[i] > 30 ? 30 : most[i];

		must(store_list(s, &a, STMT_RECORD_RANGE, page_fields, &page,
			 record_fields, sizeof(struct record), most[i], &rows,
			 &e),
		    &e);
		assert_int_equal(rows.n, want);
		for (size_t k = 0; k < rows.n; k++)
			assert_int_equal(((struct record *)rows.item)[k].seq,
			    k);
	}
	store_close(s);
	arena_fini(&a);
}

/* What stands in front is the place, and no statement's name. */
static void
assert_advised(const struct err *e, const char *path, const char *advice)
{
	size_t n = strlen(path);

	if (strncmp(e->text, path, n) != 0 ||
	    strncmp(e->text + n, ": ", 2) != 0 ||
	    strstr(e->text, advice) == NULL)
		fail_msg("%s", e->text);
}

static void
broken_keys_are_conflicts(void **unused)
{
	struct err e = { 0 };
	struct store *s = store_open(":memory:", &e);
	int64_t id = 0;
	struct record r = { .seq = 41,
		.kind = "",
		.subject = "",
		.digest = "" };

	(void)unused;
	must(store_add(s, STMT_RECORD_ADD, record_fields, &r, &id, &e), &e);
	assert_int_equal(id, 41);
	assert_int_equal(store_changed(s), 1);
	assert_int_equal(add(s, 41, NULL, &e), -1);
	assert_int_equal(e.cls, ERR_CONFLICT);
	assert_advised(&e, ":memory:", "is there already");
	r.seq = 42;
	must(store_put(s, STMT_RECORD_ERASE, record_fields, &r, &e), &e);
	assert_int_equal(store_changed(s), 0);
	store_close(s);
}

static void
transactions_and_marks(void **unused)
{
	struct place p;
	struct err *e = &p.err;

	(void)unused;
	place_init(&p);
	struct store *s = opened(&p);
	must(store_begin(s, e), e);
	assert_int_equal(store_begin(s, e), -1);
	must(add(s, 1, NULL, e), e);
	must(store_mark(s, e), e);
	must(add(s, 2, NULL, e), e);
	must(store_mark(s, e), e);
	must(add(s, 3, NULL, e), e);
	must(store_undo(s, e), e); /* 3 */
	must(store_mark(s, e), e);
	must(add(s, 4, NULL, e), e);
	assert_int_equal(add(s, 4, NULL, e), -1);
	must(store_keep(s, e), e);
	must(store_keep(s, e), e);
	must(store_mark(s, e), e);
	must(add(s, 5, NULL, e), e);
	must(store_undo(s, e), e);
	assert_int_equal(store_undo(s, e), -1); /* no mark is left */
	must(store_commit(s, e), e);
	assert_int_equal(store_commit(s, e), -1);
	assert_int_equal(store_mark(s, e), -1);

	must(store_begin(s, e), e);
	must(add(s, 6, NULL, e), e);
	store_rollback(s);
	store_close(s);
	s = opened(&p);
	static const int want[] = { 0, 1, 1, 0, 1, 0, 0 };
	for (int i = 0; i < 7; i++)
		assert_int_equal(found(s, i), want[i]);
	store_close(s);
	place_fini(&p);
}

static void
a_second_daemon_is_refused(void **unused)
{
	struct place p;

	(void)unused;
	place_init(&p);
	struct store *s = opened(&p);
	assert_null(store_open(p.db, &p.err));
	assert_int_equal(p.err.cls, ERR_CONFLICT);
	assert_non_null(strstr(p.err.text,
	    arena_printf(&p.arena, "process %ld", (long)getpid())));
	must(add(s, 1, NULL, &p.err), &p.err);
	store_close(s);
	store_close(opened(&p));
	place_fini(&p);
}

static void
other_versions_and_files_are_refused(void **unused)
{
	struct place p;

	(void)unused;
	place_init(&p);
	store_close(opened(&p));
	say(&p, "PRAGMA user_version = 9999");
	assert_null(store_open(p.db, &p.err));
	assert_int_equal(p.err.cls, ERR_INPUT);
	assert_non_null(strstr(p.err.text, "newer muster"));
	assert_null(store_reader(p.db, &p.err));
	assert_int_equal(p.err.cls, ERR_INPUT);
	unlink(p.db);
	say(&p, "CREATE TABLE other (x); INSERT INTO other VALUES (1)");
	assert_null(store_open(p.db, &p.err));
	assert_int_equal(p.err.cls, ERR_INPUT);
	assert_non_null(strstr(p.err.text, "not a store"));
	p.db = arena_printf(&p.arena, "%s/no/such/db", p.dir);
	assert_null(store_open(p.db, &p.err));
	assert_int_equal(p.err.cls, ERR_INPUT);
	place_fini(&p);
}

static void
files_are_private(void **unused)
{
	static const char *const names[] = { "db", "db-wal", "db-shm",
		"db.lock" };
	struct place p;
	struct stat st;

	(void)unused;
	place_init(&p);
	mode_t mask = umask(0);
	struct store *s = opened(&p);
	must(add(s, 1, NULL, &p.err), &p.err);
	umask(mask);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(stat(arena_printf(&p.arena, "%s/%s", p.dir,
					  names[i]),
				     &st),
		    0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	assert_true(store_room(s) > 0);
	store_close(s);
	place_fini(&p);
}

/* Bytes over the file from an offset on. */
static void
scribble(struct place *p, long at, size_t n)
{
	FILE *f = fopen(p->db, "r+b");

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	for (size_t i = 0; i < n; i++)
		fputc(0xa5, f);
	assert_int_equal(fclose(f), 0);
}

static void
filled(struct place *p, int rows)
{
	struct store *s = opened(p);
	char body[2000];

	memset(body, 'x', sizeof(body));
	body[sizeof(body) - 1] = '\0';
	must(store_begin(s, &p->err), &p->err);
	for (int i = 0; i < rows; i++)
		must(add(s, i, body, &p->err), &p->err);
	must(store_commit(s, &p->err), &p->err);
	store_close(s);
}

static void
assert_named(struct place *p)
{
	assert_int_equal(p->err.cls, ERR_BUG);
	assert_non_null(strstr(p->err.text, p->db));
	assert_non_null(strstr(p->err.text, "damaged"));
}

static void
damage_is_named_and_left_alone(void **unused)
{
	struct place p;
	struct stat before, after;

	(void)unused;
	place_init(&p);
	filled(&p, 400);
	assert_int_equal(stat(p.db, &before), 0);
	scribble(&p, 0, 40);
	assert_null(store_open(p.db, &p.err));
	assert_named(&p);
	assert_null(store_reader(p.db, &p.err));
	assert_named(&p);
	assert_int_equal(stat(p.db, &after), 0);
	assert_int_equal(before.st_size, after.st_size);

	unlink(p.db);
	filled(&p, 400);
	assert_int_equal(truncate(p.db, before.st_size / 2), 0);
	assert_null(store_open(p.db, &p.err));
	assert_named(&p);
	place_fini(&p);
}

/* Inside the file: seen when it is read, and by every backup. */
static void
a_damaged_page_is_named(void **unused)
{
	struct place p;
	struct stat st;
	struct arena a = { 0 };
	struct record r, at = { 0 };
	int bad = 0;

	(void)unused;
	place_init(&p);
	filled(&p, 400);
	const char *to = arena_printf(&p.arena, "%s/copy", p.dir);
	must(store_backup(p.db, to, &p.err), &p.err);
	unlink(to);
	assert_int_equal(stat(p.db, &st), 0);
	scribble(&p, st.st_size / 4096 / 2 * 4096, 4096);
	assert_int_equal(store_backup(p.db, to, &p.err), -1);
	assert_named(&p);
	assert_int_equal(access(to, F_OK), -1);

	struct store *s = opened(&p);
	for (at.seq = 0; at.seq < 400; at.seq++)
		if (store_find(s, &a, STMT_RECORD_BY_SEQ, record_fields, &at,
			record_fields, &r, &p.err) < 0) {
			assert_named(&p);
			bad++;
		}
	assert_true(bad > 0 && bad < 400);
	store_close(s);
	arena_fini(&a);
	place_fini(&p);
}

/* As a full disk: no file may grow beyond what it has and a little. */
static void
a_full_disk_stops_and_loses_nothing(void **unused)
{
	struct place p;
	struct rlimit was, small;
	char body[8000];

	(void)unused;
	place_init(&p);
	struct store *s = opened(&p);
	memset(body, 'x', sizeof(body));
	body[sizeof(body) - 1] = '\0';
	must(add(s, 0, body, &p.err), &p.err);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = (struct rlimit){ 256 * 1024, was.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);

	int64_t done = 1;
	int rc = 0;
	while (rc == 0 && done < 1000) {
		must(store_begin(s, &p.err), &p.err);
		rc = add(s, done, body, &p.err);
		if (rc == 0)
			rc = store_commit(s, &p.err);
		else
			store_rollback(s);
		done += rc == 0;
	}
	assert_int_equal(rc, -1);
	assert_int_equal(p.err.cls, ERR_FULL);
	assert_advised(&p.err, p.db, "make some");
	assert_int_equal(count(s), done);

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	must(store_begin(s, &p.err), &p.err);
	must(add(s, done, body, &p.err), &p.err);
	must(store_commit(s, &p.err), &p.err);
	store_close(s);
	s = opened(&p);
	assert_int_equal(count(s), done + 1);
	store_close(s);
	place_fini(&p);
}

/* A transaction so large that its pages spill: the failure comes in the
   middle, and what follows must not be committed one by one. */
static void
a_lost_transaction_takes_nothing_more(void **unused)
{
	struct place p;
	struct rlimit was, small;
	char body[8000];

	(void)unused;
	place_init(&p);
	struct store *s = opened(&p);
	memset(body, 'x', sizeof(body));
	body[sizeof(body) - 1] = '\0';
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = (struct rlimit){ 256 * 1024, was.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	must(store_begin(s, &p.err), &p.err);
	int64_t n = 0;
	while (n < 3000 && add(s, n, body, &p.err) == 0)
		n++;
	assert_in_range(n, 1, 2999);
	assert_int_equal(p.err.cls, ERR_FULL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	if (add(s, 5000, body, &p.err) == 0)
		store_rollback(s);
	else
		assert_int_equal(store_commit(s, &p.err), -1);
	assert_int_equal(count(s), 0);
	must(store_begin(s, &p.err), &p.err);
	must(add(s, 0, body, &p.err), &p.err);
	must(store_commit(s, &p.err), &p.err);
	assert_int_equal(count(s), 1);
	store_close(s);
	place_fini(&p);
}

static void
readers_see_one_moment(void **unused)
{
	struct place p;

	(void)unused;
	place_init(&p);
	struct store *s = opened(&p), *r = reading(&p);
	must(add(s, 1, NULL, &p.err), &p.err);
	must(store_look(r, &p.err), &p.err);
	must(add(s, 2, NULL, &p.err), &p.err);
	assert_int_equal(found(r, 1), 1);
	assert_int_equal(found(r, 2), 0);
	store_unlook(r);
	assert_int_equal(found(r, 2), 1);
	assert_int_equal(add(r, 3, NULL, &p.err), -1);
	assert_int_equal(found(s, 3), 0);
	store_close(r);
	store_close(s);
	place_fini(&p);
}

struct writing {
	struct store *store;
	atomic_bool stop;
	int64_t written;
};

static void *
write_on(void *arg)
{
	struct writing *w = arg;
	struct err e;

	for (int64_t i = 1000; !w->stop; i++) {
		/* Two rows a transaction: a copy has both or none. */
		if (store_begin(w->store, &e) != 0 ||
		    add(w->store, 2 * i, "{}", &e) != 0 ||
		    add(w->store, 2 * i + 1, "{}", &e) != 0 ||
		    store_commit(w->store, &e) != 0)
			return NULL;
		w->written++;
	}
	return arg;
}

static void
a_backup_is_of_one_moment_while_writing(void **unused)
{
	struct place p;
	struct stat st;
	pthread_t thread;
	void *good;

	(void)unused;
	place_init(&p);
	filled(&p, 500);
	struct writing w = { .store = opened(&p) };
	const char *to = arena_printf(&p.arena, "%s/copy", p.dir);
	assert_int_equal(pthread_create(&thread, NULL, write_on, &w), 0);
	for (int i = 0; i < 5; i++) {
		unlink(to);
		must(store_backup(p.db, to, &p.err), &p.err);
	}
	w.stop = true;
	assert_int_equal(pthread_join(thread, &good), 0);
	assert_non_null(good);
	assert_true(w.written > 0);
	store_close(w.store);

	assert_int_equal(stat(to, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(access(arena_printf(&p.arena, "%s.part", to), F_OK),
	    -1);
	p.db = to;
	struct store *s = opened(&p);
	assert_int_equal(found(s, 499), 1);
	assert_true(count(s) == 500 || count(s) % 2 == 0);
	store_close(s);
	place_fini(&p);
}

static void
a_backup_is_complete_or_absent(void **unused)
{
	struct place p;
	struct rlimit was, small;

	(void)unused;
	place_init(&p);
	filled(&p, 500);
	const char *to = arena_printf(&p.arena, "%s/copy", p.dir);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = (struct rlimit){ 256 * 1024, was.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int rc = store_backup(p.db, to, &p.err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(rc, -1);
	assert_int_equal(p.err.cls, ERR_FULL);
	assert_int_equal(access(to, F_OK), -1);
	assert_int_equal(access(arena_printf(&p.arena, "%s.part", to), F_OK),
	    -1);
	must(store_backup(p.db, to, &p.err), &p.err);
	/* It replaces nothing, be it the store itself. */
	const char *there[] = { to, p.db };
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(store_backup(p.db, there[i], &p.err), -1);
		assert_int_equal(p.err.cls, ERR_CONFLICT);
		assert_non_null(strstr(p.err.text, there[i]));
	}
	store_close(opened(&p));
	place_fini(&p);
}

/* Writes rows and tells each committed one, until it is killed. */
static void
write_and_tell(const char *db, int fd)
{
	struct err e;
	struct store *s = store_open(db, &e);

	for (int64_t i = 0; s != NULL; i++)
		if (store_begin(s, &e) != 0 || add(s, i, "{}", &e) != 0 ||
		    store_commit(s, &e) != 0 ||
		    write(fd, &i, sizeof(i)) != sizeof(i))
			break;
	_exit(1);
}

static void
what_was_committed_survives_a_kill(void **unused)
{
	struct place p;
	int ends[2], status;
	int64_t seen, last = -1;

	(void)unused;
	place_init(&p);
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		write_and_tell(p.db, ends[1]);
	close(ends[1]);
	while (read(ends[0], &seen, sizeof(seen)) == sizeof(seen)) {
		last = seen;
		if (last == 200)
			kill(child, SIGKILL);
	}
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_true(last >= 200);
	struct store *s = opened(&p);
	for (int64_t i = 0; i <= last; i++)
		assert_int_equal(found(s, i), 1);
	store_close(s);
	place_fini(&p);
}

static int64_t
size_of(struct place *p, const char *name)
{
	struct stat st;
	const char *path = arena_printf(&p->arena, "%s/%s", p->dir, name);

	return stat(path, &st) == 0 ? st.st_size : -1;
}

/* The database grows only by checkpoints, and nobody asked for one. */
static void
the_wal_is_copied_back_and_bounded(void **unused)
{
	struct place p;
	char body[4000];
	int64_t seq = 0;

	(void)unused;
	place_init(&p);
	struct store *s = opened(&p);
	memset(body, 'x', sizeof(body));
	body[sizeof(body) - 1] = '\0';
	for (int i = 0; i < 22; i++) {
		must(store_begin(s, &p.err), &p.err);
		for (int k = 0; k < 1000; k++)
			must(add(s, seq++, body, &p.err), &p.err);
		must(store_commit(s, &p.err), &p.err);
	}
	for (int i = 0; i < 100 &&
	     (size_of(&p, "db") < 60 << 20 || size_of(&p, "db-wal") > 36 << 20);
	     i++) {
		usleep(100000);
		must(add(s, seq++, body, &p.err), &p.err);
	}
	assert_true(size_of(&p, "db") >= 60 << 20);
	assert_true(size_of(&p, "db-wal") <= 36 << 20);
	store_close(s);
	assert_int_equal(size_of(&p, "db-wal"), -1);
	place_fini(&p);
}

#define STMT(id, sql) static const char sql_##id[] = sql;
#include "store/intake.def"
#include "store/policy.def"
#undef STMT

static void
rows_put(sqlite3 *db, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
}

/* Fills the house with n of what waits for people, or was decided. */
static void
waiting_fill(sqlite3 *db, int n)
{
	char numbers[160];

	snprintf(numbers, sizeof(numbers),
	    "CREATE TEMP TABLE n AS WITH RECURSIVE k (i) AS (SELECT 1"
	    " UNION ALL SELECT i + 1 FROM k WHERE i < %d) SELECT i FROM k",
	    n);
	rows_put(db, numbers);
	rows_put(db,
	    "INSERT INTO hold (id, kind, subject, state) VALUES"
	    " (1, 'events', 'feed/hr', 'open'),"
	    " (2, 'plan', 'policy/one', 'open'),"
	    " (3, 'load', 'load/3', 'released');"
	    "INSERT INTO hold (kind, subject, state)"
	    " SELECT 'events', 'feed/hr', 'released' FROM n;"
	    "INSERT INTO event (source, source_id, state, hold)"
	    " SELECT 'hr', i, 'held', 1 + 2 * (i % 2) FROM n;"
	    "INSERT INTO event (source, source_id, state, hold)"
	    " SELECT 'old', i, 'applied', 9 FROM n;"
	    "INSERT INTO parked (identity, hold) SELECT i, 2 FROM n;"
	    "INSERT INTO plan (state, expires) SELECT 'applied', 1 FROM n;");
}

/* Steps of SQLite's machine until it has answered. */
static int
steps_of(const char *sql, int n)
{
	struct err e;
	struct store *s = store_open(":memory:", &e);
	sqlite3_stmt *st;

	assert_non_null(s);
	waiting_fill(s->db, n);
	assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &st, NULL),
	    SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		;
	int steps = sqlite3_stmt_status(st, SQLITE_STMTSTATUS_VM_STEP, 0);
	sqlite3_finalize(st);
	store_close(s);
	return steps;
}

/* What waits for people, or was decided long ago, is no work of each tick. */
static void
who_waits_costs_no_tick_anything(void **state)
{
	static const char *const asked[] = { sql_EVENT_DECIDED,
		sql_PARKED_DECIDED, sql_PLAN_DUE, sql_PLAN_NEXT_EXPIRY };
	static const char control[] = "SELECT e.hold FROM event e JOIN hold h"
				      " ON h.id = e.hold WHERE e.hold > 0"
				      " AND e.state = 'held' AND h.kind ="
				      " 'events' AND h.state != 'open'";

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		if (steps_of(asked[i], 2000) != steps_of(asked[i], 10))
			fail_msg("%d steps, and %d for ten: %s",
			    steps_of(asked[i], 2000), steps_of(asked[i], 10),
			    asked[i]);
	assert_true(steps_of(control, 2000) > 10 * steps_of(control, 10));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_comes_back),
		cmocka_unit_test(a_name_that_is_no_member_is_a_bug),
		cmocka_unit_test(lists_are_whole_or_bounded),
		cmocka_unit_test(broken_keys_are_conflicts),
		cmocka_unit_test(transactions_and_marks),
		cmocka_unit_test(a_second_daemon_is_refused),
		cmocka_unit_test(other_versions_and_files_are_refused),
		cmocka_unit_test(files_are_private),
		cmocka_unit_test(damage_is_named_and_left_alone),
		cmocka_unit_test(a_damaged_page_is_named),
		cmocka_unit_test(a_full_disk_stops_and_loses_nothing),
		cmocka_unit_test(a_lost_transaction_takes_nothing_more),
		cmocka_unit_test(readers_see_one_moment),
		cmocka_unit_test(a_backup_is_of_one_moment_while_writing),
		cmocka_unit_test(a_backup_is_complete_or_absent),
		cmocka_unit_test(what_was_committed_survives_a_kill),
		cmocka_unit_test(the_wal_is_copied_back_and_bounded),
		cmocka_unit_test(who_waits_costs_no_tick_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
