/* SPDX-License-Identifier: Apache-2.0 */
/*
 * muster check: every error of a configuration set, with file and path.
 */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "cli/action.h"
#include "cli/child.h"
#include "cli/text.h"
#include "model/config.h"

struct checking {
	struct cli *cli;
	const struct config *set;
	const struct program *program; /* of the evaluator's next verdict */
	size_t programs;
	const char **verbs; /* that each system offers, as a JSON list; NULL:
			       it could not be asked */
	size_t found;
};

static void
found(struct checking *c, const char *text)
{
	struct cli *cli = c->cli;
	struct buf b = { .arena = &cli->arena };

	if (cli->json) {
		json_string(&b, text);
		fprintf(cli->out, "%s%s\n",
		    c->found == 0 ? "{\"errors\":[" : ",", buf_text(&b));
	} else
		fprintf(cli->out, "%s\n", text_plain(&cli->arena, text));
	c->found++;
}

static void
each_error(void *ctx, const struct err *e)
{
	found(ctx, e->text);
}

static int
each_verdict(void *ctx, const char *key, const char *value, struct err *e)
{
	struct checking *c = ctx;
	struct arena *a = &c->cli->arena;

	(void)key;
	if (c->programs == 0)
		return err_set(e, ERR_BUG, "muster-eval: one answer too many");
	if (strcmp(value, "null") != 0)
		found(c,
		    arena_printf(a, "%s: %s",
			config_place(c->set, a, &c->program->at),
			json_scalar(a, value)));
	c->program++;
	c->programs--;
	return 0;
}

/* All jq programs of the set, by the evaluator that will run them. */
static int
programs_check(struct checking *c, struct err *e)
{
	struct arena *a = &c->cli->arena;
	struct buf b = { .arena = a };
	struct many all = { 0 };

	config_programs(c->set, a, &all);
	const struct program *p = all.item;
	buf_char(&b, '[');
	for (size_t i = 0; i < all.n; i++) {
		if (i > 0)
			buf_char(&b, ',');
		json_string(&b, p[i].text);
	}
	buf_char(&b, ']');
	struct child eval = { .program = "muster-eval",
		.args = { "--check" },
		.input = buf_text(&b) };
	if (child_run(&eval, a, e) != 0)
		return -1;
	if (eval.status != 0)
		return err_set(e, ERR_BUG, "muster-eval ended with %d: %s",
		    eval.status, eval.err);
	c->program = p;
	c->programs = all.n;
	return json_each(a, eval.out, each_verdict, c, e);
}

/* What is wrong with one system; the text begins with the path. */
static void
system_found(struct checking *c, const struct system_def *d, const char *text)
{
	found(c,
	    config_place(c->set, &c->cli->arena,
		&(struct config_at){ d->file, "system", d->system, text }));
}

/* What the worker says of a member, with the file that the member is. */
static const char *
file_named(struct checking *c, const struct system_def *d, const char *text)
{
	struct arena *a = &c->cli->arena;
	size_t n = strcspn(text, ".:[ ");
	const char *value = json_member(a, d->config.text,
	    arena_mem(a, text, n));
	const char *file = value == NULL || value[0] != '{' ?
	    NULL :
	    json_member_text(a, value, "file");

	return file == NULL ?
	    text :
	    arena_printf(a, "%.*s (%s)%s", (int)n, text, file, text + n);
}

/* Each line that the worker wrote is one mistake. */
static void
lines_found(struct checking *c, const struct system_def *d, const char *text)
{
	static const char who[] = "muster-worker: ";
	size_t before = c->found, n;

	for (; *text != '\0'; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		const char *line = arena_mem(&c->cli->arena, text, n);

		if (strncmp(line, who, sizeof(who) - 1) != 0)
			continue;
		line += sizeof(who) - 1;
		if (strncmp(line, "/dev/fd/3: ", 11) == 0)
			line += 11;
		system_found(c, d, file_named(c, d, line));
	}
	if (c->found == before)
		system_found(c, d, "its provider ended and said nothing");
}

/* What the system's provider says of its configuration; NULL if it cannot be
   asked, which the check of the system then tells. */
static int
schema_ask(struct checking *c, const char *module, const char **schema,
    struct err *e)
{
	struct child worker = { .program = "muster-worker",
		.args = { "--describe", module } };

	*schema = NULL;
	if (child_run(&worker, &c->cli->arena, e) != 0)
		return -1;
	if (worker.status == 0)
		*schema = json_member(&c->cli->arena, worker.out, "config");
	return 0;
}

/* A system's own members, by the provider that will be given them. */
static int
system_check(struct checking *c, const struct system_def *d, const char **verbs,
    struct err *e)
{
	struct arena *a = &c->cli->arena;
	const char *schema,
	    *module = arena_printf(a, "%s/%s.so", child_providers(),
		d->provider);
	struct err why;

