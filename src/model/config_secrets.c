/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets of systems: {"file": path} in a provider's configuration stands
 * for that file's content, which is only ever in the secure heap.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json_scan.h"
#include "base/secret.h"
#include "model/config_read.h"

#define PIECES_MAX 1024

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

/* Calls each for every secret in the value, in the order of the text. */
typedef int secret_fn(void *ctx, struct span where, const char *path,
    struct err *);

static int
secrets_each(struct arena *a, struct json_scan *s, secret_fn *each, void *ctx,
    struct err *e)
{
	enum json_kind kind = json_peek(s);
	struct json_scan inside = *s;
	struct json_walk w;
	struct span v, key;

	if (!json_skip(s, &v))
		return err_set(e, ERR_BUG,
		    "a configuration that is not "
		    "JSON");
	if (kind != JSON_OBJECT && kind != JSON_ARRAY)
		return 0;
	const char *path = secret_file(a, v);
	if (path != NULL)
		return each(ctx, v, path, e);
	json_walk_begin(&w, &inside);
	while (json_walk_next(&w, a, &key))
		if (secrets_each(a, &inside, each, ctx, e) != 0)
			return -1;
	return 0;
}

struct checking {
	struct reading *r;
	const struct place *p;
};

static int
secret_check(void *ctx, struct span where, const char *path, struct err *e)
{
	struct checking *k = ctx;
	struct err why = { 0 };
	const char *full = config_path(k->r->config, k->r->arena, path, &why);
	char *value = full == NULL ? NULL : secret_load(full, NULL, &why);

	(void)where;
	(void)e;
	if (value == NULL)
		config_wrong(k->r, k->p, "secret: %s", why.text);
	secret_free(value);
	return 0;
}

void
config_secrets_check(struct reading *r, const struct system_def *d,
    const struct place *p)
{
	struct json_scan s = { .at = d->config.text };
	struct checking k = { r, p };
	struct err e = { 0 };

	if (s.at == NULL)
		return;
	s.end = s.at + strlen(s.at);
	if (secrets_each(r->arena, &s, secret_check, &k, &e) != 0)
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

static int
secret_join(void *ctx, struct span where, const char *path, struct err *e)
{
	struct joining *j = ctx;
	const char *full = config_path(j->config, j->arena, path, e);
	size_t n = 0;
	char *value = full == NULL ? NULL : secret_load(full, &n, e);

	if (value == NULL)
		return -1;
	char *quoted = secret_quote(value, n);
	secret_free(value);
	if (quoted == NULL)
		return err_set(e, ERR_INPUT, "%s: is no UTF-8 text", full);
	if (j->n + 3 > PIECES_MAX) {
		secret_free(quoted);
		return err_set(e, ERR_INPUT, "more than %d secrets",
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
    struct err *e)
{
	struct arena a = { 0 };
	struct joining *j = arena_zero(&a, 1, sizeof(*j));
	struct json_scan s = { .at = d->config.text };
	char *out = NULL;

	s.end = s.at + strlen(s.at);
	j->config = c;
	j->arena = &a;
	j->from = d->config.text;
	if (secrets_each(&a, &s, secret_join, j, e) == 0)
		out = pieces_join(j);
	for (size_t i = 0; i < j->n; i++)
		secret_free(j->secret[i]);
	arena_fini(&a);
	return out;
}
