/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes out to a system, and in which order: nothing that has to wait
 * keeps up what need not.
 */
#include "engine/command.h"
#include "engine/pipe.h"
#include "house.h"

struct work { /* a step that stands in the store */
	int64_t account, priority, call;
	const char *system, *verb, *state, *after;
	bool removes;
};

static void
step(struct house *h, int64_t run, const char *name, const struct work *w)
{
	house_sql(h,
	    "INSERT INTO step (run, name, system, verb, account, state,"
	    " removes, repeatable, priority, \"limit\", timeout, phase,"
	    " on_failure, \"after\", \"in\", \"call\", tries) VALUES"
	    " (%lld, '%s', '%s', '%s', %lld, '%s', %d, 1, %lld, 3, 1000,"
	    " 'act', 'continue', '%s', '{}', %lld, %d)",
	    (long long)run, name, w->system, w->verb, (long long)w->account,
	    w->state, w->removes, (long long)w->priority,
	    w->after != NULL ? w->after : "", (long long)w->call, w->call != 0);
}

static void
run(struct house *h, int64_t id, const char *workflow, const char *state,
    int64_t identity)
{
	house_sql(h,
	    "INSERT INTO run (id, workflow, \"class\", state, identity,"
	    " priority, steps, open_steps, requested) VALUES (%lld, '%s',"
	    " 'leave', '%s', %lld, 1000, %d, 1, %lld)",
	    (long long)id, workflow, state, (long long)identity,
	    strcmp(state, "open") == 0, (long long)h->now);
}

static const char *
step_state(struct house *h, const char *name)
{
	return house_text(h, "SELECT state FROM step WHERE name = '%s'", name);
}

/* Ada, who has an account on corp, which takes two calls at a time. */
static void
pipe_open(struct house *h)
{
	house_open(h);
	((struct system_def *)h->config.systems.item)->concurrency = 2;
	house_must(h, engine_configure(h->engine, &h->config, h->now, &h->err));
	house_person(h, 1, "ada");
	house_settle(h);
	h->now += HOUR;
}

static void
ada_leaves(struct house *h)
{
	house_sql(h, "UPDATE affiliation SET ends = %lld", (long long)h->now);
	house_touch(h, 1);
	house_settle(h);
}

static void
what_waits_for_a_person_holds_no_cut_up(void **state)
{
	const struct work w = { .priority = 1000,
		.system = "corp",
		.verb = "account.delete",
		.state = "ready",
		.removes = true };
	struct house h;

	(void)state;
	pipe_open(&h);
	run(&h, 900, "leaver", "open", 0);
	for (int i = 0; i < 300; i++)
		step(&h, 900, "delete", &w);
	h.engine->jumped_until = INT64_MAX;
	ada_leaves(&h);
	assert_true(house_called(&h, "corp account.disable ada"));
	assert_false(house_called(&h, "corp account.delete "));
	house_sql(&h,
	    "INSERT INTO matter (id, kind, subject, what, state, choices,"
	    " opened) VALUES (900, 'clock', 'clock', 'it jumped', 'open',"
	    " '{\"go on\":\"it is right\"}', 1)");
	/* A slip names what there is, for people. */
	house_command(&h, "alice", "case.answer",
	    "{\"id\":900,\"answer\":\"go\"}");
	assert_int_equal(h.reply.why.cls, ERR_INPUT);
	assert_string_equal(h.reply.why.text,
	    "answer: \"go\" is no choice of case 900; there are \"go on\" (it "
	    "is right), \"close\"");
	house_command(&h, "alice", "case.answer",
	    "{\"id\":900,\"answer\":\"go on\"}");
	house_settle(&h);
	assert_true(house_called(&h, "corp account.delete "));
	house_close(&h);
}

/* Six that may stand behind others, beside one that may not: a system with
   three workers, of which one is kept, is given two calls for each. */
