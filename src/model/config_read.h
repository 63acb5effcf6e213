/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files that read a configuration set share.  Reading goes on
 * after an error, so that all of them are told at once; every error names
 * file, line and path, and the set is used only if there was none.
 */
#ifndef MODEL_CONFIG_READ_H
#define MODEL_CONFIG_READ_H

#include "model/config.h"

struct place {		  /* where a definition stands */
	const char *file; /* relative to the set */
	const char *text; /* one JSON object, comments blanked */
	size_t n;
	int line;   /* of its first byte */
	bool wrong; /* an error of the definition itself was told */
};

struct defs { /* definitions of one kind while they come */
	struct many items;
	size_t room, size;
	struct place *places; /* as many as items */
};

struct reading {
	struct config *config;
	struct arena *arena; /* the configuration's */
	void (*each)(void *ctx, const struct err *);
	void *ctx;
	struct err *first;
	size_t errors;
	struct place settings;
	struct defs systems, roles, workflows, feeds;
	struct buf plain; /* files that a system names and others may read */
};

/* Tells an error; its text begins with the path inside the definition,
   from which the line is found. */
void config_wrong(struct reading *, const struct place *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* config_file.c: blanks // and block comments outside of strings; false if
   one does not end, then *at says where. */
bool config_uncomment(char *text, size_t n, size_t *at);
/* The line of what the path names, as far as it leads. */
int config_line(const struct place *, const char *path);

#define CONFIG_FILE_MAX ((size_t)1 << 20) /* bytes of one file */

/* config_folder.c: where each kind stands; ends with a NULL name. */
struct config_folder {
	const char *name;
	const struct field *fields; /* the first is the kind, and its name */
	void (*read)(struct reading *, const struct place *);
	size_t defs; /* where a reading keeps them */
};
extern const struct config_folder config_folders[];
/* Tells of each other place in the set that holds definitions: a folder, one
   within those, or the set itself. */
void config_strays(struct reading *);

/* config_load.c: a new definition of that kind, zeroed, and its place. */
void *config_def(struct reading *, struct defs *, const struct place *);

/* One object of a file, by kind; each is complete apart from what other
   definitions say about it. */
void config_settings(struct reading *, const struct place *);
void config_system_read(struct reading *, const struct place *);
void config_role_read(struct reading *, const struct place *);
void config_workflow_read(struct reading *, const struct place *);
void config_feed_read(struct reading *, const struct place *);

/* The guards of settings or of a feed. */
void config_guards(struct reading *, const struct place *,
    const struct many *guards);

/* config_check.c: what definitions say about each other. */
void config_check(struct reading *);
/* config_secrets.c: whether every {"file": path} is a file that we can read. */
void config_files_check(struct reading *, const struct system_def *,
    const struct place *);
/* The full path of a file that the set names; ERR_INPUT unless it lies in
   the set, or only its owner (this user, root, or the set's) writes it. */
const char *config_path(const struct config *, struct arena *, const char *path,
    struct err *);

/* Decodes the place with the table; false when that was an error. */
bool config_decode(struct reading *, const struct place *, const struct field *,
    void *out);
/* The same for a piece of the definition; within ("accounts.corp.") leads to
   it. */
bool config_decode_text(struct reading *, const struct place *,
    const char *within, const struct field *, const char *text, void *out);
/* Names that may stand in files, commands and lists. */
bool config_is_name(const char *);
/* Tells it when value is not within [low, high]. */
void config_between(struct reading *, const struct place *, const char *path,
    int64_t value, int64_t low, int64_t high);
/* The same for spans. */
void config_span(struct reading *, const struct place *, const char *path,
    int64_t value, int64_t low, int64_t high);

#endif
