/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets of systems: {"file": path} in a provider's configuration stands
 * for that file's content, which is only ever in the secure heap.  What the
 * provider calls a secret stands nowhere else: the set is kept, shown and
 * digested as it is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json_scan.h"
#include "base/secret.h"
#include "model/config_read.h"

#define PIECES_MAX 1024
#define PLAIN_MAX ((size_t)512 << 10) /* bytes of a file without secrets */

/* Only whoever may write the set, or is above it, may write a file outside
   of it that the set makes muster read. */
static int
outside_check(const struct config *c, const char *path, const struct stat *st,
    struct err *e)
{
	struct stat dir;
	size_t n = strlen(c->dir);

	if (strncmp(path, c->dir, n) == 0 && path[n] == '/')
		return 0;
	if (stat(c->dir, &dir) != 0)
		return err_set(e, ERR_INPUT, "%s: %s", c->dir, strerror(errno));
	if (st->st_uid != geteuid() && st->st_uid != 0 &&
	    st->st_uid != dir.st_uid)
		return err_set(e, ERR_INPUT,
		    "%s: lies outside of the set, "
		    "and belongs to somebody else",
		    path);
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(e, ERR_INPUT,
		    "%s: lies outside of the set, "
		    "and others can write it",
		    path);
	return 0;
}

const char *
config_path(const struct config *c, struct arena *a, const char *path,
    struct err *e)
{
	const char *name = path[0] == '/' ?
	    path :
	    arena_printf(a, "%s/%s", c->dir, path);
	char *real = realpath(name, NULL);
	struct stat st;
	const char *full = real == NULL ? NULL : arena_str(a, real);

	free(real);
	if (full == NULL || stat(full, &st) != 0)
		return err_set(e, ERR_INPUT, "%s: %s", name, strerror(errno)),
		       NULL;
	return outside_check(c, full, &st, e) != 0 ? NULL : full;
}

/* The path, if the value is an object whose only member is "file". */
static const char *
secret_file(struct arena *a, struct span v)
{
	struct json_scan s = { .at = v.at, .end = v.at + v.n };
	struct json_walk w;
	struct span key, path;

	if (json_peek(&s) != JSON_OBJECT || !json_walk_begin(&w, &s) ||
	    !json_walk_next(&w, a, &key) || key.n != 4 ||
	    memcmp(key.at, "file", 4) != 0 || json_peek(&s) != JSON_STRING ||
	    !json_scan_string(&s, a, &path))
		return NULL;
	const char *text = arena_mem(a, path.at, path.n);
	return json_walk_next(&w, a, &key) ? NULL : text;
}

/* A walk over a provider's configuration and the schema of it. */
struct looking {
	struct arena *arena;
	bool known; /* there is a schema */
	/* Called for every {"file": path}, in the order of the text: where it
	   stands, and whether the provider calls it a secret. */
	int (*each)(void *ctx, struct span where, const char *path, bool secret,
	    struct err *);
	void *ctx;
};

struct member {		    /* one that the walk is at */
	const char *name;   /* from the outermost object on: "bind.password" */
	const char *schema; /* NULL: none is known */
	bool secret;
};

/* The one schema that a struct in place is described by. */
static const char *
schema_only(struct arena *a, const char *list)
{
	struct json_scan s = { .at = list, .end = list + strlen(list) };
	struct json_walk w;
	struct span v;

	if (!json_walk_begin(&w, &s) || !json_walk_next(&w, a, &v) ||
	    !json_skip(&s, &v))
		return NULL;
	return arena_mem(a, v.at, v.n);
}

static const char *
schema_within(struct arena *a, const char *schema, const char *key)
{
	const char *all = schema == NULL ? NULL :
					   json_member(a, schema, "allOf");

	if (schema == NULL || key == NULL)
		return schema == NULL ? NULL : json_member(a, schema, "items");
	if (all != NULL)
		schema = schema_only(a, all);
	const char *members = schema == NULL ?
	    NULL :
	    json_member(a, schema, "properties");
	return members == NULL ? NULL : json_member(a, members, key);
}

