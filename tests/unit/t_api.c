/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The API over a real socket: what it answers, what it refuses, and that a
 * hostile or slow client costs nobody else anything.  The engine is the only
 * thing that is not there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/api.h"
#include "api/inside.h"
#include "api/listing.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "engine/command.h"
#include "model/config.h"
#include "model/run.h"
#include "store/store.h"

enum { PAGE = 1 << 20, NOBODY = 65534 };
enum how { NOW, FAIL, REFUSE, NEVER };

/* What the daemon behind the API is told, and how it answers. */
struct fake {
	char dir[64], socket[96], store[96], spool[96];
	struct store *writer;
	struct config config;
	struct access access[2];
	const char *uids[1];
	struct feed_def feed;
	struct api *api;
	enum how how;
	void *unanswered;
	int submitted, loaded;
	char verb[64], body[256], actor[96], loaded_text[256];
};

static struct fake fake;

static int
submit(void *ctx, const struct input *in, struct err *e)
{
	struct fake *f = ctx;
	struct err why;

	f->submitted++;
	snprintf(f->verb, sizeof(f->verb), "%s", in->verb);
	snprintf(f->body, sizeof(f->body), "%s", in->body);
	snprintf(f->actor, sizeof(f->actor), "%s", in->actor.name);
	if (f->how == REFUSE)
		return err_set(e, ERR_BUSY, "too many commands wait");
	if (f->how == NEVER)
		return f->unanswered = in->cookie, 0;
	if (f->how == FAIL)
		err_set(&why, ERR_CONFLICT, "it is released already");
	api_reply(f->api, in->cookie, f->how == FAIL ? &why : NULL,
	    f->how == FAIL ? NULL : "{\"run\":7}");
	return 0;
}

static int
load(void *ctx, const struct api_upload *up, void *cookie, struct err *e)
{
	struct fake *f = ctx;
	struct arena a = { NULL, 0 };
	size_t n;
	const char *text = file_read(&a, up->spool, PAGE, &n, e);

	f->loaded++;
	assert_non_null(text);
	snprintf(f->loaded_text, sizeof(f->loaded_text), "%s|%s|%.100s",
	    up->feed, up->name, text);
	arena_fini(&a);
	if (f->how == REFUSE)
		return err_set(e, ERR_BUSY, "a file of it is being read");
	unlink(up->spool);
	api_reply(f->api, cookie, NULL, "{\"load\":3}");
	return 0;
}

static int
reload(void *ctx, const struct actor *who, void *cookie, struct err *e)
{
	(void)e;
	(void)who;
	api_reply(((struct fake *)ctx)->api, cookie, NULL,
	    "{\"digest\":\"abc\"}");
	return 0;
}

static void
fake_config(struct fake *f)
{
	f->uids[0] = "65534";
	f->access[0] = (struct access){ .role = "viewer",
		.uids = { 1, f->uids } };
	f->feed = (struct feed_def){ .feed = "hr" };
	f->config.settings.instance = "test";
	f->config.settings.access = (struct many){ 1, f->access };
	f->config.feeds = (struct many){ 1, &f->feed };
	f->config.digest = "0123";
}

static void
rows_add(struct store *s)
{
	struct err e;

	assert_int_equal(store_begin(s, &e), 0);
	for (int i = 0; i < 5; i++) {
		struct run r = { .workflow = "joiner",
			.class_ = "join",
			.state = i == 1 || i == 2 ? "failed" : "done",
			.requested = 1000 + i,
			.ended = i == 2 ? clock_wall() : 1000 };

		assert_int_equal(store_put(s, STMT_RUN_ADD, run_fields, &r, &e),
		    0);
	}
	for (int i = 0; i < 3; i++) {
		static const char *const states[] = { "done", "waiting",
			"blocked" };
		struct step v = { .run = 4, .name = "a", .state = states[i] };

		assert_int_equal(store_put(s, STMT_STEP_ADD, step_fields, &v,
				     &e),
		    0);
	}
	assert_int_equal(store_commit(s, &e), 0);
}

