/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real muster-worker with the null provider, in its sandbox, from the
 * supervisor's side of the channel.
 */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "inbox.h"

#include "base/log.h"
#include "base/secret.h"

#define WANT "{\"name\":\"jdoe\",\"kind\":\"primary\"}"

static void
serves(void **state)
{
	struct inbox *h = *state;

	define(h, "null", "{}", 1, MINUTE);
	call_with(h, 1, "account.ensure", WANT, 5000);
	struct got *g = next(h, INCOMING_STATE, 10000);
	assert_non_null(g);
	if (g->why.cls != ERR_NONE)
		print_error("%s\n", g->why.text);
	assert_int_equal(g->why.cls, ERR_NONE);
	assert_non_null(strstr(g->out, "\"provider\":\"null\""));
	assert_non_null(strstr(g->out, "\"account.ensure\""));
	g = next(h, INCOMING_REPLY, 10000);
	assert_non_null(g);
	if (g->why.cls != ERR_NONE)
		print_error("%s\n", g->why.text);
	assert_int_equal(g->why.cls, ERR_NONE);
	assert_non_null(strstr(g->out, "\"changed\":true"));
	call_with(h, 2, "account.ensure", WANT, 5000);
	g = next(h, INCOMING_REPLY, 10000);
	assert_non_null(strstr(g->out, "\"changed\":false"));
	call_with(h, 3, "no.such", "{}", 5000);
	g = next(h, INCOMING_REPLY, 10000);
	assert_int_equal(g->why.cls, ERR_INPUT);
	call_with(h, 4, "account.ensure", "{\"odd\":1}", 5000);
	g = next(h, INCOMING_REPLY, 10000);
	assert_int_equal(g->why.cls, ERR_INPUT);
}

/* Failures of a class arrive as they are; misbehaviour as unknown. */
static void
fails(void **state)
{
	static const struct {
		const char *what;
		enum err_class cls;
	} rows[] = {
		{ "input", ERR_INPUT },
		{ "busy", ERR_BUSY },
		{ "denied", ERR_DENIED },
		{ "gone", ERR_GONE },
		{ "conflict", ERR_CONFLICT },
		{ "refused", ERR_REFUSED },
		{ "unknown", ERR_UNKNOWN },
		{ "crash", ERR_UNKNOWN },
		{ "hang", ERR_UNKNOWN },
		{ "garbage", ERR_UNKNOWN },
		{ "flood", ERR_UNKNOWN },
		{ "other-call", ERR_UNKNOWN },
		{ "long-frame", ERR_UNKNOWN },
		{ "crash-after", ERR_UNKNOWN },
		{ "hang-after", ERR_UNKNOWN },
	};
	struct inbox *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char config[128];

		print_message("%s\n", rows[i].what);
		snprintf(config, sizeof(config),
		    "{\"fail\":[{\"verb\":"
		    "\"account.ensure\",\"what\":\"%s\"}]}",
		    rows[i].what);
		define(h, "null", config, 1, MINUTE);
		call_with(h, 1, "account.ensure", WANT, 500);
		struct got *g = next(h, INCOMING_REPLY, 20000);
		assert_non_null(g);
		if (g->why.cls != rows[i].cls)
			print_error("%d %s\n", (int)g->why.cls, g->why.text);
		assert_int_equal(g->why.cls, rows[i].cls);
		/* Control: what is not to fail does not. */
		call_with(h, 2, "system.check", "{}", 5000);
		g = next(h, INCOMING_REPLY, 20000);
		assert_non_null(g);
		assert_int_equal(g->call, 2);
		assert_int_equal(g->why.cls, ERR_NONE);
		forget_all(h);
	}
}

