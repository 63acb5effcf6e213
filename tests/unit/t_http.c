/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP client without a server: the judge, waiting times, which URLs
 * and credentials are taken, and headers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sdk/http.h"

static void
statuses_are_judged(void **state)
{
	static const struct {
		int status;
		enum err_class reads, repeatable, once;
	} rows[] = {
		{ 200, ERR_NONE, ERR_NONE, ERR_NONE },
		{ 204, ERR_NONE, ERR_NONE, ERR_NONE },
		{ 299, ERR_NONE, ERR_NONE, ERR_NONE },
		{ 100, ERR_INPUT, ERR_INPUT, ERR_INPUT },
		{ 301, ERR_INPUT, ERR_INPUT, ERR_INPUT },
		{ 304, ERR_INPUT, ERR_INPUT, ERR_INPUT },
		{ 400, ERR_INPUT, ERR_INPUT, ERR_INPUT },
		{ 401, ERR_DENIED, ERR_DENIED, ERR_DENIED },
		{ 403, ERR_DENIED, ERR_DENIED, ERR_DENIED },
		{ 404, ERR_GONE, ERR_GONE, ERR_GONE },
		{ 408, ERR_BUSY, ERR_BUSY, ERR_BUSY },
		{ 409, ERR_CONFLICT, ERR_CONFLICT, ERR_CONFLICT },
		{ 410, ERR_GONE, ERR_GONE, ERR_GONE },
		{ 412, ERR_CONFLICT, ERR_CONFLICT, ERR_CONFLICT },
		{ 422, ERR_INPUT, ERR_INPUT, ERR_INPUT },
		{ 423, ERR_REFUSED, ERR_REFUSED, ERR_REFUSED },
		{ 425, ERR_BUSY, ERR_BUSY, ERR_BUSY },
		{ 429, ERR_BUSY, ERR_BUSY, ERR_BUSY },
		{ 500, ERR_BUSY, ERR_BUSY, ERR_UNKNOWN },
		{ 501, ERR_INPUT, ERR_INPUT, ERR_INPUT },
		{ 502, ERR_BUSY, ERR_BUSY, ERR_UNKNOWN },
		{ 503, ERR_BUSY, ERR_BUSY, ERR_BUSY },
		{ 504, ERR_BUSY, ERR_BUSY, ERR_UNKNOWN },
		{ 599, ERR_BUSY, ERR_BUSY, ERR_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int s = rows[i].status;

		print_message("%d\n", s);
		assert_int_equal(http_class(s, HTTP_READS), rows[i].reads);
		assert_int_equal(http_class(s, HTTP_REPEATABLE),
		    rows[i].repeatable);
		assert_int_equal(http_class(s, HTTP_ONCE), rows[i].once);
	}
}

static void
a_wait_goes_only_with_busy(void **state)
{
	const struct http_request q = { .method = "GET", .path = "/x" };
	struct http_reply r = { .status = 429, .after_ms = 700 };
	struct err e = { ERR_NONE, 0, "" };

	(void)state;
	assert_int_equal(http_judge(&q, &r, &e), -1);
	assert_int_equal(e.after_ms, 700);
	assert_string_equal(e.text, "GET /x: HTTP 429");
	r.status = 403;
	assert_int_equal(http_judge(&q, &r, &e), -1);
	assert_int_equal(e.after_ms, 0);
	r.status = 200;
	assert_int_equal(http_judge(&q, &r, &e), 0);
}

static void
retry_after_is_read(void **state)
{
	/* 2026-11-29T00:00:00Z */
	static const int64_t now = INT64_C(1795910400000);
	static const struct {
		const char *value;
		int64_t want;
	} rows[] = {
		{ "-9223372036854775807", 0 },
		{ "9223372036854775807", 86400000 },
		{ NULL, 0 },
		{ "", 0 },
		{ "soon", 0 },
		{ "0", 0 },
		{ "2", 2000 },
		{ "120", 120000 },
		{ "-5", 0 },
		{ "99999999999", 86400000 },
		{ "Sun, 29 Nov 2026 00:00:30 GMT", 30000 },
		{ "Sun, 29 Nov 2025 00:00:30 GMT", 0 },
		{ "Tue, 29 Dec 2026 00:00:00 GMT", 86400000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(http_retry_after(rows[i].value, now),
		    rows[i].want);
}

static void
urls_and_credentials_are_checked(void **state)
{
	static const struct {
		struct http_config c;
		const char *text; /* NULL: taken */
	} rows[] = {
		{ { .url = "https://api.example.test/v2/" }, NULL },
		{ { .url = "http://127.0.0.1:8080" }, NULL },
		{ { .url = "http://127.9.9.9" }, NULL },
		{ { .url = "http://[::1]:8080" }, NULL },
		{ { .url = NULL }, "url: not a URL" },
		{ { .url = "http://api.example.test" }, "url: http://" },
		{ { .url = "http://localhost" }, "url: http://" },
		{ { .url = "http://127.evil.test" }, "url: http://" },
		{ { .url = "http://10.0.0.1" }, "url: http://" },
		{ { .url = "ftp://127.0.0.1" }, "url: wants https" },
		{ { .url = "file:///etc/passwd" }, "url: " },
		{ { .url = "https://u:p@api.example.test" }, "url: wants n" },
		{ { .url = "https://api.example.test/?a=1" }, "url: wants n" },
		{ { .url = "https://x", .auth = "bearer" }, "auth.secret" },
		{ { .url = "https://x",
		      .auth = "bearer",
		      .secret = "a\r\nX: y" },
		    "auth.secret" },
		{ { .url = "https://x", .auth = "bearer", .secret = "a" },
		    NULL },
		{ { .url = "https://x", .auth = "basic", .secret = "a" },
		    "auth.user" },
		{ { .url = "https://x",
		      .auth = "basic",
		      .user = "a:b",
		      .secret = "a" },
		    "auth.user" },
		{ { .url = "https://x", .auth = "header", .secret = "a" },
		    "auth.header" },
		{ { .url = "https://x",
		      .auth = "header",
		      .header = "A: b",
		      .secret = "a" },
		    "auth.header" },
		{ { .url = "https://x", .auth = "oauth", .secret = "a" },
		    "auth.type" },
		{ { .url = "https://x", .max_body = -1 }, "max_body" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err e = { ERR_NONE, 0, "" };
		struct http *h = NULL;

		print_message("%zu %s\n", i, rows[i].c.url);
		int rc = http_open(&rows[i].c, &h, &e);
		assert_int_equal(rc, rows[i].text == NULL ? 0 : -1);
		if (rc == 0) {
			http_close(h);
			continue;
		}
		assert_int_equal(e.cls, ERR_INPUT);
		assert_ptr_equal(strstr(e.text, rows[i].text), e.text);
	}
}

static void
no_url_leaves_the_origin(void **state)
{
	static const struct {
		const char *path, *want; /* NULL: refused */
	} rows[] = {
		{ "/users", "https://api.test/v2/users" },
		{ "https://api.test/v2/users?a=1",
		    "https://api.test/v2/users?a=1" },
		{ "https://API.test:443/x", "https://API.test:443/x" },
		{ "https://api.test:444/x", NULL },
		{ "http://api.test/x", NULL },
		{ "https://api.test.evil/x", NULL },
		{ "https://api.test@evil/x", NULL },
		{ "https://u@api.test/x", NULL },
		{ "//evil/x", "https://api.test/v2//evil/x" },
		{ "users", NULL },
		{ "file:///etc/passwd", NULL },
		{ "", NULL },
	};
	const struct http_config c = { .url = "https://api.test/v2/" };
	struct arena a = { NULL, 0 };
	struct http *h = NULL;
	struct err e;

	(void)state;
	assert_int_equal(http_open(&c, &h, &e), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *got = http_url(h, &a, rows[i].path, &e);

		print_message("%s\n", rows[i].path);
		if (rows[i].want == NULL)
			assert_null(got);
		else
			assert_string_equal(got, rows[i].want);
	}
	http_close(h);
	arena_fini(&a);
}

static void
headers_are_found(void **state)
{
	const struct http_reply r = {
		.headers =
		    "HTTP/1.1 200 OK\r\n"
		    "Retry-After:  7\r\nX: a\r\nx-empty:\r\nRetry-After: 9\r\n\r\n"
	};
	struct arena a = { NULL, 0 };

	(void)state;
	assert_string_equal(http_header(&a, &r, "retry-after"), "7");
	assert_string_equal(http_header(&a, &r, "X"), "a");
	assert_string_equal(http_header(&a, &r, "X-Empty"), "");
	assert_null(http_header(&a, &r, "Retry"));
	assert_null(http_header(&a, &r, "Link"));
	arena_fini(&a);
}

static void
texts_are_escaped(void **state)
{
	struct arena a = { NULL, 0 };

	(void)state;
	assert_string_equal(http_escape(&a, "aZ09-._~"), "aZ09-._~");
	assert_string_equal(http_escape(&a, "a/b?c&d=e f%+#"),
	    "a%2Fb%3Fc%26d%3De%20f%25%2B%23");
	assert_string_equal(http_escape(&a, "é\n"), "%C3%A9%0A");
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses_are_judged),
		cmocka_unit_test(a_wait_goes_only_with_busy),
		cmocka_unit_test(retry_after_is_read),
		cmocka_unit_test(urls_and_credentials_are_checked),
		cmocka_unit_test(no_url_leaves_the_origin),
		cmocka_unit_test(headers_are_found),
		cmocka_unit_test(texts_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
