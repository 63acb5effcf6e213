/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/action.h"
#include "cli/client.h"

#define G(m, ...) FIELD(struct general, m, 0, __VA_ARGS__)

const struct field general_fields[] = {
	G(socket,
	    .help = "socket of musterd, instead of MUSTER_SOCKET and "
		    "the installed one"),
	G(json, .help = "print the API's own JSON"),
	G(wait, .help = "wait until what was begun has ended"),
	G(all, .help = "every page of a list"),
	G(help, .help = "say how it is used"),
	G(version, .help = "say which version this is"), FIELD_END
};

const char *
option_name(struct arena *a, const struct field *f)
{
	char *name = arena_str(a, f->name);

	for (char *c = name; *c != '\0'; c++)
		if (*c == '_')
			*c = '-';
	return name;
}

static const struct field *
option_find(struct arena *a, const struct field *table, const char *name,
    size_t n)
{
	char *member = arena_mem(a, name, n);

	for (char *c = member; *c != '\0'; c++)
		if (*c == '-')
			*c = '_';
	return table == NULL ? NULL : field_find(table, member, n);
}

static int
option_unknown(struct cli *cli, const char *arg, struct err *e)
{
	struct buf known = { .arena = &cli->arena };
	const struct field *f = action_in(cli->action);

	for (; f->name != NULL; f++)
		if (action_takes(cli->action, f))
			buf_printf(&known, " --%s",
			    option_name(&cli->arena, f));
	return err_set(e, ERR_INPUT,
	    "%.60s: no such option of \"muster "
	    "%s%s%s\"; there are%s --json --wait --all --socket --help",
	    arg, cli->action->noun, cli->action->name == NULL ? "" : " ",
	    cli->action->name == NULL ? "" : cli->action->name,
	    buf_text(&known));
}

const char *
time_from_now(struct arena *a, const char *value, struct err *e)
{
	char *to = arena_zero(a, TIME_TEXT, 1);
	int64_t span;

	return span_parse(value + 1, &span, e) != 0 ?
	    NULL :
	    time_format(to, clock_wall() + span);
}

/* "2026-03-31", "2026-03-31T12:00", RFC 3339, or "+30d" from now. */
static const char *
time_read(struct arena *a, const char *value, struct err *e)
{
	char *to = arena_zero(a, TIME_TEXT, 1);
	int64_t ms;

	if (*value == '+')
		return time_from_now(a, value, e);
	return zone_instant("UTC", value, &ms, e) != 0 ? NULL :
							 time_format(to, ms);
}

/* A time is settled here, whatever the action makes of it. */
static int
give(struct cli *cli, const struct field *f, const char *value, struct err *e)
{
	if (cli_value(cli, f->name) != NULL)
		return err_set(e, ERR_INPUT, "%s: given twice", f->name);
	if (cli->n == sizeof(cli->given) / sizeof(cli->given[0]))
		return err_set(e, ERR_INPUT, "too many arguments");
	if ((f->flags & F_TIME) != 0 &&
	    (value = time_read(&cli->arena, value, e)) == NULL)
		return err_within(e, "%s: ", f->name);
	cli->given[cli->n++] = (struct given){ f, value };
	return 0;
}

static int
general_take(struct general *g, const struct field *f, const char *value)
{
	void *to = (char *)g + f->at;

	if (f->kind == FIELD_BOOL)
		*(bool *)to = value == NULL || strcmp(value, "yes") == 0;
	else
		*(const char **)to = value;
	return 0;
}

/* argv[*i] begins with "--"; its value may be the next argument. */
static int
option_take(struct cli *cli, int argc, char **argv, int *i, struct general *g,
    struct err *e)
{
	const char *arg = argv[*i], *name = arg + 2;
	size_t n = strcspn(name, "=");
	const char *value = name[n] == '=' ? name + n + 1 : NULL;
	const struct field *common = option_find(&cli->arena, general_fields,
	    name, n);
	const struct field *f = common != NULL || cli->action == NULL ?
	    common :
	    option_find(&cli->arena, action_in(cli->action), name, n);

	if (f == NULL && cli->action == NULL)
		return err_set(e, ERR_INPUT,
		    "%.60s: options of an action "
		    "come behind it",
		    arg);
	if (f == NULL || (f != common && !action_takes(cli->action, f)))
		return option_unknown(cli, arg, e);
	if (value == NULL && f->kind != FIELD_BOOL && ++*i >= argc)
		return err_set(e, ERR_INPUT, "%s: wants a value", arg);
	if (value == NULL && f->kind != FIELD_BOOL)
		value = argv[*i];
	if (f == common)
		return general_take(g, f, value);
	return give(cli, f, value == NULL ? "yes" : value, e);
}

struct words {
	struct cli *cli;
	char **word;
	int n, used;
	int failed;
	struct err *e;
};

static void
word_take(void *ctx, const char *name, size_t n, bool optional)
{
	struct words *w = ctx;
	const struct field *f = field_find(action_in(w->cli->action), name, n);

	if (w->failed != 0 || cli_value(w->cli, f->name) != NULL)
		return;
	if (w->used < w->n)
		w->failed = give(w->cli, f, w->word[w->used++], w->e);
	else if (!optional)
		w->failed = err_set(w->e, ERR_INPUT,
		    "%.*s: missing; \"muster "
		    "%s%s%s --help\" says how it is used",
		    (int)n, name, w->cli->action->noun,
		    w->cli->action->name == NULL ? "" : " ",
		    w->cli->action->name == NULL ? "" : w->cli->action->name);
}

