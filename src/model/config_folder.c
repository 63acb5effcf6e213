/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folders of a set, and definitions that stand elsewhere in it: nobody
 * would read those, and what they say would silently not hold.
 */
#include <string.h>

#include "base/file.h"
#include "base/json_scan.h"
#include "model/config_read.h"

const struct config_folder config_folders[] = {
	{ "systems", system_def_fields, config_system_read,
	    offsetof(struct reading, systems) },
	{ "roles", role_def_fields, config_role_read,
	    offsetof(struct reading, roles) },
	{ "workflows", workflow_def_fields, config_workflow_read,
	    offsetof(struct reading, workflows) },
	{ "feeds", feed_def_fields, config_feed_read,
	    offsetof(struct reading, feeds) },
	{ .name = NULL },
};

static bool
is_folder(const char *name)
{
	const struct config_folder *f = config_folders;

	while (f->name != NULL && strcmp(f->name, name) != 0)
		f++;
	return f->name != NULL;
}

/* Whether the object has all that a definition needs: letters, descriptions
   of REST systems and what else is JSON do not. */
static bool
has_needed(struct arena *a, const char *object, const struct field *table)
{
	for (const struct field *f = table; f->name != NULL; f++)
		if ((f->flags & F_NEED) != 0 &&
		    json_member(a, object, f->name) == NULL)
			return false;
	return true;
}

/* What it defines, by the name of its first member; NULL: nothing. */
static const char *
noun_of(struct arena *a, const char *object)
{
	for (const struct config_folder *f = config_folders; f->name != NULL;
	     f++)
		if (object[0] == '{' && has_needed(a, object, f->fields))
			return f->fields->name;
	return NULL;
}

static const char *
folders_list(struct arena *a)
{
	struct buf b = { .arena = a };

	for (const struct config_folder *f = config_folders; f->name != NULL;
	     f++)
		buf_printf(&b, "%s%s", f == config_folders ? "" : ", ",
		    f->name);
	return buf_text(&b);
}

/* A place that nobody reads, while its files are looked at. */
struct stray {
	struct reading *r;
	struct arena *arena;
	const char *folder; /* below the set; "": the set itself */
	const char *text;   /* of a file */
	struct place at;    /* file; once something was found all of it */
	const char *noun;   /* NULL: nothing was found yet */
};

static void
object_look(struct stray *s, struct json_scan *scan)
{
	struct span v;

	json_peek(scan);
	if (!json_skip(scan, &v) || s->noun != NULL)
		return;
	s->noun = noun_of(s->arena, arena_mem(s->arena, v.at, v.n));
	s->at.text = v.at;
	s->at.n = v.n;
	s->at.line = json_line(s->text, v.at);
}

/* A file that is no JSON is passed over: it may be anybody's. */
static void
file_look(struct stray *s, const char *path)
{
	struct err e;
	struct json_walk w;
	struct span v;
	size_t n, at;
	char *text = file_read(s->arena, path, CONFIG_FILE_MAX, &n, &e);

	if (text == NULL || !config_uncomment(text, n, &at) ||
	    json_check(text, n, &e) != 0)
		return;
	struct json_scan scan = { .at = text, .end = text + n };
	s->text = text;
	if (json_peek(&scan) != JSON_ARRAY) {
		object_look(s, &scan);
		return;
	}
	json_walk_begin(&w, &scan);
	while (json_walk_next(&w, NULL, &v))
		object_look(s, &scan);
}

/* The same name, hidden. */
static const char *
hidden(struct arena *a, const char *path)
{
	const char *last = strrchr(path, '/');
	size_t n = last == NULL ? 0 : (size_t)(last - path) + 1;

	return arena_printf(a, "%.*s.%s", (int)n, path, path + n);
}

static void
stray_tell(struct stray *s)
{
	bool top = *s->folder == '\0';
	const char *what = top ? s->at.file : s->folder;

	config_wrong(s->r, &s->at,
	    "%s: %s '%s' is not read: %s of a set are %s; '%s' may keep it "
	    "aside",
	    s->noun, top ? "file" : "folder", what,
	    top ? "the folders" : "those", folders_list(s->arena),
	    hidden(s->arena, what));
}

/* One error a folder is enough. */
static void
folder_look(struct reading *r, const char *folder)
{
	const char *dir = r->config->dir, **names = NULL;
	struct arena a = { 0 };
	struct stray s = { .r = r, .arena = &a, .folder = folder };
	struct err e;
	size_t n = 0;

	/* Not a folder, or not ours to read: nothing that we would load. */
	if (file_list(&a, arena_printf(&a, "%s/%s", dir, folder), ".json",
		&names, &n, &e) != 0)
		n = 0;
	for (size_t i = 0; i < n && s.noun == NULL; i++) {
		s.at.file = *folder == '\0' ?
		    names[i] :
		    arena_printf(&a, "%s/%s", folder, names[i]);
		file_look(&s, arena_printf(&a, "%s/%s", dir, s.at.file));
	}
	if (s.noun != NULL)
		stray_tell(&s);
	arena_fini(&a);
}

/* The folders in one, and in those of a set that are in the set. */
static void
folders_look(struct reading *r, const char *folder)
{
	const char **names = NULL;
	struct arena a = { 0 };
	bool top = *folder == '\0';
	struct err e;
	size_t n = 0;

	if (file_list(&a, arena_printf(&a, "%s/%s", r->config->dir, folder), "",
		&names, &n, &e) != 0)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		const char *inner = top ?
		    names[i] :
		    arena_printf(&a, "%s/%s", folder, names[i]);

		if (top && is_folder(names[i]))
			folders_look(r, inner);
		else
			folder_look(r, inner);
	}
	arena_fini(&a);
}

void
config_strays(struct reading *r)
{
	folder_look(r, "");
	folders_look(r, "");
}
