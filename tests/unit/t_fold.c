/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one event after another makes of an affiliation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/fold.h"
#include "model/person.h"

#define MOST 5

struct told {
	const char *kind, *at, *body;
};

static const struct {
	const char *what;
	struct told told[MOST];
	const char *starts, *ends, *last_day, *from, *until, *cause;
	const char *attributes;
} cases[] = {
	{ "a row with dates",
	    { { "record", "2026-11-01",
		"{\"key\":\"1\","
		"\"start\":\"2026-12-01\",\"end\":\"2026-12-31\"}" } },
	    "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", NULL, NULL, NULL,
	    NULL, "{}" },
	{ "dates are local",
	    { { "record", "2026-11-01",
		"{\"key\":\"1\","
		"\"zone\":\"Europe/Berlin\",\"start\":\"2026-12-01\","
		"\"end\":\"2026-12-31\",\"last_day\":\"2026-12-20\"}" } },
	    "2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z",
	    "2026-12-20T23:00:00Z", NULL, NULL, NULL, "{}" },
	{ "a time is itself",
	    { { "record", "2026-11-01",
		"{\"key\":\"1\","
		"\"end\":\"2026-12-31T17:00:00Z\"}" } },
	    NULL, "2026-12-31T17:00:00Z", NULL, NULL, NULL, NULL, "{}" },
	{ "absent says nothing, null takes away",
	    { { "record", "2026-11-01",
		  "{\"key\":\"1\",\"start\":\"2026-12-01\",\"end\":\"2026-12-31\"}" },
		{ "mover", "2026-11-02", "{\"key\":\"1\",\"end\":null}" } },
	    "2026-12-01T00:00:00Z", NULL, NULL, NULL, NULL, NULL, "{}" },
	{ "an empty text takes away too",
	    { { "record", "2026-11-01",
		  "{\"key\":\"1\",\"end\":\"2026-12-31\"}" },
		{ "record", "2026-11-02", "{\"key\":\"1\",\"end\":\"\"}" } },
	    NULL, NULL, NULL, NULL, NULL, NULL, "{}" },
	{ "a joiner begins when it is true",
	    { { "joiner", "2026-12-01", "{\"key\":\"1\"}" } },
	    "2026-12-01T00:00:00Z", NULL, NULL, NULL, NULL, NULL, "{}" },
	{ "a leaver has access until the last day",
	    { { "joiner", "2026-01-01", "{\"key\":\"1\"}" },
		{ "leaver", "2026-11-02",
		    "{\"key\":\"1\",\"last_day\":\"2026-11-30\"}" } },
	    "2026-01-01T00:00:00Z", NULL, "2026-12-01T00:00:00Z", NULL, NULL,
	    NULL, "{}" },
	{ "unless it is for cause",
	    { { "joiner", "2026-01-01", "{\"key\":\"1\"}" },
		{ "leaver", "2026-11-02",
		    "{\"key\":\"1\",\"last_day\":\"2026-11-30\","
		    "\"cause\":\"for_cause\"}" } },
	    "2026-01-01T00:00:00Z", "2026-11-02T00:00:00Z",
	    "2026-12-01T00:00:00Z", NULL, NULL, "for_cause", "{}" },
	{ "an absence is not why somebody left before",
	    { { "joiner", "2026-01-01", "{\"key\":\"1\"}" },
		{ "leaver", "2026-11-02",
		    "{\"key\":\"1\",\"cause\":\"for_cause\"}" },
		{ "leaver", "2026-11-10",
		    "{\"key\":\"1\",\"cause\":\"absent\"}" },
		{ "record", "2026-11-11", "{\"key\":\"1\"}" } },
	    "2026-01-01T00:00:00Z", "2026-11-02T00:00:00Z", NULL, NULL, NULL,
	    "for_cause", "{}" },
	{ "a leaver ends when it is true",
	    { { "joiner", "2026-01-01", "{\"key\":\"1\"}" },
		{ "leaver", "2026-12-01T12:00:00Z",
		    "{\"key\":\"1\",\"cause\":\"voluntary\"}" } },
	    "2026-01-01T00:00:00Z", "2026-12-01T12:00:00Z", NULL, NULL, NULL,
	    "voluntary", "{}" },
	{ "a leaver with a last date",
	    { { "joiner", "2026-01-01", "{\"key\":\"1\"}" },
		{ "leaver", "2026-11-01",
		    "{\"key\":\"1\",\"end\":\"2026-11-30\"}" } },
	    "2026-01-01T00:00:00Z", "2026-12-01T00:00:00Z", NULL, NULL, NULL,
	    NULL, "{}" },
	{ "a leaver never ends later than before",
	    { { "record", "2026-01-01",
		  "{\"key\":\"1\",\"end\":\"2026-03-31\"}" },
		{ "leaver", "2026-12-01", "{\"key\":\"1\"}" } },
	    NULL, "2026-04-01T00:00:00Z", NULL, NULL, NULL, NULL, "{}" },
	{ "a rehire begins anew",
	    { { "joiner", "2026-01-01", "{\"key\":\"1\"}" },
		{ "leaver", "2026-03-01",
		    "{\"key\":\"1\",\"cause\":\"voluntary\"}" },
		{ "rehire", "2026-09-01", "{\"key\":\"1\"}" } },
	    "2026-09-01T00:00:00Z", NULL, NULL, NULL, NULL, NULL, "{}" },
	{ "a joiner who is there already changes no start",
	    { { "joiner", "2026-01-01", "{\"key\":\"1\"}" },
		{ "joiner", "2026-09-01", "{\"key\":\"1\"}" } },
	    "2026-01-01T00:00:00Z", NULL, NULL, NULL, NULL, NULL, "{}" },
	{ "leave and return",
	    { { "joiner", "2026-01-01", "{\"key\":\"1\"}" },
		{ "leave", "2026-05-01", "{\"key\":\"1\"}" },
		{ "return", "2026-06-01", "{\"key\":\"1\"}" } },
	    "2026-01-01T00:00:00Z", NULL, NULL, "2026-05-01T00:00:00Z",
	    "2026-06-01T00:00:00Z", NULL, "{}" },
	{ "leave with both dates",
	    { { "leave", "2026-05-01",
		"{\"key\":\"1\",\"away_from\":\"2026-05-10\",\"away_until\":"
		"\"2026-07-01\"}" } },
	    NULL, NULL, NULL, "2026-05-10T00:00:00Z", "2026-07-01T00:00:00Z",
	    NULL, "{}" },
	{ "status ended",
	    { { "record", "2026-01-01", "{\"key\":\"1\"}" },
		{ "record", "2026-05-01",
		    "{\"key\":\"1\",\"status\":\"ended\"}" } },
	    NULL, "2026-05-01T00:00:00Z", NULL, NULL, NULL, NULL, "{}" },
	{ "status active again",
	    { { "record", "2026-01-01",
		  "{\"key\":\"1\",\"status\":\"ended\"}" },
		{ "record", "2026-05-01",
		    "{\"key\":\"1\",\"status\":\"active\"}" } },
	    NULL, NULL, NULL, NULL, NULL, NULL, "{}" },
	{ "who was absent is in the next file",
	    { { "record", "2026-01-01", "{\"key\":\"1\"}" },
		{ "leaver", "2026-05-01",
		    "{\"key\":\"1\",\"cause\":\"absent\"}" },
		{ "record", "2026-05-02", "{\"key\":\"1\"}" } },
	    NULL, NULL, NULL, NULL, NULL, NULL, "{}" },
	{ "who was dismissed is not back by a row",
	    { { "record", "2026-01-01", "{\"key\":\"1\"}" },
		{ "leaver", "2026-05-01",
		    "{\"key\":\"1\",\"cause\":\"for_cause\"}" },
		{ "record", "2026-05-02", "{\"key\":\"1\"}" } },
	    NULL, "2026-05-01T00:00:00Z", NULL, NULL, NULL, "for_cause", "{}" },
	{ "attributes of other events are added",
	    { { "record", "2026-01-01",
		  "{\"key\":\"1\",\"display\":\"A\",\"attributes\":{\"a\":\"1\","
		  "\"b\":\"2\"}}" },
		{ "mover", "2026-02-01",
		    "{\"key\":\"1\","
		    "\"attributes\":{\"b\":\"3\",\"a\":null}}" } },
	    NULL, NULL, NULL, NULL, NULL, NULL,
	    "{\"b\":\"3\",\"display\":\"A\"}" },
	{ "a record states them all",
	    { { "record", "2026-01-01",
		  "{\"key\":\"1\",\"display\":\"A\",\"attributes\":{\"a\":\"1\","
		  "\"b\":\"2\"}}" },
		{ "record", "2026-02-01",
		    "{\"key\":\"1\","
		    "\"attributes\":{\"b\":\"3\"}}" } },
	    NULL, NULL, NULL, NULL, NULL, NULL,
	    "{\"display\":\"A\",\"b\":\"3\"}" },
};

