/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

static const char *
plan_make(struct house *h, const char *body)
{
	house_command(h, "alice", "plan.compute", body);
	assert_int_equal(h->reply.why.cls, ERR_NONE);
	house_settle(h);
	assert_string_equal(house_text(h,
				"SELECT state FROM plan"
				" ORDER BY id DESC LIMIT 1"),
	    "ready");
	return house_text(h,
	    "SELECT digest FROM plan ORDER BY id DESC"
	    " LIMIT 1");
}

static void
plan_do(struct house *h, const char *who, const char *digest)
{
	house_command(h, who, "plan.apply",
	    arena_printf(&h->arena, "{\"digest\":\"%s\"}", digest));
}

static void
systems_are(struct house *h, const char *mode)
{
	struct system_def *s = h->config.systems.item;

	s[0].mode = s[1].mode = mode;
}

static void
computing_changes_nothing(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	systems_are(&h, "observe");
	house_person(&h, 1, "ada");
	house_settle(&h);
	house_say(&h, "is eng", NULL, "[true]");
	int64_t version = house_number(&h, "SELECT version FROM account");
	const char *digest = plan_make(&h, "{}");
	assert_int_equal(h.called, 0);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM account"), 1);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM holding"), 1);
	assert_int_equal(house_number(&h, "SELECT version FROM account"),
	    version);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM item WHERE"
			     " mode = 'observe' AND state = 'skipped'"),
	    4);
	assert_string_equal(house_text(&h, "SELECT counts FROM plan"),
	    "{\"observe\":4}");
	plan_do(&h, "bob", digest);
	assert_int_equal(h.reply.why.cls, ERR_REFUSED);
	assert_non_null(strstr(h.reply.why.text, "only observed"));
	house_close(&h);
}

static void
the_same_difference_has_the_same_digest(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	systems_are(&h, "propose");
	house_person(&h, 1, "ada");
	house_settle(&h);
	const char *one = plan_make(&h, "{}");
	assert_string_equal(one, plan_make(&h, "{}"));
	house_say(&h, ".cn", NULL, "[\"Other\"]");
	assert_string_not_equal(one, plan_make(&h, "{}"));
	house_close(&h);
}

static void
proposed_items_wait_for_apply(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	systems_are(&h, "propose");
	house_person(&h, 1, "ada");
	house_settle(&h);
	assert_int_equal(h.called, 0);
	const char *digest = plan_make(&h, "{}");
	assert_int_equal(h.called, 0);
	plan_do(&h, "bob", digest);
	assert_int_equal(h.reply.why.cls, ERR_NONE);
	house_settle(&h);
	assert_true(house_called(&h, "corp account.ensure ada"));
	assert_true(house_called(&h, "corp entitlement.grant ada cn=all"));
	assert_string_equal(house_text(&h, "SELECT state FROM plan"),
	    "applied");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM item WHERE"
			     " state = 'applied'"),
	    2);
	assert_int_equal(house_number(&h, "SELECT plan FROM run"), 1);
	plan_do(&h, "bob", digest);
	assert_int_equal(h.reply.why.cls, ERR_CONFLICT);
	house_close(&h);
}

/* What moved is skipped, the rest is done, nothing outside is. */
static void
what_moved_is_skipped(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	systems_are(&h, "propose");
	house_person(&h, 1, "ada");
	house_person(&h, 2, "bob");
	house_settle(&h);
	const char *digest = plan_make(&h, "{}");
	house_sql(&h,
	    "UPDATE identity SET version = version + 1"
	    " WHERE id = 1");
	house_say(&h, "is eng", NULL, "[true]");
	plan_do(&h, "bob", digest);
	house_settle(&h);
	assert_false(house_called(&h, "corp account.ensure ada"));
	assert_true(house_called(&h, "corp account.ensure bob"));
	assert_false(house_called(&h, "lab account.ensure bob"));
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM item WHERE"
			     " state = 'moved' AND identity = 1"),
	    2);
	house_close(&h);
}

