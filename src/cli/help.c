/* SPDX-License-Identifier: Apache-2.0 */
/*
 * muster help: usage as it is typed, and bash's completion.
 */
#include <ctype.h>
#include <string.h>

#include "cli/action.h"
#include "cli/args.h"
#include "cli/manual.h"

static char *
upper(struct arena *a, const char *name)
{
	char *text = arena_str(a, name);

	for (char *c = text; *c != '\0'; c++)
		*c = (char)(*c == '_' ? '-' : toupper((unsigned char)*c));
	return text;
}

static void
word_print(void *ctx, const char *name, size_t n, bool optional)
{
	struct cli *cli = ctx;

	fprintf(cli->out, optional ? " [" : " ");
	fputs(upper(&cli->arena, arena_mem(&cli->arena, name, n)), cli->out);
	fprintf(cli->out, optional ? "]" : "");
}

static void
option_print(struct cli *cli, const struct field *f, bool word)
{
	const char *value = f->kind == FIELD_BOOL ? "" :
	    (f->flags & F_TIME) != 0		  ? " TIME" :
	    f->kind == FIELD_INT		  ? " N" :
						    " X";

	fprintf(cli->out, "  %-24s %s\n",
	    word ? upper(&cli->arena, f->name) :
		   arena_printf(&cli->arena, "--%s%s",
		       option_name(&cli->arena, f), value),
	    f->help == NULL ? "" : f->help);
	for (size_t i = 0; f->words != NULL && f->words[i] != NULL; i++)
		fprintf(cli->out, "%s%s%s",
		    i == 0 ? "                             " : " ", f->words[i],
		    f->words[i + 1] == NULL ? "\n" : "");
}

/* Words first, as they are typed. */
static void
members_print(struct cli *cli, const struct action *a)
{
	for (int word = 1; word >= 0; word--)
		for (const struct field *f = action_in(a); f->name != NULL; f++)
			if (action_takes(a, f) &&
			    action_has_word(a, f) == (word == 1))
				option_print(cli, f, word == 1);
}

static void
action_line(struct cli *cli, const struct action *a)
{
	fprintf(cli->out, "muster %s%s%s", a->noun, a->name == NULL ? "" : " ",
	    a->name == NULL ? "" : a->name);
	action_words(a, word_print, cli);
	fputc('\n', cli->out);
}

void
manual_usage(struct cli *cli, const struct action *a)
{
	fputs("usage: ", cli->out);
	action_line(cli, a);
	fprintf(cli->out, "  %s\n", a->help);
	if (action_in(a)->name != NULL)
		fputs("\nit takes\n", cli->out);
	members_print(cli, a);
	fputs("\neverywhere\n", cli->out);
	for (const struct field *f = general_fields; f->name != NULL; f++)
		option_print(cli, f, false);
}

static void
summary_line(struct cli *cli, const struct action *a)
{
	fprintf(cli->out, "  %-28s %s\n",
	    arena_printf(&cli->arena, "%s%s%s", a->noun,
		a->name == NULL ? "" : " ", a->name == NULL ? "" : a->name),
	    a->help);
}

void
manual_group(struct cli *cli, const char *noun)
{
	char *words[] = { (char *)(uintptr_t)noun };
	int used;
	const struct action *alone = action_find(1, words, &used);

	fprintf(cli->out,
	    alone == NULL ? "usage: muster %s VERB\n\n" :
			    "usage: muster %s [VERB]\n\n",
	    noun);
	for (const struct action *a = actions; a->noun != NULL; a++)
		if (strcmp(a->noun, noun) == 0)
			summary_line(cli, a);
	if (alone != NULL && alone->name != NULL)
		fprintf(cli->out, "\n\"muster %s\" alone is \"muster %s %s\".",
		    noun, noun, alone->name);
	fprintf(cli->out, "\n\"muster %s VERB --help\" says more of each.\n",
	    noun);
}

void
manual_overview(struct cli *cli)
{
	fputs("muster keeps every credential tied to a living owner.\n\n",
	    cli->out);
	for (const struct action *a = actions; a->noun != NULL; a++)
		summary_line(cli, a);
	fputs("\n\"muster NOUN VERB --help\" says more of each. Without "
	      "--socket and\nMUSTER_SOCKET it asks " RUNSTATEDIR
	      "/muster/muster.sock.\n",
	    cli->out);
}

