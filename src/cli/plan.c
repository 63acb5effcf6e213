/* SPDX-License-Identifier: Apache-2.0 */
/*
 * muster plan and apply: a change as people read differences.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/action.h"
#include "cli/ask.h"
#include "cli/await.h"
#include "cli/client.h"
#include "cli/text.h"
#include "model/plan.h"

static const char *
item_cell(struct cli *cli, const char *row, const char *name)
{
	return cell_text(&cli->arena, row, item_fields, name);
}

static char
sign_of(const char *effect)
{
	if (strcmp(effect, "create") == 0)
		return '+';
	return strcmp(effect, "change") == 0 || strcmp(effect, "rotate") == 0 ?
	    '~' :
	    '-';
}

static void
line_print(struct cli *cli, char sign, const char *text)
{
	const char *color = sign == '+' ? "32" : sign == '~' ? "33" : "31";

	if (cli->color)
		fprintf(cli->out, "  \033[%sm%c %s\033[0m\n", color, sign,
		    text);
	else
		fprintf(cli->out, "  %c %s\n", sign, text);
}

struct comparing {
	struct cli *cli;
	const char *before, *after; /* JSON objects or NULL */
	bool second;		    /* walking after: only what before lacks */
};

static const char *
quoted(struct cli *cli, const char *object, const char *key)
{
	const char *value = object == NULL ?
	    NULL :
	    json_member(&cli->arena, object, key);

	return value == NULL ? NULL : text_plain(&cli->arena, value);
}

static int
attribute_print(void *ctx, const char *key, const char *value, struct err *e)
{
	struct comparing *c = ctx;
	const char *old = quoted(c->cli, c->before, key);
	const char *new = quoted(c->cli, c->after, key);

	(void)value;
	(void)e;
	if ((c->second && old != NULL) || key == NULL ||
	    (old != NULL && new != NULL &&strcmp(old, new) == 0))
		return 0;
	fprintf(c->cli->out, "      %s: %s -> %s\n",
	    text_plain(&c->cli->arena, key), old == NULL ? "(none)" : old,
	    new == NULL ? "(none)" : new);
	return 0;
}

static void
attributes_print(struct cli *cli, const char *row)
{
	struct comparing c = { .cli = cli };
	struct err e;

	c.before = json_member(&cli->arena, row, "before");
	c.after = json_member(&cli->arena, row, "after");
	if (c.before != NULL && *c.before == '{' &&
	    json_each(&cli->arena, c.before, attribute_print, &c, &e) != 0)
		return;
	c.second = true;
	if (c.after != NULL && *c.after == '{' &&
	    json_each(&cli->arena, c.after, attribute_print, &c, &e) != 0)
		return;
}

static void
item_print(struct cli *cli, const char *row)
{
	const char *entitlement = item_cell(cli, row, "entitlement");
	const char *reason = item_cell(cli, row, "reason");
	const char *state = item_cell(cli, row, "state");
	const char *effect = item_cell(cli, row, "effect");

	line_print(cli, sign_of(effect),
	    arena_printf(&cli->arena, "%s  %s  %s%s%s  (%s)%s%s%s",
		item_cell(cli, row, "system"), item_cell(cli, row, "verb"),
		item_cell(cli, row, "name"), *entitlement == '\0' ? "" : " ",
		entitlement, item_cell(cli, row, "kind"),
		*reason == '\0' ? "" : "  # ", reason,
		strcmp(state, "planned") == 0 || *state == '\0' ?
		    "" :
		    arena_printf(&cli->arena, "  [%s]", state)));
	attributes_print(cli, row);
}

/* Items of one identity stand together, under its name. */
static void
items_print(struct cli *cli, const struct rows *rows)
{
	const char *before = "";

	for (size_t i = 0; i < rows->n; i++) {
		const char *identity = item_cell(cli, rows->item[i],
		    "identity");
		const char *who = item_cell(cli, rows->item[i], "who");

		if (i == 0 || strcmp(identity, before) != 0)
			show_heading(cli,
			    *who != '\0' ? who :
					   arena_printf(&cli->arena,
					       "identity/%s", identity));
		before = identity;
		item_print(cli, rows->item[i]);
	}
}

static size_t
items_in(struct cli *cli, const struct rows *rows, const char *state)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++)
		n += strcmp(item_cell(cli, rows->item[i], "state"), state) == 0;
	return n;
}