static void
a_plan_is_refused_when_it_is_not_the_same_any_more(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	systems_are(&h, "propose");
	house_person(&h, 1, "ada");
	house_settle(&h);
	const char *digest = plan_make(&h, "{}");
	plan_do(&h, "bob", "0000");
	assert_int_equal(h.reply.why.cls, ERR_GONE);
	h.config.digest = "two";
	house_must(&h, engine_configure(h.engine, &h.config, h.now, &h.err));
	plan_do(&h, "bob", digest);
	assert_int_equal(h.reply.why.cls, ERR_CONFLICT);
	house_settle(&h);
	assert_int_equal(h.called, 0);
	digest = plan_make(&h, "{}");
	h.now += 2 * HOUR;
	house_settle(&h);
	plan_do(&h, "bob", digest);
	assert_int_equal(h.reply.why.cls, ERR_CONFLICT);
	assert_string_equal(house_text(&h,
				"SELECT state FROM plan"
				" ORDER BY id DESC LIMIT 1"),
	    "expired");
	house_close(&h);
}

static void
a_guard_needs_others_than_the_requester(void **state)
{
	static const struct guard guards[] = { { .effect = "create",
	    .max = 1 } };
	struct house h;

	(void)state;
	house_open(&h);
	systems_are(&h, "propose");
	h.config.settings.guards = (struct many){ 1,
		arena_mem(&h.arena, guards, sizeof(guards)) };
	house_person(&h, 1, "ada");
	house_settle(&h);
	const char *digest = plan_make(&h, "{}");
	plan_do(&h, "alice", digest);
	house_settle(&h);
	assert_int_equal(h.called, 0);
	int64_t hold = house_number(&h, "SELECT hold FROM plan");
	assert_true(hold > 0);
	const char *body = arena_printf(&h.arena, "{\"id\":%lld}",
	    (long long)hold);
	house_command(&h, "alice", "hold.release", body);
	assert_int_equal(h.reply.why.cls, ERR_REFUSED);
	house_command(&h, "bob", "hold.release", body);
	assert_int_equal(h.reply.why.cls, ERR_NONE);
	house_settle(&h);
	assert_true(house_called(&h, "corp account.ensure ada"));
	house_close(&h);
}

/* A hold of a plan that can no longer be applied asks nobody anything. */
static void
a_plan_that_ends_closes_its_hold(void **state)
{
	static const struct guard guards[] = { { .effect = "create",
	    .max = 1 } };
	static const char *const ends[] = { "expired", "cancelled" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct house h;

		house_open(&h);
		systems_are(&h, "propose");
		h.config.settings.guards = (struct many){ 1,
			arena_mem(&h.arena, guards, sizeof(guards)) };
		house_person(&h, 1, "ada");
		house_settle(&h);
		plan_do(&h, "alice", plan_make(&h, "{}"));
		house_settle(&h);
		assert_string_equal(house_text(&h, "SELECT state FROM hold"),
		    "open");
		if (i == 0)
			h.now += HOUR + MINUTE;
		else
			house_command(&h, "alice", "plan.cancel", "{\"id\":1}");
		house_settle(&h);
		assert_string_equal(house_text(&h, "SELECT state FROM plan"),
		    ends[i]);
		assert_string_equal(house_text(&h, "SELECT state FROM hold"),
		    "superseded");
		assert_string_equal(house_text(&h, "SELECT note FROM hold"),
		    arena_printf(&h.arena, "the plan %s%s",
			i == 0 ? "" : "was ", ends[i]));
		house_command(&h, "bob", "hold.release", "{\"id\":1}");
		assert_int_equal(h.reply.why.cls, ERR_CONFLICT);
		assert_int_equal(h.called, 0);
		/* The same goes its way when it is planned anew. */
		h.config.settings.guards.n = 0;
		plan_do(&h, "alice", plan_make(&h, "{}"));
		house_settle(&h);
		assert_true(house_called(&h, "corp account.ensure ada"));
		house_close(&h);
	}
}