/* One case of the completion for each noun: its verbs. */
static void
nouns_complete(struct cli *cli)
{
	const char *last = "";

	for (const struct action *a = actions; a->noun != NULL; a++) {
		if (strcmp(a->noun, last) == 0)
			continue;
		last = a->noun;
		fprintf(cli->out, "\t%s) verbs=\"", last);
		for (const struct action *v = a;
		     v->noun != NULL && strcmp(v->noun, last) == 0; v++)
			fprintf(cli->out, "%s%s",
			    v == a || v[-1].name == NULL ? "" : " ",
			    v->name == NULL ? "" : v->name);
		fputs("\" ;;\n", cli->out);
	}
}

static void
options_complete(struct cli *cli)
{
	for (const struct action *a = actions; a->noun != NULL; a++) {
		fprintf(cli->out, "\t\"%s%s%s\") options=\"", a->noun,
		    a->name == NULL ? "" : " ", a->name == NULL ? "" : a->name);
		for (const struct field *f = action_in(a); f->name != NULL; f++)
			if (action_takes(a, f) && !action_has_word(a, f))
				fprintf(cli->out, "--%s ",
				    option_name(&cli->arena, f));
		fputs("$general\" ;;\n", cli->out);
	}
}

void
manual_completion(struct cli *cli)
{
	const char *last = "";

	fputs(
	    "# SPDX-License-Identifier: Apache-2.0\n"
	    "# bash completion for muster; printed by \"muster help "
	    "--completion\".\n"
	    "# shellcheck shell=bash disable=SC2207\n"
	    "_muster() {\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} noun=${COMP_WORDS[1]}\n"
	    "\tlocal verb=${COMP_WORDS[2]} nouns verbs='' options='' general\n"
	    "\tnouns=\"",
	    cli->out);
	for (const struct action *a = actions; a->noun != NULL; a++) {
		if (strcmp(a->noun, last) != 0)
			fprintf(cli->out, "%s%s", *last == '\0' ? "" : " ",
			    a->noun);
		last = a->noun;
	}
	fputs("\"\n\tgeneral=\"", cli->out);
	for (const struct field *f = general_fields; f->name != NULL; f++)
		fprintf(cli->out, "%s--%s", f == general_fields ? "" : " ",
		    f->name);
	fputs("\"\n\tcase $noun in\n", cli->out);
	nouns_complete(cli);
	fputs("\tesac\n\tcase \" $verbs \" in\n"
	      "\t*\" $verb \"*) verb=\"$noun $verb\" ;;\n"
	      "\t*) verb=$noun ;;\n\tesac\n\tcase $verb in\n",
	    cli->out);
	options_complete(cli);
	fputs("\tesac\n"
	      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$nouns\" -- \"$cur\"))\n"
	      "\telif [[ $cur == -* ]]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
	      "\telif [ \"$COMP_CWORD\" -eq 2 ] && [ -n \"$verbs\" ]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$verbs\" -- \"$cur\"))\n"
	      "\telse\n"
	      "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
	      "\tfi\n}\ncomplete -o filenames -F _muster muster\n",
	    cli->out);
}

int
run_help(struct cli *cli, struct err *e)
{
	const char *noun = cli_value(cli, "noun");
	const char *verb = cli_value(cli, "verb");
	char *words[] = { (char *)(uintptr_t)noun, (char *)(uintptr_t)verb };
	bool any = false;
	int used;

	if (cli_value(cli, "completion") != NULL)
		return manual_completion(cli), 0;
	if (cli_value(cli, "man") != NULL)
		return manual_page(cli, noun == NULL ? "muster" : noun, e);
	if (noun == NULL)
		return manual_overview(cli), 0;
	const struct action *a = verb == NULL ? NULL :
						action_find(2, words, &used);
	if (a != NULL && a->name != NULL)
		return manual_usage(cli, a), 0;
	for (a = actions; verb == NULL && a->noun != NULL; a++) {
		if (strcmp(a->noun, noun) != 0)
			continue;
		if (any)
			fputc('\n', cli->out);
		any = true;
		action_line(cli, a);
		fprintf(cli->out, "  %s\n", a->help);
		members_print(cli, a);
	}
	return any ?
	    0 :
	    err_set(e, ERR_INPUT,
		"%s%s%s: unknown; \"muster "
		"help\" lists what there is",
		noun, verb == NULL ? "" : " ", verb == NULL ? "" : verb);
}
