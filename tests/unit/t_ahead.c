/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that stand behind another one of their worker: they go on by
 * themselves, each is carried out once, and none is kept up by a worker that
 * is slow, dead or replaced.
 */
#include "inbox.h"

#include "base/log.h"
#include "base/secret.h"

/* The worker for cuts starts with the last one that a crowd may have, and
   carries out nothing of it. */
#define KEPT 1

static void
ahead(struct inbox *h, int64_t id, const char *verb)
{
	call_out(h, id, verb, "{\"name\":\"jdoe\"}", 60000, true);
}

static struct supervisor_counts
counts(struct inbox *h)
{
	struct supervisor_counts c;

	supervisor_counts(h->s, "corp", &c);
	return c;
}

/* These calls are answered, with that class each, and nothing else is. */
static void
answered(struct inbox *h, int64_t first, int64_t last, enum err_class cls)
{
	unsigned seen = 0;

	for (int64_t i = first; i <= last; i++) {
		struct got *g = next(h, INCOMING_REPLY, 5000);

		assert_non_null(g);
		assert_in_range(g->call, first, last);
		assert_int_equal(seen & 1u << g->call, 0);
		seen |= 1u << g->call;
		assert_int_equal(g->why.cls, cls);
	}
	assert_null(next(h, INCOMING_REPLY, 100));
}

/* A system whose first worker is there. */
static void
begins(struct inbox *h, int64_t concurrency)
{
	define_ahead(h, "fake", "{}", concurrency, 4, MINUTE);
	ahead(h, 1, "account.read");
	answered(h, 1, 1, ERR_NONE);
}

static void
one_worker_goes_on_by_itself(void **state)
{
	struct inbox *h = *state;

	define_ahead(h, "fake", "{}", 2, 4, MINUTE);
	for (int i = 1; i <= 10; i++)
		ahead(h, i, "account.read");
	for (int i = 1; i <= 10; i++) {
		struct got *g = next(h, INCOMING_REPLY, 5000);

		assert_non_null(g);
		assert_int_equal(g->call, i);
		assert_int_equal(g->why.cls, ERR_NONE);
	}
	assert_int_equal(counts(h).starts, 1 + KEPT);
	/* Control: it does have them at one time. */
	ahead(h, 11, "slow");
	ahead(h, 12, "account.read");
	ahead(h, 13, "account.read");
	assert_int_equal(counts(h).ahead, 2);
	answered(h, 11, 13, ERR_NONE);
}

/* However many tickets a worker leaves unread, none is hidden behind them. */
static void
a_hoarder_hides_no_ticket(void **state)
{
	struct inbox *h = *state;

	define_ahead(h, "fake", "{\"hoards\":true}", 2, 4, MINUTE);
	for (int i = 1; i <= 30; i++)
		ahead(h, i, "account.read");
	for (int i = 1; i <= 30; i++)
		assert_int_equal(next(h, INCOMING_REPLY, 5000)->why.cls,
		    ERR_NONE);
	ahead(h, 31, "hang");
	ahead(h, 32, "account.read");
	assert_int_equal(counts(h).ahead, 1);
	supervisor_drop(h->s, 32);
	assert_null(next(h, INCOMING_REPLY, 100));
	/* It was called back: else its worker would have been killed. */
	assert_int_equal(counts(h).kills, 0);
	assert_int_equal(counts(h).ahead, 0);
}

/* The next one runs on a clock of its own. */
static void
a_deadline_begins_when_it_is_taken(void **state)
{
	struct inbox *h = *state;

	begins(h, 2);
	ahead(h, 2, "slow"); /* some 50 ms */
	call_out(h, 3, "account.read", "{}", 1, true);
	answered(h, 2, 3, ERR_NONE);
	call_out(h, 4, "hang", "{}", 1, true); /* control */
	answered(h, 4, 4, ERR_UNKNOWN);
}

/* A call that comes again after it was called back is not the one that was:
   the worker still has the frames of both before it. */
