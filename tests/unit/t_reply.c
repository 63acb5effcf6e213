/* SPDX-License-Identifier: Apache-2.0 */
/* What children say is taken apart exactly, or refused whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "supervisor/reply.h"

static void
replies(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		enum reply_kind kind;
		const char *value; /* or the failure's text */
		enum err_class cls;
	} rows[] = {
		{ "{\"call\":5,\"epoch\":6,\"out\":{\"a\":1}}", true, REPLY_OUT,
		    "{\"a\":1}", ERR_NONE },
		{ "{\"call\":5,\"epoch\":6,\"out\":1,\"after_ms\":0}", true,
		    REPLY_OUT, "1", ERR_NONE },
		{ " {\"out\" : null , \"epoch\":6,\"call\":5 } ", true,
		    REPLY_OUT, "null", ERR_NONE },
		{ "{\"call\":5,\"epoch\":6,\"rows\":[1,2]}", true, REPLY_ROWS,
		    "[1,2]", ERR_NONE },
		{ "{\"call\":5,\"epoch\":6,\"failure\":\"busy\","
		  "\"text\":\"x\",\"after_ms\":9}",
		    true, REPLY_FAILURE, "x", ERR_BUSY },
		{ "{\"failure\":\"gone\",\"call\":5,\"epoch\":6}", true,
		    REPLY_FAILURE, "", ERR_GONE },
		{ "{\"call\":5,\"epoch\":6,\"failure\":\"fine\"}", false, 0,
		    NULL, 0 },
		{ "{\"call\":5,\"epoch\":6,\"failure\":\"busy\","
		  "\"after_ms\":-9}",
		    false, 0, NULL, 0 },
		{ "{\"call\":5,\"epoch\":6,\"out\":1,"
		  "\"failure\":\"busy\"}",
		    false, 0, NULL, 0 },
		{ "{\"call\":5,\"epoch\":6,\"rows\":{}}", false, 0, NULL, 0 },
		{ "{\"call\":5,\"epoch\":6,\"rows\":[{\"a\":1,\"a\":2}]}",
		    false, 0, NULL, 0 },
		{ "{\"call\":5,\"call\":5,\"epoch\":6,\"out\":1}", false, 0,
		    NULL, 0 },
		{ "{\"call\":-5,\"epoch\":6,\"out\":1}", false, 0, NULL, 0 },
		{ "{\"call\":5e0,\"epoch\":6,\"out\":1}", false, 0, NULL, 0 },
		{ "{\"call\":\"5\",\"epoch\":6,\"out\":1}", false, 0, NULL, 0 },
		{ "{\"call\":5,\"out\":1}", false, 0, NULL, 0 },
		{ "{\"call\":5,\"epoch\":6}", false, 0, NULL, 0 },
		{ "{\"call\":5,\"epoch\":6,\"out\":{\"a\":}}", false, 0, NULL,
		    0 },
		{ "{\"call\":5,\"epoch\":6,\"out\":1}x", false, 0, NULL, 0 },
		{ "{\"call\":5,\"epoch\":6,\"out\":1", false, 0, NULL, 0 },
		{ "{\"call\":9999999999999999999,\"epoch\":6,\"out\":1}", false,
		    0, NULL, 0 },
		{ "5", false, 0, NULL, 0 },
		{ "", false, 0, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct reply r;

		print_message("%s\n", rows[i].text);
		assert_int_equal(reply_read(rows[i].text, strlen(rows[i].text),
				     &r),
		    rows[i].ok);
		if (!rows[i].ok)
			continue;
		assert_int_equal(r.kind, rows[i].kind);
		assert_int_equal(r.call, 5);
		assert_int_equal(r.epoch, 6);
		assert_int_equal(r.why.cls, rows[i].cls);
		if (r.kind == REPLY_FAILURE) {
			assert_string_equal(r.why.text, rows[i].value);
		} else {
			assert_int_equal(r.value.n, strlen(rows[i].value));
			assert_memory_equal(r.value.at, rows[i].value,
			    r.value.n);
		}
	}
}

static void
greetings(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		enum err_class cls;
	} rows[] = {
		{ "{\"ready\":true,\"abi\":1,\"provider\":\"x\",\"ops\":[]}",
		    true, ERR_NONE },
		{ "{\"ready\":false,\"failure\":\"denied\",\"text\":\"no\"}",
		    true, ERR_DENIED },
		{ "{\"ready\":false,\"failure\":\"nonsense\"}", true,
		    ERR_REFUSED },
		{ "{\"ready\":false}", true, ERR_REFUSED },
		{ "{\"ready\":1}", false, ERR_NONE },
		{ "{}", false, ERR_NONE },
		{ "[]", false, ERR_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err why;

		assert_int_equal(ready_read(rows[i].text, strlen(rows[i].text),
				     &why),
		    rows[i].ok);
		assert_int_equal(why.cls, rows[i].cls);
	}
}

static void
verdicts(void **state)
{
	static const struct {
		const char *text;
		bool ok, stuck;
		size_t count;
	} rows[] = {
		{ "{\"id\":3,\"results\":[[{\"values\":[1]},"
		  "{\"error\":\"x\"}]]}",
		    true, false, 1 },
		{ "{\"id\":3,\"results\":[]}", true, false, 0 },
		{ "{\"id\":3,\"results\":[[{\"values\":[]},{\"values\":[]}],"
		  "[{\"values\":[]},{\"values\":[]}]]}",
		    true, false, 2 },
		{ "{\"id\":3,\"stuck\":\"x\",\"program\":1,\"input\":9}", true,
		    true, 0 },
		{ "{\"id\":3,\"stuck\":\"x\",\"program\":2,\"input\":9}", true,
		    true, 0 },
		{ "{\"id\":3,\"stuck\":\"x\",\"program\":3,\"input\":9}", false,
		    false, 0 },
		{ "{\"id\":3,\"stuck\":\"x\",\"program\":1}", false, false, 0 },
		{ "{\"id\":3,\"results\":[[{\"values\":[1]}]]}", false, false,
		    0 },
		{ "{\"id\":3,\"results\":[[{\"values\":1},"
		  "{\"values\":[]}]]}",
		    false, false, 0 },
		{ "{\"id\":3,\"results\":[[{\"values\":[],\"error\":\"\"},"
		  "{\"values\":[]}]]}",
		    false, false, 0 },
		{ "{\"id\":3,\"results\":[[{},{\"values\":[]}]]}", false, false,
		    0 },
		{ "{\"id\":3,\"results\":[[],[]],\"stuck\":\"x\","
		  "\"program\":0,\"input\":0}",
		    false, false, 0 },
		{ "{\"id\":3}", false, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct verdicts v;

		print_message("%s\n", rows[i].text);
		assert_int_equal(verdicts_read(rows[i].text,
				     strlen(rows[i].text), 2, &v),
		    rows[i].ok);
		if (!rows[i].ok)
			continue;
		assert_int_equal(v.id, 3);
		assert_int_equal(v.stuck, rows[i].stuck);
		assert_int_equal(v.count, rows[i].count);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies),
		cmocka_unit_test(greetings),
		cmocka_unit_test(verdicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