static void
api_begin(struct fake *f, bool private_)
{
	struct err e = { ERR_NONE };
	struct api_config c = { .socket = f->socket,
		.mode = 0666,
		.store = f->store,
		.spool = f->spool,
		.config = &f->config,
		.private_ = private_,
		.timeout = 300,
		.idle = 30,
		.upload_max = 4096,
		.calls = { submit, load, reload },
		.ctx = f };

	f->how = NOW;
	f->submitted = f->loaded = 0;
	f->api = api_open(&c, &e);
	if (f->api == NULL)
		fail_msg("%s", e.text);
}

static int
setup(void **state)
{
	struct fake *f = &fake;
	struct err e;

	log_open("t_api", LOG_LEVEL_ERROR);
	snprintf(f->dir, sizeof(f->dir), "/tmp/t_api-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	chmod(f->dir, 0755);
	snprintf(f->socket, sizeof(f->socket), "%.63s/sock", f->dir);
	snprintf(f->store, sizeof(f->store), "%.63s/store", f->dir);
	snprintf(f->spool, sizeof(f->spool), "%.63s/spool", f->dir);
	mkdir(f->spool, 0700);
	f->writer = store_open(f->store, &e);
	if (f->writer == NULL)
		fail_msg("%s", e.text);
	rows_add(f->writer);
	fake_config(f);
	api_begin(f, true);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fake *f = *state;
	char command[128];

	api_close(f->api);
	store_close(f->writer);
	assert_int_not_equal(access(f->socket, F_OK), 0);
	snprintf(command, sizeof(command), "rm -rf %s", f->dir);
	return system(command);
}

static int
dial(const struct fake *f)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", f->socket);
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		return close(fd), -1;
	return fd;
}

/* Sends bytes and reads to the end; the status, and the whole answer. */
static int
talk_bytes(const struct fake *f, const char *bytes, size_t n, char *reply)
{
	int fd = dial(f);
	size_t got = 0;
	ssize_t m;

	if (fd < 0)
		return -1;
	for (size_t sent = 0; sent < n; sent += (size_t)m)
		if ((m = send(fd, bytes + sent, n - sent, MSG_NOSIGNAL)) <= 0)
			break;
	shutdown(fd, SHUT_WR);
	while (
	    got < PAGE - 1 && (m = read(fd, reply + got, PAGE - 1 - got)) > 0)
		got += (size_t)m;
	reply[got] = '\0';
	close(fd);
	return strncmp(reply, "HTTP/1.1 ", 9) == 0 ? atoi(reply + 9) : 0;
}

static char reply[PAGE];

static int
talk(const struct fake *f, const char *line, const char *headers,
    const char *body)
{
	char *text;

	if (asprintf(&text,
		"%s HTTP/1.1\r\nHost: muster\r\n"
		"Connection: close\r\n%s\r\n%s",
		line, headers, body == NULL ? "" : body) < 0)
		abort();
	int status = talk_bytes(f, text, strlen(text), reply);
	free(text);
	return status;
}

static int
post(const struct fake *f, const char *line, const char *body)
{
	char headers[128];

	snprintf(headers, sizeof(headers),
	    "Content-Type: application/json"
	    "\r\nContent-Length: %zu\r\n",
	    strlen(body));
	return talk(f, line, headers, body);
}

struct get_case {
	const char *line;
	int status;
	const char *has;
};

