/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scanner and the free-form documents.  json-c is the second opinion on
 * what is JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include <muster/field.h>

#include "base/json_scan.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* In a block of exactly n bytes, so that a sanitizer sees one too many. */
static int
checks(const char *text, size_t n, struct err *e)
{
	char *copy = malloc(n > 0 ? n : 1);

	memcpy(copy, text, n);
	int rc = json_check(copy, n, e);
	free(copy);
	return rc;
}

static const char *const good[] = {
	"{}",
	"[]",
	"null",
	"true",
	"false",
	"0",
	"-0",
	"12",
	"-1.5e+10",
	"1E5",
	"\"\"",
	" \t\r\n[ 1 , 2 ]\n",
	"{\"a\":{\"a\":[{\"a\":1}]}}",
	"\"\\u00e9\\ud83d\\ude00\\n\\/\"",
	"\"\xc3\xa9\xf0\x9f\x98\x80\"",
	"\"\xed\x9f\xbf\xee\x80\x80\"",
	"\"\xf4\x8f\xbf\xbf\"",
	"\"\x7f\"",
	"{\"\":1}",
	"99999999999999999999999999",
	"\"\\u0001\"",
	"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
};

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", "ends too early" },
	{ " ", "ends too early" },
	{ "{", "ends too early" },
	{ "nul", "not JSON" },
	{ "nullx", "more than one value" },
	{ "True", "not JSON" },
	{ "NaN", "not JSON" },
	{ "Infinity", "not JSON" },
	{ "-Infinity", "not a number" },
	{ "01", "leading zero" },
	{ "-", "not a number" },
	{ "1.", "not a number" },
	{ ".5", "not JSON" },
	{ "1e", "not a number" },
	{ "+1", "not JSON" },
	{ "0x10", "more than one value" },
	{ "[1,]", "not JSON" },
	{ "[,1]", "not JSON" },
	{ "[1 2]", "a comma is missing" },
	{ "[1", "a comma is missing" },
	{ "[1}", "a comma is missing" },
	{ "{\"a\"}", "a colon is missing" },
	{ "{\"a\":}", "not JSON" },
	{ "{\"a\":1,}", "wants a string" },
	{ "{a:1}", "wants a string" },
	{ "{'a':1}", "wants a string" },
	{ "{1:1}", "wants a string" },
	{ "{} {}", "more than one value" },
	{ "// x\n1", "not JSON" },
	{ "/* x */ 1", "not JSON" },
	{ "\"a", "inside a string" },
	{ "\"a\\", "inside a string" },
	{ "\"\\x41\"", "no such escape" },
	{ "\"\\u12g4\"", "no such" },
	{ "\"\\u12", "no such escape" },
	{ "\"\\u0000\"", "NUL" },
	{ "\"\\ud800\"", "surrogate" },
	{ "\"\\udc00\"", "surrogate" },
	{ "\"\\ud800\\u0041\"", "surrogate" },
	{ "\"\\ud800\\ud800\"", "surrogate" },
	{ "\"\\ud800x\"", "surrogate" },
	{ "\"\\ud83d\\ude0", "surrogate" },
	{ "\"\n\"", "control" },
	{ "\"\t\"", "control" },
	{ "\"\x80\"", "not UTF-8" },
	{ "\"\xc0\xaf\"", "not UTF-8" },
	{ "\"\xc1\xbf\"", "not UTF-8" },
	{ "\"\xe0\x80\xaf\"", "not UTF-8" },
	{ "\"\xed\xa0\x80\"", "not UTF-8" },
	{ "\"\xf0\x80\x80\x80\"", "not UTF-8" },
	{ "\"\xf4\x90\x80\x80\"", "not UTF-8" },
	{ "\"\xf5\x80\x80\x80\"", "not UTF-8" },
	{ "\"\xc3\"", "not UTF-8" },
	{ "\"\xc3", "not UTF-8" },
	{ "\"\xf0\x9f\x98", "not UTF-8" },
	{ "\xef\xbb\xbf{}", "not JSON" },
	{ "{\"a\":1,\"a\":2}", "twice" },
	{ "{\"a\":1,\"\\u0061\":2}", "twice" },
	{ "[{\"x\":{\"k\":1,\"j\":2,\"k\":3}}]", "twice" },
	{ "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,"
	  "\"h\":8,\"i\":9,\"j\":10,\"k\":11,\"l\":12,\"m\":13,"
	  "\"\\u0062\":14}",
	    "twice" },
	{ "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	    "too deep" },
};

