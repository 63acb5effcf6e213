/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A crowd: it is asked about a few at a time, and delays no leaver.
 */
#include "house.h"

#include "engine/turn.h"

#define CROWD 200

static struct feed_def hr = { .feed = "hr",
	.file = "hr",
	.as = "events",
	.zone = "UTC",
	.leavers_a_day = 3,
	.authority = 10 };

static void
crowd_open(struct house *h)
{
	house_open(h);
	h->config.feeds = (struct many){ 1, &hr };
}

static const char *
event(struct house *h, int key, const char *rest)
{
	return arena_printf(&h->arena,
	    "{\"key\":\"%d\",\"username\":\"u%d\",%s}", key, key, rest);
}

/* One command that brings a crowd and, after it, one more. */
static struct input
crowd(struct house *h, const char *last)
{
	struct buf b = { .arena = &h->arena };

	buf_str(&b, "{\"feed\":\"hr\",\"events\":[");
	for (int i = 1; i <= CROWD; i++)
		buf_printf(&b, "%s,", event(h, i, "\"event\":\"joiner\""));
	buf_printf(&b, "%s]}", last);
	return (struct input){ .kind = INPUT_COMMAND,
		.verb = "event.add",
		.body = buf_text(&b),
		.actor = { "uid:7 carl", ~0u } };
}

static int64_t
converging(struct house *h, const char *which)
{
	return house_number(h,
	    "SELECT count(*) FROM identity WHERE converging %s", which);
}

static void
a_crowd_is_asked_in_turns(void **state)
{
	struct house h;
	int64_t most = 0, waited = 0;

	(void)state;
	crowd_open(&h);
	struct input in = crowd(&h, event(&h, 777, "\"event\":\"joiner\""));
	/* The evaluator is slow: it says nothing until all are waiting. */
	h.deaf = true;
	house_tick(&h, &in, 1);
	while (h.out.again)
		house_tick(&h, NULL, 0);
	most = h.asked;
	waited = converging(&h, "= -2");
	assert_int_equal(converging(&h, "> 0"), most);
	assert_in_range(most, 1, 100);
	assert_int_equal(most + waited, CROWD + 1);
	/* Their questions are answered as lost, and all get their turn. */
	h.deaf = false;
	for (int64_t id = 1; id <= most; id++)
		h.queue[h.queued++] = (struct input){ .kind = INPUT_INCOMING,
			.incoming = { .kind = INCOMING_ANSWER,
			    .call = id,
			    .why = { ERR_BUSY, 1, "lost" } } };
	house_settle(&h);
	h.now += MINUTE;
	house_settle(&h);
	assert_int_equal(converging(&h, "!= 0"), 0);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM account"
			     " WHERE wrote_status = 'active'"),
	    CROWD + 1);
	house_close(&h);
}

/* Who leaves while waiting for a turn is cut, and never asked about. */
static void
whoever_leaves_needs_no_turn(void **state)
{
	struct house h;

	(void)state;
	crowd_open(&h);
	struct input in = crowd(&h, event(&h, 777, "\"event\":\"joiner\""));
	h.deaf = true;
	house_tick(&h, &in, 1);
	while (h.out.again)
		house_tick(&h, NULL, 0);
	assert_int_equal(house_number(&h,
			     "SELECT converging FROM identity"
			     " WHERE username = 'u777'"),
	    TURN_WAITS);
	int64_t asked = h.asked;
	house_command(&h, "uid:7 carl", "event.add",
	    "{\"feed\":\"hr\",\"events\":[{\"key\":\"777\","
	    "\"event\":\"leaver\"}]}");
	while (h.out.again)
		house_tick(&h, NULL, 0);
	assert_string_equal(house_text(&h,
				"SELECT state FROM identity"
				" WHERE username = 'u777'"),
	    "left");
	assert_int_equal(house_number(&h,
			     "SELECT converging FROM identity"
			     " WHERE username = 'u777'"),
	    0);
	assert_int_equal(h.asked, asked);
	house_close(&h);
}

/* In the tick that brings it, before 200 joiners that came before it; the
   control: a mover waits behind them. */
static void
a_crowd_delays_no_leaver(void **state)
{
	static const struct {
		const char *what;
		bool at_once;
	} rows[] = { { "\"event\":\"leaver\",\"cause\":\"for_cause\"", true },
		{ "\"event\":\"mover\",\"attributes\":{\"x\":\"y\"}", false } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct house h;

		crowd_open(&h);
		house_command(&h, "uid:7 carl", "event.add",
		    arena_printf(&h.arena, "{\"feed\":\"hr\",\"events\":[%s]}",
			event(&h, 777, "\"event\":\"joiner\"")));
		house_settle(&h);
		assert_true(house_called(&h, "corp account.ensure u777"));
		h.now += SECOND;
		struct input in = crowd(&h, event(&h, 777, rows[i].what));
		house_tick(&h, &in, 1);
		assert_int_equal(house_called(&h, "corp account.disable u777"),
		    rows[i].at_once);
		assert_int_equal(
		    house_number(&h,
			"SELECT count(*) FROM event WHERE state = 'applied'"
			" AND key = '777'"),
		    rows[i].at_once ? 2 : 1);
		house_settle(&h);
		assert_int_equal(house_number(&h,
				     "SELECT count(*) FROM event"
				     " WHERE state = 'applied'"),
		    CROWD + 2);
		house_close(&h);
	}
}

static int64_t
applied_at(struct house *h, int64_t ms)
{
	h->now = START + ms;
	house_tick(h, NULL, 0);
	return house_number(h,
	    "SELECT count(*) FROM event WHERE state = 'applied'");
}

/* While a cut is out a crowd stands still, but never long; the control: a
   mover's change that is out holds nobody up. */
static void
a_crowd_stands_for_a_cut(void **state)
{
	static const struct {
		const char *what;
		bool stands;
	} rows[] = { { "\"event\":\"leaver\"", true },
		{ "\"event\":\"mover\",\"display\":\"x\"", false } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct house h;

		crowd_open(&h);
		house_command(&h, "uid:7 carl", "event.add",
		    arena_printf(&h.arena, "{\"feed\":\"hr\",\"events\":[%s]}",
			event(&h, 777, "\"event\":\"joiner\"")));
		house_settle(&h);
		h.now = START + SECOND;
		struct input in = crowd(&h, event(&h, 777, rows[i].what));
		house_tick(&h, &in, 1);
		/* Nobody answers from here on. */
		int64_t first = applied_at(&h, SECOND + 1);
		assert_int_equal(applied_at(&h, SECOND + 2) == first,
		    rows[i].stands);
		first = applied_at(&h, SECOND + 25);
		assert_true(applied_at(&h, SECOND + 26) > first);
		assert_true(applied_at(&h, SECOND + 100) > first);
		house_close(&h);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crowd_is_asked_in_turns),
		cmocka_unit_test(whoever_leaves_needs_no_turn),
		cmocka_unit_test(a_crowd_delays_no_leaver),
		cmocka_unit_test(a_crowd_stands_for_a_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
