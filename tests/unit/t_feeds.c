/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a feed on their way to the engine, with an engine that writes
 * down what it is told, and an evaluator that gives each row back.
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/command.h"
#include "feeds/feeds.h"
#include "feeds/file.h"
#include "fresh_dir.h"
#include "model/event.h"

struct world {
	char dir[sizeof(DIR_TEMPLATE)];
	struct arena arena;
	struct config config;
	struct feed_def def;
	struct feeds_env env;
	struct buf said;    /* what the engine was told, shortened */
	size_t calls, asks; /* so far */
	bool known;	    /* the engine knows the file */
	bool silent;	    /* the evaluator does not answer */
	bool forgets;	    /* it leaves out the last row */
	const char *actor;  /* in whose name it is called */
	const char *grows;  /* the file that grows while it is read */
	const char *swaps;  /* ... that is overwritten, and looks as before */
};

static void
rows_say(struct world *w, const char *body)
{
	struct load_rows l = { 0 };
	struct err e;

	assert_int_equal(json_decode(&w->arena, load_rows_fields, body,
			     strlen(body), &l, &e),
	    0);
	for (size_t i = 0; i < l.rows.n; i++) {
		const struct feed_row *r = (const struct feed_row *)l.rows.item;

		buf_printf(&w->said, "%s %s %s;", r[i].place, r[i].key,
		    r[i].body);
	}
	for (size_t i = 0; i < l.bad.n; i++) {
		const struct bad_row *b = (const struct bad_row *)l.bad.item;

		buf_printf(&w->said, "%s bad %s: %s;", b[i].place,
		    b[i].key != NULL ? b[i].key : "-", b[i].reason);
	}
	if (l.skipped > 0)
		buf_printf(&w->said, "%lld skipped;", (long long)l.skipped);
}

static int
engine_fake(void *ctx, const char *verb, const char *body,
    const struct actor *actor, struct arena *a, const char **reply,
    struct err *err)
{
	struct world *w = ctx;
	const char *failure, *answer = "{}";

	(void)err;
	assert_string_equal(actor->name, w->actor);
	__atomic_add_fetch(&w->calls, 1, __ATOMIC_SEQ_CST);
	if (strcmp(verb, "load.begin") == 0) {
		assert_int_equal(strlen(json_member_text(&w->arena, body,
				     "digest")),
		    64);
		buf_str(&w->said, "begin;");
		answer = w->known ? "{\"load\":0,\"state\":\"accepted\"}" :
				    "{\"load\":7}";
	} else if (strcmp(verb, "load.rows") == 0) {
		rows_say(w, body);
	} else {
		assert_string_equal(verb, "load.end");
		failure = json_member_text(&w->arena, body, "failure");
		buf_printf(&w->said, "end%s%s", failure != NULL ? ": " : "",
		    failure != NULL ? failure : "");
		answer = "{\"state\":\"assessing\"}";
	}
	if (reply != NULL)
		*reply = arena_str(a, answer);
	return 0;
}

/* Gives a row back without its line; some rows are special. */
static void
map_fake(struct buf *b, const char *input)
{
	const char *rest = strchr(input, ',');

	assert_int_equal(strncmp(input, "{\"_line\":", 9), 0);
	if (strstr(input, "\"skip\"") != NULL)
		buf_str(b, "[{\"values\":[]}]");
	else if (strstr(input, "\"boom\"") != NULL)
		buf_str(b, "[{\"error\":\"boom\"}]");
	else if (strstr(input, "\"two\"") != NULL)
		buf_str(b,
		    "[{\"values\":[{\"key\":\"k1\"},{\"key\":\"k2\"}]}]");
	else
		buf_printf(b, "[{\"values\":[{%s]}]", rest + 1);
}

/* Another text of the same length, and the time set back. */
static void
swap_letter(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDWR);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	const struct timespec times[] = { st.st_atim, st.st_mtim };
	assert_int_equal(pwrite(fd, "X", 1, st.st_size - 2), 1);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static int
evaluator_fake(void *ctx, const struct texts *programs,
    const struct texts *inputs, struct arena *a, const char **results,
    struct err *err)
{
	struct world *w = ctx;
	struct buf b = { .arena = a };