static void
only_json_is_taken(void **unused)
{
	struct err e;

	(void)unused;
	for (size_t i = 0; i < COUNT(good); i++)
		if (checks(good[i], strlen(good[i]), &e) != 0)
			fail_msg("%s: %s", good[i], e.text);
	for (size_t i = 0; i < COUNT(bad); i++) {
		e.cls = ERR_NONE;
		if (checks(bad[i].text, strlen(bad[i].text), &e) == 0)
			fail_msg("took %s", bad[i].text);
		assert_int_equal(e.cls, ERR_INPUT);
		if (strstr(e.text, bad[i].why) == NULL)
			fail_msg("%s: %s", bad[i].text, e.text);
	}
	assert_int_equal(checks("1\0", 2, &e), -1);
	assert_int_equal(checks("\"a\0b\"", 5, &e), -1);
	assert_int_equal(checks("{\n\n\"a\":x}", 10, &e), -1);
	assert_string_equal(e.text, "line 3: not JSON");
}

static void
a_cut_text_is_refused(void **unused)
{
	static const char text[] =
	    "{\"a\":[1,-2.5e3,\"\\ud83d\\ude00\xc3\xa9\","
	    "true,null,{\"b\":{}}],\"c\":false}";
	struct err e;

	(void)unused;
	assert_int_equal(checks(text, sizeof(text) - 1, &e), 0);
	for (size_t n = 0; n < sizeof(text) - 1; n++)
		assert_int_equal(checks(text, n, &e), -1);
}

static void
depth_costs_no_stack(void **unused)
{
	size_t n = 1 << 20;
	char *text = malloc(n);
	struct err e;

	(void)unused;
	memset(text, '[', n);
	assert_int_equal(json_check(text, n, &e), -1);
	assert_non_null(strstr(e.text, "too deep"));
	for (size_t i = 0; i + 5 <= n; i += 5)
		memcpy(text + i, "{\"a\":", 5);
	assert_int_equal(json_check(text, n, &e), -1);
	free(text);
}

/* 100,000 keys: a check that compares all with all would take minutes. */
static void
many_keys_are_no_attack(void **unused)
{
	struct arena a = { NULL, 0 };
	struct buf b = { .arena = &a };
	struct err e;

	(void)unused;
	for (int i = 0; i < 100000; i++)
		buf_printf(&b, "%c\"%d\":0", i == 0 ? '{' : ',', i);
	size_t n = b.len;
	buf_str(&b, "}");
	assert_int_equal(json_check(b.at, b.len, &e), 0);
	assert_non_null(json_canonical(&a, b.at, b.len, &e));
	b.len = n;
	buf_str(&b, ",\"77777\":1}");
	assert_int_equal(json_check(b.at, b.len, &e), -1);
	assert_null(json_canonical(&a, b.at, b.len, &e));
	arena_fini(&a);
}

static bool
other_takes(struct json_tokener *tok, const char *text, size_t n)
{
	json_tokener_reset(tok);
	json_object *o = json_tokener_parse_ex(tok, text, (int)n + 1);
	bool ok = json_tokener_get_error(tok) == json_tokener_success;

	json_object_put(o);
	return ok;
}

