/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include "engine/attribute.h"
#include "engine/verdict.h"

/* What policy wants of ada, by the answers that were said. */
static int
desire(struct house *h, struct desired *d)
{
	struct verdict_set *s = verdict_set(h->engine);
	struct question q = { .programs = s->programs };
	struct identity who = { .id = 1, .kind = "person", .uid = "ada" };
	const char *input = "{\"who\":\"ada\"}";

	q.inputs = (struct texts){ 1, &input };
	h->err = (struct err){ 0 };
	return desired_read(h->engine, &who, house_answer(h, &q), d, &h->err);
}

static void
the_document_says_who_it_is(void **state)
{
	struct house h;
	struct err e = { 0 };

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_person(&h, 2, "bot");
	house_sql(&h,
	    "UPDATE identity SET kind = 'service', owner = 1,"
	    " purpose = 'mail', expires = %lld, attributes ="
	    " '{\"uid\":\"forged\",\"tier\":\"gold\"}' WHERE id = 2",
	    (long long)(h.now + DAY));
	house_must(&h, store_begin(h.store, &e));
	verdict_set(h.engine)->dated = true;
	house_must(&h, desired_ask(h.engine, 2, ASK_POLICY, 2, &e));
	store_rollback(h.store);
	const struct question *q = h.engine->out->questions.item;
	const char *in = q[h.engine->out->questions.n - 1].inputs.item[0];
	static const char *const members[][2] = { { "uid", "bot" },
		{ "kind", "service" }, { "tier", "gold" },
		{ "purpose", "mail" }, { "today", "2026-11-30" },
		{ "expires", "2026-12-01T00:53:20Z" } };
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(json_member_text(&h.arena, in,
					members[i][0]),
		    members[i][1]);
	const char *owner = json_member(&h.arena, in, "owner");
	assert_string_equal(json_member_text(&h.arena, owner, "uid"), "ada");
	assert_non_null(strstr(json_member(&h.arena, in, "affiliations"),
	    "\"key\":\"k-bot\""));
	house_close(&h);
}

static void
roles_add_up(void **state)
{
	struct house h;
	struct desired d;

	(void)state;
	house_open(&h);
	house_say(&h, "is eng", NULL, "[true]");
	house_must(&h, desire(&h, &d));
	assert_int_equal(d.accounts.n, 2);
	assert_int_equal(d.holdings.n, 2);
	const struct want_account *a = d.accounts.item;
	assert_string_equal(a[0].attributes.text, "{\"cn\":\"Some One\"}");
	assert_string_equal(a[0].reasons.text, "[\"role all\"]");
	house_say(&h, "is all", NULL, "[false]");
	house_must(&h, desire(&h, &d));
	assert_int_equal(d.accounts.n, 1);
	house_close(&h);
}

/* Attributes are texts; what is none gives no verdict. */
static void
attributes_are_texts(void **state)
{
	static const struct {
		const char *cell, *want;
	} rows[] = { { "[\"a\"]", "{\"cn\":\"a\"}" },
		{ "[1000]", "{\"cn\":\"1000\"}" },
		{ "[true]", "{\"cn\":\"true\"}" }, { "[null]", "{}" },
		{ "[\"\"]", "{}" }, { "[]", "{}" },
		{ "[[\"a\",\"b\"]]", "{\"cn\":[\"a\",\"b\"]}" },
		{ "[\"a\",\"b\"]", "{\"cn\":[\"a\",\"b\"]}" },
		{ "[[\"a\",null]]", "{\"cn\":[\"a\"]}" },
		{ "[{\"a\":1}]", NULL }, { "[[[\"a\"]]]", NULL },
		{ "!boom", NULL } };
	struct house h;
	struct desired d;

	(void)state;
	house_open(&h);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		house_say(&h, ".cn", NULL, rows[i].cell);
		if (rows[i].want == NULL) {
			assert_int_equal(desire(&h, &d), -1);
			assert_int_equal(h.err.cls, ERR_REFUSED);
			assert_non_null(strstr(h.err.text,
			    "role all: accounts.corp/primary.cn"));
			continue;
		}
		house_must(&h, desire(&h, &d));
		assert_string_equal(((const struct want_account *)
					    d.accounts.item)
					->attributes.text,
		    rows[i].want);
	}
	house_close(&h);
}

