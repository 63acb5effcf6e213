/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/log.h"

static char dir[] = "/tmp/muster-file-XXXXXX";

static int
setup(void **unused)
{
	(void)unused;
	return mkdtemp(dir) != NULL && chdir(dir) == 0 ? 0 : -1;
}

static int
teardown(void **unused)
{
	(void)unused;
	return chdir("/") == 0 ? rmdir(dir) : -1;
}

static void
files_are_replaced_whole(void **unused)
{
	struct arena a = { NULL, 0 };
	struct err e;
	struct stat st;
	size_t n = 9;

	(void)unused;
	assert_int_equal(file_replace("f", "one", 3, 0640, &e), 0);
	/* What a crash left behind does no harm, wherever it points. */
	assert_int_equal(symlink("f", ".f.new"), 0);
	assert_int_equal(file_replace("f", "t\0wo", 4, 0600, &e), 0);
	assert_memory_equal(file_read(&a, "f", 100, &n, &e), "t\0wo", 5);
	assert_int_equal(n, 4);
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_not_equal(access(".f.new", F_OK), 0);
	assert_int_equal(file_replace("f", "", 0, 0600, &e), 0);
	assert_string_equal(file_read(&a, "f", 0, &n, &e), "");
	assert_int_equal(n, 0);
	assert_int_equal(file_replace("no/f", "x", 1, 0600, &e), -1);
	assert_int_equal(e.cls, ERR_GONE);
	assert_memory_equal(e.text, "no/f: ", 6);
	unlink("f");
	arena_fini(&a);
}

static void
reading_is_bounded(void **unused)
{
	struct arena a = { NULL, 0 };
	struct err e;
	char *big = calloc(1, 100000);
	size_t n;

	(void)unused;
	memset(big, 'x', 100000);
	assert_int_equal(file_replace("f", big, 100000, 0600, &e), 0);
	assert_non_null(file_read(&a, "f", 100000, &n, &e));
	assert_int_equal(n, 100000);
	assert_null(file_read(&a, "f", 99999, &n, &e));
	assert_int_equal(e.cls, ERR_INPUT);
	assert_null(file_read(&a, "/dev/zero", 1 << 20, &n, &e));
	assert_int_equal(e.cls, ERR_INPUT);
	assert_null(file_read(&a, "absent", 10, &n, &e));
	assert_int_equal(e.cls, ERR_GONE);
	assert_memory_equal(e.text, "absent: ", 8);
	assert_null(file_read(&a, ".", 10, &n, &e));
	assert_int_equal(e.cls, ERR_INPUT);
	assert_non_null(file_read(&a, "/proc/self/status", 100000, &n, &e));
	assert_true(n > 0);
	unlink("f");
	free(big);
	arena_fini(&a);
}

static void
folders_are_listed_in_order(void **unused)
{
	struct arena a = { NULL, 0 };
	const char **names;
	struct err e;
	size_t n;

	(void)unused;
	for (int i = 0; i < 40; i++)
		assert_int_equal(file_replace(arena_printf(&a, "%02d.json",
						  (i * 7) % 40),
				     "", 0, 0600, &e),
		    0);
	assert_int_equal(file_replace(".hidden.json", "", 0, 0600, &e), 0);
	assert_int_equal(file_replace("other.txt", "", 0, 0600, &e), 0);
	assert_int_equal(file_list(&a, ".", ".json", &names, &n, &e), 0);
	assert_int_equal(n, 40);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(names[i],
		    arena_printf(&a, "%02zu.json", i));
	assert_int_equal(file_list(&a, ".", ".none", &names, &n, &e), 0);
	assert_int_equal(n, 0);
	assert_int_equal(file_list(&a, "no", "", &names, &n, &e), -1);
	assert_int_equal(e.cls, ERR_GONE);
	for (int i = 0; i < 40; i++)
		unlink(arena_printf(&a, "%02d.json", i));
	unlink(".hidden.json");
	unlink("other.txt");
	arena_fini(&a);
}

static void
descriptors_are_read_exactly(void **unused)
{
	char text[8];
	int p[2];

	(void)unused;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(fd_write(p[1], "abcdef", 6), 0);
	assert_int_equal(fd_read(p[0], text, 4), 1);
	assert_memory_equal(text, "abcd", 4);
	close(p[1]);
	assert_int_equal(fd_read(p[0], text, 4), -1);
	assert_int_equal(fd_read(p[0], text, 4), 0);
	close(p[0]);
	assert_int_equal(fd_read(p[0], text, 4), -1);
	assert_int_equal(fd_write(p[0], text, 4), -1);
}

/* Standard error goes into a file while fn logs. */
static const char *
logged(struct arena *a, void (*fn)(void))
{
	struct err e;
	int old = dup(STDERR_FILENO);
	int fd = open("log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);

	dup2(fd, STDERR_FILENO);
	fn();
	dup2(old, STDERR_FILENO);
	close(fd);
	close(old);
	const char *text = file_read(a, "log", 1 << 20, NULL, &e);
	unlink("log");
	return text;
}

static void
log_hostile(void)
{
	char big[5000];

	log_open("worker corp", LOG_LEVEL_INFO);
	log_debug("not shown");
	log_info("user %s", "a\nb\r\x1b[31m\x7f\xff\xc2\x9b \xc3\xa4");
	memset(big, '\n', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	log_error("%s", big);
}

static void
log_lines_stay_lines(void **unused)
{
	struct arena a = { NULL, 0 };
	const char *text = logged(&a, log_hostile);

	(void)unused;
	assert_null(strstr(text, "not shown"));
	assert_non_null(strstr(text,
	    "Z worker corp info: user a\\nb\\x0d"
	    "\\x1b[31m\\x7f\\xff\\xc2\\x9b \xc3\xa4\n"));
	const char *second = strchr(text, '\n') + 1;
	assert_non_null(strstr(second, "worker corp error: \\n\\n"));
	assert_ptr_equal(strchr(second, '\n'), text + strlen(text) - 1);
	assert_true(strlen(second) < 2300);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_replaced_whole),
		cmocka_unit_test(reading_is_bounded),
		cmocka_unit_test(folders_are_listed_in_order),
		cmocka_unit_test(descriptors_are_read_exactly),
		cmocka_unit_test(log_lines_stay_lines),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
