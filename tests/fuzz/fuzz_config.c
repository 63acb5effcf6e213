/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any configuration set: the input is the files one after another, each
 * behind a line "@NAME".  A set is loaded whole, or refused with an error
 * for each that is told.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char *const names[] = { "muster.json", "systems/s.json",
	"roles/r.json", "workflows/w.json", "feeds/f.json" };
#define NAMES (sizeof(names) / sizeof(*names))

static char dir[64];

static void
dir_remove(void)
{
	static const char *const folders[] = { "systems", "roles", "workflows",
		"feeds", "" };
	char path[128];

	for (size_t i = 0; i < NAMES; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, folders[i]);
		rmdir(path);
	}
}

static void
dir_make(void)
{
	const char *under = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	char path[128];

	snprintf(dir, sizeof(dir), "%s/fuzz-config-XXXXXX", under);
	if (mkdtemp(dir) == NULL)
		abort();
	atexit(dir_remove);
	for (size_t i = 1; i < NAMES; i++) {
		snprintf(path, sizeof(path), "%s/%.*s", dir,
		    (int)strcspn(names[i], "/"), names[i]);
		if (mkdir(path, 0700) != 0)
			abort();
	}
}

static void
file_write(const char *name, const char *text, size_t n)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, text, n) != (ssize_t)n)
		abort();
	close(fd);
}

/* The rest of the set from here on, if this file's heading is here. */
static const char *
behind(const char *at, const char *end, const char *name)
{
	size_t n = strlen(name);

	if (end - at < (ptrdiff_t)n + 2 || at[0] != '@' ||
	    memcmp(at + 1, name, n) != 0 || at[n + 1] != '\n')
		return NULL;
	return at + n + 2;
}

static void
set_write(const char *at, const char *end)
{
	for (size_t i = 0; i < NAMES; i++)
		file_write(names[i], "", 0);
	while (at != NULL && at < end) {
		const char *text = NULL, *next;
		size_t i = 0;

		while (i < NAMES && (text = behind(at, end, names[i])) == NULL)
			i++;
		if (text == NULL)
			return;
		next = memmem(text, (size_t)(end - text), "\n@", 2);
		file_write(names[i], text,
		    (size_t)((next != NULL ? next : end) - text));
		at = next != NULL ? next + 1 : NULL;
	}
}

static void
each_error(void *ctx, const struct err *e)
{
	int64_t *count = ctx;

	if (e->cls == ERR_NONE || e->text[0] == '\0')
		abort();
	++*count;
}

/* Of a wrong set what is whole can be looked at, and each program has a
   place. */
static void
places_look(const struct config *c)
{
	struct arena a = { 0 };
	struct many programs = { 0 };

	config_programs(c, &a, &programs);
	const struct program *p = programs.item;
	for (size_t i = 0; i < programs.n; i++)
		if (strncmp(config_place(c, &a, &p[i].at), p[i].at.file,
			strlen(p[i].at.file)) != 0)
			abort();
	arena_fini(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	int64_t errors = 0;
	size_t told = 0;
	struct err first = { 0 };

	if (dir[0] == '\0')
		dir_make();
	set_write((const char *)data, (const char *)data + n);
	struct config *c = config_load_whole(dir, each_error, &errors, &told,
	    &first);
	if (c == NULL || told != (size_t)errors)
		abort();
	if ((c->digest != NULL) != (errors == 0) ||
	    (errors == 0 && strlen(c->digest) != 64))
		abort();
	places_look(c);
	config_free(c);
	return 0;
}
