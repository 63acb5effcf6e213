/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of actions agrees with the tables that it stands on, and what
 * is typed becomes the request that it should.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/listing.h"
#include "base/clock.h"
#include "cli/action.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/manual.h"
#include "engine/command.h"

static void
word_known(void *ctx, const char *name, size_t n, bool optional)
{
	const struct action *a = ctx;

	(void)optional;
	if (field_find(action_in(a), name, n) == NULL)
		fail_msg("%s %s: the word %.*s is no member", a->noun,
		    a->name == NULL ? "" : a->name, (int)n, name);
}

/* Members of {braces} are members of the action. */
static void
braces_known(const struct action *a, const char *text)
{
	while ((text = strchr(text, '{')) != NULL) {
		size_t n = strcspn(++text, "}");

		if (field_find(action_in(a), text, n) == NULL)
			fail_msg("%s: {%.*s} is no member", a->path, (int)n,
			    text);
	}
}

static void
columns_known(const struct action *a)
{
	const char *at = a->columns;

	while (at != NULL && *at != '\0') {
		size_t n = strcspn(at, ",");

		if (field_find(action_row(a), at, n) == NULL &&
		    strncmp(at, "who", n) != 0)
			fail_msg("%s %s: the column %.*s is no member", a->noun,
			    a->name, (int)n, at);
		at += n + (at[n] == ',');
	}
}

static void
t_table(void **state)
{
	(void)state;
	for (const struct action *a = actions; a->noun != NULL; a++) {
		assert_non_null(action_in(a));
		assert_non_null(a->help);
		action_words(a, word_known, (void *)(uintptr_t)a);
		if (a->command != NULL)
			assert_non_null(command_find(a->command));
		if (a->path != NULL)
			braces_known(a, a->path);
		if (a->columns != NULL)
			assert_non_null(action_row(a));
		columns_known(a);
		/* It can be carried out at all, and found. */
		assert_true(
		    a->run != NULL || a->path != NULL || a->command != NULL);
		char *words[] = { (char *)(uintptr_t)a->noun,
			(char *)(uintptr_t)a->name };
		int used;
		assert_ptr_equal(action_find(a->name == NULL ? 1 : 2, words,
				     &used),
		    a);
		for (const struct field *f = action_in(a); f->name != NULL; f++)
			assert_non_null(f->help);
	}
}

static bool
commanded(const char *verb)
{
	for (const struct action *a = actions; a->noun != NULL; a++)
		if (a->command != NULL && strcmp(a->command, verb) == 0)
			return true;
	return false;
}

static bool
listed(const struct listing *l)
{
	for (const struct action *a = actions; a->noun != NULL; a++)
		if (a->path != NULL && a->columns != NULL &&
		    strcmp(a->path + 4, l->path) == 0)
			return true;
	return false;
}

/* Whatever the API has, a person can reach. */
static void
t_complete(void **state)
{
	static const char *const elsewhere[] = { "event.add", "load.begin",
		"load.rows", "load.end", "plan.compute", "notice.settle",
		"secret.delivered", "evidence.checkpoint", NULL };

	(void)state;
	for (const struct command *c = commands; c->verb != NULL; c++) {
		bool found = commanded(c->verb);

		for (size_t i = 0; elsewhere[i] != NULL; i++)
			found |= strcmp(elsewhere[i], c->verb) == 0;
		if (!found)
			fail_msg("%s: no action gives this command", c->verb);
	}
	for (const struct listing *l = listings; l->path != NULL; l++)
		if (!listed(l) && strcmp(l->path, "checkpoints") != 0)
			fail_msg("%s: no action lists it", l->path);
}

struct args_case {
	const char *line; /* behind "muster" */
	const char *body; /* NULL: query is compared */
	const char *query;
	const char *error; /* in its text */
};