static const struct get_case get_cases[] = {
	{ "GET /healthz", 200, "ok" },
	{ "GET /v1/whoami", 200, "approver" },
	{ "GET /v1/status", 200, "\"private\":true" },
	/* Another one failed long ago. */
	{ "GET /v1/status", 200, "\"failed\":{\"n\":1,\"oldest\":\"2" },
	{ "GET /metrics", 200, "muster_waiting{what=\"debts\"} 0" },
	{ "GET /v1/runs", 200, "\"items\":[{\"id\":5," },
	{ "GET /v1/runs?state=failed", 200, "\"items\":[{\"id\":3," },
	{ "GET /v1/runs/3", 200, "\"state\":\"failed\"" },
	{ "GET /v1/runs/4", 200, "\"open_steps\":2," },
	{ "GET /v1/runs?state=done&limit=1", 200, "\"next\":\"5\"" },
	{ "GET /v1/runs?limit=2&after=3", 200, "\"items\":[{\"id\":2," },
	{ "GET /v1/steps", 200, "{\"items\":[{" },
	{ "GET /v1/systems", 200, "{\"items\":[]}" },
	{ "GET /v1/feeds/hr", 200, "\"feed\":\"hr\"" },
	{ "GET /v1/feeds/none", 404, "no feed is called" },
	{ "GET /v1/runs/99", 404, "there is no" },
	{ "GET /v1/runs/x", 404, "there is no" },
	{ "GET /v1/runs/", 404, "there is no" },
	{ "GET /v1/runs/3/../4", 404, "there is no" },
	{ "GET /v1/runs/99999999999999999999", 404, "there is no" },
	{ "GET /v1/names/x", 404, "there is no" },
	{ "GET /v1/identities/nobody", 404, "no identity has" },
	{ "GET /v1/none", 404, "no such path" },
	{ "GET /../../etc/passwd", 404, "no such path" },
	{ "GET /", 404, "no such path" },
	{ "GET /v1/runs?colour=red", 400, "there are limit, after" },
	{ "GET /v1/runs?state=opened", 400, "one of queued, open" },
	{ "GET /v1/runs?state=", 400, "is empty" },
	{ "GET /v1/runs?state", 400, "is empty" },
	{ "GET /v1/runs?state=open&state=done", 400, "given twice" },
	{ "GET /v1/runs?limit=0", 400, "not a number above 0" },
	{ "GET /v1/runs?limit=1001", 400, "at most 1000" },
	{ "GET /v1/runs?limit=-1", 400, "not a number above 0" },
	{ "GET /v1/runs?after=x", 400, "not the next of a page" },
	{ "GET /v1/runs?identity=nobody", 404, "no identity has" },
	{ "GET /v1/holdings?at=yesterday", 400, "at: " },
	{ "GET /v1/runs/3?state=open", 400, "no argument is taken" },
	{ "GET /v1/status?x=1", 400, "no argument is taken" },
	{ "PUT /v1/runs", 405, "this path takes GET" },
	{ "DELETE /v1/runs/3", 405, "this path takes GET" },
	{ "GET /v1/backup", 404, "no such path" },
	{ "GET /v1/evidence/key", 404, "signs nothing" },
	{ "OPTIONS /v1/status", 405, "this path takes GET" },
};

static void
t_get(void **state)
{
	for (size_t i = 0; i < sizeof(get_cases) / sizeof(*get_cases); i++) {
		const struct get_case *c = &get_cases[i];
		int status = talk(*state, c->line, "", NULL);

		if (status != c->status || strstr(reply, c->has) == NULL)
			fail_msg("%s: %d\n%s", c->line, status, reply);
		assert_non_null(strstr(reply, "Cache-Control: no-store"));
		assert_null(strstr(reply, "Access-Control"));
	}
}

/* A value that the filter takes. */
static const char *
sample(const struct field *f)
{
	if (f->words != NULL)
		return f->words[0];
	if (strcmp(f->name, "identity") == 0)
		return "identity/1";
	if (f->kind == FIELD_TEXT && strcmp(f->name, "after") != 0)
		return "x";
	return (f->flags & F_TIME) != 0 ? "2026-03-31" : "1";
}

/* Every list and every filter of it is a statement that the schema and the
   row's table agree with. */
static void
t_lists(void **state)
{
	char line[256];

	for (const struct listing *l = listings; l->path != NULL; l++) {
		snprintf(line, sizeof(line), "GET /v1/%s", l->path);
		if (talk(*state, line, "", NULL) != 200)
			fail_msg("%s\n%s", line, reply);
		snprintf(line, sizeof(line), "GET /v1/%s/999999", l->path);
		if (talk(*state, line, "", NULL) != 404)
			fail_msg("%s\n%s", line, reply);
		for (const struct field *f = l->filters; f->name != NULL; f++) {
			snprintf(line, sizeof(line), "GET /v1/%s?%s=%s",
			    l->path, f->name, sample(f));
			if (talk(*state, line, "", NULL) != 200)
				fail_msg("%s\n%s", line, reply);
		}
	}
}

