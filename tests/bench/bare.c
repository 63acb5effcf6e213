/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference of the engine benchmarks: the same five posts for each
 * workflow, with a durable row before and after every one, by the shortest
 * way that C has: one thread, curl_multi, SQLite in WAL mode with full
 * synchronous commits, one commit for all that one turn of the loop brought.
 *
 *	bare URL STORE IN-FLIGHT WORKFLOWS
 *
 * prints one line of JSON: workflows a second, and the 50th and 99th
 * percentile of a workflow's time in ms.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>
#include <sqlite3.h>

#define STEPS 5
#define BODY_MAX 350 /* bytes of a row, as muster's evidence has */

struct flow {
	CURL *curl;
	long id;
	int step; /* the one in flight */
	int due;  /* its intent is written; to be sent */
	double began;
	char body[160];
};

struct bare {
	sqlite3 *db;
	sqlite3_stmt *add;
	CURLM *multi;
	const char *url;
	struct curl_slist *headers;
	long next, total, done;
	double *took;
};

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
die(const char *what)
{
	fprintf(stderr, "bare: %s\n", what);
	exit(1);
}

static void
say(struct bare *b, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(b->db, sql, NULL, NULL, &why) != SQLITE_OK)
		die(why);
}

static void
row(struct bare *b, const struct flow *f, const char *kind)
{
	char text[BODY_MAX + 1];

	memset(text, 'x', BODY_MAX);
	text[BODY_MAX] = '\0';
	sqlite3_bind_int64(b->add, 1, f->id);
	sqlite3_bind_int(b->add, 2, f->step);
	sqlite3_bind_text(b->add, 3, kind, -1, SQLITE_STATIC);
	sqlite3_bind_text(b->add, 4, text, BODY_MAX, SQLITE_STATIC);
	if (sqlite3_step(b->add) != SQLITE_DONE)
		die(sqlite3_errmsg(b->db));
	sqlite3_reset(b->add);
}

static size_t
swallow(char *at, size_t size, size_t n, void *ctx)
{
	(void)at, (void)ctx;
	return size * n;
}

static void
intend(struct bare *b, struct flow *f)
{
	row(b, f, "intent");
	f->due = 1;
}

static int
begin(struct bare *b, struct flow *f)
{
	if (b->next == b->total)
		return 0;
	f->id = b->next++;
	f->step = 0;
	f->began = now();
	intend(b, f);
	return 1;
}

static void
post(struct bare *b, struct flow *f)
{
	snprintf(f->body, sizeof(f->body),
	    "{\"workflow\":%ld,\"step\":%d,"
	    "\"name\":\"a name\",\"note\":\"what is posted in each step\"}",
	    f->id, f->step);
	curl_easy_setopt(f->curl, CURLOPT_POSTFIELDS, f->body);
	f->due = 0;
	if (curl_multi_add_handle(b->multi, f->curl) != CURLM_OK)
		die("curl_multi_add_handle");
}

static void
finished(struct bare *b, struct flow *f)
{
	row(b, f, "outcome");
	if (++f->step < STEPS) {
		intend(b, f);
		return;
	}
	b->took[b->done++] = now() - f->began;
	begin(b, f);
}

static int
turn(struct bare *b)
{
	CURLMsg *m;
	int left, n = 0;

	while ((m = curl_multi_info_read(b->multi, &left)) != NULL) {
		struct flow *f;
		long status = 0;

		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &f);
		curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
		if (m->data.result != CURLE_OK || status != 200)
			die("a post failed");
		curl_multi_remove_handle(b->multi, f->curl);
		if (n++ == 0)
			say(b, "BEGIN IMMEDIATE");
		finished(b, f);
	}
	if (n > 0)
		say(b, "COMMIT");
	return n;
}

static void
run(struct bare *b, struct flow *flows, int width)
{
	int running;

	say(b, "BEGIN IMMEDIATE");
	for (int i = 0; i < width; i++)
		begin(b, &flows[i]);
	say(b, "COMMIT");
	while (b->done < b->total) {
		for (int i = 0; i < width; i++)
			if (flows[i].due)
				post(b, &flows[i]);
		curl_multi_perform(b->multi, &running);
		if (turn(b) == 0)
			curl_multi_poll(b->multi, NULL, 0, 100, NULL);
	}
}

static void
open_all(struct bare *b, const char *store, struct flow *flows, int width)
{
	if (sqlite3_open(store, &b->db) != SQLITE_OK)
		die("the store does not open");
	say(b, "PRAGMA journal_mode = WAL");
	say(b, "PRAGMA synchronous = FULL");
	say(b,
	    "CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY,"
	    " flow INTEGER, step INTEGER, kind TEXT, body TEXT)");
	sqlite3_prepare_v2(b->db,
	    "INSERT INTO row (flow, step, kind, body)"
	    " VALUES (?, ?, ?, ?)",
	    -1, &b->add, NULL);
	b->multi = curl_multi_init();
	b->headers = curl_slist_append(NULL, "Content-Type: application/json");
	for (int i = 0; i < width; i++) {
		CURL *c = flows[i].curl = curl_easy_init();

		curl_easy_setopt(c, CURLOPT_URL, b->url);
		curl_easy_setopt(c, CURLOPT_HTTPHEADER, b->headers);
		curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, swallow);
		curl_easy_setopt(c, CURLOPT_PRIVATE, &flows[i]);
		curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	}
}

static int
by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	struct bare b = { 0 };
	struct flow *flows;
	int width;
	double began;

	if (argc != 5)
		die("usage: bare URL STORE IN-FLIGHT WORKFLOWS");
	b.url = argv[1];
	width = atoi(argv[3]);
	b.total = atol(argv[4]);
	if (width < 1 || b.total < width)
		die("IN-FLIGHT is at least 1, WORKFLOWS at least IN-FLIGHT");
	flows = calloc((size_t)width, sizeof(*flows));
	b.took = calloc((size_t)b.total, sizeof(*b.took));
	if (flows == NULL || b.took == NULL)
		die("no memory");
	open_all(&b, argv[2], flows, width);
	began = now();
	run(&b, flows, width);
	began = now() - began;
	qsort(b.took, (size_t)b.total, sizeof(*b.took), by_time);
	printf("{\"rate\":%.1f,\"p50\":%.2f,\"p99\":%.2f}\n",
	    (double)b.total / began, 1e3 * b.took[b.total / 2],
	    1e3 * b.took[b.total * 99 / 100]);
	return 0;
}
