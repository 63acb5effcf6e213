/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder of plain files, for one test.
 */
#ifndef TESTS_FRESH_DIR_H
#define TESTS_FRESH_DIR_H

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DIR_TEMPLATE "/tmp/muster-test-XXXXXX"

static inline void
dir_make(char dir[sizeof(DIR_TEMPLATE)])
{
	memcpy(dir, DIR_TEMPLATE, sizeof(DIR_TEMPLATE));
	assert_non_null(mkdtemp(dir));
}

static inline void
dir_remove(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *f;

	assert_non_null(d);
	while ((f = readdir(d)) != NULL)
		if (f->d_name[0] != '.')
			assert_int_equal(unlinkat(dirfd(d), f->d_name, 0), 0);
	closedir(d);
	assert_int_equal(rmdir(dir), 0);
}

#endif