/* What is to be done with a plan that can be applied. */
static void
plan_advise(struct cli *cli, const char *row, size_t doable)
{
	const char *digest = json_member_text(&cli->arena, row, "digest");
	const char *state = cell_text(&cli->arena, row, plan_fields, "state");

	if (digest != NULL)
		fprintf(cli->out, "digest %s\n", digest);
	if (digest == NULL || strcmp(state, "ready") != 0)
		return;
	if (doable == 0)
		fputs("\nThe systems are only observed: nothing of this would "
		      "be done.\n",
		    cli->out);
	else
		fprintf(cli->out,
		    "\nTo do exactly this, until %s:\n"
		    "    muster apply %s\n",
		    cell_text(&cli->arena, row, plan_fields, "expires"),
		    digest);
}

/* People of whom policy said nothing: whether they change is not known. */
static long long
plan_missed(struct cli *cli, const char *row)
{
	const char *counts = json_member(&cli->arena, row, "counts");
	long long n = counts == NULL || *counts != '{' ?
	    0 :
	    ask_number(cli, counts, "no_verdict");

	if (n > 0)
		fprintf(cli->out,
		    "no verdict for %s: what would change "
		    "for them is not known\n",
		    text_count(&cli->arena, n, "person", "people"));
	return n;
}

static int
plan_json(struct cli *cli, const char *row, const struct rows *rows)
{
	fprintf(cli->out, "{\"plan\":%s,\"items\":[", row);
	for (size_t i = 0; i < rows->n; i++)
		fprintf(cli->out, "%s%s", i == 0 ? "" : ",", rows->item[i]);
	return fputs("]}\n", cli->out) < 0 ? -1 : 0;
}

static int
plan_print(struct cli *cli, const char *row, struct err *e)
{
	struct arena *a = &cli->arena;
	struct rows rows = { 0 };
	const char *counts = cell_text(a, row, plan_fields, "counts");
	const char *state = cell_text(a, row, plan_fields, "state");

	if (ask_rows(cli,
		arena_printf(a, "/v1/items?limit=1000&plan=%lld",
		    ask_number(cli, row, "id")),
		&rows, e) != 0)
		return -1;
	if (cli->json)
		return plan_json(cli, row, &rows);
	if (strcmp(state, "failed") == 0) {
		fprintf(cli->out, "plan %s failed: %s\n",
		    cell_text(a, row, plan_fields, "id"),
		    text_plain(a, cell_text(a, row, plan_fields, "error")));
		return 0;
	}
	items_print(cli, &rows);
	if (plan_missed(cli, row) == 0 && rows.n == 0)
		fputs("nothing to change\n", cli->out);
	if (rows.n == 0)
		return 0;
	fprintf(cli->out, "\nplan %s: %s, %s: %s\n",
	    cell_text(a, row, plan_fields, "id"), state,
	    text_count(a, (long long)rows.n, "item", "items"),
	    *counts == '\0' ? "no effects" : counts);
	size_t moved = items_in(cli, &rows, "moved");
	if (moved > 0)
		fprintf(cli->out, "moved since, and left out: %zu of them\n",
		    moved);
	/* Where a system is only observed, nothing would be done. */
	plan_advise(cli, row, rows.n - items_in(cli, &rows, "skipped"));
	return 0;
}

static void
progress_print(struct cli *cli, const char *row, const char *doing)
{
	if (!cli->tty || cli->json)
		return;
	if (row == NULL)
		fputs("\r\033[K", stderr);
	else
		fprintf(stderr, "\r%s %lld of %s ", doing,
		    ask_number(cli, row, "looked"),
		    text_count(&cli->arena, ask_number(cli, row, "identities"),
			"identity", "identities"));
}

/* Reads the plan until it leaves this state. */
static const char *
plan_await(struct cli *cli, long long id, const char *leaves, struct err *e)
{
	for (;;) {
		const char *row = client_call(cli,
		    arena_printf(&cli->arena, "/v1/plans/%lld", id), NULL, e);

		if (row == NULL ||
		    strcmp(leaves,
			cell_text(&cli->arena, row, plan_fields, "state")) !=
			0) {
			progress_print(cli, NULL, leaves);
			return row;
		}
		progress_print(cli, row, leaves);
		arena_reset(&cli->arena);
		ask_pause();
	}
}

/* A scope that does not compile is a mistake of whoever typed it. */
static int
plan_judge(struct cli *cli, const char *row, struct err *e)
{
	const char *state = cell_text(&cli->arena, row, plan_fields, "state");
	const char *why = cell_text(&cli->arena, row, plan_fields, "error");

	if (strcmp(state, "failed") != 0)
		return 0;
	return err_set(e,
	    strncmp(why, "scope: ", 7) == 0 ? ERR_INPUT : ERR_REFUSED, "%s",
	    why);
}