static struct event
event_of(struct arena *a, const struct told *t)
{
	struct event v = { .kind = t->kind };
	struct err e;

	if (zone_instant("UTC", t->at, &v.effective, &e) != 0)
		fail_msg("%s", e.text);
	v.body.text = person_normal(a, t->body, &e);
	assert_non_null(v.body.text);
	return v;
}

static void
instant_is(const char *what, const char *name, int64_t got, const char *want)
{
	char text[TIME_TEXT] = "";

	if (got != 0)
		time_format(text, got);
	if (strcmp(text, want != NULL ? want : "") != 0)
		fail_msg("%s: %s is %s", what, name, text);
}

static void
each_case_holds(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct affiliation a = { 0 };
		struct err e;
		const char *what = cases[i].what;

		for (size_t k = 0; k < MOST && cases[i].told[k].kind; k++) {
			struct event v = event_of(&arena, &cases[i].told[k]);

			if (fold_event(&arena, NULL, &v, &a, &e) != 0)
				fail_msg("%s: %s", what, e.text);
		}
		instant_is(what, "start", a.starts, cases[i].starts);
		instant_is(what, "end", a.ends, cases[i].ends);
		instant_is(what, "last_day", a.last_day, cases[i].last_day);
		instant_is(what, "away_from", a.away_from, cases[i].from);
		instant_is(what, "away_until", a.away_until, cases[i].until);
		if (cases[i].cause == NULL && a.cause != NULL)
			fail_msg("%s: cause is %s", what, a.cause);
		if (cases[i].cause != NULL)
			assert_string_equal(a.cause, cases[i].cause);
		if (strcmp(a.attributes.text, cases[i].attributes) != 0)
			fail_msg("%s: %s", what, a.attributes.text);
	}
	arena_fini(&arena);
}