	w->asks++;
	assert_int_equal(programs->n, 1);
	assert_string_equal(programs->item[0], "the map");
	if (w->grows != NULL) {
		FILE *f = fopen(w->grows, "a");

		assert_non_null(f);
		fputs("k9,x\n", f);
		fclose(f);
		w->grows = NULL;
	}
	if (w->swaps != NULL) {
		swap_letter(w->swaps);
		w->swaps = NULL;
	}
	if (w->silent)
		return err_set(err, ERR_BUSY, "no evaluator");
	for (size_t i = 0; i + w->forgets < inputs->n; i++) {
		buf_char(&b, i == 0 ? '[' : ',');
		map_fake(&b, inputs->item[i]);
	}
	buf_str(&b, inputs->n == w->forgets ? "[]" : "]");
	*results = buf_text(&b);
	return 0;
}

static int
world_open(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	dir_make(w->dir);
	w->said.arena = &w->arena;
	w->actor = "tester";
	w->def = (struct feed_def){ .feed = "hr",
		.file = "feeds/hr.json",
		.format = "csv",
		.as = "snapshot",
		.map = "the map",
		.separator = "," };
	w->config.feeds = (struct many){ 1, &w->def };
	w->env = (struct feeds_env){ .config = &w->config,
		.spool = w->dir,
		.call = engine_fake,
		.call_ctx = w,
		.ask = evaluator_fake,
		.ask_ctx = w };
	*state = w;
	return 0;
}

static int
world_close(void **state)
{
	struct world *w = *state;

	dir_remove(w->dir);
	arena_fini(&w->arena);
	free(w);
	return 0;
}

static void
path_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static const char *
write_file(struct world *w, const char *name, const char *text)
{
	const char *path = arena_printf(&w->arena, "%s/%s", w->dir, name);

	path_write(path, text);
	return path;
}

static const struct actor tester = { "tester", ~0u };

/* Reads one file; what the engine was told is in w->said. */
static int
read_file(struct world *w, const char *path, bool dry, const char **reply,
    struct err *e)
{
	const struct feed_file f = { .env = &w->env,
		.def = &w->def,
		.path = path,
		.name = "f.csv",
		.actor = &tester,
		.dry_run = dry };

	*e = (struct err){ 0 };
	w->said = (struct buf){ .arena = &w->arena };
	w->calls = w->asks = 0;
	return feed_file_read(&f, &w->arena, reply, e);
}

#define HEAD "key,display\n"

static const struct {
	const char *name, *format, *as, *text;
	bool whole;
	const char *want;
} cases[] = {
	{ "two rows", "csv", "snapshot", HEAD "k1,A\nk2,Zo\xc3\xab\n", true,
	    "begin;f.csv:2 k1 {\"display\":\"A\",\"key\":\"k1\"};"
	    "f.csv:3 k2 {\"display\":\"Zo\xc3\xab\",\"key\":\"k2\"};end" },
	{ "a row left out on purpose", "csv", "snapshot",
	    HEAD "k1,skip\nk2,B\n", true,
	    "begin;f.csv:3 k2 {\"display\":\"B\",\"key\":\"k2\"};"
	    "1 skipped;end" },
	{ "a row that the map cannot take", "csv", "snapshot",
	    HEAD "k1,boom\nk2,B\n", true,
	    "begin;f.csv:3 k2 {\"display\":\"B\",\"key\":\"k2\"};"
	    "f.csv:2 bad -: map: boom;end" },
	{ "two persons for one row", "csv", "snapshot", HEAD "k1,two\n", true,
	    "begin;f.csv:2 bad -: map: more than one person for one row;end" },
	{ "a row that is no row", "csv", "snapshot", HEAD "k1\nk2,B\n", true,
	    "begin;f.csv:3 k2 {\"display\":\"B\",\"key\":\"k2\"};"
	    "f.csv:2 bad -: 1 fields, and the header has 2;end" },
	{ "no key", "csv", "snapshot", HEAD ",A\n", true,
	    "begin;f.csv:2 bad : key: missing;end" },
	{ "a member that nobody knows", "jsonl", "snapshot",
	    "{\"key\":\"k1\",\"shoe\":\"42\"}\n", true,
	    "begin;f.csv:1 bad k1: shoe: unknown;end" },
	{ "a word that nobody knows", "jsonl", "snapshot",
	    "{\"key\":\"k1\",\"kind\":\"ghost\"}\n", true,
	    "begin;f.csv:1 bad k1: kind: unknown word 'ghost';end" },
	{ "a key twice: neither counts", "csv", "snapshot",
	    HEAD "k1,A\nk2,B\nk1,C\n", true,
	    "begin;f.csv:2 k1 {\"display\":\"A\",\"key\":\"k1\"};"
	    "f.csv:3 k2 {\"display\":\"B\",\"key\":\"k2\"};"
	    "f.csv:4 bad k1: key k1 stands in line 2 too;"
	    "f.csv:2 bad k1: key k1 stands in line 4 too;end" },
	{ "events may be of one key", "jsonl", "events",
	    "{\"key\":\"k1\"}\n{\"key\":\"k1\",\"event\":\"leaver\"}\n", true,
	    "begin;f.csv:1 000000000001 {\"key\":\"k1\"};"
	    "f.csv:2 000000000002 {\"event\":\"leaver\",\"key\":\"k1\"};end" },
	{ "only a header", "csv", "snapshot", HEAD, true, "begin;end" },
	{ "empty", "csv", "snapshot", "", false,
	    "begin;end: f.csv:1: the file is empty: not even a header" },
	{ "cut within a row", "csv", "snapshot", HEAD "k1,A\nk2", false,
	    "begin;end: f.csv:3: the file ends in the middle of a row: it is "
	    "truncated" },
	{ "cut within quotes", "csv", "snapshot", HEAD "k1,\"A\n", false,
	    "begin;end: f.csv:2: the file ends within quotes: it is "
	    "truncated" },
	{ "cut within a line", "jsonl", "snapshot", "{\"key\":\"k1", false,
	    "begin;end: f.csv:1: the file ends in the middle of a row: it is "
	    "truncated" },
	{ "without its columns", "csv", "snapshot", "key,name\nk1,A\n", false,
	    "begin;end: f.csv:1: column display is missing" },
};

