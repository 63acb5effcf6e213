/* SPDX-License-Identifier: Apache-2.0 */
#include "http_template.h"

#include <string.h>

#include <muster/http.h>

#define QUOTED "|quoted"

enum part_kind {
	LITERAL,
	PATH_VALUE,
	QUERY_VALUE,
	HEADER_VALUE,
	JSON_TEXT,
	JSON_VALUE
};

struct template_part {
	enum part_kind kind;
	const char *text; /* literal, or the name of a member */
	size_t n;
	bool quoted; /* the value goes in as a JSON string, with its quotes */
};

/* A template while it is read. */
struct reader {
	struct arena *a;
	struct template *t;
	size_t room;
	struct buf literal;
	bool escape; /* what stands between the names, too */
};

static void
part_add(struct reader *r, enum part_kind kind, const char *text, size_t n,
    bool quoted)
{
	struct template *t = r->t;

	if (t->n == r->room) {
		size_t had = r->room * sizeof(*t->part);

		r->room = 2 * r->room + 4;
		t->part = arena_grow(r->a, t->part, had,
		    r->room * sizeof(*t->part));
	}
	t->part[t->n++] = (struct template_part){ kind, text, n, quoted };
}

static void
literal_end(struct reader *r)
{
	const char *text = r->literal.len == 0 ? "" : buf_text(&r->literal);

	if (r->escape)
		text = http_escape(r->a, text);
	if (*text != '\0')
		part_add(r, LITERAL, text, strlen(text), false);
	r->literal = (struct buf){ .arena = r->a };
}

/* Reads a name up to its brace; at stands behind "{". */
static int
name_read(struct reader *r, enum part_kind kind, const char **at, struct err *e)
{
	size_t n = strspn(*at,
	    "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	bool quoted = strncmp(*at + n, QUOTED, sizeof(QUOTED) - 1) == 0;
	size_t end = n + (quoted ? sizeof(QUOTED) - 1 : 0);

	if (n == 0 || (*at)[end] != '}')
		return err_set(e, ERR_INPUT,
		    "after '{' wants a name and '}', or a name and \"" QUOTED
		    "}\" (\"{{\" for a brace)");
	literal_end(r);
	part_add(r, kind, arena_mem(r->a, *at, n), n, quoted);
	*at += end + 1;
	return 0;
}

static int
text_read(struct reader *r, enum part_kind kind, const char *at,
    const char *end, struct err *e)
{
	while (at < end) {
		if (at[0] == '{' && at + 1 < end && at[1] == '{') {
			buf_char(&r->literal, '{');
			at += 2;
		} else if (at[0] == '{') {
			at++;
			if (name_read(r, kind, &at, e) != 0)
				return -1;
		} else {
			buf_char(&r->literal, *at++);
		}
	}
	return 0;
}

/* The quote that ends a JSON string; at stands behind its first one. */
static const char *
string_end(const char *at)
{
	while (*at != '"' && *at != '\0')
		at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
	return at;
}

/* Whether a string is one {name} and nothing else. */
static bool
is_whole(const char *at, const char *end)
{
	return end - at > 2 && at[0] == '{' && at[1] != '{' &&
	    memchr(at, '|', (size_t)(end - at)) == NULL &&
	    memchr(at, '}', (size_t)(end - at)) == end - 1;
}

static int
json_read(struct reader *r, const char *at, struct err *e)
{
	while (*at != '\0') {
		if (*at != '"') {
			buf_char(&r->literal, *at++);
			continue;
		}
		const char *end = string_end(++at);
		if (is_whole(at, end)) {
			at++;
			if (name_read(r, JSON_VALUE, &at, e) != 0)
				return -1;
		} else {
			buf_char(&r->literal, '"');
			if (text_read(r, JSON_TEXT, at, end, e) != 0)
				return -1;
			buf_char(&r->literal, '"');
		}
		at = *end != '\0' ? end + 1 : end;
	}
	return 0;
}

int
template_compile(struct arena *a, enum template_kind kind, const char *text,
    struct template *t, struct err *e)
{
	struct reader r = { .a = a, .t = t, .literal.arena = a };
	int rc;

	*t = (struct template){ NULL, 0 };
	r.escape = kind == TEMPLATE_QUERY;
	if (kind == TEMPLATE_JSON)
		rc = json_read(&r, text, e);
	else
		rc = text_read(&r,
		    kind == TEMPLATE_PATH      ? PATH_VALUE :
			kind == TEMPLATE_QUERY ? QUERY_VALUE :
						 HEADER_VALUE,
		    text, text + strlen(text), e);
	literal_end(&r);
	return rc;
}

const char *
template_unknown(const struct template *t,
    bool (*known)(const void *ctx, const char *name), const void *ctx)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->part[i].kind != LITERAL && !known(ctx, t->part[i].text))
			return t->part[i].text;
	return NULL;
}

