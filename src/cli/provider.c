/* SPDX-License-Identifier: Apache-2.0 */
/*
 * muster provider: what the installed providers say of themselves.
 */
#include <string.h>

#include "base/file.h"
#include "cli/action.h"
#include "cli/child.h"
#include "cli/show.h"
#include "cli/text.h"

static const char *
describe(struct cli *cli, const char *name, struct err *e)
{
	struct arena *a = &cli->arena;

	if (strchr(name, '/') != NULL)
		return err_set(e, ERR_INPUT,
			   "%s: a provider's name has no "
			   "'/'",
			   name),
		       NULL;
	struct child c = { .program = "muster-worker",
		.args = { "--describe",
		    arena_printf(a, "%s/%s.so", child_providers(), name) } };
	if (child_run(&c, a, e) != 0)
		return NULL;
	if (c.status == 0)
		return c.out;
	err_set(e, ERR_GONE,
	    "%s: %.*s; \"muster provider list\" says which "
	    "there are",
	    name, (int)strcspn(c.err, "\n"), c.err);
	return NULL;
}

int
run_provider_list(struct cli *cli, struct err *e)
{
	struct arena *a = &cli->arena;
	struct rows rows = { 0 };
	struct buf b = { .arena = a };
	const char **names, *next;
	size_t n;

	if (file_list(a, child_providers(), ".so", &names, &n, e) != 0)
		return -1;
	buf_str(&b, "{\"items\":[");
	for (size_t i = 0; i < n; i++) {
		const char *name = arena_mem(a, names[i], strlen(names[i]) - 3);
		const char *text = describe(cli, name, e);

		if (text == NULL)
			return -1;
		buf_printf(&b, "%s%s", i == 0 ? "" : ",", text);
	}
	buf_str(&b, "]}");
	if (cli->json)
		return fprintf(cli->out, "%s\n", buf_text(&b)) < 0 ? -1 : 0;
	if (rows_add(cli, &rows, buf_text(&b), &next, e) != 0)
		return -1;
	show_table(cli, &rows, NULL, "provider,needs,help");
	return 0;
}

struct members { /* of one object of a provider's configuration */
	struct cli *cli;
	const char *within;   /* "bind." */
	const char *required; /* JSON list of the names that are */
};

static int members_print(struct cli *, const char *schema, const char *within,
    struct err *);

struct named {
	const char *name;
	bool found;
};

static int
name_compare(void *ctx, const char *key, const char *value, struct err *e)
{
	struct named *n = ctx;
	size_t len = strlen(n->name);

	(void)key;
	(void)e;
	n->found |= strlen(value) == len + 2 &&
	    memcmp(value + 1, n->name, len) == 0;
	return 0;
}

static bool
is_required(const struct members *m, const char *name)
{
	struct named n = { name, false };
	struct err e;

	return m->required != NULL &&
	    json_each(&m->cli->arena, m->required, name_compare, &n, &e) == 0 &&
	    n.found;
}

static int
last_take(void *ctx, const char *key, const char *value, struct err *e)
{
	(void)key;
	(void)e;
	*(const char **)ctx = value;
	return 0;
}

/* The schema of the objects that a member is, or is a list of; NULL: of
   none. */
static const char *
objects_in(struct arena *a, const char *schema)
{
	const char *all = json_member(a, schema, "allOf"), *one = NULL;
	struct err e;

	if (all == NULL)
		one = json_member(a, schema, "items");
	else if (json_each(a, all, last_take, &one, &e) != 0)
		return NULL;
	return one == NULL || json_member(a, one, "properties") == NULL ? NULL :
									  one;
}

static int
property_print(void *ctx, const char *key, const char *value, struct err *e)
{
	const struct members *m = ctx;
	struct cli *cli = m->cli;
	struct arena *a = &cli->arena;
	const char *help = json_member_text(a, value, "description");
	const char *type = json_member_text(a, value, "type");
	const char *fallback = json_member(a, value, "default");
	const char *secret = json_member(a, value, "writeOnly");
	const char *words = cell_text(a, value, NULL, "enum");
	const char *inner = objects_in(a, value);
	bool list = type != NULL && strcmp(type, "array") == 0;

	fprintf(cli->out, "    %-24s %-8s %-7s %s%s%s%s%s%s%s\n",
	    text_plain(a, arena_printf(a, "%s%s", m->within, key)),
	    type != NULL      ? type :
		inner != NULL ? "object" :
				"",
	    is_required(m, key) ? "needed" : "",
	    help == NULL ? "" : text_plain(a, help), *words == '\0' ? "" : " (",
	    words, *words == '\0' ? "" : ")",
	    fallback == NULL ? "" : "; default ",
	    fallback == NULL ? "" : text_plain(a, fallback),
	    secret == NULL ? "" : "; a secret");
	return inner == NULL ?
	    0 :
	    members_print(cli, inner,
		arena_printf(a, "%s%s%s.", m->within, key, list ? "[]" : ""),
		e);
}

