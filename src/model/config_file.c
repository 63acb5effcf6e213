/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of configuration files: comments, and lines.
 */
#include <string.h>

#include "base/json_scan.h"
#include "model/config_read.h"

static size_t
string_end(const char *text, size_t n, size_t i)
{
	for (i++; i < n && text[i] != '"' && text[i] != '\n'; i++)
		if (text[i] == '\\')
			i++;
	return i;
}

/* Lines keep their numbers: only what is not a line's end is blanked. */
static void
blank(char *text, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (text[i] != '\n')
			text[i] = ' ';
}

/* Where the comment that begins at i is over; 0: it does not end. */
static size_t
comment_end(const char *text, size_t n, size_t i)
{
	bool line = text[i + 1] == '/';

	for (size_t k = i + 2; k < n; k++) {
		if (line && text[k] == '\n')
			return k;
		if (!line && k > i + 2 && text[k] == '/' && text[k - 1] == '*')
			return k + 1;
	}
	return line ? n : 0;
}

bool
config_uncomment(char *text, size_t n, size_t *at)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"') {
			i = string_end(text, n, i);
			continue;
		}
		if (text[i] != '/' || i + 1 >= n ||
		    (text[i + 1] != '/' && text[i + 1] != '*'))
			continue;
		size_t end = comment_end(text, n, i);
		if (end == 0) {
			*at = i;
			return false;
		}
		blank(text, i, end);
		i = end - 1;
	}
	return true;
}

/* Does the path begin with this key as a whole step? */
static bool
leads(const char *path, struct span key)
{
	return strncmp(path, key.at, key.n) == 0 &&
	    (path[key.n] == '\0' || strchr(".:[ ", path[key.n]) != NULL);
}

static const char *
element(const char *path, size_t *index)
{
	const char *p = path;

	*index = 0;
	if (*p != '[')
		return NULL;
	for (p++; *p >= '0' && *p <= '9' && *index < 100000; p++)
		*index = *index * 10 + (size_t)(*p - '0');
	return *p == ']' ? p + 1 : NULL;
}

/* One step of the path, from the value under the cursor to the one that it
   names; NULL when it leads no further. */
static const char *
step(struct json_scan *s, const char *path, const char **key_at)
{
	struct json_scan at = *s;
	struct json_walk w;
	struct span key = { 0 };
	size_t want = 0, i = 0;
	bool object = json_peek(&at) == JSON_OBJECT;
	const char *after = object ? path : element(path, &want);

	if (after == NULL || !json_walk_begin(&w, &at))
		return NULL;
	while (json_walk_next(&w, NULL, &key)) {
		if (object ? leads(path, key) : i++ == want) {
			*s = at;
			*key_at = object ? key.at : at.at;
			after = object ? path + key.n : after;
			return *after == '.' ? after + 1 : after;
		}
		if (!json_skip(&at, NULL))
			return NULL;
	}
	return NULL;
}

/* The text of a file of the set as it was read, comments blanked; NULL: it
   is none of it. */
static char *
source_text(const struct config *c, struct arena *a, const char *file,
    size_t *n)
{
	size_t len = strlen(file), at;

	for (size_t i = 0; i < c->sources.n; i++) {
		const char *s = c->sources.item[i] + 3; /* behind "// " */

		if (strncmp(s, file, len) != 0 || s[len] != '\n')
			continue;
		char *text = arena_str(a, s + len + 1);
		*n = strlen(text);
		return config_uncomment(text, *n, &at) ? text : NULL;
	}
	return NULL;
}

/* In a list of definitions, moves to this one. */
static bool
definition_find(struct json_scan *s, struct arena *a,
    const struct config_at *at)
{
	struct json_walk w;
	struct span key;

	json_walk_begin(&w, s);
	while (json_walk_next(&w, a, &key)) {
		json_peek(s);
		struct json_scan here = *s;
		struct span v;

		if (!json_skip(s, &v))
			return false;
		const char *name = at->noun == NULL ?
		    NULL :
		    json_member_text(a, arena_mem(a, v.at, v.n), at->noun);
		if (name != NULL && strcmp(name, at->name) == 0) {
			*s = here;
			return true;
		}
	}
	return false;
}

const char *
config_place(const struct config *c, struct arena *a,
    const struct config_at *at)
{
	size_t n = 0;
	char *text = source_text(c, a, at->file, &n);
	struct span v;

	if (text == NULL)
		return arena_printf(a, "%s: %s", at->file, at->path);
	struct json_scan s = { .at = text, .end = text + n };
	bool list = json_peek(&s) == JSON_ARRAY;
	if (list && !definition_find(&s, a, at))
		return arena_printf(a, "%s: %s %s: %s", at->file, at->noun,
		    at->name, at->path);
	v.at = s.at;
	json_skip(&s, &v);
	struct place p = { .file = at->file,
		.text = v.at,
		.n = v.n,
		.line = json_line(text, v.at) };
	int line = config_line(&p, at->path);
	int inner = config_line(&p, arena_printf(a, "config.%s", at->path));
	return arena_printf(a, "%s:%d: %s%s%s%s%s", at->file,
	    inner > line ? inner : line, list ? at->noun : "", list ? " " : "",
	    list ? at->name : "", list ? ": " : "", at->path);
}

int
config_line(const struct place *p, const char *path)
{
	struct json_scan s = { .at = p->text, .end = p->text + p->n };
	const char *at = p->text;

	while (path != NULL && *path != '\0' && *path != ':' &&
	    (json_peek(&s) == JSON_OBJECT || json_peek(&s) == JSON_ARRAY))
		path = step(&s, path, &at);
	return p->line + json_line(p->text, at) - 1;
}