struct post_case {
	const char *line, *headers, *body;
	enum how how;
	int status;
	const char *has;
	int submitted;
};

#define JSON "Content-Type: application/json\r\n"
#define RETRY "POST /v1/commands/run.retry"

static const struct post_case post_cases[] = {
	{ RETRY, JSON, "{\"id\":7}", NOW, 200, "{\"run\":7}", 1 },
	{ RETRY, JSON, "{\"id\":7}", FAIL, 409, "released already", 1 },
	{ RETRY, JSON, "{\"id\":7}", REFUSE, 503, "too many commands", 1 },
	{ RETRY, JSON, "{\"id\":7,\"x\":1}", NOW, 400, "x: ", 0 },
	{ RETRY, JSON, "{\"id\":\"7\"}", NOW, 400, "id: ", 0 },
	{ RETRY, JSON, "{}", NOW, 400, "id: ", 0 },
	{ RETRY, JSON, "{\"id\":7,\"id\":8}", NOW, 400, "body: ", 0 },
	{ RETRY, JSON, "{\"id\":", NOW, 400, "body: ", 0 },
	{ RETRY, JSON, "[7]", NOW, 400, "", 0 },
	{ RETRY, JSON, "\xff\xfe", NOW, 400, "body: ", 0 },
	{ RETRY, "", "{\"id\":7}", NOW, 415, "application/json", 0 },
	{ RETRY, "Content-Type: text/plain\r\n", "{\"id\":7}", NOW, 415,
	    "application/json", 0 },
	{ RETRY, "Content-Type: application/jsonx\r\n", "{\"id\":7}", NOW, 415,
	    "application/json", 0 },
	{ "POST /v1/commands/none", JSON, "{}", NOW, 404, "no such command",
	    0 },
	{ "POST /v1/commands/notice.settle", JSON, "{\"id\":1,\"ok\":true}",
	    NOW, 404, "no such command", 0 },
	{ "POST /v1/commands/load.rows", JSON, "{\"load\":1}", NOW, 404,
	    "no such command", 0 },
	{ "POST /v1/reload", JSON, "{}", NOW, 200, "abc", 0 },
	{ "POST /v1/backup", JSON, "{\"path\":\"x\"}", NOW, 400, "not absolute",
	    0 },
	{ "GET /v1/runs", "", "a body", NOW, 400, "takes no body", 0 },
};

static void
t_post(void **state)
{
	struct fake *f = *state;

	for (size_t i = 0; i < sizeof(post_cases) / sizeof(*post_cases); i++) {
		const struct post_case *c = &post_cases[i];
		char headers[256];

		f->how = c->how;
		f->submitted = 0;
		snprintf(headers, sizeof(headers),
		    "%sContent-Length: "
		    "%zu\r\n",
		    c->headers, strlen(c->body));
		int status = talk(f, c->line, headers, c->body);
		if (status != c->status || strstr(reply, c->has) == NULL ||
		    f->submitted != c->submitted)
			fail_msg("%s %s: %d, %d submitted\n%s", c->line,
			    c->body, status, f->submitted, reply);
	}
}

static void
t_actor(void **state)
{
	struct fake *f = *state;
	char uid[32];

	snprintf(uid, sizeof(uid), "uid:%u", (unsigned)getuid());
	assert_int_equal(post(f, RETRY, "{\"id\":9}"), 200);
	assert_string_equal(f->verb, "run.retry");
	assert_string_equal(f->body, "{\"id\":9}");
	assert_int_equal(strncmp(f->actor, uid, strlen(uid)), 0);
}

/* An answer that comes too late is nobody's, and harms nobody. */
static void
t_timeout(void **state)
{
	struct fake *f = *state;

	f->how = NEVER;
	assert_int_equal(post(f, RETRY, "{\"id\":9}"), 503);
	assert_non_null(strstr(reply, "still working"));
	api_reply(f->api, f->unanswered, NULL, "{\"run\":1}");
	f->how = NOW;
	assert_int_equal(post(f, RETRY, "{\"id\":9}"), 200);
}