static const struct {
	const char *body, *error;
} bad[] = {
	{ "{}", "key: missing" },
	{ "{\"key\":\"\"}", "key: missing" },
	{ "{\"key\":\"1\",\"end\":\"soon\"}", "end: " },
	{ "{\"key\":\"1\",\"start\":\"2026-02-30\"}", "start: " },
	{ "{\"key\":\"1\",\"zone\":\"Mars/Base\"}", "zone: " },
	{ "{\"key\":\"1\",\"expires\":\"never\"}", "expires: " },
	{ "{\"key\":\"1\",\"attributes\":[1]}", "attributes: wants an object" },
	{ "{\"key\":\"1\",\"color\":\"red\"}", "color: unknown" },
	{ "{\"key\":\"1\",\"status\":\"gone\"}",
	    "status: unknown word 'gone'" },
};

static void
bad_bodies_are_named(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct affiliation a = { 0 };
		struct told t = { "record", "2026-01-01", bad[i].body };
		struct event v = event_of(&arena, &t);
		struct err e = { 0 };

		assert_int_equal(fold_event(&arena, NULL, &v, &a, &e), -1);
		assert_int_equal(e.cls, ERR_INPUT);
		if (strncmp(e.text, bad[i].error, strlen(bad[i].error)) != 0)
			fail_msg("%s: %s", bad[i].body, e.text);
	}
	struct err e = { 0 };
	assert_null(person_normal(&arena,
	    "{\"key\":\"1\",\"attributes\":"
	    "{\"part\":0.5}}",
	    &e));
	assert_null(person_normal(&arena, "[1]", &e));
	assert_string_equal(e.text, "wants an object");
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case_holds),
		cmocka_unit_test(bad_bodies_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
