/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptions of REST systems: what is filled in stays a value, every
 * mistake is found when it is read, and programs see what they should.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../providers/http_description.h"

static void
templates_are_filled(void **state)
{
	static const char in[] =
	    "{\"id\":\"a/b\",\"n\":7,\"t\":true,"
	    "\"q\":\"x\\\"y\",\"o\":{\"k\":[1,2]},\"dot\":\"..\","
	    "\"nl\":\"a\\nb\",\"empty\":\"\",\"nil\":null}";
	static const char out[] = "{\"id\":\"other\",\"made\":\"m1\"}";
	static const struct {
		enum template_kind kind;
		const char *text, *want; /* NULL: ERR_INPUT */
	} rows[] = {
		{ TEMPLATE_PATH, "/u/{id}", "/u/a%2Fb" },
		{ TEMPLATE_PATH, "/u/{n}/{t}", "/u/7/true" },
		{ TEMPLATE_PATH, "/u/{made}", "/u/m1" },
		{ TEMPLATE_PATH, "/{{x}", "/{x}" },
		{ TEMPLATE_PATH, "/u/{dot}", NULL },
		{ TEMPLATE_PATH, "/u/{nothing}", NULL },
		{ TEMPLATE_PATH, "/u/{empty}", NULL },
		{ TEMPLATE_PATH, "/u/{nil}", NULL },
		{ TEMPLATE_PATH, "/u/{o}", NULL },
		{ TEMPLATE_PATH, "/u/{o.k.x}", NULL },
		{ TEMPLATE_HEADER, "v {q}", "v x\"y" },
		{ TEMPLATE_HEADER, "v {nl}", NULL },
		{ TEMPLATE_JSON, "{\"a\":\"{q}!\"}", "{\"a\":\"x\\\"y!\"}" },
		{ TEMPLATE_JSON, "{\"a\":\"{n}\"}", "{\"a\":7}" },
		{ TEMPLATE_JSON, "[\"{o.k}\",\"{none}\"]", "[[1,2],null]" },
		{ TEMPLATE_JSON, "[\"-{nl}\"]", "[\"-a\\nb\"]" },
		{ TEMPLATE_JSON, "[\"\\\"{n}\"]", "[\"\\\"7\"]" },
		{ TEMPLATE_JSON, "[\"{{n}\"]", "[\"{n}\"]" },
		{ TEMPLATE_JSON, "{\"{n}x\":1}", "{\"7x\":1}" },
		/* A value with a quote does not end the string of a filter. */
		{ TEMPLATE_QUERY, "a eq {q|quoted}",
		    "a%20eq%20%22x%5C%22y%22" },
		{ TEMPLATE_QUERY, "{n|quoted}", "%227%22" },
		{ TEMPLATE_QUERY, "{empty|quoted}", NULL },
		{ TEMPLATE_QUERY, "a&b={dot}+{{", "a%26b%3D..%2B%7B" },
		{ TEMPLATE_HEADER, "v {q|quoted}", "v \"x\\\"y\"" },
		{ TEMPLATE_HEADER, "v {nl|quoted}", "v \"a\\nb\"" },
		{ TEMPLATE_JSON, "[\"m[v eq {q|quoted}]\"]",
		    "[\"m[v eq \\\"x\\\\\\\"y\\\"]\"]" },
		{ TEMPLATE_JSON, "[\"{n|quoted}\"]", "[\"\\\"7\\\"\"]" },
	};
	const struct template_scope scope = { in, out };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena a = { NULL, 0 };
		struct buf b = { .arena = &a };
		struct err e = { ERR_NONE, 0, "" };
		struct template t;

		print_message("%s\n", rows[i].text);
		assert_int_equal(template_compile(&a, rows[i].kind,
				     rows[i].text, &t, &e),
		    0);
		int rc = template_fill(&t, &a, &scope, &b, &e);
		assert_int_equal(rc, rows[i].want == NULL ? -1 : 0);
		if (rc == 0)
			assert_string_equal(buf_text(&b), rows[i].want);
		else
			assert_int_equal(e.cls, ERR_INPUT);
		arena_fini(&a);
	}
}

static int
no_call(void *self, struct muster_call *c, struct arena *a, const void *in,
    void *out, struct err *e)
{
	(void)self, (void)c, (void)a, (void)in, (void)out;
	return err_set(e, ERR_BUG, "not called here");
}

#define OP(verb, body) "{\"operations\":{\"" verb "\":" body "}}"
#define GET "\"request\":{\"path\":\"/\"}"
#define POST "\"request\":{\"method\":\"POST\",\"path\":\"/\"}"