/* While the engine works, nobody's connection is idle. */
static void
t_patience(void **state)
{
	struct fake *f = *state;
	struct err e = { ERR_NONE };
	struct api_config c = { .socket = f->socket,
		.store = f->store,
		.spool = f->spool,
		.config = &f->config,
		.private_ = true,
		.timeout = 2500,
		.idle = 1,
		.calls = { submit, load, reload },
		.ctx = f };

	api_close(f->api);
	f->api = api_open(&c, &e);
	assert_non_null(f->api);
	f->how = NEVER;
	assert_int_equal(post(f, RETRY, "{\"id\":9}"), 503);
	api_reply(f->api, f->unanswered, NULL, NULL);
	/* The control: one that says nothing is cut off. */
	int fd = dial(f);
	char c1;
	assert_int_equal(send(fd, "GET /he", 7, MSG_NOSIGNAL), 7);
	ssize_t n = read(fd, &c1, 1);
	assert_true(n <= 0);
	close(fd);
}

static void
t_large(void **state)
{
	struct fake *f = *state;
	size_t n = 3 << 20;
	char *text = malloc(n + 256);

	assert_non_null(text);
	/* A length that is announced is refused before it is sent. */
	assert_int_equal(talk(f, RETRY, JSON "Content-Length: 2000000\r\n",
			     "{"),
	    413);
	/* One that is not, as soon as it is too much. */
	int head = sprintf(text,
	    "POST /v1/commands/run.retry HTTP/1.1\r\n"
	    "Host: m\r\nConnection: close\r\n" JSON
	    "Transfer-Encoding: chunked\r\n\r\n%zx\r\n",
	    (size_t)1500000);
	memset(text + head, ' ', 1500000);
	strcpy(text + head + 1500000, "\r\n0\r\n\r\n");
	assert_int_equal(talk_bytes(f, text, (size_t)head + 1500007, reply),
	    413);
	/* Headers without an end. */
	head = sprintf(text, "GET /healthz HTTP/1.1\r\nHost: m\r\nX: ");
	memset(text + head, 'x', 1 << 20);
	int status = talk_bytes(f, text, (size_t)head + (1 << 20), reply);
	assert_true(status == 431 || status == 413 || status == 0);
	memset(text, 'x', 1 << 20);
	status = talk_bytes(f, text, 1 << 20, reply);
	assert_true(status == 0 || status >= 400);
	free(text);
	assert_int_equal(f->submitted, 0);
	assert_int_equal(talk(f, "GET /healthz", "", NULL), 200);
}

/* Clients that begin and do not go on cost nobody else anything. */
static void
t_slow(void **state)
{
	struct fake *f = *state;
	static const char half[] = "POST /v1/commands/run.retry HTTP/1.1\r\n"
				   "Host: m\r\n" JSON
				   "Content-Length: 100\r\n\r\n{\"id\"";
	int fd[40];

	for (int i = 0; i < 40; i++) {
		fd[i] = dial(f);
		assert_true(fd[i] >= 0);
		ssize_t n = send(fd[i], half,
		    i % 2 == 0 ? sizeof(half) - 1 : 20, MSG_NOSIGNAL);
		assert_true(n > 0);
	}
	assert_int_equal(talk(f, "GET /healthz", "", NULL), 200);
	assert_int_equal(post(f, RETRY, "{\"id\":9}"), 200);
	for (int i = 0; i < 40; i++)
		close(fd[i]);
	assert_int_equal(f->submitted, 1);
}

/* Whether the other side still listens: it closed, or sent an answer. */
static bool
is_open(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 &&
	    errno == EAGAIN;
}

