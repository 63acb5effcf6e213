/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a worker does with a call, it is delivered exactly once, and
 * nothing else suffers.
 */
#include "inbox.h"

#include "base/log.h"
#include "base/secret.h"

static void
answers(void **state)
{
	struct inbox *h = *state;
	int64_t before = clock_wall();

	define(h, "fake", "{}", 1, MINUTE);
	call(h, 11, "account.read", 5000);
	struct got *g = next(h, INCOMING_STATE, 5000);
	assert_non_null(g);
	assert_int_equal(g->why.cls, ERR_NONE);
	assert_non_null(strstr(g->out, "\"provider\":\"fake\""));
	g = next(h, INCOMING_REPLY, 5000);
	assert_non_null(g);
	assert_int_equal(g->call, 11);
	assert_int_equal(g->epoch, 3);
	assert_int_equal(g->why.cls, ERR_NONE);
	assert_string_equal(g->system, "corp");
	assert_string_equal(g->out, "{\"echo\":{\"name\":\"jdoe\"}}");
	assert_in_range(g->taken, before, clock_wall());
	/* A second call goes to the same worker. */
	call(h, 12, "busy", 5000);
	g = next(h, INCOMING_REPLY, 5000);
	assert_int_equal(g->why.cls, ERR_BUSY);
	assert_string_equal(g->why.text, "come back");
	assert_int_equal(g->why.after_ms, 1234);
	struct supervisor_counts c;
	supervisor_counts(h->s, "corp", &c);
	assert_int_equal(c.starts, 1);
	assert_int_equal(c.calls, 2);
	assert_int_equal(c.crashes + c.kills, 0);
}

/* Every way to go wrong ends one call, as unknown, and not the next. */
static void
misbehaves(void **state)
{
	static const struct {
		const char *verb, *text;
		bool crash; /* else it is killed */
	} rows[] = {
		{ "crash", "signal 11", true },
		{ "leave", "status 7", true },
		{ "shut", "signal 9", true },
		{ "hang", "no answer before the deadline", false },
		{ "flood", "too large", false },
		{ "no-json", "broke the rules", false },
		{ "no-object", "broke the rules", false },
		{ "no-out", "broke the rules", false },
		{ "other-call", "broke the rules", false },
		{ "other-epoch", "broke the rules", false },
		{ "two-values", "broke the rules", false },
		{ "odd-member", "broke the rules", false },
		{ "odd-failure", "broke the rules", false },
		{ "both", "broke the rules", false },
		{ "no-list", "broke the rules", false },
		{ "no-utf8", "broke the rules", false },
		{ "nul", "broke the rules", false },
		{ "tail", "broke the rules", false },
		{ "fraction", "broke the rules", false },
		{ "empty", "broke the rules", false },
		{ "stream-rude", "broke the rules", false },
	};
	struct inbox *h = *state;

	define(h, "fake", "{}", 1, MINUTE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct supervisor_counts before, after;

		print_message("%s\n", rows[i].verb);
		supervisor_counts(h->s, "corp", &before);
		call(h, 20, rows[i].verb, 300);
		struct got *g = next(h, INCOMING_REPLY, 5000);
		assert_non_null(g);
		assert_int_equal(g->call, 20);
		assert_int_equal(g->why.cls, ERR_UNKNOWN);
		assert_null(g->out);
		assert_non_null(strstr(g->why.text, rows[i].text));
		supervisor_counts(h->s, "corp", &after);
		assert_int_equal(after.crashes - before.crashes, rows[i].crash);
		assert_int_equal(after.kills - before.kills, !rows[i].crash);
		call(h, 21, "account.read", 5000);
		g = next(h, INCOMING_REPLY, 5000);
		assert_non_null(g);
		assert_int_equal(g->call, 21);
		assert_int_equal(g->why.cls, ERR_NONE);
		forget_all(h);
	}
}

/* A reply that nobody asked for ends the worker, and harms no call. */
static void
answers_twice(void **state)
{
	struct inbox *h = *state;

	define(h, "fake", "{}", 1, MINUTE);
	call(h, 1, "twice", 5000);
	struct got *g = next(h, INCOMING_REPLY, 5000);
	assert_int_equal(g->why.cls, ERR_NONE);
	calm(h, 100);
	struct supervisor_counts c;
	supervisor_counts(h->s, "corp", &c);
	assert_int_equal(c.kills, 1);
	assert_int_equal(c.workers, 0);
	call(h, 2, "account.read", 5000);
	g = next(h, INCOMING_REPLY, 5000);
	assert_int_equal(g->call, 2);
	assert_int_equal(g->why.cls, ERR_NONE);
}

static void
writes_slowly(void **state)
{
	struct inbox *h = *state;

	define(h, "fake", "{}", 1, MINUTE);
	call(h, 1, "slow", 5000);
	struct got *g = next(h, INCOMING_REPLY, 5000);
	assert_non_null(g);
	assert_int_equal(g->why.cls, ERR_NONE);
	assert_string_equal(g->out, "{\"slow\":true}");
}

static void
streams(void **state)
{
	struct inbox *h = *state;
	int pages = 0;

	define(h, "fake", "{}", 1, MINUTE);
	call(h, 1, "stream", 5000);
	/* Four pages come by themselves, and no fifth. */
	for (; pages < 4; pages++)
		assert_non_null(next(h, INCOMING_ROWS, 5000));
	assert_null(next(h, INCOMING_ROWS, 200));
	for (; pages < 10; pages++) {
		char want[32];

		supervisor_more(h->s, 1);
		struct got *g = next(h, INCOMING_ROWS, 5000);
		assert_non_null(g);
		snprintf(want, sizeof(want), "[{\"n\":%d}]", pages);
		assert_string_equal(g->out, want);
	}
	supervisor_more(h->s, 1);
	struct got *g = next(h, INCOMING_REPLY, 5000);
	assert_non_null(g);
	assert_string_equal(g->out, "{\"rows\":10}");
	/* What is acknowledged too late disturbs nothing. */
	supervisor_more(h->s, 1);
	call(h, 2, "account.read", 5000);
	assert_int_equal(next(h, INCOMING_REPLY, 5000)->why.cls, ERR_NONE);
}