static void
files_are_handed_over(void **state)
{
	static const char *columns[] = { "key", "display" };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *path = write_file(w, "f", cases[i].text), *reply;
		struct err e;

		w->def.format = cases[i].format;
		w->def.as = cases[i].as;
		w->def.columns = (struct texts){ 2, columns };
		int ret = read_file(w, path, false, &reply, &e);
		if (strcmp(buf_text(&w->said), cases[i].want) != 0)
			fail_msg("%s: got \"%s\", want \"%s\"", cases[i].name,
			    buf_text(&w->said), cases[i].want);
		assert_int_equal(ret, cases[i].whole ? 0 : -1);
		if (cases[i].whole)
			assert_string_equal(reply, "{\"state\":\"assessing\"}");
		else
			assert_int_equal(e.cls, ERR_INPUT);
	}
}

/* More rows than one slice holds; each slice is a question and a command. */
static void
slices_are_bounded(void **state)
{
	struct world *w = *state;
	struct buf b = { .arena = &w->arena };
	const char *path, *reply;
	struct err e;

	buf_str(&b, HEAD);
	for (int i = 0; i < 250; i++)
		buf_printf(&b, "k%d,A\n", i);
	path = write_file(w, "f", b.at);
	assert_int_equal(read_file(w, path, false, &reply, &e), 0);
	assert_int_equal(w->asks, 3);
	assert_int_equal(w->calls, 5);
	/* A row twice, in two slices. */
	buf_str(&b, "k0,B\n");
	path = write_file(w, "f", b.at);
	assert_int_equal(read_file(w, path, false, &reply, &e), 0);
	assert_non_null(strstr(w->said.at,
	    "f.csv:2 bad k0: key k0 stands in line 252 too;"));
}

/* Bad rows alone, more than a slice of them. */
static void
bad_rows_are_bounded(void **state)
{
	struct world *w = *state;
	struct buf b = { .arena = &w->arena };
	const char *reply;
	struct err e;
	size_t bad = 0;

	buf_str(&b, HEAD);
	for (int i = 0; i < 450; i++)
		buf_str(&b, "k1\n");
	assert_int_equal(read_file(w, write_file(w, "f", b.at), false, &reply,
			     &e),
	    0);
	for (const char *s = w->said.at; (s = strstr(s, " bad ")) != NULL; s++)
		bad++;
	assert_int_equal(bad, 450);
}

static void
the_same_file_is_not_read_again(void **state)
{
	struct world *w = *state;
	const char *path = write_file(w, "f", HEAD "k1,A\n"), *reply;
	struct err e;

	w->known = true;
	assert_int_equal(read_file(w, path, false, &reply, &e), 0);
	assert_string_equal(buf_text(&w->said), "begin;");
	assert_non_null(strstr(reply, "accepted"));
}