int
run_plan(struct cli *cli, struct err *e)
{
	const char *answer = ask_command(cli, "plan.compute",
	    cli_body(cli, NULL, NULL), e);

	if (answer == NULL)
		return -1;
	const char *row = plan_await(cli, ask_number(cli, answer, "plan"),
	    "computing", e);
	if (row == NULL || plan_judge(cli, row, e) != 0)
		return -1;
	return plan_print(cli, row, e);
}

static int
first_row(void *ctx, const char *key, const char *value, struct err *e)
{
	const char **row = ctx;

	(void)key;
	(void)e;
	if (*row == NULL)
		*row = value;
	return 0;
}

/* By number, or by the whole digest. */
static const char *
plan_find(struct cli *cli, const char *id, struct err *e)
{
	const char *row = NULL;

	if (strlen(id) < 19)
		return client_call(cli,
		    arena_printf(&cli->arena, "/v1/plans/%s",
			url_quote(&cli->arena, id)),
		    NULL, e);
	const char *page = client_call(cli,
	    arena_printf(&cli->arena, "/v1/plans?limit=1&digest=%s",
		url_quote(&cli->arena, id)),
	    NULL, e);
	if (page == NULL ||
	    json_each(&cli->arena, json_member(&cli->arena, page, "items"),
		first_row, &row, e) != 0)
		return NULL;
	if (row == NULL)
		err_set(e, ERR_GONE, "no plan has the digest %s", id);
	return row;
}

int
run_plan_show(struct cli *cli, struct err *e)
{
	const char *row = plan_find(cli, cli_value(cli, "id"), e);

	return row == NULL ? -1 : plan_print(cli, row, e);
}

/* Until no run of it goes on; those that failed are named. */
static int
runs_await(struct cli *cli, long long plan, struct err *e)
{
	char filter[32], of[32];

	snprintf(filter, sizeof(filter), "plan=%lld", plan);
	snprintf(of, sizeof(of), "plan %lld", plan);
	return await_runs(cli, filter, of, 0, e);
}

/* Whoever applies a plan wants all of it. */
static int
left_judge(struct cli *cli, long long plan, struct err *e)
{
	struct rows moved = { 0 };

	if (ask_rows(cli,
		arena_printf(&cli->arena,
		    "/v1/items?limit=1000&plan=%lld&state=moved", plan),
		&moved, e) != 0)
		return -1;
	return moved.n == 0 ?
	    0 :
	    err_set(e, ERR_CONFLICT,
		"moved since, and left out: %zu of the plan's items; "
		"\"muster plan show %lld\" says which",
		moved.n, plan);
}

/* Until its runs have ended.  A failed one counts for more than what was left
   out, and both are said. */
static int
apply_finish(struct cli *cli, long long plan, struct err *e)
{
	struct err failure = { ERR_NONE }, left = { ERR_NONE };
	int ret = runs_await(cli, plan, &failure);
	const char *row = client_call(cli,
	    arena_printf(&cli->arena, "/v1/plans/%lld", plan), NULL, e);

	if (row == NULL || plan_print(cli, row, e) != 0)
		return -1;
	if (ret == 0)
		return 0;
	*e = failure;
	return left_judge(cli, plan, &left) == 0 ?
	    -1 :
	    err_within(e, "%s; ", left.text);
}

static int
apply_print(struct cli *cli, const char *answer, struct err *e)
{
	long long id = ask_number(cli, answer, "plan");
	long long hold = ask_number(cli, answer, "hold");

	if (cli->json && !cli->wait)
		fprintf(cli->out, "%s\n", answer);
	if (hold != 0)
		return err_set(e, ERR_REFUSED,
		    "a guard holds it, nothing was "
		    "applied: \"muster hold show %lld\"",
		    hold);
	if (!cli->json && !cli->wait)
		fprintf(cli->out,
		    "plan %lld is being applied: \"muster plan "
		    "show %lld\"\n",
		    id, id);
	return fflush(cli->out) != 0 ?
	    err_set(e, ERR_FULL, "the output cannot be written") :
	    0;
}

/* Without --wait too until each item is begun or left out, and not longer. */
int
run_apply(struct cli *cli, struct err *e)
{
	const char *answer = ask_command(cli, "plan.apply",
	    cli_body(cli, NULL, NULL), e);

	if (answer == NULL)
		return -1;
	long long id = ask_number(cli, answer, "plan");
	if (apply_print(cli, answer, e) != 0 ||
	    plan_await(cli, id, "applying", e) == NULL ||
	    (cli->wait && apply_finish(cli, id, e) != 0))
		return -1;
	return left_judge(cli, id, e);
}