/* The member called key of an object, or with NULL the next of a list. */
static struct member
member_of(struct arena *a, const struct member *m, const char *key)
{
	struct member in = { .name = m->name,
		.schema = schema_within(a, m->schema, key),
		.secret = m->secret };
	const char *hidden = in.schema == NULL ?
	    NULL :
	    json_member(a, in.schema, "writeOnly");

	if (key != NULL)
		in.name = m->name[0] == '\0' ?
		    key :
		    arena_printf(a, "%s.%s", m->name, key);
	if (hidden != NULL && strcmp(hidden, "true") == 0)
		in.secret = true;
	return in;
}

static int
in_clear(const struct member *m, struct err *e)
{
	return err_set(e, ERR_INPUT,
	    "%s: a secret does not stand in the set: put it into a file that"
	    " only its owner can read (chmod 600), and write"
	    " { \"file\": \"NAME\" }",
	    m->name);
}

static int
value_look(struct looking *l, struct json_scan *s, const struct member *m,
    struct err *e)
{
	enum json_kind kind = json_peek(s);
	struct json_scan inside = *s;
	struct json_walk w;
	struct span v, key;

	if (!json_skip(s, &v))
		return err_set(e, ERR_BUG, "a configuration that is not JSON");
	if (m->secret && (kind == JSON_STRING || kind == JSON_NUMBER))
		return in_clear(m, e);
	if (kind != JSON_OBJECT && kind != JSON_ARRAY)
		return 0;
	const char *path = secret_file(l->arena, v);
	if (path != NULL)
		return l->each(l->ctx, v, path, m->secret || !l->known, e) ==
			0 ?
		    0 :
		    err_within(e, "%s: ", m->name);
	json_walk_begin(&w, &inside);
	while (json_walk_next(&w, l->arena, &key)) {
		const char *name = kind == JSON_OBJECT ?
		    arena_mem(l->arena, key.at, key.n) :
		    NULL;
		struct member in = member_of(l->arena, m, name);

		if (value_look(l, &inside, &in, e) != 0)
			return -1;
	}
	return 0;
}

static int
config_look(struct looking *l, const struct system_def *d, const char *schema,
    struct err *e)
{
	struct json_scan s = { .at = d->config.text };
	const struct member all = { .name = "", .schema = schema };

	s.end = s.at + strlen(s.at);
	l->known = schema != NULL;
	return value_look(l, &s, &all, e);
}

/* Whoever may read it, it is no secret: it is as much of the set as what the
   set says itself, such as how a REST system is cut. */
static int
plain_digest(struct reading *r, const char *path, const char *full,
    struct err *e)
{
	struct arena a = { 0 };
	size_t n;
	const char *text = file_read(&a, full, PLAIN_MAX, &n, e);

	if (text != NULL) {
		buf_add(&r->plain, path, strlen(path) + 1);
		buf_printf(&r->plain, "%zu\n", n);
		buf_add(&r->plain, text, n);
	}
	arena_fini(&a);
	return text == NULL ? -1 : 0;
}

/* What can be seen without the provider's word for what is secret. */
static int
file_check(void *ctx, struct span where, const char *path, bool secret,
    struct err *e)
{
	struct reading *r = ctx;
	struct stat st;
	const char *full = config_path(r->config, r->arena, path, e);

	(void)where;
	(void)secret;
	if (full == NULL || file_readable(full, e) != 0)
		return -1;
	if (stat(full, &st) != 0)
		return err_set(e, ERR_INPUT, "%s: %s", full, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_INPUT, "%s: not a file", full);
	return (st.st_mode & (S_IRGRP | S_IROTH)) == 0 ?
	    0 :
	    plain_digest(r, path, full, e);
}