static void
what_is_repeatable_is_sent_ahead(void **state)
{
	struct work w = { .priority = 3000,
		.system = "corp",
		.verb = "badge.list", /* that nobody answers */
		.state = "ready" };
	struct system_def *corp;
	struct house h;

	(void)state;
	pipe_open(&h);
	corp = h.config.systems.item;
	corp->concurrency = 3;
	corp->ahead = 2;
	house_must(&h, engine_configure(h.engine, &h.config, h.now, &h.err));
	run(&h, 900, "badge", "open", 0);
	for (int i = 0; i < 6; i++)
		step(&h, 900, arena_printf(&h.arena, "many %d", i), &w);
	((struct pipe *)h.engine->pipes.item)->ready = true;
	house_settle(&h);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM step WHERE state = 'sent'"),
	    4);
	w.priority = 1000;
	step(&h, 900, "cut", &w);
	step(&h, 900, "cut too", &w);
	w.priority = 2500;
	step(&h, 900, "once", &w);
	house_sql(&h, "UPDATE step SET repeatable = 0 WHERE name = 'once'");
	((struct pipe *)h.engine->pipes.item)->ready = true;
	h.now += 2 * WAY_MOST;
	for (int i = 0; i < 3; i++)
		house_tick(&h, NULL, 0);
	assert_string_equal(step_state(&h, "cut"), "sent");
	assert_string_equal(step_state(&h, "cut too"), "ready");
	assert_string_equal(step_state(&h, "once"), "ready");
	house_must(&h, pipe_check(h.engine, &h.err));
	house_close(&h);
}

/* Thirty groups of one account that is being written to. */
static void
one_account_holds_no_other_up(void **state)
{
	struct work w = { .priority = 1000,
		.account = 900,
		.system = "corp",
		.verb = "entitlement.revoke",
		.state = "ready",
		.removes = true };
	struct house h;

	(void)state;
	pipe_open(&h);
	run(&h, 900, "leaver", "open", 0);
	for (int i = 0; i < 30; i++)
		step(&h, 900, "group", &w);
	w.call = 77;
	w.state = "sent";
	step(&h, 900, "under way", &w);
	ada_leaves(&h);
	assert_true(house_called(&h, "corp account.disable ada"));
	assert_false(house_called(&h, "corp entitlement.revoke "));
	house_close(&h);
}

static void
a_system_that_is_gone_keeps_no_run(void **state)
{
	const struct work cut = { .system = "old",
		.verb = "account.disable",
		.state = "ready",
		.priority = 1000,
		.removes = true },
			  next = { .system = "corp",
				  .verb = "system.check",
				  .state = "blocked",
				  .priority = 1000,
				  .after = "cut" },
			  sent = { .system = "old",
				  .verb = "account.ensure",
				  .state = "sent",
				  .priority = 3000,
				  .call = 78 };
	struct house h;

	(void)state;
	pipe_open(&h);
	run(&h, 900, "leaver", "open", 0);
	step(&h, 900, "cut", &cut);
	step(&h, 900, "next", &next);
	run(&h, 901, "joiner", "open", 0);
	step(&h, 901, "make", &sent);
	h.now += MINUTE;
	house_settle(&h);
	assert_string_equal(step_state(&h, "cut"), "debt");
	assert_int_equal(house_number(&h, "SELECT count(*) FROM debt"), 1);
	assert_string_equal(step_state(&h, "next"), "done");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE kind ="
			     " 'system' AND subject = 'system/old'"),
	    1);
	struct input lost = { .kind = INPUT_INCOMING,
		.incoming = { .kind = INCOMING_REPLY,
		    .call = 78,
		    .system = "old",
		    .why = { .cls = ERR_UNKNOWN } } };
	house_tick(&h, &lost, 1);
	assert_string_equal(step_state(&h, "make"), "failed");
	house_close(&h);
}

static void
a_workflow_that_is_gone_keeps_no_lane(void **state)
{
	struct house h;

	(void)state;
	pipe_open(&h);
	run(&h, 900, "gone", "queued", 0);
	h.now += MINUTE;
	house_settle(&h);
	assert_string_equal(house_text(&h,
				"SELECT state FROM run WHERE id = 900"),
	    "cancelled");
	house_close(&h);
}

