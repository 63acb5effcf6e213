/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <muster/arena.h>

static void
pieces_are_zero_aligned_and_apart(void **unused)
{
	struct arena a = { NULL, 0 };
	char *last = NULL;

	(void)unused;
	for (size_t n = 0; n < 3000; n += 7) {
		char *p = arena_zero(&a, n, 1);

		assert_non_null(p);
		assert_ptr_not_equal(p, last);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0x5a, n);
		last = p;
	}
	assert_true(a.used >= 3000 / 7 * 1500);
	arena_fini(&a);
	assert_null(a.head);
	assert_int_equal(a.used, 0);
}

static void
reset_keeps_one_wiped_block(void **unused)
{
	struct arena a = { NULL, 0 };

	(void)unused;
	arena_str(&a, "hunter2");
	char *large = arena_zero(&a, 100000, 1);
	memset(large, 0x5a, 100000);
	arena_reset(&a);
	assert_int_equal(a.used, 0);
	char *again = arena_zero(&a, 100000, 1);
	assert_ptr_equal(again, large);
	for (size_t i = 0; i < 100000; i++)
		assert_int_equal(again[i], 0);
	/* What one single thing needed goes back. */
	memset(arena_zero(&a, 4 << 20, 1), 0x5a, 4 << 20);
	arena_reset(&a);
	assert_ptr_equal(arena_zero(&a, 8, 1), large);
	assert_memory_equal(large, "\0\0\0\0\0\0\0", 8);
	arena_fini(&a);
	arena_fini(&a);
}

static void
growing_stays_in_place_while_last(void **unused)
{
	struct arena a = { NULL, 0 };

	(void)unused;
	char *p = arena_grow(&a, NULL, 0, 10);
	memcpy(p, "0123456789", 10);
	assert_ptr_equal(arena_grow(&a, p, 10, 12), p);
	assert_ptr_equal(arena_grow(&a, p, 12, 500), p);
	arena_zero(&a, 1, 1);
	char *q = arena_grow(&a, p, 500, 1000);
	assert_ptr_not_equal(q, p);
	assert_memory_equal(q, "0123456789", 10);
	for (size_t i = 10; i < 1000; i++)
		assert_int_equal(q[i], 0);
	char *r = arena_grow(&a, q, 1000, 500000);
	assert_memory_equal(r, "0123456789", 10);
	arena_fini(&a);
}

static void
texts_are_whole(void **unused)
{
	struct arena a = { NULL, 0 };
	char text[1000];

	(void)unused;
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_string_equal(arena_printf(&a, "%s-%d", "a", 5), "a-5");
	assert_string_equal(arena_printf(&a, "%s", text), text);
	assert_string_equal(arena_printf(&a, "%.255s", text),
	    arena_mem(&a, text, 255));
	assert_string_equal(arena_printf(&a, "%.256s", text),
	    arena_mem(&a, text, 256));
	assert_string_equal(arena_str(&a, ""), "");
	assert_memory_equal(arena_mem(&a, "a\0b", 3), "a\0b", 4);
	arena_fini(&a);
}

static void
buffers_end_with_nul(void **unused)
{
	struct arena a = { NULL, 0 };
	struct buf b = { .arena = &a };
	char want[6000] = "";

	(void)unused;
	assert_string_equal(buf_text(&b), "");
	for (int i = 0; i < 500; i++) {
		buf_printf(&b, "%d", i);
		buf_char(&b, ',');
		buf_add(&b, "", 0);
		assert_int_equal(buf_text(&b)[b.len], '\0');
		sprintf(want + strlen(want), "%d,", i);
	}
	assert_string_equal(buf_text(&b), want);
	buf_printf(&b, "%s", want);
	assert_int_equal(b.len, 2 * strlen(want));
	arena_fini(&a);
}

static void
integers_are_written_whole(void **unused)
{
	static const struct {
		int64_t v;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ -1, "-1" },
		{ 10, "10" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena a = { NULL, 0 };
		struct buf b = { .arena = &a };

		buf_int(&b, cases[i].v);
		assert_string_equal(buf_text(&b), cases[i].text);
		arena_fini(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zero_aligned_and_apart),
		cmocka_unit_test(reset_keeps_one_wiped_block),
		cmocka_unit_test(growing_stays_in_place_while_last),
		cmocka_unit_test(texts_are_whole),
		cmocka_unit_test(buffers_end_with_nul),
		cmocka_unit_test(integers_are_written_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
