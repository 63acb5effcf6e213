/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manual pages in man(7), printed from the tables.
 */
#include "cli/manual.h"

#include <string.h>

#include "cli/action.h"
#include "cli/args.h"
#include "cli/schema.h"

/* Text of a page: backslashes and leading dots must not be commands. */
static void
roff(struct cli *cli, const char *s)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", cli->out);
	for (; *s != '\0'; s++)
		if (*s == '\\')
			fputs("\\e", cli->out);
		else if (*s == '-')
			fputs("\\-", cli->out);
		else
			fputc(*s, cli->out);
}

static void
words_print(struct cli *cli, const struct field *f)
{
	for (size_t i = 0; f->words != NULL && f->words[i] != NULL; i++) {
		fputs(i == 0 ? " (" : ", ", cli->out);
		roff(cli, f->words[i]);
		if (f->words[i + 1] == NULL)
			fputc(')', cli->out);
	}
}

static void
option_print(struct cli *cli, const struct field *f, bool word)
{
	fputs(word ? ".TP\n.I " : ".TP\n.BR \\-\\-", cli->out);
	roff(cli, word ? f->name : option_name(&cli->arena, f));
	if (f->kind != FIELD_BOOL && !word)
		fprintf(cli->out, " \" \" \\fI%s\\fR",
		    f->kind == FIELD_INT ?
			(f->flags & F_TIME) != 0 ? "TIME" : "N" :
			"X");
	fputc('\n', cli->out);
	roff(cli, f->help == NULL ? f->name : f->help);
	words_print(cli, f);
	fputc('\n', cli->out);
}

static void
word_print(void *ctx, const char *name, size_t n, bool optional)
{
	struct cli *cli = ctx;

	fputs(optional ? " [\\fI" : " \\fI", cli->out);
	fprintf(cli->out, "%.*s", (int)n, name);
	fputs(optional ? "\\fR]" : "\\fR", cli->out);
}

static void
action_print(struct cli *cli, const struct action *a)
{
	fprintf(cli->out, ".SS \"%s%s%s", a->noun, a->name == NULL ? "" : " ",
	    a->name == NULL ? "" : a->name);
	action_words(a, word_print, cli);
	fputs("\"\n", cli->out);
	roff(cli, a->help);
	fputs(".\n", cli->out);
	for (int word = 1; word >= 0; word--)
		for (const struct field *f = action_in(a); f->name != NULL; f++)
			if (action_takes(a, f) &&
			    action_has_word(a, f) == (word == 1))
				option_print(cli, f, word == 1);
}

static const char *const meanings[ERR_CLASSES] = {
	[ERR_NONE] = "done",
	[ERR_INPUT] = "what was typed, or a file, is wrong",
	[ERR_BUSY] = "musterd or a system does not answer now; try again",
	[ERR_DENIED] = "you may not; the message says which role it takes",
	[ERR_GONE] = "there is no such thing",
	[ERR_CONFLICT] =
	    "something is in the way, or a plan left a part out; look again",
	[ERR_REFUSED] = "a guard, a failed run or bad evidence forbids it",
	[ERR_UNKNOWN] = "it was sent, and nobody knows whether it happened",
	[ERR_FULL] = "no room on a disk",
	[ERR_BUG] = "muster broke a promise to itself; report it",
};

static void
statuses_print(struct cli *cli)
{
	fputs(".SH EXIT STATUS\n", cli->out);
	for (int c = 0; c < ERR_CLASSES; c++)
		fprintf(cli->out, ".TP\n.B %d\n%s.\n", err_meanings[c].exit,
		    meanings[c]);
}