	if (schema_ask(c, module, &schema, e) != 0)
		return -1;
	char *config = config_secrets(c->set, d, schema, &why);
	if (config == NULL) {
		system_found(c, d, why.text);
		return 0;
	}
	struct child worker = { .program = "muster-worker",
		.args = { "--check", module, "/dev/fd/3" },
		.secret = config };
	int ret = child_run(&worker, a, e);
	secret_free(config);
	/* A system that does not answer now is not an error of the set. */
	if (ret == 0 && worker.status != 0 &&
	    worker.status != err_meanings[ERR_BUSY].exit)
		lines_found(c, d, worker.err);
	if (ret == 0 && worker.status == 0)
		*verbs = worker.out;
	return ret;
}

/* A walk over what a system offers. */
struct offers {
	struct arena *arena;
	const char *verb; /* that is looked for */
	struct buf all;
	bool has;
};

static int
each_verb(void *ctx, const char *key, const char *value, struct err *e)
{
	struct offers *o = ctx;
	const char *verb = json_scalar(o->arena, value);

	(void)key;
	if (verb == NULL)
		return err_set(e, ERR_BUG, "muster-worker: not a verb");
	o->has |= strcmp(verb, o->verb) == 0;
	buf_printf(&o->all, "%s%s", o->all.len == 0 ? "" : ", ", verb);
	return 0;
}

/* Whether the system that a step names can do it.  A step for each of a list
   only puts in order what there is to do, in whatever system. */
static int
step_check(struct checking *c, const struct workflow_def *w,
    const struct workflow_step *s, struct err *e)
{
	struct arena *a = &c->cli->arena;
	const struct system_def *d = config_system(c->set, s->system);
	const char *verbs = d == NULL ?
	    NULL :
	    c->verbs[d - (const struct system_def *)c->set->systems.item];
	struct offers o = { .arena = a, .verb = s->do_, .all.arena = a };

	if (verbs == NULL)
		return 0;
	if (json_each(a, verbs, each_verb, &o, e) != 0)
		return -1;
	const char *wrong = arena_printf(a,
	    "steps.%s.do: system '%s' has no operation '%s'; it has: %s",
	    s->name, s->system, s->do_,
	    o.all.len == 0 ? "none" : buf_text(&o.all));
	if (!o.has)
		found(c,
		    config_place(c->set, a,
			&(struct config_at){ w->file, "workflow", w->workflow,
			    wrong }));
	return 0;
}

static int
workflow_check(struct checking *c, const struct workflow_def *w, struct err *e)
{
	const struct workflow_step *s = w->step.item;

	for (size_t i = 0; i < w->step.n; i++)
		if (step_check(c, w, &s[i], e) != 0)
			return -1;
	return 0;
}

static int
set_check(struct checking *c, struct err *e)
{
	const struct system_def *d = c->set->systems.item;
	const struct workflow_def *w = c->set->workflows.item;

	if (programs_check(c, e) != 0)
		return -1;
	c->verbs = arena_zero(&c->cli->arena, c->set->systems.n + 1,
	    sizeof(*c->verbs));
	for (size_t i = 0; i < c->set->systems.n; i++)
		if (system_check(c, &d[i], &c->verbs[i], e) != 0)
			return -1;
	for (size_t i = 0; i < c->set->workflows.n; i++)
		if (workflow_check(c, &w[i], e) != 0)
			return -1;
	return 0;
}

static int
conclude(struct checking *c, const char *dir, struct err *e)
{
	struct cli *cli = c->cli;
	struct arena *a = &cli->arena;
	const struct config *set = c->set;

	if (c->found > 0)
		return err_set(e, ERR_INPUT, "%s: %s", dir,
		    text_count(a, (long long)c->found, "error", "errors"));
	if (!cli->json)
		fprintf(cli->out, "%s: ok: %s, %s, %s, %s\n", dir,
		    text_count(a, (long long)set->systems.n, "system",
			"systems"),
		    text_count(a, (long long)set->roles.n, "role", "roles"),
		    text_count(a, (long long)set->workflows.n, "workflow",
			"workflows"),
		    text_count(a, (long long)set->feeds.n, "feed", "feeds"));
	return 0;
}

int
run_check(struct cli *cli, struct err *e)
{
	const char *dir = cli_value(cli, "dir");
	struct checking c = { .cli = cli };
	struct err first = { ERR_NONE };
	size_t errors = 0;

	if (dir == NULL)
		dir = SYSCONFDIR "/muster";
	secret_init();
	struct config *set = config_load_whole(dir, each_error, &c, &errors,
	    &first);
	if (set == NULL && c.found == 0)
		found(&c, first.text);
	c.set = set;
	int ret = set == NULL ? 0 : set_check(&c, e);
	if (cli->json)
		fputs(c.found == 0 ? "{\"errors\":[]}\n" : "]}\n", cli->out);
	if (ret == 0)
		ret = conclude(&c, dir, e);
	config_free(set);
	return ret;
}