static void
mistakes_are_found(void **state)
{
	static const struct {
		const char *json, *text; /* NULL: none */
	} rows[] = {
		{ OP("a:b", "{" GET "}"), NULL },
		{ OP("account.read", "{" GET ",\"reply\":\".body\"}"), NULL },
		{ OP("account.list", "{" GET ",\"rows\":\".body[]\"}"), NULL },
		{ "{}", "operations: missing" },
		{ "{\"operations\":[]}", NULL },
		{ "{\"operations\":[{}]}", "operations." },
		{ OP("read", "{" GET "}"), "operations.read: not a standard" },
		{ OP("a:b", "{}"), "operations.a:b.request: missing" },
		{ OP("a:b", "{" GET ",\"x\":1}"), "operations.a:b.x: unknown" },
		{ OP("a:b", "{\"request\":{\"path\":\"x\"}}"),
		    "operations.a:b.request.path: wants a slash" },
		{ OP("a:b", "{\"request\":{\"path\":\"/{n|raw}\"}}"),
		    "operations.a:b.request.path: after '{'" },
		{ OP("a:b", "{\"request\":{\"path\":\"/{\"}}"),
		    "operations.a:b.request.path: after" },
		{ OP("a:b",
		      "{\"request\":{\"path\":\"/\",\"method\":\"BREW\"}}"),
		    "operations.a:b.request.method: " },
		{ OP("a:b",
		      "{\"request\":{\"path\":\"/\",\"headers\":"
		      "{\"A b\":\"c\"}}}"),
		    "operations.a:b.request.headers.A b" },
		{ OP("a:b",
		      "{\"request\":{\"path\":\"/\",\"query\":"
		      "{\"q\":1}}}"),
		    "operations.a:b.request.query.q: wants" },
		{ OP("a:b",
		      "{\"request\":{\"path\":\"/\",\"statuses\":"
		      "{\"404\":\"fine\"}}}"),
		    "operations.a:b.request.statuses" },
		{ OP("a:b",
		      "{\"request\":{\"path\":\"/\",\"statuses\":"
		      "{\"404\":\"bug\"}}}"),
		    "operations.a:b.request.statuses" },
		{ OP("a:b",
		      "{\"request\":{\"path\":\"/\",\"body\":{},"
		      "\"body_jq\":\".\"}}"),
		    "operations.a:b.request.body" },
		{ OP("a:b", "{" GET ",\"reply\":\".[\"}"),
		    "operations.a:b.reply: " },
		{ OP("a:b", "{" GET ",\"reply\":\"nosuch\"}"),
		    "operations.a:b.reply: " },
		{ OP("a:b", "{\"request\":{\"path\":\"/\",\"body_jq\":\"}\"}}"),
		    "operations.a:b.request.body_jq: " },
		{ OP("account.list", "{" GET "}"),
		    "operations.account.list.r" },
		{ OP("account.read", "{" GET ",\"rows\":\".\"}"),
		    "operations.account.read.rows: " },
		{ OP("account.read", "{" POST "}"),
		    "operations.account.read.effect: " },
		{ OP("a:b", "{" POST ",\"found\":{\"path\":\"/\"}}"),
		    "operations.a:b.found: without find" },
		{ OP("a:b", "{" POST ",\"find\":{\"path\":\"/\"}}"),
		    "operations.a:b.find.take: missing" },
		/* What stands in a path has to come from somewhere. */
		{ OP("account.read", "{\"request\":{\"path\":\"/u/{idd}\"}}"),
		    "operations.account.read.request.path: {idd}: unknown; "
		    "there is id, name, kind" },
		{ OP("account.read", "{\"request\":{\"path\":\"/u/{id}\"}}"),
		    NULL },
		{ OP("account.ensure",
		      "{\"request\":{\"method\":\"PUT\","
		      "\"path\":\"/u/{attributes.nr}\"}}"),
		    NULL },
		{ OP("system.check", "{\"request\":{\"path\":\"/{in}\"}}"),
		    "operations.system.check.request.path: {in}: unknown; "
		    "there is none here" },
		{ OP("a:b", "{\"request\":{\"path\":\"/u/{idd}\"}}"), NULL },
		{ OP("account.delete",
		      "{\"request\":{\"method\":\"DELETE\","
		      "\"path\":\"/u/{id}\"},"
		      "\"verify\":{\"path\":\"/u/{ident}\"}}"),
		    "operations.account.delete.verify.path: {ident}: unknown; "
		    "there is id, name, kind, changed, " },
		{ OP("account.delete",
		      "{\"request\":{\"method\":\"DELETE\","
		      "\"path\":\"/u/{id}\"},"
		      "\"verify\":{\"path\":\"/u/{after.nr}\"}}"),
		    NULL },
		{ OP("account.ensure",
		      "{" POST ",\"find\":{\"path\":\"/f/{nam}\","
		      "\"take\":\".body\"}}"),
		    "operations.account.ensure.find.path: {nam}: " },
		/* find is not asked where there is an id. */
		{ OP("account.ensure",
		      "{" POST ",\"find\":{\"path\":\"/\","
		      "\"take\":\".body|{id,nr}\"},\"found\":{"
		      "\"method\":\"PUT\",\"path\":\"/u/{id}\"}}"),
		    NULL },
		{ OP("account.ensure",
		      "{" POST ",\"find\":{\"path\":\"/\","
		      "\"take\":\".body|{id,nr}\"},\"found\":{"
		      "\"method\":\"PUT\",\"path\":\"/u/{nr}\"}}"),
		    "operations.account.ensure.found.path: {nr}: " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena a = { NULL, 0 };
		struct err e = { ERR_NONE, 0, "" };
		struct description d;

		print_message("%s\n", rows[i].json);
		int rc = description_read(&a, rows[i].json, no_call, &d, &e);
		print_message("\t%s\n", rc != 0 ? e.text : "taken");
		assert_int_equal(rc, rows[i].text == NULL ? 0 : -1);
		if (rc != 0) {
			assert_int_equal(e.cls, ERR_INPUT);
			assert_ptr_equal(strstr(e.text, rows[i].text), e.text);
		}
		description_fini(&d);
		arena_fini(&a);
	}
}

static void
flags_follow_from_the_description(void **state)
{
	static const struct {
		const char *json;
		unsigned want;
	} rows[] = {
		{ OP("a:b", "{" GET "}"), OP_READS },
		{ OP("a:b", "{" GET ",\"rows\":\".\"}"),
		    OP_READS | OP_STREAMS },
		{ OP("a:b", "{" POST "}"), OP_UNVERIFIED },
		{ OP("a:b", "{" POST ",\"effect\":\"repeatable\"}"),
		    OP_REPEATABLE | OP_UNVERIFIED },
		{ OP("account.disable",
		      "{" POST
		      ",\"effect\":\"repeatable\",\"verify\":{\"path\":\"/\"}}"),
		    OP_REPEATABLE | OP_REVOKES },
		{ OP("a:b",
		      "{\"request\":{\"method\":\"DELETE\","
		      "\"path\":\"/\"}}"),
		    OP_REPEATABLE | OP_UNVERIFIED },
		{ OP("a:b",
		      "{\"request\":{\"method\":\"PATCH\","
		      "\"path\":\"/\"}}"),
		    OP_UNVERIFIED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena a = { NULL, 0 };
		struct description d;
		struct err e;

		assert_int_equal(description_read(&a, rows[i].json, no_call, &d,
				     &e),
		    0);
		assert_int_equal(d.n, 1);
		assert_int_equal(d.ops[0].flags, rows[i].want);
		assert_null(d.ops[1].verb);
		description_fini(&d);
		arena_fini(&a);
	}
}

static void
programs_see_their_input(void **state)
{
	static const struct {
		const char *program, *body, *want; /* NULL: ERR_INPUT */
	} rows[] = {
		{ ".in.a", "{}", "1" },
		{ ".body.x", "{\"x\":[1,\"b\"]}", "[1,\"b\"]" },
		{ ".status", "", "200" },
		{ ".body", "not JSON", "null" },
		{ ".out", "", "null" },
		{ "empty", "{}", NULL },
		{ "1, 2", "{}", NULL },
		{ "error(\"no such thing\")", "{}", NULL },
		{ ".body.x.y", "{\"x\":1}", NULL },
		{ "def f: 3; f # a remark", "{}", "3" },
	};
	struct programs *p = programs_new();
	struct err e = { ERR_NONE, 0, "" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(programs_add(p, rows[i].program, "here"), i);
	assert_int_equal(programs_compile(p, &e), 0);
	for (int i = 0; i < (int)(sizeof(rows) / sizeof(*rows)); i++) {
		const struct program_input in = { .in = "{\"a\":1}",
			.status = 200,
			.body = rows[i].body,
			.n = strlen(rows[i].body) };
		struct arena a = { NULL, 0 };
		const char *got = programs_value(p, i, &a, &in, &e);

		print_message("%s\n", rows[i].program);
		if (rows[i].want != NULL) {
			assert_non_null(got);
			assert_string_equal(got, rows[i].want);
		} else {
			assert_null(got);
			assert_int_equal(e.cls, ERR_INPUT);
			assert_ptr_equal(strstr(e.text, "here: "), e.text);
		}
		arena_fini(&a);
	}
	programs_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(templates_are_filled),
		cmocka_unit_test(mistakes_are_found),
		cmocka_unit_test(flags_follow_from_the_description),
		cmocka_unit_test(programs_see_their_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