/* Headers that come byte after byte are never silent, and yet cut off. */
static void
t_trickle(void **state)
{
	struct fake *f = *state;
	struct err e = { ERR_NONE };
	struct api_config c = { .socket = f->socket,
		.store = f->store,
		.spool = f->spool,
		.config = &f->config,
		.private_ = true,
		.idle = 1,
		.calls = { submit, load, reload },
		.ctx = f };
	static const char line[] = "GET /healthz HTTP/1.1\r\nHost: m\r\n"
				   "X: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	size_t n = 0;

	api_close(f->api);
	f->api = api_open(&c, &e);
	assert_non_null(f->api);
	int fd = dial(f);
	/* 2.8 s at most; the others' requests are what makes it seen. */
	while (n < 14 && send(fd, line + n++, 1, MSG_NOSIGNAL) == 1) {
		usleep(200 * 1000);
		assert_int_equal(talk(f, "GET /healthz", "", NULL), 200);
		/* Control: it is not cut off before its time. */
		if (n == 3)
			assert_true(is_open(fd));
		if (!is_open(fd))
			break;
	}
	assert_false(is_open(fd));
	assert_true(n < 14);
	close(fd);
}

/* One user does not take all connections. */
static void
t_crowd(void **state)
{
	struct fake *f = *state;
	int fd[API_EACH + 20], open = 0;

	for (int i = 0; i < API_EACH + 20; i++) {
		fd[i] = dial(f);
		assert_true(fd[i] >= 0);
	}
	usleep(500 * 1000);
	for (int i = 0; i < API_EACH + 20; i++)
		open += is_open(fd[i]);
	assert_int_equal(open, API_EACH);
	for (int i = 0; i < API_EACH + 20; i++)
		close(fd[i]);
	/* They are gone soon, and then there is room again. */
	for (int i = 0; i < 50; i++) {
		if (talk(f, "GET /healthz", "", NULL) == 200)
			return;
		usleep(100 * 1000);
	}
	fail_msg("there is no room any more");
}

static int
spooled(const struct fake *f)
{
	DIR *d = opendir(f->spool);
	int n = -2; /* . and .. */

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

#define FILE_TYPE "Content-Type: application/octet-stream\r\n"
#define SUM_OF_A \
	"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"

struct upload_case {
	const char *line, *headers, *body;
	int status;
	const char *has;
	int loaded;
};

static const struct upload_case upload_cases[] = {
	{ "POST /v1/feeds/hr/load?name=hr.csv",
	    FILE_TYPE "Content-Length: 1\r\n", "a", 200, "{\"load\":3}", 1 },
	{ "POST /v1/feeds/hr/load?digest=" SUM_OF_A,
	    FILE_TYPE "Content-Length: 1\r\n", "a", 200, "{\"load\":3}", 1 },
	{ "POST /v1/feeds/hr/load?digest=" SUM_OF_A,
	    FILE_TYPE "Content-Length: 1\r\n", "b", 400, "did not arrive", 0 },
	{ "POST /v1/feeds/hr/load", FILE_TYPE "Content-Length: 0\r\n", "", 400,
	    "is empty", 0 },
	{ "POST /v1/feeds/xx/load", FILE_TYPE "Content-Length: 1\r\n", "a", 404,
	    "no feed is called", 0 },
	{ "POST /v1/feeds/hr/../load", FILE_TYPE "Content-Length: 1\r\n", "a",
	    404, "goes to", 0 },
	{ "POST /v1/feeds/hr/load?dry_run=maybe",
	    FILE_TYPE "Content-Length: 1\r\n", "a", 400, "one of yes, no", 0 },
	{ "POST /v1/feeds/hr/load", JSON "Content-Length: 1\r\n", "a", 415,
	    "octet-stream", 0 },
	{ "POST /v1/feeds/hr/load", FILE_TYPE "Content-Length: 5000\r\n", "a",
	    413, "larger than", 0 },
	/* The connection ends before the file does: nothing was loaded. */
	{ "POST /v1/feeds/hr/load", FILE_TYPE "Content-Length: 2\r\n", "a", 0,
	    "", 0 },
};

static void
t_upload(void **state)
{
	struct fake *f = *state;

	for (size_t i = 0; i < sizeof(upload_cases) / sizeof(*upload_cases);
	     i++) {
		const struct upload_case *c = &upload_cases[i];

		f->loaded = 0;
		int status = talk(f, c->line, c->headers, c->body);
		if (status != c->status || strstr(reply, c->has) == NULL ||
		    f->loaded != c->loaded)
			fail_msg("%s: %d, %d loaded\n%s", c->line, status,
			    f->loaded, reply);
		for (int tries = 0; spooled(f) > 0 && tries < 200; tries++)
			usleep(10000);
		assert_int_equal(spooled(f), 0);
	}
	assert_int_equal(talk(f, upload_cases[0].line, upload_cases[0].headers,
			     "a"),
	    200);
	assert_string_equal(f->loaded_text, "hr|hr.csv|a");
	f->how = REFUSE;
	assert_int_equal(talk(f, upload_cases[0].line, upload_cases[0].headers,
			     "a"),
	    503);
	assert_int_equal(spooled(f), 0);
}

/* The daemon's own user has no role, unless the instance is private. */
static void
t_own_user(void **state)
{
	struct fake *f = *state;

	api_close(f->api);
	api_begin(f, false);
	assert_int_equal(talk(f, "GET /v1/runs", "", NULL), 401);
	assert_non_null(strstr(reply, "muster.json"));
	assert_int_equal(post(f, RETRY, "{\"id\":9}"), 401);
	assert_int_equal(talk(f, "GET /v1/whoami", "", NULL), 200);
	assert_non_null(strstr(reply, "none"));
	assert_int_equal(talk(f, "GET /healthz", "", NULL), 200);
	assert_int_equal(f->submitted, 0);
}

/* As somebody who is a viewer: answers the exit status of a child. */
static int
as_viewer(const struct fake *f)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
		    setresuid(NOBODY, NOBODY, NOBODY) != 0)
			_exit(99);
		if (talk(f, "GET /v1/runs", "", NULL) != 200)
			_exit(1);
		if (post(f, RETRY, "{\"id\":9}") != 403 ||
		    strstr(reply, "role viewer") == NULL ||
		    strstr(reply, "operator") == NULL)
			_exit(2);
		if (talk(f, "GET /v1/records", "", NULL) != 403)
			_exit(3);
		if (talk(f, "POST /v1/feeds/hr/load",
			FILE_TYPE "Content-Length: 1\r\n", "a") != 403)
			_exit(4);
		_exit(post(f, "POST /v1/reload", "{}") == 403 ? 0 : 5);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