static int
members_print(struct cli *cli, const char *schema, const char *within,
    struct err *e)
{
	struct members m = { cli, within,
		json_member(&cli->arena, schema, "required") };
	const char *all = json_member(&cli->arena, schema, "properties");

	return all == NULL ? 0 :
			     json_each(&cli->arena, all, property_print, &m, e);
}

static int
op_print(void *ctx, const char *key, const char *value, struct err *e)
{
	struct cli *cli = ctx;
	struct arena *a = &cli->arena;

	(void)key;
	(void)e;
	fprintf(cli->out, "    %-20s %s\n", cell_text(a, value, NULL, "verb"),
	    cell_text(a, value, NULL, "help"));
	const char *flags = cell_text(a, value, NULL, "flags");
	if (*flags != '\0')
		fprintf(cli->out, "    %-20s (%s)\n", "", flags);
	return 0;
}

struct sought { /* one operation, by its verb */
	struct cli *cli;
	const char *verb, *op;
};

static int
op_seek(void *ctx, const char *key, const char *value, struct err *e)
{
	struct sought *s = ctx;

	(void)key;
	(void)e;
	if (strcmp(cell_text(&s->cli->arena, value, NULL, "verb"), s->verb) ==
	    0)
		s->op = value;
	return 0;
}

static int
side_print(struct cli *cli, const char *op, const char *side, const char *title,
    struct err *e)
{
	const char *schema = json_member(&cli->arena, op, side);

	if (schema == NULL)
		return 0;
	fprintf(cli->out, "\n%s\n", title);
	return members_print(cli, schema, "", e);
}

/* The members of what one operation takes and answers. */
static int
op_show(struct cli *cli, const char *provider, const char *ops, struct err *e)
{
	struct sought s = { cli, cli_value(cli, "verb"), NULL };

	if (ops != NULL && json_each(&cli->arena, ops, op_seek, &s, e) != 0)
		return -1;
	if (s.op == NULL)
		return err_set(e, ERR_GONE,
		    "%s: provider %s has no such "
		    "operation; \"muster provider show %s\" lists them",
		    s.verb, provider, provider);
	if (cli->json)
		return fprintf(cli->out, "%s\n", s.op) < 0 ? -1 : 0;
	if (op_print(cli, NULL, s.op, e) != 0 ||
	    side_print(cli, s.op, "in", "takes", e) != 0 ||
	    side_print(cli, s.op, "out", "answers", e) != 0)
		return -1;
	return side_print(cli, s.op, "row", "answers rows", e);
}

int
run_provider_show(struct cli *cli, struct err *e)
{
	struct arena *a = &cli->arena;
	const char *text = describe(cli, cli_value(cli, "name"), e);

	if (text == NULL)
		return -1;
	const char *config = json_member(a, text, "config");
	const char *ops = json_member(a, text, "operations");
	if (cli_value(cli, "verb") != NULL)
		return op_show(cli, cli_value(cli, "name"), ops, e);
	if (cli->json)
		return fputs(text, cli->out) < 0 ? -1 : 0;
	show_heading(cli,
	    arena_printf(a, "%s: %s", cell_text(a, text, NULL, "provider"),
		cell_text(a, text, NULL, "help")));
	const char *needs = cell_text(a, text, NULL, "needs");
	fprintf(cli->out,
	    "needs %s\n\nconfiguration, with { \"file\": PATH } for a "
	    "secret\n",
	    *needs == '\0' ? "nothing" : needs);
	if (config != NULL && members_print(cli, config, "", e) != 0)
		return -1;
	fputs("\noperations\n", cli->out);
	const char *more = json_member(a, text, "more_operations");
	if (more != NULL && strcmp(more, "true") == 0)
		fputs("    those that its configuration describes\n", cli->out);
	return ops == NULL ? 0 : json_each(a, ops, op_print, cli, e);
}
