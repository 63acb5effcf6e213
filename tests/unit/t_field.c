/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <muster/field.h>

#include "base/clock.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const char *const mode_words[] = { "observe", "enforce", NULL };

struct retry {
	int64_t max, pause;
};

static const struct field retry_fields[] = {
	FIELD(struct retry, max, F_NEED, .help = "How often it is tried"),
	FIELD(struct retry, pause, F_SPAN, .fallback = "\"5s\""), FIELD_END
};

struct unit {
	const char *name, *mode, *password;
	struct retry retry;
};

static const struct field unit_fields[] = { FIELD(struct unit, name,
						F_NEED | F_KEY),
	FIELD(struct unit, mode, 0, .words = mode_words,
	    .fallback = "\"observe\""),
	FIELD(struct unit, password, F_SECRET),
	FIELD_SUB(struct unit, retry, 0, retry_fields), FIELD_END };

struct set {
	struct many units;
	struct texts tags;
	int64_t count, since;
	bool dry, loud;
	struct json extra;
};

static const struct field set_fields[] = { FIELD_LIST(struct set, units, 0,
					       struct unit, unit_fields),
	FIELD(struct set, tags, 0, .fallback = "[\"a\",\"b\"]"),
	FIELD(struct set, count, 0, .fallback = "7"),
	FIELD(struct set, since, F_TIME), FIELD(struct set, dry, 0),
	FIELD(struct set, loud, 0, .fallback = "true"),
	FIELD(struct set, extra, 0), FIELD_END };

static void
wrong_texts_name_their_place(void **unused)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "[]", "wants an object" },
		{ "\"x\"", "wants an object" },
		{ "{\"nope\":1}", "nope: unknown" },
		{ "{\"\":1}", ": unknown" },
		{ "{\"coun\":1}", "coun: unknown" },
		{ "{\"counts\":1}", "counts: unknown" },
		{ "{\"count\":\"1\"}", "count: wants an integer" },
		{ "{\"count\":1.5}", "count: wants an integer" },
		{ "{\"count\":1e3}", "count: wants an integer" },
		{ "{\"count\":null}", "count: wants an integer" },
		{ "{\"count\":9223372036854775808}",
		    "count: wants an integer of 64 bits" },
		{ "{\"count\":-9223372036854775809}",
		    "count: wants an integer of 64 bits" },
		{ "{\"count\":1000000000000000000000000000000}",
		    "count: wants an integer of 64 bits" },
		{ "{\"dry\":1}", "dry: wants true or false" },
		{ "{\"dry\":\"true\"}", "dry: wants true or false" },
		{ "{\"tags\":\"a\"}", "tags: wants a list of texts" },
		{ "{\"tags\":[\"a\",1]}", "tags: wants a text" },
		{ "{\"units\":{}}", "units: wants a list" },
		{ "{\"units\":[1]}", "units[0]: wants an object" },
		{ "{\"units\":[{\"name\":\"a\"},{}]}",
		    "units[1].name: missing" },
		{ "{\"units\":[{\"name\":5}]}", "units[0].name: wants a text" },
		{ "{\"units\":[{\"name\":\"a\",\"mode\":\"odd\"}]}",
		    "units[0].mode: unknown word 'odd'" },
		{ "{\"units\":[{\"name\":\"a\",\"retry\":[]}]}",
		    "units[0].retry: wants an object" },
		{ "{\"units\":[{\"name\":\"a\",\"retry\":{}}]}",
		    "units[0].retry.max: missing" },
		{ "{\"units\":[{\"name\":\"a\",\"retry\":{\"max\":true}}]}",
		    "units[0].retry.max: wants an integer" },
		{ "{\"units\":[{\"name\":\"a\",\"retry\":{\"max\":1,"
		  "\"pause\":5}}]}",
		    "units[0].retry.pause: wants a text" },
		{ "{\"units\":[{\"name\":\"a\",\"$schema\":\"x\"}]}",
		    "units[0].$schema: unknown" },
		{ "{\"count\":1,\"count\":1}",
		    "line 1: an object has a key twice" },
		{ "{\"extra\":{\"a\":1,\"a\":1}}",
		    "line 1: an object has a key twice" },
		{ "{\"count\":1", "line 1: a comma is missing" },
		{ "", "line 1: ends too early" },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena a = { NULL, 0 };
		struct err e = { ERR_NONE, 0, "" };
		struct set s = { .count = 0 };

		assert_int_equal(json_decode(&a, set_fields, cases[i].text,
				     strlen(cases[i].text), &s, &e),
		    -1);
		assert_int_equal(e.cls, ERR_INPUT);
		assert_string_equal(e.text, cases[i].error);
		arena_fini(&a);
	}
}