static void
t_roles(void **state)
{
	struct fake *f = *state;

	if (geteuid() != 0)
		skip(); /* only root can be somebody else */
	assert_int_equal(as_viewer(f), 0);
	assert_int_equal(f->submitted, 0);
	/* The control: with the role it is let through. */
	f->access[0].role = "operator";
	api_configure(f->api, &f->config);
	assert_int_equal(as_viewer(f), 2);
	assert_int_equal(f->submitted, 1);
	f->access[0].role = "viewer";
	api_configure(f->api, &f->config);
}

static void
t_second(void **state)
{
	struct fake *f = *state;
	struct err e;
	struct api_config c = { .socket = f->socket,
		.store = f->store,
		.spool = f->spool,
		.config = &f->config };

	assert_null(api_open(&c, &e));
	assert_int_equal(e.cls, ERR_CONFLICT);
	/* And the first one still serves. */
	assert_int_equal(talk(f, "GET /healthz", "", NULL), 200);
}

static void
t_loopback(void **state)
{
	struct fake *f = *state;
	struct err e;
	char other[128];
	struct api_config c = { .socket = other,
		.store = f->store,
		.spool = f->spool,
		.config = &f->config };
	static const char *const bad[] = { "0.0.0.0:9469", "10.0.0.1:1",
		"127.0.0.1", "127.0.0.1:99999", "localhost:80", "[::]:80",
		"127.0.0.1:80x", "" };

	snprintf(other, sizeof(other), "%s/other", f->dir);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		c.listen = bad[i];
		assert_null(api_open(&c, &e));
		assert_int_equal(e.cls, ERR_INPUT);
	}
	c.listen = "127.0.0.1:0";
	struct api *api = api_open(&c, &e);
	assert_non_null(api);
	api_close(api);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(t_get),
		T(t_lists),
		T(t_post),
		T(t_actor),
		T(t_timeout),
		T(t_patience),
		T(t_large),
		T(t_slow),
		T(t_trickle),
		T(t_crowd),
		T(t_upload),
		T(t_own_user),
		T(t_roles),
		T(t_second),
		T(t_loopback),
	};

	return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