static void
what_comes_again_keeps_its_order(void **state)
{
	struct inbox *h = *state;

	begins(h, 2);
	ahead(h, 2, "slow-twice");
	for (int i = 3; i <= 5; i++)
		ahead(h, i, "account.read");
	assert_int_equal(counts(h).ahead, 3);
	for (int i = 2; i <= 5; i++) {
		struct got *g = next(h, INCOMING_REPLY, 5000);

		assert_non_null(g);
		assert_int_equal(g->call, i);
		assert_int_equal(g->why.cls, ERR_NONE);
	}
	assert_int_equal(counts(h).starts, 1 + KEPT);
}

static void
a_slow_worker_keeps_nobody_up(void **state)
{
	struct inbox *h = *state;

	define_ahead(h, "fake", "{}", 3, 4, MINUTE);
	ahead(h, 1, "hang");
	for (int i = 2; i <= 8; i++)
		ahead(h, i, "account.read");
	answered(h, 2, 8, ERR_NONE);
	supervisor_drop(h->s, 1);
	assert_null(next(h, INCOMING_REPLY, 100));
}

/* One that goes on after a broken answer may have taken those behind it, and
   never what still waits here. */
static void
a_worker_that_ends_loses_only_what_ran(void **state)
{
	static const struct {
		const char *how;
		bool goes_on;
	} ways[] = { { "crash", false }, { "leave", false }, { "shut", false },
		{ "flood", false }, { "hang", false }, { "no-json", true },
		{ "other-call", true } };
	struct inbox *h = *state;

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		print_message("%s\n", ways[i].how);
		define_ahead(h, "fake", "{}", 2, 4, MINUTE);
		call_out(h, 1, ways[i].how, "{}", 300, true);
		for (int k = 2; k <= 6; k++)
			ahead(h, k, "account.read");
		for (int k = 1; k <= 6; k++) {
			struct got *g = next(h, INCOMING_REPLY, 5000);

			assert_non_null(g);
			if (g->call == 1 || !ways[i].goes_on || g->call > 4)
				assert_int_equal(g->why.cls,
				    g->call == 1 ? ERR_UNKNOWN : ERR_NONE);
		}
		assert_null(next(h, INCOMING_REPLY, 50));
		forget_all(h);
	}
}

static void
what_is_dropped_is_not_carried_out(void **state)
{
	struct inbox *h = *state;

	begins(h, 2);
	ahead(h, 2, "slow");
	ahead(h, 3, "crash");
	ahead(h, 4, "account.read");
	supervisor_drop(h->s, 3);
	struct got *g = next(h, INCOMING_REPLY, 5000);
	assert_non_null(g);
	assert_int_equal(g->call, 2);
	answered(h, 4, 4, ERR_NONE);
	assert_int_equal(counts(h).starts, 1 + KEPT);
	assert_int_equal(counts(h).kills, 0);
}

static void
what_needs_a_worker_finds_one(void **state)
{
	struct inbox *h = *state;

	define_ahead(h, "fake", "{}", 3, 4, MINUTE);
	for (int i = 1; i <= 9; i++)
		ahead(h, i, "hang");
	calm(h, 100);
	assert_int_equal(counts(h).workers, 2 + KEPT);
	call(h, 10, "account.read", 5000);
	answered(h, 10, 10, ERR_NONE);
	assert_int_equal(counts(h).workers, 2 + KEPT);
	/* That one is not for those that wait. */
	calm(h, 100);
	assert_int_equal(counts(h).calls, 3);
}

/* The second one finds its worker next, though a crowd stood behind it. */
static void
what_needs_a_worker_overtakes(void **state)
{
	struct inbox *h = *state;
	int place[13] = { 0 };

	define_ahead(h, "fake", "{}", 2, 4, MINUTE);
	ahead(h, 1, "account.read");
	call(h, 2, "account.read", 5000);
	answered(h, 1, 2, ERR_NONE);
	ahead(h, 1, "slow");
	for (int i = 3; i <= 5; i++)
		ahead(h, i, "account.read");
	assert_int_equal(counts(h).ahead, 3);
	call(h, 10, "account.read", 5000);
	call(h, 12, "slow", 5000);
	call(h, 11, "account.read", 5000);
	assert_int_equal(counts(h).ahead, 0);
	for (int i = 1; i <= 7; i++) {
		struct got *g = next(h, INCOMING_REPLY, 5000);

		assert_non_null(g);
		assert_int_equal(g->why.cls, ERR_NONE);
		place[g->call] = i;
	}
	for (int i = 3; i <= 5; i++)
		assert_true(place[11] < place[i]);
	assert_null(next(h, INCOMING_REPLY, 100));
}