static void
errors_know_their_line(void **unused)
{
	static const char text[] = "{\n\t\"count\": 1,\n\t\"units\": [\n"
				   "\t\t{ \"name\": 5 }\n\t]\n}\n";
	struct arena a = { NULL, 0 };
	struct set s = { .count = 0 };
	struct err e;
	int line;

	(void)unused;
	assert_int_equal(json_decode_line(&a, set_fields, text, strlen(text),
			     &s, &line, &e),
	    -1);
	assert_int_equal(line, 4);
	assert_string_equal(e.text, "units[0].name: wants a text");
	assert_int_equal(json_decode_line(&a, set_fields, text, 20, &s, &line,
			     &e),
	    -1);
	assert_int_equal(line, 0);
	assert_string_equal(e.text, "line 3: ends inside a string");
	arena_fini(&a);
}

static void
texts_become_structs(void **unused)
{
	static const char text[] =
	    "{\"$schema\":\"x.json\",\"units\":["
	    "{\"name\":\"\\u00e9\",\"mode\":\"enforce\",\"password\":\"pw\","
	    "\"retry\":{\"max\":3,\"pause\":\"PT2H30M\"}},"
	    "{\"name\":\"b\"},{\"name\":\"c\"},{\"name\":\"d\"},"
	    "{\"name\":\"e\"}],\"tags\":[],\"count\":-9223372036854775808,"
	    "\"since\":\"2026-11-29T03:39:38+01:00\",\"dry\":true,"
	    "\"loud\":false,\"extra\":{ \"x\" : [ 1 , \"a b\\\" \" ] } }";
	struct arena a = { NULL, 0 };
	struct set s = { .count = 0 };
	struct err e = { ERR_NONE, 0, "" };

	(void)unused;
	assert_int_equal(json_decode(&a, set_fields, text, strlen(text), &s,
			     &e),
	    0);
	const struct unit *u = s.units.item;
	assert_int_equal(s.units.n, 5);
	assert_string_equal(u[0].name, "\xc3\xa9");
	assert_string_equal(u[0].mode, "enforce");
	assert_string_equal(u[0].password, "pw");
	assert_int_equal(u[0].retry.max, 3);
	assert_int_equal(u[0].retry.pause, 150 * MINUTE);
	assert_string_equal(u[4].name, "e");
	assert_string_equal(u[4].mode, "observe");
	assert_null(u[4].password);
	assert_int_equal(u[4].retry.max, 0);
	assert_int_equal(u[4].retry.pause, 5 * SECOND);
	assert_int_equal(s.tags.n, 0);
	assert_true(s.count == INT64_MIN);
	assert_true(s.since == INT64_C(1795919978000));
	assert_true(s.dry);
	assert_false(s.loud);
	assert_string_equal(s.extra.text, "{\"x\":[1,\"a b\\\" \"]}");
	arena_fini(&a);
}

static void
absent_members_get_fallbacks(void **unused)
{
	struct arena a = { NULL, 0 };
	struct set s = { .count = 0 }, t = { .count = 3 };
	struct unit u = { .name = "x" };
	struct err e = { ERR_NONE, 0, "" };

	(void)unused;
	assert_int_equal(json_decode(&a, set_fields, "{}", 2, &s, &e), 0);
	assert_int_equal(s.count, 7);
	assert_true(s.loud);
	assert_int_equal(s.tags.n, 2);
	assert_string_equal(s.tags.item[1], "b");
	assert_null(s.extra.text);
	assert_int_equal(s.since, 0);
	assert_int_equal(field_defaults(&a, set_fields, &t, &e), 0);
	assert_int_equal(t.count, 3);
	assert_int_equal(t.tags.n, 2);
	assert_int_equal(field_defaults(&a, unit_fields, &u, &e), 0);
	assert_string_equal(u.mode, "observe");
	assert_int_equal(u.retry.pause, 5 * SECOND);
	arena_fini(&a);
}