static void
refuses_to_start(void **state)
{
	static const struct {
		const char *provider, *config, *text;
	} rows[] = {
		{ "nosuch", "{}", "nosuch" },
		{ "null", "{\"odd\":1}", "odd" },
		{ "null", "{\"delay_ms\":\"x\"}", "delay_ms" },
		{ "http",
		    "{\"url\":\"https://10.0.0.1\",\"ca\":\"/no/such.pem\","
		    "\"description\":{\"name\":\"x\",\"operations\":{}}}",
		    "ca: /no/such.pem: No such file" },
		{ "ldap",
		    "{\"url\":\"ldaps://10.0.0.1\",\"ca\":\"/no/such.pem\","
		    "\"bind\":{\"dn\":\"cn=m\",\"password\":\"x\"},"
		    "\"base\":\"dc=x\",\"people\":\"dc=x\","
		    "\"groups\":\"dc=x\"}",
		    "ca: /no/such.pem: No such file" },
	};
	struct inbox *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		print_message("%s %s\n", rows[i].provider, rows[i].config);
		define(h, rows[i].provider, rows[i].config, 1, MINUTE);
		call_with(h, 1, "system.check", "{}", 5000);
		struct got *g = next(h, INCOMING_STATE, 20000);
		assert_non_null(g);
		assert_int_not_equal(g->why.cls, ERR_NONE);
		assert_non_null(strstr(g->why.text, rows[i].text));
		g = next(h, INCOMING_REPLY, 20000);
		assert_int_equal(g->why.cls, ERR_BUSY);
		forget_all(h);
	}
}

/* A listing larger than what a worker may have out: nothing is lost. */
static void
lists(void **state)
{
	struct inbox *h = *state;
	size_t names = 0, pages = 0;

	define(h, "null", "{}", 1, MINUTE);
	for (int i = 0; i < 1500; i++) {
		char want[96];

		snprintf(want, sizeof(want),
		    "{\"name\":\"user%04d\","
		    "\"kind\":\"primary\"}",
		    i);
		call_with(h, 1, "account.ensure", want, 5000);
		struct got *g = next(h, INCOMING_REPLY, 20000);
		assert_int_equal(g->why.cls, ERR_NONE);
		forget_all(h);
	}
	call_with(h, 2, "account.list", "{}", 20000);
	for (struct got *g; (g = next(h, INCOMING_ROWS, 500)) != NULL;) {
		for (const char *s = g->out;
		     (s = strstr(s, "\"name\":\"user")) != NULL; s++)
			names++;
		pages++;
		supervisor_more(h->s, 2);
	}
	h->seen = 0;
	struct got *g = next(h, INCOMING_REPLY, 1000);
	assert_non_null(g);
	assert_int_equal(g->why.cls, ERR_NONE);
	assert_int_equal(names, 1500);
	assert_true(pages > 4);
}

/* kB that a process has locked in memory. */
static long
locked_kb(long pid)
{
	char path[64], line[256];
	long kb = -1;

	snprintf(path, sizeof(path), "/proc/%ld/status", pid);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		(void)!sscanf(line, "VmLck: %ld", &kb);
	fclose(f);
	return kb;
}

/* Its configuration and the texts of a call each have an arena of that
   kind, of 64 kB at least. */
static void
locks_what_may_be_secret(void **state)
{
	struct inbox *h = *state;
	const char *sanitized = getenv("sanitized");
	long pid = 0;

	/* The address sanitizer turns mlock() into nothing. */
	if (sanitized != NULL && strcmp(sanitized, "yes") == 0)
		skip();
	define(h, "null", "{}", 1, MINUTE);
	call_with(h, 1, "system.check", "{}", 5000);
	struct got *g = next(h, INCOMING_REPLY, 10000);
	assert_non_null(g);
	assert_int_equal(g->why.cls, ERR_NONE);
	FILE *f = fopen("/proc/thread-self/children", "r");
	if (f == NULL)
		skip();
	assert_int_equal(fscanf(f, "%ld", &pid), 1);
	fclose(f);
	assert_true(locked_kb(pid) >= 128);
}

/* A removal of what is gone already must come to an end there, too. */
static void
a_system_without_a_check_is_well(void **state)
{
	struct inbox *h = *state;

	define(h, "http",
	    "{\"url\":\"http://127.0.0.1:1\",\"description\":{\"name\":\"x\","
	    "\"operations\":{\"x:post\":{\"effect\":\"repeatable\","
	    "\"request\":{\"method\":\"POST\",\"path\":\"/x\"}}}}}",
	    1, MINUTE);
	call_with(h, 1, "system.check", "{}", 5000);
	struct got *g = next(h, INCOMING_REPLY, 10000);
	assert_non_null(g);
	assert_int_equal(g->why.cls, ERR_NONE);
	assert_string_equal(g->out, "{\"ok\":true}");
	call_with(h, 2, "account.list", "{}", 5000); /* control */
	g = next(h, INCOMING_REPLY, 10000);
	assert_int_equal(g->why.cls, ERR_INPUT);
}

