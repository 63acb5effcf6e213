/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/program.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define DEPTH 200 /* of brackets; libjq's parser has 256 */

/*
 * The innermost bracket is on top of the stack: ( [ { as they are,
 * TEXT_HOLE for the bracket of an interpolation within a string, and
 * IF_BODY from "if" to its "end": newer jq takes one as it is for a member's
 * value, and what stands behind a comma in it is no name of a member.
 */
#define TEXT_HOLE 's'
#define IF_BODY 'i'

struct scan {
	const char *at;
	int line;
	char open[DEPTH];
	size_t depth;
	char before; /* last token: its first byte, 'a' for a word */
};

static const char *const refused[] = { "debug", "env", "get_search_list",
	"halt", "halt_error", "import", "include", "input", "input_filename",
	"input_line_number", "inputs", "module", "modulemeta", "now", "stderr",
	NULL };

static const char *const refused_variables[] = { "ENV", "__prog_args",
	"__prog_name", NULL };

static bool
is_listed(const char *const *list, const char *word, size_t n)
{
	for (; *list != NULL; list++)
		if (strlen(*list) == n && memcmp(*list, word, n) == 0)
			return true;
	return false;
}

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static size_t
word_length(const char *s)
{
	size_t n = 0;

	while (is_word(s[n]))
		n++;
	return n;
}

static int
open_bracket(struct scan *s, char c, struct err *e)
{
	if (s->depth == DEPTH)
		return err_set(e, ERR_INPUT, "line %d: nested too deeply",
		    s->line);
	s->open[s->depth++] = c;
	s->before = c;
	return 0;
}

static char
innermost(const struct scan *s)
{
	return (char)(s->depth == 0 ? '\0' : s->open[s->depth - 1]);
}

/* Reads from within a string to its end or to the next interpolation. */
static int
string_scan(struct scan *s, struct err *e)
{
	for (; *s->at != '\0'; s->at++) {
		if (*s->at == '\n')
			s->line++;
		if (*s->at == '"') {
			s->at++;
			s->before = '"';
			return 0;
		}
		if (*s->at != '\\')
			continue;
		s->at++;
		if (*s->at == '(') {
			s->at++;
			return open_bracket(s, TEXT_HOLE, e);
		}
		if (*s->at == '\0')
			break;
	}
	return err_set(e, ERR_INPUT, "line %d: a string does not end", s->line);
}

static int
close_bracket(struct scan *s, char c, struct err *e)
{
	char open = innermost(s);
	bool pairs = (c == ')' && (open == '(' || open == TEXT_HOLE)) ||
	    (c == ']' && open == '[') || (c == '}' && open == '{');

	if (open == IF_BODY)
		return err_set(e, ERR_INPUT, "line %d: an 'if' has no 'end'",
		    s->line);
	if (!pairs)
		return err_set(e, ERR_INPUT, "line %d: '%c' closes nothing",
		    s->line, c);
	s->depth--;
	s->before = c;
	return open == TEXT_HOLE ? string_scan(s, e) : 0;
}

/* jq 1.7 continues a comment after a backslash, 1.6 does not: neither may
   see code that this scan has not. */
static int
comment_scan(struct scan *s, struct err *e)
{
	while (*s->at != '\0' && *s->at != '\n')
		s->at++;
	if (s->at[-1] == '\\' || (s->at[-1] == '\r' && s->at[-2] == '\\'))
		return err_set(e, ERR_INPUT,
		    "line %d: a comment ends in a backslash", s->line);
	return 0;
}

/* The name of a member: {env: 1}, {env}. */
static bool
is_key(const struct scan *s)
{
	return innermost(s) == '{' && (s->before == '{' || s->before == ',');
}

static bool
is_same(const char *word, size_t n, const char *what)
{
	return strlen(what) == n && memcmp(word, what, n) == 0;
}

static int
word_scan(struct scan *s, struct err *e)
{
	const char *word = s->at;
	size_t n = word_length(word);
	bool variable = s->before == '$';

	s->at += n;
	if (strncmp(word, PROGRAM_OURS, strlen(PROGRAM_OURS)) == 0)
		return err_set(e, ERR_INPUT, "line %d: names in %s are taken",
		    s->line, PROGRAM_OURS);
	if (variable ? is_listed(refused_variables, word, n) :
		       !is_key(s) && is_listed(refused, word, n))
		return err_set(e, ERR_INPUT,
		    "line %d: '%s%.*s' is not "
		    "allowed: an expression sees its input and $now only",
		    s->line, variable ? "$" : "", (int)n, word);
	if (!variable && !is_key(s) && is_same(word, n, "if"))
		return open_bracket(s, IF_BODY, e);
	if (innermost(s) == IF_BODY && !variable && is_same(word, n, "end"))
		s->depth--;
	s->before = 'a';
	return 0;
}

static void
number_scan(struct scan *s)
{
	while (isdigit((unsigned char)*s->at) || *s->at == '.')
		s->at++;
	if (*s->at == 'e' || *s->at == 'E') {
		s->at++;
		if (*s->at == '+' || *s->at == '-')
			s->at++;
		while (isdigit((unsigned char)*s->at))
			s->at++;
	}
	s->before = '0';
}

static int
token_scan(struct scan *s, struct err *e)
{
	char c = *s->at;

	if (isdigit((unsigned char)c)) {
		number_scan(s);
		return 0;
	}
	if (is_word(c))
		return word_scan(s, e);
	s->at++;
	if (c == '\n')
		s->line++;
	if (c == '#')
		return comment_scan(s, e);
	if (c == '"')
		return string_scan(s, e);
	if (strchr("([{", c) != NULL)
		return open_bracket(s, c, e);
	if (strchr(")]}", c) != NULL)
		return close_bracket(s, c, e);
	if (isspace((unsigned char)c))
		return 0;
	s->before = c;
	if (c == '.' && *s->at == '.') /* .. and what follows it */
		s->at++;
	else if ((c == '.' || c == '@') && !isdigit((unsigned char)*s->at))
		s->at += word_length(s->at); /* .member, @format */
	return 0;
}

int
program_vet(const char *text, struct err *e)
{
	struct scan s = { .at = text, .line = 1 };

	if (strlen(text) > PROGRAM_MAX)
		return err_set(e, ERR_INPUT, "larger than %u bytes",
		    PROGRAM_MAX);
	while (*s.at != '\0')
		if (token_scan(&s, e) != 0)
			return -1;
	if (innermost(&s) == IF_BODY)
		return err_set(e, ERR_INPUT, "line %d: an 'if' has no 'end'",
		    s.line);
	if (s.depth != 0)
		return err_set(e, ERR_INPUT, "line %d: '%c' is not closed",
		    s.line, innermost(&s) == TEXT_HOLE ? '(' : innermost(&s));
	if (s.before == '\0')
		return err_set(e, ERR_INPUT, "empty");
	return 0;
}