static void
muster_page(struct cli *cli)
{
	fputs(".\\\" SPDX-License-Identifier: Apache-2.0\n"
	      ".\\\" Printed by \"muster help muster \\-\\-man\".\n"
	      ".TH MUSTER 1 \"\" \"muster\" \"User Commands\"\n.SH NAME\n"
	      "muster \\- ask musterd, and tell it what to do\n.SH SYNOPSIS\n"
	      ".B muster\n.I noun\n.RI [ verb ]\n.RI [ argument ...]\n"
	      ".RI [ option ...]\n.SH DESCRIPTION\n"
	      "muster keeps every credential tied to a living owner. This "
	      "program speaks to\n.BR musterd (8)\nover a Unix socket; "
	      "verifying evidence, checking a configuration and printing "
	      "schemas need no daemon.\nA noun alone lists what there is. "
	      "Times are UTC; where one is typed, 2026\\-03\\-31, "
	      "2026\\-03\\-31T12:00, RFC 3339 with any offset, and +14d from "
	      "now are taken.\nAn identity is named by its uid, a feed's key "
	      "or its user name.\nControl characters in what is printed are "
	      "escaped.\n.SH OPTIONS\nEvery action takes these.\n",
	    cli->out);
	for (const struct field *f = general_fields; f->name != NULL; f++)
		option_print(cli, f, false);
	fputs(".SH ACTIONS\n", cli->out);
	for (const struct action *a = actions; a->noun != NULL; a++)
		action_print(cli, a);
	statuses_print(cli);
	fputs(".SH ENVIRONMENT\n.TP\n.B MUSTER_SOCKET\nThe socket, if "
	      "\\-\\-socket is not given.\n.TP\n.B NO_COLOR\nIf set, nothing "
	      "is coloured.\n.TP\n.BR MUSTER_LIBEXECDIR \", \" "
	      "MUSTER_PROVIDERDIR\nFolders of muster\\-worker and of the "
	      "providers, if they are not where they were installed.\n"
	      ".SH SEE ALSO\n.BR musterd (8),\n.BR muster.json (5)\n",
	    cli->out);
}

static const char *
type_of(const struct field *f)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return f->words != NULL ? "word" : "text";
	case FIELD_INT:
		return (f->flags & F_TIME) != 0 ? "time" :
		    (f->flags & F_SPAN) != 0	? "span" :
						  "number";
	case FIELD_BOOL:
		return "true or false";
	case FIELD_JSON:
		return "any JSON";
	case FIELD_TEXTS:
		return "list of texts";
	case FIELD_ONE:
		return "object";
	case FIELD_MANY:
		return "list of objects";
	}
	return "";
}

static void
members_print(struct cli *cli, const struct field *f)
{
	for (; f->name != NULL; f++) {
		fprintf(cli->out, ".TP\n.BR %s \" (%s%s)\"\n", f->name,
		    type_of(f), (f->flags & F_NEED) != 0 ? "; needed" : "");
		roff(cli, f->help == NULL ? f->name : f->help);
		words_print(cli, f);
		if (f->fallback != NULL) {
			fputs("; default ", cli->out);
			roff(cli, f->fallback);
		}
		fputs(".\n", cli->out);
		if (f->sub != NULL) {
			fputs(".RS\n", cli->out);
			members_print(cli, f->sub);
			fputs(".RE\n", cli->out);
		}
	}
}

static void
json_page(struct cli *cli)
{
	fputs(".\\\" SPDX-License-Identifier: Apache-2.0\n"
	      ".\\\" Printed by \"muster help muster.json \\-\\-man\".\n"
	      ".TH MUSTER.JSON 5 \"\" \"muster\" \"File Formats\"\n.SH NAME\n"
	      "muster.json \\- the configuration set of muster\n"
	      ".SH DESCRIPTION\nA set is muster.json and the files of "
	      "systems/, roles/, workflows/ and feeds/ beside it. It is read "
	      "whole and checked whole; musterd refuses a wrong one and keeps "
	      "the old. \"muster check\" reports every error.\nSpans are "
	      "written 200ms, 5s, 3m, 2h, 14d or as ISO 8601 (P14D). "
	      "Expressions are jq. \"muster schema\" prints the JSON Schema "
	      "of each file, and \"muster provider show\" what a provider "
	      "takes.\n",
	    cli->out);
	for (const struct schema *s = schemas; s->name != NULL; s++) {
		fprintf(cli->out, ".SH \"%s\"\n", s->file);
		roff(cli, s->help);
		fputs(".\n", cli->out);
		members_print(cli, s->table);
		if (s->sub == NULL)
			continue;
		fprintf(cli->out, ".SS \"in %s\"\n", s->named);
		members_print(cli, s->sub);
	}
	fputs(".SH SEE ALSO\n.BR muster (1),\n.BR musterd (8)\n", cli->out);
}

int
manual_page(struct cli *cli, const char *name, struct err *e)
{
	if (strcmp(name, "muster") == 0)
		return muster_page(cli), 0;
	if (strcmp(name, "muster.json") == 0)
		return json_page(cli), 0;
	return err_set(e, ERR_GONE,
	    "%s: only muster and muster.json are "
	    "printed from tables",
	    name);
}