/* Four are made where there is one. */
static void
a_share_of_what_is_there_trips(void **state)
{
	for (int percent = 300; percent <= 400; percent += 100) {
		const struct guard guards[] = { { .effect = "create",
		    .percent = percent } };
		struct house h;

		(void)state;
		house_open(&h);
		house_person(&h, 1, "ada");
		house_settle(&h);
		systems_are(&h, "propose");
		house_person(&h, 2, "bob");
		house_person(&h, 3, "cyd");
		h.now += 2 * MINUTE;
		house_settle(&h);
		h.config.settings.guards = (struct many){ 1,
			arena_mem(&h.arena, guards, sizeof(guards)) };
		plan_do(&h, "alice", plan_make(&h, "{}"));
		house_settle(&h);
		assert_int_equal(house_number(&h, "SELECT hold FROM plan") > 0,
		    percent == 300);
		assert_int_equal(house_called(&h, "corp account.ensure bob"),
		    percent != 300);
		house_close(&h);
	}
}

#define COMPILED "if . then (is mine\n) else true end"
#define LISTED "if . then [is mine\n] else true end"

/* Two people, and a scope that compiles and says this of Ada and the other. */
static void
scoped(struct house *h, const char *ada, const char *others)
{
	house_open(h);
	systems_are(h, "propose");
	house_person(h, 1, "ada");
	house_person(h, 2, "bob");
	house_settle(h);
	house_say(h, COMPILED, NULL, "[true]");
	house_say(h, LISTED, NULL, "[true]");
	house_say(h, "is mine", NULL, others);
	house_say(h, "is mine", house_about(h, "ada"), ada);
}

static void
a_scope_narrows_it(void **state)
{
	struct house h;

	(void)state;
	scoped(&h, "[true]", "[false]");
	plan_make(&h, "{\"scope\":\"is mine\"}");
	assert_int_equal(house_number(&h, "SELECT count(*) FROM item"), 2);
	assert_int_equal(house_number(&h,
			     "SELECT count(DISTINCT identity)"
			     " FROM item"),
	    1);
	house_close(&h);
}

/* Where nobody could have a verdict nothing may look as if all were well. */
static void
a_scope_that_does_not_compile_fails_it(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	systems_are(&h, "propose");
	house_person(&h, 1, "ada");
	house_settle(&h);
	house_say(&h, "is mine", NULL, "!syntax error, line 1");
	house_say(&h, COMPILED, NULL, "!syntax error, line 2");
	house_say(&h, LISTED, NULL, "!syntax error, line 3");
	int64_t asked = h.asked;
	house_command(&h, "alice", "plan.compute", "{\"scope\":\"is mine\"}");
	house_settle(&h);
	assert_int_equal(h.asked, asked + 1);
	assert_string_equal(house_text(&h, "SELECT state FROM plan"), "failed");
	assert_string_equal(house_text(&h, "SELECT error FROM plan"),
	    "scope: syntax error, line 1");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM record WHERE"
			     " kind = 'plan.failed' AND body LIKE"
			     " '%%scope: syntax error, line 1%%'"),
	    1);
	/* It breaks out of one kind of brackets, and not of the other. */
	house_say(&h, COMPILED, NULL, "[true]");
	house_command(&h, "alice", "plan.compute", "{\"scope\":\"is mine\"}");
	house_settle(&h);
	assert_string_equal(house_text(&h,
				"SELECT error FROM plan ORDER BY id DESC"),
	    "scope: syntax error, line 1");
	/* One that compiles and says nothing of "false" is a good one. */
	house_say(&h, LISTED, NULL, "[true]");
	house_say(&h, "is mine", house_about(&h, "ada"), "[true]");
	plan_make(&h, "{\"scope\":\"is mine\"}");
	assert_int_equal(house_number(&h, "SELECT count(*) FROM item"), 2);
	house_close(&h);
}

/* It is of no use to say so of each person. */
static void
a_scope_that_is_none_fails_it(void **state)
{
	static const struct {
		const char *said, *why;
	} cases[] = { { "[\"yes\"]", "scope: neither true nor false" },
		{ "[]", "scope: 0 values instead of true or false" } };
	struct house h;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		scoped(&h, cases[i].said, "[false]");
		house_command(&h, "alice", "plan.compute",
		    "{\"scope\":\"is mine\"}");
		house_settle(&h);
		assert_string_equal(house_text(&h, "SELECT state FROM plan"),
		    "failed");
		assert_string_equal(house_text(&h, "SELECT error FROM plan"),
		    cases[i].why);
		house_close(&h);
	}
}

