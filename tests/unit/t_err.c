/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <muster/err.h>

#include "base/json_scan.h"

static void
every_class_has_its_meaning(void **unused)
{
	(void)unused;
	for (int c = 0; c < ERR_CLASSES; c++) {
		const struct err_meaning *m = &err_meanings[c];

		assert_non_null(m->word);
		assert_int_equal(err_named(m->word), c);
		assert_in_range(m->http, 200, 599);
		assert_int_equal(m->exit == 0, c == ERR_NONE);
		for (int d = 0; d < c; d++) {
			assert_string_not_equal(m->word, err_meanings[d].word);
			assert_int_not_equal(m->exit, err_meanings[d].exit);
			assert_int_not_equal(m->http, err_meanings[d].http);
		}
	}
	assert_true(err_meanings[ERR_BUSY].retry);
	assert_true(err_meanings[ERR_FULL].retry);
	assert_false(err_meanings[ERR_UNKNOWN].retry);
	assert_int_equal(err_named("nonsense"), ERR_BUG);
	assert_int_equal(err_named(""), ERR_BUG);
	assert_int_equal(err_named(NULL), ERR_BUG);
}

static void
context_goes_in_front(void **unused)
{
	struct err e = { ERR_BUSY, 5, "old" };

	(void)unused;
	assert_int_equal(err_set(&e, ERR_INPUT, "%s: missing", "url"), -1);
	assert_int_equal(e.cls, ERR_INPUT);
	assert_int_equal(e.after_ms, 0);
	assert_int_equal(err_within(&e, "systems[%d].", 2), -1);
	assert_string_equal(e.text, "systems[2].url: missing");
	assert_int_equal(e.cls, ERR_INPUT);
	/* An error may quote itself. */
	err_set(&e, ERR_GONE, "again: %s", e.text);
	assert_string_equal(e.text, "again: systems[2].url: missing");
}

static void
long_texts_end_at_a_character(void **unused)
{
	struct err e;
	char text[2000];

	(void)unused;
	for (size_t shift = 0; shift < 4; shift++) {
		memset(text, 'x', shift);
		for (size_t i = shift; i + 4 < sizeof(text); i += 4)
			memcpy(text + i, "\xf0\x9f\x98\x80", 4);
		text[sizeof(text) - 4] = '\0';
		err_set(&e, ERR_INPUT, "%s", text);
		const char *end = e.text + strlen(e.text), *p = e.text;
		assert_in_range(end - p, sizeof(e.text) - 5,
		    sizeof(e.text) - 1);
		while (p < end) {
			size_t n = utf8_length(p, end);

			assert_int_not_equal(n, 0);
			p += n;
		}
		err_within(&e, "%s", text);
		assert_in_range(strlen(e.text), sizeof(e.text) - 5,
		    sizeof(e.text) - 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_has_its_meaning),
		cmocka_unit_test(context_goes_in_front),
		cmocka_unit_test(long_texts_end_at_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