void
config_files_check(struct reading *r, const struct system_def *d,
    const struct place *p)
{
	struct looking l = { .arena = r->arena, .each = file_check, .ctx = r };
	struct err e = { 0 };

	if (d->config.text != NULL && config_look(&l, d, NULL, &e) != 0)
		config_wrong(r, p, "%s", e.text);
}

/* The text in pieces: what stands between secrets, and secrets. */
struct joining {
	const struct config *config;
	struct arena *arena;
	const char *from; /* what was not yet taken */
	struct span piece[PIECES_MAX];
	char *secret[PIECES_MAX]; /* to free; NULL: of the text */
	size_t n;
};

/* The value as a JSON string; NULL if it cannot be one. */
static char *
secret_quote(const char *value, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	char *out = secret_new(n * 6 + 2), *to = out;
	const char *end = value + n;

	*to++ = '"';
	for (const char *p = value; p < end;) {
		size_t len = utf8_length(p, end);
		unsigned char c = (unsigned char)*p;

		if (len == 0 || c == 0) {
			secret_free(out);
			return NULL;
		}
		if (c < 0x20) {
			memcpy(to, "\\u00", 4);
			to[4] = hex[c >> 4];
			to[5] = hex[c & 15];
			to += 6;
		} else {
			if (c == '"' || c == '\\')
				*to++ = '\\';
			memcpy(to, p, len);
			to += len;
		}
		p += len;
	}
	*to++ = '"';
	*to = '\0';
	return out;
}

/* A file that is no secret may be everybody's to read. */
static char *
plain_load(struct arena *a, const char *path, size_t *n, struct err *e)
{
	const char *text = file_read(a, path, PLAIN_MAX, n, e);

	return text == NULL ? NULL : memcpy(secret_new(*n), text, *n);
}

static int
file_join(void *ctx, struct span where, const char *path, bool secret,
    struct err *e)
{
	struct joining *j = ctx;
	const char *full = config_path(j->config, j->arena, path, e);
	size_t n = 0;
	char *value = full == NULL ? NULL :
	    secret		   ? secret_load(full, &n, e) :
				     plain_load(j->arena, full, &n, e);

	if (value == NULL)
		return -1;
	char *quoted = secret_quote(value, n);
	secret_free(value);
	if (quoted == NULL)
		return err_set(e, ERR_INPUT, "%s: is no UTF-8 text", full);
	if (j->n + 3 > PIECES_MAX) {
		secret_free(quoted);
		return err_set(e, ERR_INPUT, "more than %d files",
		    PIECES_MAX / 2);
	}
	j->piece[j->n++] = (struct span){ j->from,
		(size_t)(where.at - j->from) };
	j->secret[j->n] = quoted;
	j->piece[j->n++] = (struct span){ quoted, strlen(quoted) };
	j->from = where.at + where.n;
	return 0;
}

static char *
pieces_join(struct joining *j)
{
	size_t n = strlen(j->from);

	j->piece[j->n++] = (struct span){ j->from, n };
	n = 0;
	for (size_t i = 0; i < j->n; i++)
		n += j->piece[i].n;
	char *out = secret_new(n), *to = out;
	for (size_t i = 0; i < j->n; i++) {
		memcpy(to, j->piece[i].at, j->piece[i].n);
		to += j->piece[i].n;
	}
	*to = '\0';
	return out;
}

char *
config_secrets(const struct config *c, const struct system_def *d,
    const char *schema, struct err *e)
{
	struct arena a = { 0 };
	struct joining *j = arena_zero(&a, 1, sizeof(*j));
	struct looking l = { .arena = &a, .each = file_join, .ctx = j };
	char *out = NULL;

	j->config = c;
	j->arena = &a;
	j->from = d->config.text;
	if (config_look(&l, d, schema, e) == 0)
		out = pieces_join(j);
	for (size_t i = 0; i < j->n; i++)
		secret_free(j->secret[i]);
	arena_fini(&a);
	return out;
}