static void
refuses(void **state)
{
	static const struct {
		const char *system, *verb;
		size_t in;
	} rows[] = {
		{ "nowhere", "account.read", 2 },
		{ "corp", "x\",\"more\":1", 2 },
		{ "corp", "", 2 },
		{ "corp", "account.read", 1 << 20 },
	};
	struct inbox *h = *state;

	define(h, "fake", "{}", 1, MINUTE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *in = malloc(rows[i].in + 1);

		memset(in, ' ', rows[i].in);
		in[0] = '{';
		in[rows[i].in - 1] = '}';
		in[rows[i].in] = '\0';
		const struct outcall c = { .call = 9,
			.epoch = 1,
			.system = rows[i].system,
			.verb = rows[i].verb,
			.in = in,
			.timeout = 1000 };
		supervisor_send(h->s, &c);
		free(in);
		struct got *g = next(h, INCOMING_REPLY, 1000);
		assert_non_null(g);
		assert_int_equal(g->call, 9);
		assert_int_equal(g->why.cls, ERR_INPUT);
	}
	const struct worker_def d = { .system = "x",
		.provider = "../evil",
		.config = "{}" };
	struct err e;
	assert_int_equal(supervisor_define(h->s, &d, &e), -1);
	assert_int_equal(e.cls, ERR_INPUT);
}

static void
drops(void **state)
{
	struct inbox *h = *state;

	define(h, "fake", "{}", 1, MINUTE);
	call(h, 1, "hang", 60000);
	call(h, 2, "account.read", 5000); /* waits for the worker */
	call(h, 3, "account.read", 5000);
	calm(h, 100);
	supervisor_drop(h->s, 2);
	supervisor_drop(h->s, 1);
	struct got *g = next(h, INCOMING_REPLY, 5000);
	assert_non_null(g);
	assert_int_equal(g->call, 3);
	assert_int_equal(g->why.cls, ERR_NONE);
	assert_null(next(h, INCOMING_REPLY, 100));
}

static void
keeps_to_concurrency(void **state)
{
	struct inbox *h = *state;
	struct supervisor_counts c;

	define(h, "fake", "{}", 3, MINUTE);
	for (int i = 0; i < 5; i++)
		call(h, 100 + i, "hang", 400);
	calm(h, 150);
	supervisor_counts(h->s, "corp", &c);
	assert_int_equal(c.workers, 3);
	assert_int_equal(c.calls, 3);
	for (int i = 0; i < 5; i++)
		assert_int_equal(next(h, INCOMING_REPLY, 5000)->why.cls,
		    ERR_UNKNOWN);
	supervisor_counts(h->s, "corp", &c);
	assert_int_equal(c.calls, 5);
}

static void
delivers_no_more_than_asked(void **state)
{
	struct inbox *h = *state;

	for (int i = 0; i < 5; i++) {
		const struct outcall c = { .call = i + 1,
			.system = "none",
			.verb = "x",
			.in = "{}",
			.timeout = 1 };

		supervisor_send(h->s, &c);
	}
	assert_true(supervisor_due(h->s) <= clock_boot());
	supervisor_poll(h->s, 2, keep, h);
	assert_int_equal(h->n, 2);
	supervisor_poll(h->s, 2, keep, h);
	supervisor_poll(h->s, 2, keep, h);
	assert_int_equal(h->n, 5);
	for (int i = 0; i < 5; i++)
		assert_int_equal(h->got[i].call, i + 1);
	/* Pages that were read together come one at a time. */
	forget_all(h);
	define(h, "fake", "{}", 1, MINUTE);
	call(h, 1, "stream", 5000);
	int64_t until = clock_boot() + 5000;
	while (h->n < 4 && clock_boot() < until) {
		size_t n = h->n;

		turn(h, 100, 1);
		assert_true(h->n <= n + 1);
	}
	assert_int_equal(h->n, 4); /* the state and three pages */
}

/* A call that fills the socket is written piece by piece, whole. */
static void
sends_large_calls(void **state)
{
	struct inbox *h = *state;
	size_t n = 900 << 10;
	char *in = malloc(n + 16);

	define(h, "fake", "{}", 1, MINUTE);
	snprintf(in, n + 16, "{\"a\":\"%*s\"}", (int)n, "");
	const struct outcall c = { .call = 1,
		.epoch = 1,
		.system = "corp",
		.verb = "account.read",
		.in = in,
		.timeout = 20000 };
	supervisor_send(h->s, &c);
	struct got *g = next(h, INCOMING_REPLY, 20000);
	assert_non_null(g);
	assert_int_equal(g->why.cls, ERR_NONE);
	assert_int_equal(strlen(g->out), strlen(in) + strlen("{\"echo\":}"));
	free(in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FAKE(answers),
		WITH_FAKE(misbehaves),
		WITH_FAKE(answers_twice),
		WITH_FAKE(writes_slowly),
		WITH_FAKE(streams),
		WITH_FAKE(refuses),
		WITH_FAKE(drops),
		WITH_FAKE(keeps_to_concurrency),
		WITH_FAKE(delivers_no_more_than_asked),
		WITH_FAKE(sends_large_calls),
	};

	secret_init();
	log_open("t_supervisor", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