/* Whatever we take, another strict parser takes too. */
static void
a_second_parser_agrees(void **unused)
{
	static const char pieces[] = "{}[]:,\"\\u0123abtrfnle-+.eE \n\xc3\xa9";
	struct json_tokener *tok = json_tokener_new_ex(64);
	unsigned seed = 1, taken = 0;

	(void)unused;
	json_tokener_set_flags(tok,
	    JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(other_takes(tok, good[i], strlen(good[i])));
	for (int round = 0; round < 200000; round++) {
		const char *from = good[(size_t)rand_r(&seed) % COUNT(good)];
		char text[128];
		size_t n = strlen(from);
		struct err e;

		memcpy(text, from, n + 1);
		for (int i = rand_r(&seed) % 3; i >= 0 && n > 0; i--)
			text[(size_t)rand_r(&seed) % n] =
			    pieces[(size_t)rand_r(&seed) %
				(sizeof(pieces) - 1)];
		if (json_check(text, n, &e) != 0)
			continue;
		taken++;
		if (!other_takes(tok, text, n))
			fail_msg("only we take %s", text);
	}
	assert_in_range(taken, 1000, 190000);
	json_tokener_free(tok);
}

static void
canonical_is_rfc_8785(void **unused)
{
	static const struct {
		const char *text, *want; /* NULL: refused */
	} cases[] = {
		{ " { \"b\" : 1 , \"a\" : [ true , null , -0 ] } ",
		    "{\"a\":[true,null,0],\"b\":1}" },
		/* RFC 8785, 3.2.3: sorted by UTF-16 code units */
		{ "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\","
		  "\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\","
		  "\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\","
		  "\"\\u0080\":\"Control\","
		  "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}",
		    "{\"\\r\":\"Carriage Return\",\"1\":\"One\","
		    "\"\xc2\x80\":\"Control\","
		    "\"\xc3\xb6\":\"Latin Small Letter O With Diaeresis\","
		    "\"\xe2\x82\xac\":\"Euro Sign\","
		    "\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\","
		    "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}" },
		/* RFC 8785, 3.2.2.2: the string of the example */
		{ "\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\"
		  "\\\"\\/\"",
		    "\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\"
		    "\\\"/\"" },
		{ "\"\\b\\f\\t\\u001f\\u007f\"", "\"\\b\\f\\t\\u001f\x7f\"" },
		{ "{\"aa\":1,\"a\":2,\"\":3}", "{\"\":3,\"a\":2,\"aa\":1}" },
		{ "9007199254740991", "9007199254740991" },
		{ "-9007199254740991", "-9007199254740991" },
		{ "9007199254740992", NULL },
		{ "-9007199254740992", NULL },
		{ "99999999999999999999", NULL },
		{ "{\"a\":[1.5]}", NULL },
		{ "1e3", NULL },
		{ "1.0", NULL },
		{ "{\"a\":1,\"a\":1}", NULL },
		{ "{\"z\":{\"a\":1,\"\\u0061\":1}}", NULL },
		{ "[1] x", NULL },
		{ "[1", NULL },
		{ "", NULL },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena a = { NULL, 0 };
		struct err e = { ERR_NONE, 0, "" };
		const char *got = json_canonical(&a, cases[i].text,
		    strlen(cases[i].text), &e);

		if (cases[i].want == NULL) {
			assert_null(got);
			assert_int_equal(e.cls, ERR_INPUT);
		} else {
			assert_non_null(got);
			assert_string_equal(got, cases[i].want);
			assert_string_equal(json_canonical(&a, got, strlen(got),
						&e),
			    got);
		}
		arena_fini(&a);
	}
}

/* Wherever it stands: the scan looks at several bytes at a time. */
static void
each_byte_counts_at_each_place(void **unused)
{
	char text[24];
	struct err e;

	(void)unused;
	for (int c = 1; c < 256; c++)
		for (size_t at = 1; at < 20; at++) {
			bool plain = c >= 0x20 && c < 0x80 && c != '"' &&
			    c != '\\';

			memset(text, c == 0x7f ? ' ' : 0x7f, 21);
			text[0] = text[20] = '"';
			text[at] = (char)c;
			assert_int_equal(json_check(text, 21, &e) == 0, plain);
		}
}

static void
members_are_found(void **unused)
{
	static const char doc[] =
	    "{\"n\":-5,\"s\":\"a\\u00e9\\n\",\"o\" : "
	    "{\"s\":\"inner\"} ,\"l\":[1,2],\"t\":true,\"\\u006bey\":\"k\"}";
	static const struct {
		const char *text, *key, *json, *plain;
	} cases[] = {
		{ doc, "n", "-5", "-5" },
		{ doc, "s", "\"a\\u00e9\\n\"", "a\xc3\xa9\n" },
		{ doc, "o", "{\"s\":\"inner\"}", NULL },
		{ doc, "l", "[1,2]", NULL },
		{ doc, "t", "true", NULL },
		{ doc, "key", "\"k\"", "k" },
		{ doc, "", NULL, NULL },
		{ doc, "inner", NULL, NULL },
		{ "[\"a\",1]", "a", NULL, NULL },
		{ "5", "a", NULL, NULL },
		{ "", "a", NULL, NULL },
		{ NULL, "a", NULL, NULL },
		{ "{\"b\":tru,\"a\":1}", "a", NULL, NULL },
		{ "{\"a\":tru", "a", NULL, NULL },
		{ "{\"a", "a", NULL, NULL },
	};
	struct arena a = { NULL, 0 };

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *json = json_member(&a, cases[i].text, cases[i].key);
		const char *plain = json_member_text(&a, cases[i].text,
		    cases[i].key);

		assert_int_equal(json == NULL, cases[i].json == NULL);
		assert_int_equal(plain == NULL, cases[i].plain == NULL);
		if (json != NULL)
			assert_string_equal(json, cases[i].json);
		if (plain != NULL)
			assert_string_equal(plain, cases[i].plain);
	}
	arena_fini(&a);
}

static int
note(void *ctx, const char *key, const char *value, struct err *e)
{
	struct buf *b = ctx;

	buf_printf(b, "%s=%s;", key == NULL ? "-" : key, value);
	if (strcmp(value, "\"stop\"") == 0)
		return err_set(e, ERR_CONFLICT, "stopped");
	return 0;
}