static int
action_unknown(struct arena *a, int argc, char **argv, struct err *e)
{
	if (argc < 1)
		return err_set(e, ERR_INPUT,
		    "say what to do; \"muster "
		    "help\" lists it");
	struct buf verbs = { .arena = a };
	for (const struct action *v = actions; v->noun != NULL; v++)
		if (strcmp(v->noun, argv[0]) == 0 && v->name != NULL)
			buf_printf(&verbs, " %s", v->name);
	if (verbs.len > 0)
		return err_set(e, ERR_INPUT, "%.40s: %s%.40s; there are%s",
		    argv[0], argc > 1 ? "no verb " : "wants a verb",
		    argc > 1 ? argv[1] : "", buf_text(&verbs));
	return err_set(e, ERR_INPUT,
	    "%.40s%s%.40s: unknown; \"muster help\" "
	    "lists what there is",
	    argv[0], argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
}

static bool
is_help(const char *arg)
{
	return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

/* A noun that has verbs, none of them, and a question for help. */
static bool
is_group(int argc, char **argv, int used)
{
	bool verbs = false, help = false;

	if (argc < 2 || used == 2)
		return false;
	for (const struct action *a = actions; a->noun != NULL; a++)
		verbs |= a->name != NULL && strcmp(a->noun, argv[0]) == 0;
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		help |= is_help(argv[i]);
	return verbs && help;
}

int
args_read(struct cli *cli, int argc, char **argv, struct general *g,
    struct err *e)
{
	char **word = arena_zero(&cli->arena, (size_t)argc + 1, sizeof(*word));
	int n = 0, used = 0, at = 1;
	bool options = true;

	/* The noun and its verb come first, but for general options. */
	for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++)
		if (option_take(cli, argc, argv, &at, g, e) != 0)
			return -1;
	cli->action = action_find(argc - at, argv + at, &used);
	if (is_group(argc - at, argv + at, used)) {
		cli->group = argv[at];
		return 0;
	}
	if (cli->action == NULL)
		return action_unknown(&cli->arena, argc - at, argv + at, e);
	for (int i = at + used; i < argc; i++) {
		if (options && strcmp(argv[i], "--") == 0)
			options = false;
		else if (options && is_help(argv[i]))
			g->help = true;
		else if (options && strncmp(argv[i], "--", 2) == 0) {
			if (option_take(cli, argc, argv, &i, g, e) != 0)
				return -1;
		} else
			word[n++] = argv[i];
	}
	if (g->help)
		return 0;
	struct words w = { cli, word, n, 0, 0, e };
	action_words(cli->action, word_take, &w);
	if (w.failed == 0 && w.used < n)
		return err_set(e, ERR_INPUT, "%.60s: one argument too many",
		    word[w.used]);
	return w.failed;
}

const char *
cli_value(const struct cli *cli, const char *name)
{
	for (size_t i = 0; i < cli->n; i++)
		if (strcmp(cli->given[i].field->name, name) == 0)
			return cli->given[i].value;
	return NULL;
}

static bool
listed(const char *names, const char *name)
{
	size_t n = strlen(name);

	while (names != NULL && *names != '\0') {
		size_t m = strcspn(names, ",");

		if (m == n && memcmp(names, name, n) == 0)
			return true;
		names += m + (names[m] == ',');
	}
	return false;
}

static void
member_write(struct buf *b, const struct given *g)
{
	const char *text = g->value;

	json_string(b, g->field->name);
	buf_char(b, ':');
	if (g->field->kind == FIELD_BOOL)
		buf_str(b,
		    strcmp(text, "yes") == 0 || strcmp(text, "true") == 0 ?
			"true" :
			"false");
	else if (g->field->kind == FIELD_JSON ||
	    (g->field->kind == FIELD_INT &&
		(g->field->flags & (F_TIME | F_SPAN)) == 0))
		buf_str(b, text); /* the API judges it */
	else
		json_string(b, text);
}

const char *
cli_body(struct cli *cli, const char *fixed, const char *leave)
{
	struct buf b = { .arena = &cli->arena };

	buf_printf(&b, "{%s", fixed == NULL ? "" : fixed);
	for (size_t i = 0; i < cli->n; i++) {
		if (listed(leave, cli->given[i].field->name))
			continue;
		if (b.len > 1)
			buf_char(&b, ',');
		member_write(&b, &cli->given[i]);
	}
	buf_char(&b, '}');
	return buf_text(&b);
}

const char *
cli_query(struct cli *cli, const char *leave)
{
	struct buf b = { .arena = &cli->arena };

	for (size_t i = 0; i < cli->n; i++)
		if (!listed(leave, cli->given[i].field->name))
			buf_printf(&b, "%c%s=%s", b.len == 0 ? '?' : '&',
			    cli->given[i].field->name,
			    url_quote(&cli->arena, cli->given[i].value));
	return buf_text(&b);
}