/* It may be one, and not be able to say it of everybody. */
static void
a_scope_that_stumbles_on_one_leaves_the_others(void **state)
{
	struct house h;

	(void)state;
	scoped(&h, "[true]", "!null has no keys");
	plan_make(&h, "{\"scope\":\"is mine\"}");
	assert_int_equal(house_number(&h, "SELECT count(*) FROM item"), 2);
	assert_int_equal(house_number(&h,
			     "SELECT json_extract(counts, '$.no_verdict')"
			     " FROM plan"),
	    1);
	house_close(&h);
}

static void
a_scope_whose_answer_is_lost_fails_it(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_settle(&h);
	h.deaf = true;
	house_command(&h, "alice", "plan.compute", "{\"scope\":\"is mine\"}");
	house_settle(&h);
	assert_string_equal(house_text(&h, "SELECT state FROM plan"),
	    "computing");
	house_start(&h);
	house_settle(&h);
	assert_string_equal(house_text(&h, "SELECT state FROM plan"), "failed");
	assert_string_equal(house_text(&h, "SELECT error FROM plan"),
	    "scope: the daemon was restarted");
	house_close(&h);
}

static void
no_verdict_is_counted_and_not_planned(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	systems_are(&h, "propose");
	house_person(&h, 1, "ada");
	house_settle(&h);
	house_say(&h, "is all", NULL, "!boom");
	plan_make(&h, "{}");
	assert_string_equal(house_text(&h, "SELECT counts FROM plan"),
	    "{\"no_verdict\":1}");
	assert_int_equal(house_number(&h, "SELECT count(*) FROM item"), 0);
	house_close(&h);
}

static void
a_thousand_items_are_summed_in_slices(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	systems_are(&h, "propose");
	for (int i = 1; i <= 600; i++) {
		house_sql(&h,
		    "INSERT INTO identity (id, uid, kind, state,"
		    " display, username, sources, attributes, version)"
		    " VALUES (%d, 'u%d', 'person', 'active', 'u%d', 'u%d',"
		    " '{\"username\":\"hr\"}', '{}', 1)",
		    i, i, i, i);
		house_sql(&h,
		    "INSERT INTO affiliation (identity, feed,"
		    " \"key\", starts, version) VALUES (%d, 'hr', 'k%d', 1,"
		    " 1)",
		    i, i);
	}
	plan_make(&h, "{}");
	assert_int_equal(house_number(&h, "SELECT count(*) FROM item"), 1200);
	assert_int_equal(house_number(&h, "SELECT looked FROM plan"), 600);
	assert_string_equal(house_text(&h, "SELECT counts FROM plan"),
	    "{\"create\":1200}");
	house_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(computing_changes_nothing),
		cmocka_unit_test(the_same_difference_has_the_same_digest),
		cmocka_unit_test(proposed_items_wait_for_apply),
		cmocka_unit_test(what_moved_is_skipped),
		cmocka_unit_test(
		    a_plan_is_refused_when_it_is_not_the_same_any_more),
		cmocka_unit_test(a_guard_needs_others_than_the_requester),
		cmocka_unit_test(a_plan_that_ends_closes_its_hold),
		cmocka_unit_test(a_share_of_what_is_there_trips),
		cmocka_unit_test(a_scope_narrows_it),
		cmocka_unit_test(a_scope_that_does_not_compile_fails_it),
		cmocka_unit_test(a_scope_that_is_none_fails_it),
		cmocka_unit_test(
		    a_scope_that_stumbles_on_one_leaves_the_others),
		cmocka_unit_test(a_scope_whose_answer_is_lost_fails_it),
		cmocka_unit_test(no_verdict_is_counted_and_not_planned),
		cmocka_unit_test(a_thousand_items_are_summed_in_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