static const struct args_case args_cases[] = {
	{ "run list", NULL, "", NULL },
	{ "run", NULL, "", NULL },
	{ "run --state open", NULL, "?state=open", NULL },
	{ "run list --state=open --limit 5", NULL, "?state=open&limit=5",
	    NULL },
	{ "run list --workflow a&b=c", NULL, "?workflow=a%26b%3Dc", NULL },
	{ "run list --json --state open", NULL, "?state=open", NULL },
	{ "load errors 3", NULL, "?load=3", NULL },
	{ "load errors --load 3", NULL, "?load=3", NULL },
	{ "hold release 3", "{\"id\":3}", NULL, NULL },
	{ "hold release 3 fine", "{\"id\":3,\"note\":\"fine\"}", NULL, NULL },
	{ "hold release --note a\"b 3", "{\"note\":\"a\\\"b\",\"id\":3}", NULL,
	    NULL },
	{ "hold release -- 3 --note", "{\"id\":3,\"note\":\"--note\"}", NULL,
	    NULL },
	{ "freeze on", "{\"on\":true}", NULL, NULL },
	{ "freeze off storm", "{\"on\":false,\"note\":\"storm\"}", NULL, NULL },
	{ "reconcile --repair", "{\"repair\":true}", NULL, NULL },
	{ "reconcile corp --repair=no",
	    "{\"repair\":false,\"system\":\"corp\"}", NULL, NULL },
	{ "waiver add a b 2026-03-31",
	    "{\"scope\":\"a\",\"reason\":\"b\","
	    "\"expires\":\"2026-03-31T00:00:00Z\"}",
	    NULL, NULL },
	{ "run start rotate --input {\"a\":1}",
	    "{\"input\":{\"a\":1},\"workflow\":\"rotate\"}", NULL, NULL },
	{ "", NULL, NULL, "say what to do" },
	{ "none", NULL, NULL, "unknown" },
	{ "run lost", NULL, NULL, "no verb lost; there are list show" },
	{ "freeze", NULL, NULL, "wants a verb; there are on off" },
	{ "--json run list --state open", NULL, "?state=open", NULL },
	{ "--socket /x run", NULL, "", NULL },
	{ "--state open run", NULL, NULL, "come behind it" },
	{ "--json", NULL, NULL, "say what to do" },
	{ "hold release", NULL, NULL, "id: missing" },
	{ "hold release 3 a b", NULL, NULL, "one argument too many" },
	{ "hold release 3 --id 4", "{\"id\":4,\"note\":\"3\"}", NULL, NULL },
	{ "hold release --id 4 --id 5", NULL, NULL, "given twice" },
	{ "run list --colour red", NULL, NULL, "there are --limit" },
	{ "run list --state", NULL, NULL, "wants a value" },
	{ "freeze on --on", NULL, NULL, "no such option" },
	{ "identity converge 7 --on", NULL, NULL, "no such option" },
	{ "identity converge 7 why", "{\"identity\":\"7\",\"note\":\"why\"}",
	    NULL, NULL },
	{ "waiver add a b tomorrow", NULL, NULL, "expires: " },
	{ "holding list --at 2026-03-31", NULL, "?at=2026-03-31T00%3A00%3A00Z",
	    NULL },
	{ "holding list --at +1x", NULL, NULL, "at: " },
};