static void
a_dry_run_tells_the_engine_nothing(void **state)
{
	struct world *w = *state;
	const char *path = write_file(w, "f", HEAD "k1,A\n"), *reply;
	struct err e;

	assert_int_equal(read_file(w, path, true, &reply, &e), 0);
	assert_int_equal(w->calls, 0);
	assert_string_equal(reply,
	    "{\"state\":\"checked\",\"rows\":1,\"bad\":0,"
	    "\"skipped\":0,\"bad_rows\":[]}");
	path = write_file(w, "f", HEAD "k1");
	assert_int_equal(read_file(w, path, true, &reply, &e), -1);
	assert_int_equal(e.cls, ERR_INPUT);
	assert_int_equal(w->calls, 0);
}

/* The bad rows that it would set aside, the engine's own among them. */
static void
a_dry_run_tells_each_bad_row(void **state)
{
	struct world *w = *state;
	const char *path = write_file(w, "f",
	    "key,start\nk1,2020-01-01\nk2\nk3,boom\nk4,soon\nk1,\n");
	const char *reply, *place;
	static const char *const said[][2] = {
		{ "f.csv:3", "\"reason\":\"1 fields" },
		{ "f.csv:4", "\"reason\":\"map: boom" },
		{ "f.csv:5", "\"key\":\"k4\",\"reason\":\"start: " },
		{ "f.csv:6", "\"key\":\"k1\",\"reason\":\"key k1 stands" },
	};
	struct err e;

	assert_int_equal(read_file(w, path, true, &reply, &e), 0);
	assert_int_equal(w->calls, 0);
	assert_string_equal(json_member_text(&w->arena, reply, "bad"), "5");
	for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
		place = strstr(reply, said[i][0]);
		if (place == NULL || strstr(place, said[i][1]) == NULL)
			fail_msg("%s: %s", said[i][0], reply);
	}
}

static void
a_silent_evaluator_refuses_no_row(void **state)
{
	struct world *w = *state;
	const char *path = write_file(w, "f", HEAD "k1,A\n"), *reply;
	struct err e;

	w->silent = true;
	assert_int_equal(read_file(w, path, false, &reply, &e), -1);
	assert_int_equal(e.cls, ERR_BUSY);
	assert_string_equal(w->said.at,
	    "begin;end: feeds/hr.json: map: no evaluator");
	w->silent = false;
	w->forgets = true;
	path = write_file(w, "f", HEAD "k1,A\nk2,B\n");
	assert_int_equal(read_file(w, path, false, &reply, &e), -1);
	assert_int_equal(e.cls, ERR_BUSY);
	assert_string_equal(w->said.at,
	    "begin;end: feeds/hr.json: map: 1 answers to 2 rows");
}

static void
a_file_that_grows_is_refused(void **state)
{
	struct world *w = *state;
	const char *path = write_file(w, "f", HEAD "k1,A\n"), *reply;
	struct err e;

	w->grows = path;
	assert_int_equal(read_file(w, path, false, &reply, &e), -1);
	assert_non_null(strstr(w->said.at, "it changed while it was read"));
	w->said.len = 0;
	w->swaps = path;
	assert_int_equal(read_file(w, path, false, &reply, &e), -1);
	assert_non_null(strstr(w->said.at, "it changed while it was read"));
	/* The same one, when nobody writes it. */
	assert_int_equal(read_file(w, path, false, &reply, &e), 0);
}

static void
only_plain_files_are_read(void **state)
{
	struct world *w = *state;
	const char *path = write_file(w, "f", HEAD "k1,A\n"), *reply;
	const char *link = arena_printf(&w->arena, "%s/link", w->dir);
	const char *pipe = arena_printf(&w->arena, "%s/pipe", w->dir);
	const char *none = arena_printf(&w->arena, "%s/none", w->dir);
	struct err e;

	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	const struct {
		const char *path;
		enum err_class cls;
	} odd[] = { { link, ERR_INPUT }, { pipe, ERR_INPUT },
		{ w->dir, ERR_INPUT }, { none, ERR_GONE } };
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		assert_int_equal(read_file(w, odd[i].path, false, &reply, &e),
		    -1);
		assert_int_equal(e.cls, odd[i].cls);
		assert_int_equal(w->calls, 0);
	}
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(read_file(w, path, false, &reply, &e), -1);
	assert_non_null(strstr(e.text, "everybody can write it"));
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(read_file(w, path, false, &reply, &e), 0);
}

static void
calls_wait(struct world *w, size_t n)
{
	for (int i = 0; i < 500; i++) {
		if (__atomic_load_n(&w->calls, __ATOMIC_SEQ_CST) >= n)
			return;
		usleep(10 * 1000);
	}
	fail_msg("%zu calls, not %zu", w->calls, n);
}