/* A member of a document by "a.b.c", as JSON text; NULL. */
static const char *
member_find(struct arena *a, const char *json, const char *name)
{
	const char *dot;

	for (; json != NULL && (dot = strchr(name, '.')) != NULL;
	     name = dot + 1)
		json = json_member(a, json,
		    arena_mem(a, name, (size_t)(dot - name)));
	if (json == NULL || json[0] != '{')
		return NULL;
	json = json_member(a, json, name);
	return json == NULL || strcmp(json, "null") == 0 ? NULL : json;
}

static const char *
value_find(struct arena *a, const struct template_scope *s, const char *name)
{
	if (strcmp(name, "in") == 0)
		return s->in;
	const char *value = member_find(a, s->in, name);
	if (value == NULL && s->out != NULL)
		value = member_find(a, s->out, name);
	return value;
}

/* A text, a number, true or false; others have no place within a text. */
static const char *
value_text(struct arena *a, const char *json)
{
	if (json == NULL || json[0] == '{' || json[0] == '[')
		return NULL;
	if (json[0] != '"')
		return json;
	return json_scalar(a, json);
}

static const char *
quote(struct arena *a, const char *text)
{
	struct buf b = { .arena = a };

	json_string(&b, text);
	return buf_text(&b);
}

/* Lone dots would climb in a path, whatever their encoding. */
static bool
fits(enum part_kind kind, const char *text)
{
	if (kind == PATH_VALUE)
		return strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
	if (kind != HEADER_VALUE)
		return true;
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static int
part_fill(const struct template_part *p, struct arena *a,
    const struct template_scope *s, struct buf *b, struct err *e)
{
	const char *json = value_find(a, s, p->text);

	if (p->kind == JSON_VALUE) {
		buf_str(b, json != NULL ? json : "null");
		return 0;
	}
	const char *text = value_text(a, json);
	if (text == NULL || text[0] == '\0')
		return err_set(e, ERR_INPUT, "{%s}: missing", p->text);
	if (p->quoted)
		text = quote(a, text);
	if (!fits(p->kind, text))
		return err_set(e, ERR_INPUT, "{%s}: cannot stand here",
		    p->text);
	if (p->kind == PATH_VALUE || p->kind == QUERY_VALUE) {
		buf_str(b, http_escape(a, text));
	} else if (p->kind == HEADER_VALUE) {
		buf_str(b, text);
	} else {
		struct buf quoted = { .arena = a };

		json_string(&quoted, text);
		buf_add(b, quoted.at + 1, quoted.len - 2);
	}
	return 0;
}

int
template_fill(const struct template *t, struct arena *a,
    const struct template_scope *s, struct buf *b, struct err *e)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct template_part *p = &t->part[i];

		if (p->kind == LITERAL)
			buf_add(b, p->text, p->n);
		else if (part_fill(p, a, s, b, e) != 0)
			return -1;
	}
	return 0;
}
