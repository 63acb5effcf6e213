/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the files of a folder to definitions that are decoded, each on its
 * own; config_check.c looks at them together.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json_faults.h"
#include "base/json_scan.h"
#include "model/config_read.h"

#define DEFS_MAX 10000 /* of one kind */

static struct defs *
folder_defs(struct reading *r, const struct config_folder *f)
{
	return (struct defs *)(void *)((char *)r + f->defs);
}

static void
tell(struct reading *r, const struct err *e)
{
	if (r->errors++ == 0)
		*r->first = *e;
	if (r->each != NULL)
		r->each(r->ctx, e);
}

void
config_wrong(struct reading *r, const struct place *p, const char *fmt, ...)
{
	char text[sizeof(((struct err *)0)->text)];
	struct err e = { 0 };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&e, ERR_INPUT, "%s:%d: %s", p->file, config_line(p, text),
	    text);
	tell(r, &e);
}

struct decoding { /* of a piece of a definition */
	struct reading *r;
	const struct place *p;
	const char *within;
};

static void
each_fault(void *ctx, const struct err *e)
{
	const struct decoding *d = ctx;

	config_wrong(d->r, d->p, "%s%s", d->within, e->text);
}

bool
config_decode_text(struct reading *r, const struct place *p, const char *within,
    const struct field *table, const char *text, void *out)
{
	struct decoding d = { r, p, within };

	return json_decode_faults(r->arena, table, text, strlen(text), out,
		   each_fault, &d) == 0;
}

bool
config_decode(struct reading *r, const struct place *p,
    const struct field *table, void *out)
{
	struct decoding d = { r, p, "" };

	return json_decode_faults(r->arena, table, p->text, p->n, out,
		   each_fault, &d) == 0;
}