static void
structs_become_texts(void **unused)
{
	struct unit units[] = {
		{ "a", "enforce", "hunter2", { 3, 90 * SECOND } },
		{ "b", NULL, NULL, { 0, 0 } },
	};
	const char *tags[] = { "x\"y", "z" };
	struct set s = { { 2, units }, { 2, tags }, -7, INT64_C(1795919978123),
		true, false, { "{\"k\":[1]}" } };
	struct set none = { .count = 0 };
	struct arena a = { NULL, 0 };
	struct buf b = { .arena = &a }, c = b, d = b;

	(void)unused;
	json_encode(&b, set_fields, &s);
	assert_string_equal(buf_text(&b),
	    "{\"units\":[{\"name\":\"a\","
	    "\"mode\":\"enforce\",\"password\":\"[secret]\",\"retry\":"
	    "{\"max\":3,\"pause\":\"90s\"}},{\"name\":\"b\",\"retry\":"
	    "{\"max\":0}}],\"tags\":[\"x\\\"y\",\"z\"],\"count\":-7,"
	    "\"since\":\"2026-11-29T02:39:38.123Z\",\"dry\":true,"
	    "\"loud\":false,\"extra\":{\"k\":[1]}}");
	json_encode_clear(&c, set_fields, &s);
	assert_non_null(strstr(buf_text(&c), "\"password\":\"hunter2\""));
	json_encode(&d, set_fields, &none);
	assert_string_equal(buf_text(&d),
	    "{\"units\":[],\"tags\":[],"
	    "\"count\":0,\"dry\":false,\"loud\":false}");
	arena_fini(&a);
}

/* Encoding canonically is encoding, and then making that canonical. */
static void
members_are_written_by_name(void **unused)
{
	struct unit units[] = { { "a\x01\xc3\xa9/", "enforce", "pw",
	    { 3, 1 } } };
	const char *tags[] = { "\xf0\x9f\x98\x80", "\\" };
	struct set s = { { 1, units }, { 2, tags }, INT64_C(9007199254740991),
		1, true, true,
		{ "{ \"b\" : [ 1 , {\"d\":-0,\"c\":2} ],"
		  "\"a\":\"\\u00e9\"}" } };
	static const char *const bad[] = { "{\"a\":1.5}", "{\"a\":1",
		"{\"a\":1,\"a\":1}", "1 2", "" };
	struct arena a = { NULL, 0 };
	struct buf plain = { .arena = &a }, b = plain;
	struct err e;

	(void)unused;
	json_encode(&plain, set_fields, &s);
	assert_int_equal(json_encode_canonical(&b, set_fields, &s, &e), 0);
	assert_string_equal(buf_text(&b),
	    json_canonical(&a, plain.at, plain.len, &e));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		s.extra.text = bad[i];
		b = (struct buf){ .arena = &a };
		assert_int_equal(json_encode_canonical(&b, set_fields, &s, &e),
		    -1);
		assert_int_equal(e.cls, ERR_INPUT);
	}
	s.extra.text = NULL;
	for (int i = 0; i < 2; i++) {
		s.count = i == 0 ? INT64_C(9007199254740992) : INT64_MIN;
		b = (struct buf){ .arena = &a };
		assert_int_equal(json_encode_canonical(&b, set_fields, &s, &e),
		    -1);
		assert_int_equal(e.cls, ERR_INPUT);
	}
	arena_fini(&a);
}

static void
what_was_written_is_read_again(void **unused)
{
	struct unit units[] = { { "a", "enforce", "pw", { 3, 1 } } };
	const char *tags[] = { "\x01\x7f\xc3\xa9" };
	struct set s = { { 1, units }, { 1, tags }, INT64_MAX, 1, true, true,
		{ "null" } },
		   t = { .count = 0 };
	struct arena a = { NULL, 0 };
	struct buf b = { .arena = &a }, c = b;
	struct err e;

	(void)unused;
	json_encode_clear(&b, set_fields, &s);
	assert_int_equal(json_decode(&a, set_fields, b.at, b.len, &t, &e), 0);
	json_encode_clear(&c, set_fields, &t);
	assert_string_equal(buf_text(&c), buf_text(&b));
	arena_fini(&a);
}

