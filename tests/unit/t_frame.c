/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/frame.h"

static void
frames_go_and_come(void **unused)
{
	struct arena a = { NULL, 0 };
	struct err e;
	char *text;
	size_t n;
	int s[2];

	(void)unused;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	assert_int_equal(frame_write(s[0], "{\"a\":1}", 7, &e), 0);
	assert_int_equal(frame_write(s[0], "", 0, &e), 0);
	assert_int_equal(frame_read(s[1], &a, &text, &n, &e), 1);
	assert_int_equal(n, 7);
	assert_string_equal(text, "{\"a\":1}");
	assert_int_equal(frame_read(s[1], &a, &text, &n, &e), 1);
	assert_int_equal(n, 0);
	assert_string_equal(text, "");
	assert_int_equal(frame_write(s[0], "x", FRAME_MAX + 1, &e), -1);
	assert_int_equal(e.cls, ERR_INPUT);
	close(s[0]);
	assert_int_equal(frame_read(s[1], &a, &text, &n, &e), 0);
	/* No signal, but an error, when nobody listens. */
	assert_int_equal(frame_write(s[1], "x", 1, &e), -1);
	close(s[1]);
	arena_fini(&a);
}

static void
broken_frames_are_refused(void **unused)
{
	static const struct {
		const char *bytes;
		size_t n;
	} cases[] = {
		{ "\x01\x00", 2 },
		{ "\x04\x00\x00\x00"
		  "abc",
		    7 },
		{ "\x04\x00\x00\x00", 4 },
		{ "\x01\x00\x10\x00"
		  "a",
		    5 }, /* FRAME_MAX + 1 */
		{ "\xff\xff\xff\xff"
		  "a",
		    5 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena a = { NULL, 0 };
		struct err e;
		char *text;
		size_t n;
		int s[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
		assert_int_equal(fd_write(s[0], cases[i].bytes, cases[i].n), 0);
		close(s[0]);
		assert_int_equal(frame_read(s[1], &a, &text, &n, &e), -1);
		close(s[1]);
		arena_fini(&a);
	}
}

/* Frames of all sizes, in writes of all sizes. */
static void *
sender(void *at)
{
	int fd = *(int *)at;
	struct err e;
	char *big = malloc(FRAME_MAX);

	memset(big, 'x', FRAME_MAX);
	for (size_t n = 0; n <= FRAME_MAX; n = n * 3 + 1)
		if (frame_write(fd, big, n, &e) != 0)
			break;
	if (frame_write(fd, big, FRAME_MAX, &e) == 0)
		for (int i = 0; i < 1000; i++)
			(void)!frame_write(fd, "small", 5, &e);
	free(big);
	close(fd);
	return NULL;
}

static void
bytes_become_frames(void **unused)
{
	struct frames f = { NULL, 0, 0, 0 };
	size_t want = 0, n, small = 0;
	const char *text;
	struct err e;
	pthread_t t;
	int s[2], got = 0;

	(void)unused;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	assert_int_equal(frames_fill(&f, s[1], &e), 1);
	assert_int_equal(frames_next(&f, &text, &n, &e), 0);
	assert_int_equal(pthread_create(&t, NULL, sender, &s[0]), 0);
	while (frames_fill(&f, s[1], &e) == 1) {
		while ((got = frames_next(&f, &text, &n, &e)) == 1) {
			if (want <= FRAME_MAX) {
				assert_int_equal(n, want);
				want = want * 3 + 1;
			} else if (small++ == 0) {
				assert_int_equal(n, FRAME_MAX);
			} else {
				assert_int_equal(n, 5);
				assert_memory_equal(text, "small", 5);
			}
		}
		assert_int_equal(got, 0);
		assert_true(f.room <= FRAME_MAX + 4 + 65536);
	}
	assert_int_equal(small, 1001);
	pthread_join(t, NULL);
	frames_fini(&f);
	assert_null(f.at);
	close(s[1]);
}

static void
a_frame_too_long_is_an_error(void **unused)
{
	struct frames f = { NULL, 0, 0, 0 };
	const char *text;
	struct err e;
	size_t n;
	int s[2];

	(void)unused;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	assert_int_equal(fd_write(s[0], "\x02\x00\x00\x00hi\x01\x00\x10\x00",
			     10),
	    0);
	assert_int_equal(frames_fill(&f, s[1], &e), 1);
	assert_int_equal(frames_next(&f, &text, &n, &e), 1);
	assert_memory_equal(text, "hi", 2);
	assert_int_equal(frames_next(&f, &text, &n, &e), -1);
	assert_int_equal(e.cls, ERR_INPUT);
	frames_fini(&f);
	close(s[0]);
	close(s[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_go_and_come),
		cmocka_unit_test(broken_frames_are_refused),
		cmocka_unit_test(bytes_become_frames),
		cmocka_unit_test(a_frame_too_long_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