bool
config_is_name(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= 64 && s[0] != '-' &&
	    strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

void
config_between(struct reading *r, const struct place *p, const char *path,
    int64_t value, int64_t low, int64_t high)
{
	if (value < low || value > high)
		config_wrong(r, p, "%s: wants %lld to %lld", path,
		    (long long)low, (long long)high);
}

void
config_span(struct reading *r, const struct place *p, const char *path,
    int64_t value, int64_t low, int64_t high)
{
	char from[SPAN_TEXT], to[SPAN_TEXT];

	if (value < low || value > high)
		config_wrong(r, p, "%s: wants %s to %s", path,
		    span_format(from, low), span_format(to, high));
}

void *
config_def(struct reading *r, struct defs *d, const struct place *p)
{
	if (d->items.n == d->room) {
		size_t more = d->room == 0 ? 16 : d->room * 2;

		d->items.item = arena_grow(r->arena, d->items.item,
		    d->room * d->size, more * d->size);
		d->places = arena_grow(r->arena, d->places,
		    d->room * sizeof(*p), more * sizeof(*p));
		d->room = more;
	}
	d->places[d->items.n] = *p;
	return (char *)d->items.item + d->items.n++ * d->size;
}

static void
object_read(struct reading *r, const struct place *file, struct json_scan *s,
    const struct config_folder *f)
{
	struct defs *d = folder_defs(r, f);
	size_t before = r->errors, n = d->items.n;
	enum json_kind kind = json_peek(s);
	struct span v = { s->at, 0 };

	json_skip(s, &v);
	struct place p = { .file = file->file,
		.text = v.at,
		.n = v.n,
		.line = json_line(file->text, v.at) };
	if (kind == JSON_OBJECT)
		f->read(r, &p);
	else
		config_wrong(r, &p, "wants an object, or a list of them");
	if (d->items.n > n)
		d->places[n].wrong = r->errors > before;
}

/* A file holds one object, or a list of them. */
static void
objects_read(struct reading *r, const struct place *file,
    const struct config_folder *f)
{
	struct json_scan s = { .at = file->text, .end = file->text + file->n };
	struct json_walk w;
	struct span v;

	if (json_peek(&s) != JSON_ARRAY) {
		object_read(r, file, &s, f);
		return;
	}
	json_walk_begin(&w, &s);
	while (json_walk_next(&w, NULL, &v))
		object_read(r, file, &s, f);
}

static int
others_write(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_set(e, ERR_INPUT, "%s: %s", path, strerror(errno));
	if ((st.st_mode & S_IWOTH) != 0)
		return err_set(e, ERR_INPUT, "%s: everybody can write it",
		    path);
	return 0;
}

static void
source_keep(struct reading *r, const char *name, const char *text)
{
	struct texts *t = &r->config->sources;

	t->item = arena_grow(r->arena, t->item, t->n * sizeof(char *),
	    (t->n + 1) * sizeof(char *));
	t->item[t->n++] = arena_printf(r->arena, "// %s\n%s", name, text);
}

/* "line 3: what is wrong" of the reader, in the form of all other errors. */
static void
tell_syntax(struct reading *r, const char *name, const struct err *why)
{
	const char *text = why->text;
	struct err e = { 0 };
	char *after;
	long line = strncmp(text, "line ", 5) == 0 ?
	    strtol(text + 5, &after, 10) :
	    0;

	if (line > 0 && *after == ':')
		err_set(&e, why->cls, "%s:%ld%s", name, line, after);
	else
		err_set(&e, why->cls, "%s: %s", name, text);
	tell(r, &e);
}

/* The file without its comments; an error is told, and false. */
static bool
file_take(struct reading *r, const char *name, struct place *p)
{
	const char *path = arena_printf(r->arena, "%s/%s", r->config->dir,
	    name);
	struct err e = { 0 };
	size_t n = 0, at = 0;
	char *text = file_read(r->arena, path, CONFIG_FILE_MAX, &n, &e);

	if (text == NULL || others_write(path, &e) != 0) {
		tell(r, &e);
		return false;
	}
	source_keep(r, name, text);
	*p = (struct place){ .file = name, .text = text, .n = n, .line = 1 };
	if (!config_uncomment(text, n, &at)) {
		err_set(&e, ERR_INPUT, "%s:%d: the comment does not end", name,
		    json_line(text, text + at));
		tell(r, &e);
		return false;
	}
	if (json_check(text, n, &e) != 0) {
		tell_syntax(r, name, &e);
		return false;
	}
	return true;
}

static void
folder_read(struct reading *r, const struct config_folder *f)
{
	const char *path = arena_printf(r->arena, "%s/%s", r->config->dir,
	    f->name);
	const char **names = NULL;
	size_t n = 0;
	struct err e = { 0 };
	struct place p;

	if (file_list(r->arena, path, ".json", &names, &n, &e) != 0) {
		if (e.cls != ERR_GONE)
			tell(r, &e);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (file_take(r,
			arena_printf(r->arena, "%s/%s", f->name, names[i]), &p))
			objects_read(r, &p, f);
}

/* The digest does not see comments and blanks, but the order of members,
   which says in which order steps and attributes stand. */
static void
source_digest(struct digest_ctx *d, const char *source)
{
	struct arena a = { 0 };
	struct buf b = { .arena = &a };
	char *text = arena_str(&a, source);
	size_t at;

	(void)config_uncomment(text, strlen(text), &at);
	struct json_scan s = { .at = text, .end = text + strlen(text) };
	json_compact(&s, &b);
	digest_more(d, source, strcspn(source, "\n") + 1);
	digest_more(d, buf_text(&b), b.len + 1);
	arena_fini(&a);
}

static void
digest_take(struct reading *r)
{
	struct digest_ctx *d = digest_begin();
	unsigned char sum[DIGEST_LEN];
	char *hex = arena_zero(r->arena, DIGEST_HEX, 1);

	for (size_t i = 0; i < r->config->sources.n; i++)
		source_digest(d, r->config->sources.item[i]);
	digest_more(d, r->plain.at, r->plain.len);
	digest_end(d, sum);
	r->config->digest = hex_encode(hex, sum, sizeof(sum));
}

static void
set_read(struct reading *r)
{
	struct config *c = r->config;

	if (file_take(r, "muster.json", &r->settings))
		config_settings(r, &r->settings);
	for (const struct config_folder *f = config_folders; f->name != NULL;
	     f++)
		folder_read(r, f);
	config_strays(r);
	c->systems = r->systems.items;
	c->roles = r->roles.items;
	c->workflows = r->workflows.items;
	c->feeds = r->feeds.items;
}

/* Leaves out the definitions that are wrong in themselves. */
static struct many
whole(const struct defs *d)
{
	struct many kept = d->items;

	kept.n = 0;
	for (size_t i = 0; i < d->items.n; i++)
		if (!d->places[i].wrong)
			memmove((char *)kept.item + kept.n++ * d->size,
			    (const char *)d->items.item + i * d->size, d->size);
	return kept;
}

struct config *
config_load_whole(const char *dir, void (*each)(void *ctx, const struct err *),
    void *ctx, size_t *errors, struct err *e)
{
	struct config *c = calloc(1, sizeof(*c));
	struct reading r = { .config = c,
		.each = each,
		.ctx = ctx,
		.first = e,
		.systems.size = sizeof(struct system_def),
		.roles.size = sizeof(struct role_def),
		.workflows.size = sizeof(struct workflow_def),
		.feeds.size = sizeof(struct feed_def) };

	if (c == NULL)
		abort();
	r.arena = r.plain.arena = &c->arena;
	char *full = realpath(dir, NULL);
	if (full == NULL) {
		err_set(e, ERR_INPUT, "%s: %s", dir, strerror(errno));
		config_free(c);
		return NULL;
	}
	c->dir = arena_str(&c->arena, full);
	free(full);
	set_read(&r);
	config_check(&r);
	if (r.errors == 0)
		digest_take(&r);
	c->systems = whole(&r.systems);
	c->roles = whole(&r.roles);
	c->workflows = whole(&r.workflows);
	c->feeds = whole(&r.feeds);
	*errors = r.errors;
	return c;
}

struct config *
config_load(const char *dir, void (*each)(void *ctx, const struct err *),
    void *ctx, struct err *e)
{
	size_t errors = 0;
	struct config *c = config_load_whole(dir, each, ctx, &errors, e);

	if (c == NULL || errors == 0)
		return c;
	config_free(c);
	return NULL;
}