struct place {
	const char *id, *name, *password;
	int64_t n;
	bool b;
};

static const struct field place_fields[] = { FIELD(struct place, id, 0),
	FIELD(struct place, name, 0), FIELD(struct place, password, F_SECRET),
	FIELD(struct place, n, 0), FIELD(struct place, b, 0), FIELD_END };

static void
paths_are_encoded(void **unused)
{
	static const struct {
		const char *tmpl, *path; /* NULL: refused */
		const char *error;
	} cases[] = {
		{ "/v1/users", "/v1/users", NULL },
		{ "/v1/users/{id}", "/v1/users/j%2Fdoe%20%3F%23%25", NULL },
		{ "/{name}/{n}/x", "/%C3%A9._~-/-5/x", NULL },
		{ "{id}{id}", "j%2Fdoe%20%3F%23%25j%2Fdoe%20%3F%23%25", NULL },
		{ "/{nope}", NULL, "nope: no such member" },
		{ "/{}", NULL, ": no such member" },
		{ "/{id", NULL, "'{id': no }" },
		{ "/{password}", NULL, "password: a secret in a path" },
		{ "/{b}", NULL, "b: no text for a path" },
	};
	struct place p = { "j/doe ?#%", "\xc3\xa9._~-", "pw", -5, true };
	struct arena a = { NULL, 0 };
	struct err e;

	(void)unused;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *got = path_expand(&a, cases[i].tmpl, place_fields,
		    &p, &e);

		if (cases[i].path != NULL) {
			assert_non_null(got);
			assert_string_equal(got, cases[i].path);
			continue;
		}
		assert_null(got);
		assert_int_equal(e.cls, ERR_INPUT);
		assert_string_equal(e.text, cases[i].error);
	}
	const char *const dangerous[] = { NULL, "", ".", ".." };
	for (size_t i = 0; i < COUNT(dangerous); i++) {
		p.id = dangerous[i];
		assert_null(path_expand(&a, "/v1/{id}", place_fields, &p, &e));
		assert_int_equal(e.cls, ERR_INPUT);
	}
	arena_fini(&a);
}

static void
tables_are_printed(void **unused)
{
	struct arena a = { NULL, 0 };
	struct buf b = { .arena = &a }, c = b;
	struct err e;

	(void)unused;
	field_schema(&b, set_fields, 0);
	const char *schema = json_canonical(&a, b.at, b.len, &e);
	assert_non_null(schema);
	const char *props = json_member(&a, schema, "properties");
	assert_string_equal(json_member(&a, schema, "additionalProperties"),
	    "false");
	assert_string_equal(json_member(&a, props, "count"),
	    "{\"default\":7,\"type\":\"integer\"}");
	assert_string_equal(json_member(&a, props, "since"),
	    "{\"format\":\"date-time\",\"type\":\"string\"}");
	const char *unit = json_member(&a, json_member(&a, props, "units"),
	    "items");
	assert_string_equal(json_member(&a, unit, "required"), "[\"name\"]");
	props = json_member(&a, unit, "properties");
	assert_string_equal(json_member(&a, props, "mode"),
	    "{\"default\":\"observe\",\"enum\":[\"observe\",\"enforce\"],"
	    "\"type\":\"string\"}");
	assert_string_equal(json_member(&a, props, "password"),
	    "{\"type\":\"string\",\"writeOnly\":true}");
	field_manual(&c, unit_fields, 2);
	assert_string_equal(buf_text(&c),
	    "  name: text, needed\n"
	    "  mode: text, one of observe enforce; without it \"observe\"\n"
	    "  password: text, secret\n  retry: object\n"
	    "      max: integer, needed\n          How often it is tried.\n"
	    "      pause: span (200ms, 5s, 3m, 2h, 14d or ISO 8601);"
	    " without it \"5s\"\n");
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_texts_name_their_place),
		cmocka_unit_test(errors_know_their_line),
		cmocka_unit_test(texts_become_structs),
		cmocka_unit_test(absent_members_get_fallbacks),
		cmocka_unit_test(structs_become_texts),
		cmocka_unit_test(members_are_written_by_name),
		cmocka_unit_test(what_was_written_is_read_again),
		cmocka_unit_test(paths_are_encoded),
		cmocka_unit_test(tables_are_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