/* A worker shares the socket of its tickets, and may make it wait. */
static void
no_worker_can_make_musterd_wait(void **state)
{
	struct inbox *h = *state;

	define_ahead(h, "fake", "{}", 2, 4, MINUTE);
	ahead(h, 1, "block");
	answered(h, 1, 1, ERR_NONE);
	call_out(h, 2, "hang", "{}", 300, true);
	for (int i = 3; i <= 5; i++)
		ahead(h, i, "account.read");
	for (int i = 2; i <= 5; i++) {
		struct got *g = next(h, INCOMING_REPLY, 5000);

		assert_non_null(g);
		assert_int_equal(g->why.cls,
		    g->call == 2 ? ERR_UNKNOWN : ERR_NONE);
	}
}

static void
a_new_definition_takes_over_what_waits(void **state)
{
	struct inbox *h = *state;

	begins(h, 3);
	ahead(h, 2, "hang");
	for (int i = 3; i <= 5; i++)
		ahead(h, i, "account.read");
	define_ahead(h, "fake", "{\"new\":true}", 3, 4, MINUTE);
	answered(h, 3, 5, ERR_NONE);
	for (int i = 6; i <= 7; i++)
		ahead(h, i, "account.read");
	supervisor_forget(h->s, "corp"); /* nobody is left to take them */
	for (int i = 6; i <= 7; i++) {
		struct got *g = next(h, INCOMING_REPLY, 5000);

		assert_non_null(g);
		assert_true(g->why.cls == ERR_NONE || g->why.cls == ERR_INPUT);
	}
}

/* The real worker passes over what was called back: what it did twice would
   be no change the second time. */
static void
each_is_carried_out_once(void **state)
{
	struct inbox *h = *state;
	bool seen[13] = { false };

	define_ahead(h, "null", "{\"delay_ms\":70}", 2, 4, MINUTE);
	for (int i = 1; i <= 12; i++) {
		char in[64];

		snprintf(in, sizeof(in),
		    "{\"name\":\"user%d\",\"kind\":\"primary\"}", i);
		call_out(h, i, "account.ensure", in, 5000, true);
	}
	assert_non_null(next(h, INCOMING_STATE, 10000));
	assert_int_equal(counts(h).ahead, 3);
	for (int i = 0; i < 60 && counts(h).ahead > 0; i++)
		turn(h, 5, 16);
	assert_int_equal(counts(h).ahead, 0); /* three were called back */
	for (int i = 1; i <= 12; i++) {
		struct got *g = next(h, INCOMING_REPLY, 5000);

		assert_non_null(g);
		assert_int_equal(g->why.cls, ERR_NONE);
		assert_false(seen[g->call]);
		seen[g->call] = true;
		assert_non_null(strstr(g->out, "\"changed\":true"));
	}
	assert_int_equal(counts(h).starts, 1 + KEPT);
	assert_int_equal(counts(h).calls, 12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FAKE(one_worker_goes_on_by_itself),
		WITH_FAKE(a_hoarder_hides_no_ticket),
		WITH_FAKE(a_deadline_begins_when_it_is_taken),
		WITH_FAKE(what_comes_again_keeps_its_order),
		WITH_FAKE(a_slow_worker_keeps_nobody_up),
		WITH_FAKE(a_worker_that_ends_loses_only_what_ran),
		WITH_FAKE(what_is_dropped_is_not_carried_out),
		WITH_FAKE(what_needs_a_worker_finds_one),
		WITH_FAKE(what_needs_a_worker_overtakes),
		WITH_FAKE(no_worker_can_make_musterd_wait),
		WITH_FAKE(a_new_definition_takes_over_what_waits),
		cmocka_unit_test_setup_teardown(each_is_carried_out_once,
		    worker_open, fake_close),
	};

	secret_init();
	log_open("t_ahead", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