static int
typed(struct cli *cli, const char *line, struct general *g, struct err *e)
{
	char *argv[16] = { arena_str(&cli->arena, "muster") };
	char *text = arena_str(&cli->arena, line), *save = NULL;
	int argc = 1;

	for (char *w = strtok_r(text, " ", &save); w != NULL;
	     w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	return args_read(cli, argc, argv, g, e);
}

static void
t_args(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(args_cases) / sizeof(*args_cases); i++) {
		const struct args_case *c = &args_cases[i];
		struct cli cli = { .out = stdout };
		struct general g = { 0 };
		struct err e = { ERR_NONE };
		const char *got = NULL;

		if (typed(&cli, c->line, &g, &e) == 0)
			got = c->body != NULL || c->query == NULL ?
			    cli_body(&cli, cli.action->fixed, NULL) :
			    cli_query(&cli, NULL);
		const char *want = c->body != NULL ? c->body : c->query;
		if (c->error != NULL) {
			if (got != NULL || strstr(e.text, c->error) == NULL)
				fail_msg("%s: %s", c->line,
				    got == NULL ? e.text : got);
			assert_int_equal(e.cls, ERR_INPUT);
		} else if (got == NULL || strcmp(got, want) != 0)
			fail_msg("%s: %s", c->line, got == NULL ? e.text : got);
		arena_fini(&cli.arena);
	}
}

/* The help of a noun has a line for each of its verbs. */
static void
group_helped(const char *noun)
{
	struct cli cli = { .out = stdout };
	struct general g = { 0 };
	struct err e = { ERR_NONE };
	char *text = NULL;
	size_t n = 0;

	assert_int_equal(typed(&cli,
			     arena_printf(&cli.arena, "%s --help", noun), &g,
			     &e),
	    0);
	assert_string_equal(cli.group, noun);
	cli.out = open_memstream(&text, &n);
	manual_group(&cli, cli.group);
	fclose(cli.out);
	for (const struct action *a = actions; a->noun != NULL; a++) {
		const char *line = strcmp(a->noun, noun) != 0 ?
		    NULL :
		    arena_printf(&cli.arena, "\n  %s%s%s ", noun,
			a->name == NULL ? "" : " ",
			a->name == NULL ? "" : a->name);

		if (line != NULL && strstr(text, line) == NULL)
			fail_msg("no line%s in: %s", line, text);
	}
	free(text);
	arena_fini(&cli.arena);
}

static void
t_help(void **state)
{
	static const char *const single[] = { "status --help", "run list -h",
		"apply --help", "run start x --help" };

	(void)state;
	for (const struct action *a = actions; a->noun != NULL; a++)
		if (a->name != NULL)
			group_helped(a->noun);
	for (size_t i = 0; i < sizeof(single) / sizeof(*single); i++) {
		struct cli cli = { .out = stdout };
		struct general g = { 0 };
		struct err e = { ERR_NONE };

		assert_int_equal(typed(&cli, single[i], &g, &e), 0);
		assert_null(cli.group);
		assert_true(g.help);
		arena_fini(&cli.arena);
	}
}

/* "+1d" counts from now, whether it ends in a body, a query or a path. */
static void
t_soon(void **state)
{
	static const struct {
		const char *line, *member;
	} cases[] = { { "holding list --at +1d", "at" },
		{ "waiver add a b +1d", "expires" },
		{ "feed load hr - --dated +1d", "dated" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct cli cli = { .out = stdout };
		struct general g = { 0 };
		struct err e = { ERR_NONE };
		int64_t at, day = clock_wall() + DAY;

		if (typed(&cli, cases[i].line, &g, &e) != 0)
			fail_msg("%s: %s", cases[i].line, e.text);
		assert_int_equal(zone_instant("UTC",
				     cli_value(&cli, cases[i].member), &at, &e),
		    0);
		assert_in_range(at, day - SECOND, day + MINUTE);
		arena_fini(&cli.arena);
	}
}

static void
t_path(void **state)
{
	struct cli cli = { .out = stdout };
	struct general g = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(typed(&cli, "identity show ../a?b", &g, &e), 0);
	assert_string_equal(ask_path(&cli, cli.action->path),
	    "/v1/identities/..%2Fa%3Fb");
	arena_fini(&cli.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_table),
		cmocka_unit_test(t_complete),
		cmocka_unit_test(t_args),
		cmocka_unit_test(t_help),
		cmocka_unit_test(t_soon),
		cmocka_unit_test(t_path),
	};

	return cmocka_run_group_tests_name("action", tests, NULL, NULL);
}
