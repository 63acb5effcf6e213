/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration set of the played company: its own systems, roles and
 * feed, and the workflows that are shipped as defaults.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/config.h"
#include "sim.h"

#define RETENTION (6 * HOUR) /* instead of months */

static const char *const folders[] = { "", "systems", "roles", "workflows",
	"feeds", NULL };

static int
copy(const char *from, const char *to)
{
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	char buf[8192];
	size_t n;
	int ret = in == NULL || out == NULL ? -1 : 0;

	while (ret == 0 && (n = fread(buf, 1, sizeof(buf), in)) > 0)
		if (fwrite(buf, 1, n, out) != n)
			ret = -1;
	if (in != NULL)
		fclose(in);
	if (out != NULL && fclose(out) != 0)
		ret = -1;
	return ret;
}

static int
copy_folder(const char *from, const char *to)
{
	DIR *d = opendir(from);
	struct dirent *f;
	char a[512], b[512];
	int ret = d == NULL ? -1 : 0;

	if (d == NULL)
		return -1;
	mkdir(to, 0700);
	while (ret == 0 && (f = readdir(d)) != NULL) {
		if (strstr(f->d_name, ".json") == NULL)
			continue;
		snprintf(a, sizeof(a), "%s/%s", from, f->d_name);
		snprintf(b, sizeof(b), "%s/%s", to, f->d_name);
		ret = copy(a, b);
	}
	closedir(d);
	return ret;
}

static void
drop(const char *dir)
{
	char path[600];

	for (int i = 4; i >= 0; i--) {
		snprintf(path, sizeof(path), "%s/%s", dir, folders[i]);
		DIR *d = opendir(path);
		struct dirent *f;
		char file[1200];

		while (d != NULL && (f = readdir(d)) != NULL) {
			snprintf(file, sizeof(file), "%s/%s", path, f->d_name);
			if (strstr(f->d_name, ".json") != NULL)
				unlink(file);
		}
		if (d != NULL)
			closedir(d);
		rmdir(path);
	}
}

/* Deletes are due within a schedule. */
static void
hurry(struct config *c)
{
	struct workflow_def *w = c->workflows.item;

	for (size_t i = 0; i < c->workflows.n; i++)
		if (w[i].retention > 0)
			w[i].retention = RETENTION;
}

struct config *
company_load(const char *srcdir, struct err *e)
{
	char dir[] = "/tmp/muster-sim.XXXXXX", from[512], to[512];
	struct config *c = NULL;
	int ret = mkdtemp(dir) == NULL ? -1 : 0;

	for (int i = 0; ret == 0 && folders[i] != NULL; i++) {
		snprintf(from, sizeof(from), "%s/tests/sim/company/%s", srcdir,
		    folders[i]);
		snprintf(to, sizeof(to), "%s/%s", dir, folders[i]);
		ret = copy_folder(from, to);
	}
	snprintf(from, sizeof(from), "%s/contrib/defaults/workflows", srcdir);
	snprintf(to, sizeof(to), "%s/workflows", dir);
	if (ret == 0)
		ret = copy_folder(from, to);
	if (ret != 0)
		err_set(e, ERR_INPUT,
		    "%s/tests/sim/company cannot be copied "
		    "to %s",
		    srcdir, dir);
	else
		c = config_load(dir, NULL, NULL, e);
	drop(dir);
	if (c != NULL)
		hurry(c);
	return c;
}