static void
every_member_is_visited(void **unused)
{
	static const struct {
		const char *text, *seen;
		enum err_class cls;
	} cases[] = {
		{ "{\"a\":1,\"\\u0062\":[2, 3]}", "a=1;b=[2, 3];", ERR_NONE },
		{ "[1,{\"x\":2}]", "-=1;-={\"x\":2};", ERR_NONE },
		{ "{}", "", ERR_NONE },
		{ " [ ] ", "", ERR_NONE },
		{ "[1,\"stop\",3]", "-=1;-=\"stop\";", ERR_CONFLICT },
		{ "[1,", "-=1;", ERR_INPUT },
		{ "[1] 2", "-=1;", ERR_INPUT },
		{ "{\"a\":1", "a=1;", ERR_INPUT },
		{ "5", "", ERR_INPUT },
		{ "", "", ERR_INPUT },
		{ NULL, "", ERR_INPUT },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena a = { NULL, 0 };
		struct buf b = { .arena = &a };
		struct err e = { ERR_NONE, 0, "" };
		int rc = json_each(&a, cases[i].text, note, &b, &e);

		assert_int_equal(rc, cases[i].cls == ERR_NONE ? 0 : -1);
		assert_int_equal(e.cls, cases[i].cls);
		assert_string_equal(buf_text(&b), cases[i].seen);
		arena_fini(&a);
	}
}

/* RFC 7396, appendix A, where both are objects, and more. */
static void
merging_is_rfc_7396(void **unused)
{
	static const struct {
		const char *was, *patch, *want;
	} cases[] = {
		{ "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"b\":\"c\"}",
		    "{\"a\":\"b\",\"b\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"a\":null}", "{}" },
		{ "{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}",
		    "{\"b\":\"c\"}" },
		{ "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
		{ "{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}" },
		{ "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}",
		    "{\"a\":{\"b\":\"d\"}}" },
		{ "{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}" },
		{ "[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]" },
		{ "{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]" },
		{ "{\"a\":\"foo\"}", "null", "null" },
		{ "{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}" },
		{ "[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}" },
		{ "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}",
		    "{\"a\":{\"bb\":{}}}" },
		{ "{\"a\":5}", "{\"a\":{\"b\":{\"c\":1,\"d\":null}}}",
		    "{\"a\":{\"b\":{\"c\":1}}}" },
		{ "{\"\\u0061\":1}", "{\"a\":2}", "{\"a\":2}" },
		{ NULL, "{\"a\":1}", "{\"a\":1}" },
		{ "{\"a\":1}", NULL, "{\"a\":1}" },
		{ "{\"a\":1", "{}", NULL },
		{ "{}", "{\"a\"", NULL },
		{ "{}", "{\"a\":1,\"a\":2}", NULL },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena a = { NULL, 0 };
		struct err e = { ERR_NONE, 0, "" };
		const char *got = json_merge(&a, cases[i].was, cases[i].patch,
		    &e);

		assert_int_equal(got == NULL, cases[i].want == NULL);
		if (got == NULL)
			assert_int_equal(e.cls, ERR_INPUT);
		else
			assert_string_equal(got, cases[i].want);
		arena_fini(&a);
	}
}

static void
strings_are_always_json(void **unused)
{
	static const struct {
		const char *from, *want;
	} cases[] = {
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "\"\\/\b\f\n\r\t", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"" },
		{ "\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\"" },
		{ "\xc3\xa9\xf0\x9f\x98\x80", "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
		{ "a\xffz", "\"a\xef\xbf\xbdz\"" },
		{ "\xc3", "\"\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	};
	struct arena a = { NULL, 0 };
	struct err e;

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf b = { .arena = &a };

		json_string(&b, cases[i].from);
		assert_string_equal(buf_text(&b), cases[i].want);
		assert_int_equal(json_check(b.at, b.len, &e), 0);
	}
	for (unsigned seed = 1, i = 0; i < 2000; i++) {
		struct buf b = { .arena = &a };
		char noise[24];

		for (size_t j = 0; j < sizeof(noise); j++)
			noise[j] = (char)(rand_r(&seed) % 255 + 1);
		json_quote(&b, noise, sizeof(noise));
		assert_int_equal(json_check(b.at, b.len, &e), 0);
	}
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_json_is_taken),
		cmocka_unit_test(a_cut_text_is_refused),
		cmocka_unit_test(depth_costs_no_stack),
		cmocka_unit_test(many_keys_are_no_attack),
		cmocka_unit_test(a_second_parser_agrees),
		cmocka_unit_test(canonical_is_rfc_8785),
		cmocka_unit_test(each_byte_counts_at_each_place),
		cmocka_unit_test(members_are_found),
		cmocka_unit_test(every_member_is_visited),
		cmocka_unit_test(merging_is_rfc_7396),
		cmocka_unit_test(strings_are_always_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