/* It would be opened when there is room, and nothing could be made of it. */
static void
an_input_that_is_no_object_is_refused(void **state)
{
	struct workflow_def *w;
	struct house h;

	(void)state;
	pipe_open(&h);
	w = h.config.workflows.item;
	w[5].on = NULL;
	house_command(&h, "alice", "run.start",
	    "{\"workflow\":\"return\",\"input\":[1]}");
	assert_int_equal(h.reply.why.cls, ERR_INPUT);
	house_command(&h, "alice", "run.start",
	    "{\"workflow\":\"return\",\"input\":{\"a\":1}}");
	assert_int_equal(h.reply.why.cls, ERR_NONE);
	house_close(&h);
}

static void
cut_and_crowd(struct house *h, const char *cut, const char *crowd)
{
	struct work w = { .priority = 1000,
		.system = "corp",
		.verb = "cut.list", /* that nobody answers */
		.state = "ready" };

	if (cut != NULL)
		step(h, 900, cut, &w);
	w.priority = 3000;
	w.verb = "badge.list";
	if (crowd != NULL)
		step(h, 901, crowd, &w);
	((struct pipe *)h->engine->pipes.item)->ready = true;
	house_settle(h);
}

/* For a moment, and however many leave never for long. */
static void
a_crowd_makes_way_for_a_cut(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	((struct system_def *)h.config.systems.item)->concurrency = 16;
	house_must(&h, engine_configure(h.engine, &h.config, h.now, &h.err));
	run(&h, 900, "leaver", "open", 0);
	run(&h, 901, "badge", "open", 0);
	house_settle(&h);
	h.now += HOUR;
	cut_and_crowd(&h, "cut 0", "crowd 0");
	assert_string_equal(step_state(&h, "cut 0"), "sent");
	assert_string_equal(step_state(&h, "crowd 0"), "ready");
	h.now += 10;
	cut_and_crowd(&h, NULL, NULL);
	assert_string_equal(step_state(&h, "crowd 0"), "ready");
	h.now += 11;
	cut_and_crowd(&h, NULL, NULL);
	assert_string_equal(step_state(&h, "crowd 0"), "sent");
	for (int i = 1; i < 8; i++) {
		cut_and_crowd(&h, arena_printf(&h.arena, "cut %d", i),
		    i == 1 ? "crowd 1" : NULL);
		assert_string_equal(step_state(&h,
					arena_printf(&h.arena, "cut %d", i)),
		    "sent");
		assert_string_equal(step_state(&h, "crowd 1"),
		    i < 5 ? "ready" : "sent");
		h.now += 15;
	}
	house_close(&h);
}

/* A whole reading may take an hour: nobody waits for it to see whether the
   system works again. */
static void
a_reading_keeps_no_breaker_shut(void **state)
{
	struct house h;

	(void)state;
	pipe_open(&h);
	house_command(&h, "alice", "reconcile.start", "{\"system\":\"corp\"}");
	house_settle(&h);
	assert_true(house_called(&h, "corp account.list "));
	house_sql(&h,
	    "INSERT OR REPLACE INTO system_state (system, breaker, failures,"
	    " breaker_until) VALUES ('corp', 'open', 9, %lld)",
	    (long long)(h.now + MINUTE));
	house_must(&h, engine_configure(h.engine, &h.config, h.now, &h.err));
	ada_leaves(&h);
	assert_false(house_called(&h, "corp account.disable ada"));
	h.now += 2 * MINUTE;
	house_settle(&h);
	assert_true(house_called(&h, "corp account.disable ada"));
	house_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_for_a_person_holds_no_cut_up),
		cmocka_unit_test(what_is_repeatable_is_sent_ahead),
		cmocka_unit_test(one_account_holds_no_other_up),
		cmocka_unit_test(a_system_that_is_gone_keeps_no_run),
		cmocka_unit_test(a_workflow_that_is_gone_keeps_no_lane),
		cmocka_unit_test(a_crowd_makes_way_for_a_cut),
		cmocka_unit_test(a_reading_keeps_no_breaker_shut),
		cmocka_unit_test(an_input_that_is_no_object_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