/* The error of a role that does not hold is nobody's. */
static void
a_role_that_does_not_hold_has_no_say(void **state)
{
	struct house h;
	struct desired d;

	(void)state;
	house_open(&h);
	house_say(&h, "is all", NULL, "[false]");
	house_say(&h, ".cn", NULL, "!boom");
	house_must(&h, desire(&h, &d));
	assert_int_equal(d.accounts.n, 0);
	house_close(&h);
}

static void
hostile_answers_are_no_verdict(void **state)
{
	static const struct {
		const char *answer;
		enum err_class cls;
	} rows[] = { { "[[{\"values\":[\"one\"]}]]", ERR_REFUSED },
		{ "[[{\"values\":[\"two\"]}]]", ERR_CONFLICT },
		{ "[[]]", ERR_CONFLICT }, { "[]", ERR_CONFLICT },
		{ "[[7]]", ERR_REFUSED }, { "[[{\"value\":1}]]", ERR_REFUSED },
		{ "[[", ERR_REFUSED }, { "{}", ERR_REFUSED },
		{ "", ERR_REFUSED } };
	struct house h;
	struct desired d;
	struct identity who = { .id = 1, .kind = "person", .uid = "ada" };

	(void)state;
	house_open(&h);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		h.err = (struct err){ 0 };
		assert_int_equal(desired_read(h.engine, &who, rows[i].answer,
				     &d, &h.err),
		    -1);
		assert_int_equal(h.err.cls, rows[i].cls);
	}
	house_close(&h);
}

static void
a_scope_keeps_an_account_out(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	((struct system_def *)h.config.systems.item)->scope = "inside";
	const struct verdict_set *s = verdict_set(h.engine);
	assert_int_equal(s->scopes, 5);
	for (size_t i = 0; i < s->scopes; i++)
		house_say(&h, s->programs.item[s->scope[i].program], NULL,
		    "[false]");
	house_person(&h, 1, "ada");
	house_settle(&h);
	assert_int_equal(h.called, 0);
	for (size_t i = 0; i < s->scopes; i++)
		house_say(&h, s->programs.item[s->scope[i].program], NULL,
		    "[true]");
	house_touch(&h, 1);
	house_settle(&h);
	assert_true(house_called(&h, "corp account.ensure ada"));
	house_close(&h);
}

static void
differences_of_attributes(void **state)
{
	static const struct {
		const char *want, *known, *wrote;
		size_t n, blanked;
		const char *in;
	} rows[] = { { "{\"a\":\"1\"}", "{\"a\":\"1\"}", NULL, 0, 0,
			 "{\"a\":\"1\"}" },
		{ "{\"a\":\"1\"}", "{\"a\":[\"1\"]}", NULL, 0, 0,
		    "{\"a\":\"1\"}" },
		{ "{\"a\":[\"1\",\"2\"]}", "{\"a\":[\"2\",\"1\"]}", NULL, 0, 0,
		    "{\"a\":[\"1\",\"2\"]}" },
		{ "{\"a\":\"1\"}", "{\"a\":\"2\"}", NULL, 1, 0,
		    "{\"a\":\"1\"}" },
		{ "{\"a\":\"1\"}", NULL, NULL, 1, 0, "{\"a\":\"1\"}" },
		/* not ours: it stays */
		{ "{}", "{\"a\":\"2\"}", "{}", 0, 0, "{}" },
		/* ours, and no longer wanted */
		{ "{}", "{\"a\":\"2\"}", "{\"a\":\"2\"}", 1, 1, "{\"a\":[]}" },
		{ "{}", "{}", "{\"a\":\"2\"}", 0, 0, "{}" },
		{ "{}", "{\"a\":[]}", "{\"a\":\"2\"}", 0, 0, "{}" } };
	struct arena a = { 0 };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct attribute_diff d;

		assert_int_equal(attribute_diff(&a, rows[i].want, rows[i].known,
				     rows[i].wrote, true, &d, &e),
		    0);
		assert_int_equal(d.n, rows[i].n);
		assert_int_equal(d.blanked, rows[i].blanked);
		assert_string_equal(d.in.text, rows[i].in);
	}
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_document_says_who_it_is),
		cmocka_unit_test(roles_add_up),
		cmocka_unit_test(attributes_are_texts),
		cmocka_unit_test(a_role_that_does_not_hold_has_no_say),
		cmocka_unit_test(hostile_answers_are_no_verdict),
		cmocka_unit_test(a_scope_keeps_an_account_out),
		cmocka_unit_test(differences_of_attributes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