/* A feed's own path: read when it is another file, and what is no file to
   be read is told once. */
static void
paths_are_looked_at(void **state)
{
	struct world *w = *state;
	char own[sizeof(DIR_TEMPLATE)];
	struct err e = { 0 };
	struct feeds *f;

	dir_make(own);
	w->actor = "muster feeds";
	w->def.path = arena_printf(&w->arena, "%s/p.csv", own);
	w->def.every = 1;
	assert_int_equal(symlink("/etc/passwd", w->def.path), 0);
	f = feeds_open(&w->env, &e);
	assert_non_null(f);
	calls_wait(w, 2);
	usleep(2200 * 1000);
	feeds_close(f);
	assert_int_equal(w->calls, 2);
	assert_int_equal(strncmp(w->said.at, "begin;end: ", 11), 0);
	assert_null(strstr(w->said.at, "root"));

	assert_int_equal(unlink(w->def.path), 0);
	w->calls = 0;
	w->said = (struct buf){ .arena = &w->arena };
	/* From here on the arena belongs to the thread that reads feeds. */
	const char *new = arena_printf(&w->arena, "%s/new", w->dir);
	f = feeds_open(&w->env, &e);
	assert_non_null(f);
	path_write(new, HEAD "k1,A\n");
	assert_int_equal(rename(new, w->def.path), 0);
	calls_wait(w, 3);
	usleep(2200 * 1000);
	feeds_close(f);
	assert_int_equal(w->calls, 3);
	assert_string_equal(w->said.at,
	    "begin;p.csv:2 k1 {\"display\":\"A\",\"key\":\"k1\"};end");
	dir_remove(own);
}

struct ended {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	int n;
	enum err_class cls;
	char body[200];
};

static void
upload_ended(void *cookie, const struct err *why, const char *body)
{
	struct ended *d = cookie;

	pthread_mutex_lock(&d->lock);
	d->n++;
	d->cls = why != NULL ? why->cls : ERR_NONE;
	snprintf(d->body, sizeof(d->body), "%s", body != NULL ? body : "");
	pthread_cond_signal(&d->wake);
	pthread_mutex_unlock(&d->lock);
}

static void
upload_wait(struct ended *d, int n)
{
	pthread_mutex_lock(&d->lock);
	while (d->n < n)
		pthread_cond_wait(&d->wake, &d->lock);
	pthread_mutex_unlock(&d->lock);
}

static void
uploads_are_read_in_turn_and_removed(void **state)
{
	struct world *w = *state;
	const char *left = write_file(w, "left", "of a crash");
	struct ended d = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER,
		0, ERR_NONE, "" };
	struct err e = { 0 };
	struct feeds *f = feeds_open(&w->env, &e);
	struct upload u = { .feed = "hr",
		.name = "f.csv",
		.actor = tester,
		.done = upload_ended,
		.cookie = &d };

	assert_non_null(f);
	assert_int_equal(access(left, F_OK), -1);
	u.path = write_file(w, "up", HEAD "k1,A\n");
	assert_int_equal(feeds_upload(f, &u, &e), 0);
	upload_wait(&d, 1);
	assert_int_equal(d.cls, ERR_NONE);
	assert_string_equal(d.body, "{\"state\":\"assessing\"}");
	assert_int_equal(access(u.path, F_OK), -1);
	u.path = write_file(w, "up", HEAD "k1");
	assert_int_equal(feeds_upload(f, &u, &e), 0);
	upload_wait(&d, 2);
	assert_int_equal(d.cls, ERR_INPUT);
	assert_int_equal(access(u.path, F_OK), -1);
	u.feed = "none";
	u.path = write_file(w, "up", HEAD "k1,A\n");
	assert_int_equal(feeds_upload(f, &u, &e), 0);
	upload_wait(&d, 3);
	assert_int_equal(d.cls, ERR_GONE);
	assert_int_equal(access(u.path, F_OK), -1);
	feeds_close(f);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, world_open, world_close)
	const struct CMUnitTest tests[] = {
		T(files_are_handed_over),
		T(slices_are_bounded),
		T(bad_rows_are_bounded),
		T(the_same_file_is_not_read_again),
		T(a_dry_run_tells_the_engine_nothing),
		T(a_dry_run_tells_each_bad_row),
		T(a_silent_evaluator_refuses_no_row),
		T(a_file_that_grows_is_refused),
		T(only_plain_files_are_read),
		T(paths_are_looked_at),
		T(uploads_are_read_in_turn_and_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