/* A port of this machine where nobody says anything. */
static int
silence(int *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

/* The next connection, while the supervisor goes on; -1: none in time. */
static int
connection(struct inbox *h, int fd, int64_t ms)
{
	int64_t until = clock_boot() + ms;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (poll(&p, 1, 0) == 0) {
		if (clock_boot() >= until)
			return -1;
		turn(h, 20, 16);
	}
	return accept4(fd, NULL, NULL, SOCK_CLOEXEC);
}

static void
directory_define(struct inbox *h, const char *scheme, int port,
    int64_t concurrency)
{
	char config[512];

	snprintf(config, sizeof(config),
	    "{\"url\":\"%s://127.0.0.1:%d\",\"bind\":{\"dn\":\"cn=muster\","
	    "\"password\":\"secret\"},\"page\":%d,\"base\":\"dc=x\","
	    "\"people\":\"ou=people,dc=x\",\"groups\":\"ou=groups,dc=x\"}",
	    scheme, port, (int)concurrency);
	define(h, "ldap", config, concurrency, MINUTE);
}

/* Who takes a connection and then says nothing keeps nobody longer than the
   call may take, and has seen nothing of it. */
static void
waits_for_no_handshake(void **state)
{
	static const char *const schemes[] = { "ldaps", "ldap" };
	struct inbox *h = *state;
	struct supervisor_counts c;
	int port, fd = silence(&port);

	for (size_t i = 0; i < 2; i++) {
		directory_define(h, schemes[i], port, 1);
		call_with(h, 1, "account.ensure", WANT, 500);
		struct got *g = next(h, INCOMING_REPLY, 10000);
		assert_non_null(g);
		print_message("%s\n", g->why.text);
		assert_int_equal(g->why.cls, ERR_BUSY);
	}
	supervisor_counts(h->s, "corp", &c);
	assert_int_equal(c.kills, 0);
	close(fd);
}

/* The worker that is kept for cuts connects before there is one.  Where
   nobody answers it does not wait long for that, and serves all the same. */
static void
connects_ahead_of_a_cut(void **state)
{
	struct inbox *h = *state;
	int port, fd = silence(&port), one, kept, again;

	directory_define(h, "ldaps", port, 2);
	call_with(h, 1, "account.read", WANT, 60000);
	one = connection(h, fd, 10000);
	assert_true(one >= 0);
	kept = connection(h, fd, 10000);
	assert_true(kept >= 0);
	call_with(h, 2, "account.read", WANT, 60000);
	again = connection(h, fd, 20000);
	assert_true(again >= 0);
	assert_int_equal(connection(h, fd, 100), -1);
	close(again);
	struct got *g = next(h, INCOMING_REPLY, 10000);
	assert_non_null(g);
	assert_int_equal(g->call, 2);
	assert_int_equal(g->why.cls, ERR_BUSY);
	/* Control: of a single one, started anew, none connects ahead. */
	directory_define(h, "ldaps", port, 1);
	close(one);
	assert_non_null(next(h, INCOMING_REPLY, 10000));
	call_with(h, 3, "account.read", WANT, 60000);
	one = connection(h, fd, 10000);
	assert_true(one >= 0);
	assert_int_equal(connection(h, fd, 300), -1);
	close(one);
	close(kept);
	close(fd);
}

#define WITH_WORKER(test) \
	cmocka_unit_test_setup_teardown(test, worker_open, fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORKER(serves),
		WITH_WORKER(fails),
		WITH_WORKER(refuses_to_start),
		WITH_WORKER(lists),
		WITH_WORKER(waits_for_no_handshake),
		WITH_WORKER(connects_ahead_of_a_cut),
		WITH_WORKER(a_system_without_a_check_is_well),
		WITH_WORKER(locks_what_may_be_secret),
	};

	secret_init();
	log_open("t_workers", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
