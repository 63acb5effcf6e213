/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The LDAP client without a server: what codes mean, which URLs are taken,
 * and that hostile values stay values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <muster/directory.h>

static void
codes_have_classes(void **state)
{
	static const struct {
		int code;
		enum err_class want;
	} rows[] = {
		{ 0, ERR_NONE },
		{ 2, ERR_INPUT },
		{ 3, ERR_BUSY },
		{ 4, ERR_REFUSED },
		{ 8, ERR_DENIED },
		{ 12, ERR_REFUSED },
		{ 13, ERR_DENIED },
		{ 16, ERR_CONFLICT },
		{ 17, ERR_INPUT },
		{ 19, ERR_REFUSED },
		{ 20, ERR_CONFLICT },
		{ 21, ERR_INPUT },
		{ 32, ERR_GONE },
		{ 34, ERR_INPUT },
		{ 48, ERR_DENIED },
		{ 49, ERR_DENIED },
		{ 50, ERR_DENIED },
		{ 51, ERR_BUSY },
		{ 52, ERR_BUSY },
		{ 53, ERR_REFUSED },
		{ 64, ERR_INPUT },
		{ 65, ERR_REFUSED },
		{ 66, ERR_REFUSED },
		{ 67, ERR_INPUT },
		{ 68, ERR_CONFLICT },
		{ 80, ERR_BUSY },
		{ 122, ERR_CONFLICT },
		{ 123, ERR_DENIED },
		{ 4711, ERR_REFUSED },
		{ -1, ERR_BUSY },
		{ -5, ERR_BUSY },
		{ -11, ERR_BUSY },
		{ -7, ERR_INPUT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		print_message("%d\n", rows[i].code);
		assert_int_equal(directory_class(rows[i].code), rows[i].want);
	}
}

static void
urls_are_checked(void **state)
{
	static const struct {
		const char *url, *password;
		int64_t page;
		const char *text; /* NULL: taken */
	} rows[] = {
		{ "ldaps://10.0.0.5", "p", 0, NULL },
		{ "ldap://127.0.0.1:3389", "p", 500, NULL },
		{ "ldap://[::1]:3389", "p", 0, NULL },
		{ NULL, "p", 0, "url: not an ldap" },
		{ "https://10.0.0.5", "p", 0, "url: not an ldap" },
		{ "ldapi:///", "p", 0, "url: wants ldap" },
		{ "ldaps://", "p", 0, "url: wants ldap" },
		{ "ldaps://h/dc=x", "p", 0, "url: wants ldap" },
		{ "ldap://localhost", "p", 0, "url: write 127.0.0.1" },
		{ "ldap://LOCALHOST:1", "p", 0, "url: write 127.0.0.1" },
		{ "ldaps://10.0.0.5", "", 0, "bind: wants" },
		{ "ldaps://10.0.0.5", NULL, 0, "bind: wants" },
		{ "ldaps://10.0.0.5", "p", 10001, "page: wants" },
		{ "ldaps://10.0.0.5", "p", -1, "page: wants" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct directory_config c = { .url = rows[i].url,
			.bind_dn = "cn=x",
			.bind_password = rows[i].password,
			.page = rows[i].page };
		struct directory *d = NULL;
		struct err e = { ERR_NONE, 0, "" };

		print_message("%s\n", rows[i].url);
		int rc = directory_open(&c, &d, &e);
		assert_int_equal(rc, rows[i].text == NULL ? 0 : -1);
		if (rc == 0) {
			directory_close(d);
			continue;
		}
		assert_int_equal(e.cls, ERR_INPUT);
		assert_ptr_equal(strstr(e.text, rows[i].text), e.text);
	}
}

static void
names_are_escaped(void **state)
{
	static const struct {
		const char *value, *want;
	} rows[] = {
		{ "ada", "uid=ada" },
		{ "a,ou=x", "uid=a\\,ou\\=x" },
		{ " lead", "uid=\\ lead" },
		{ "trail ", "uid=trail\\ " },
		{ "in side", "uid=in side" },
		{ "#x", "uid=\\#x" },
		{ "x#", "uid=x#" },
		{ "a+b\"c\\d<e>f;g", "uid=a\\+b\\\"c\\\\d\\<e\\>f\\;g" },
		{ "a\nb", "uid=a\\0ab" },
		{ "Ünïc", "uid=Ünïc" },
		{ " ", "uid=\\ " },
	};
	struct arena a = { NULL, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(directory_rdn(&a, "uid", rows[i].value),
		    rows[i].want);
	arena_fini(&a);
}

static void
filters_are_quoted(void **state)
{
	static const struct {
		const char *value, *want;
	} rows[] = {
		{ "ada", "ada" },
		{ "*", "\\2a" },
		{ "a)(uid=*", "a\\29\\28uid=\\2a" },
		{ "a\\b", "a\\5cb" },
		{ "a\tb", "a\\09b" },
		{ "é", "é" },
	};
	struct arena a = { NULL, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(directory_quote(&a, rows[i].value),
		    rows[i].want);
	arena_fini(&a);
}

static void
equal_names_have_one_key(void **state)
{
	static const struct {
		const char *x, *y;
		bool same;
	} rows[] = {
		{ "uid=a,dc=x", "UID=A, DC=X", true },
		{ "uid=a,dc=x", "uid=a,dc=y", false },
		{ "cn=a\\,b,dc=x", "cn=a\\2cb,dc=x", true },
		{ "cn=a\\,b,dc=x", "cn=a,b=dc,dc=x", false },
		{ "not a dn", "NOT A DN", true },
		{ "", "", true },
	};
	struct arena a = { NULL, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *x = directory_dn_key(&a, rows[i].x);
		const char *y = directory_dn_key(&a, rows[i].y);

		print_message("%s | %s\n", x, y);
		assert_int_equal(strcmp(x, y) == 0, rows[i].same);
	}
	arena_fini(&a);
}

/* A text that only has a "=" is no name: its case counts. */
static void
only_names_are_the_same(void **state)
{
	static const struct {
		const char *x, *y;
		bool same;
	} rows[] = {
		{ "uid=a,dc=x", "UID=A, DC=X", true },
		{ "uid=a,dc=x", "uid=b,dc=x", false },
		{ "https://x/?a=B", "https://x/?a=b", false },
		{ "ssh-rsa AAA= me", "ssh-rsa aaa= me", false },
		{ "Text", "text", false },
		{ "", "", false },
	};
	struct arena a = { NULL, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		print_message("%s | %s\n", rows[i].x, rows[i].y);
		assert_int_equal(directory_dn_same(&a, rows[i].x, rows[i].y),
		    rows[i].same);
	}
	arena_fini(&a);
}

static void
values_are_found(void **state)
{
	const char *mails[] = { "a@x", "b@x" };
	struct directory_attr attrs[] = {
		{ "cn", { 0, NULL } },
		{ "mail", { 2, mails } },
	};
	const struct directory_entry en = { "uid=a", 2, attrs };

	(void)state;
	assert_string_equal(directory_value(&en, "MAIL"), "a@x");
	assert_int_equal(directory_values(&en, "mail").n, 2);
	assert_null(directory_value(&en, "cn"));
	assert_null(directory_value(&en, "sn"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_have_classes),
		cmocka_unit_test(urls_are_checked),
		cmocka_unit_test(names_are_escaped),
		cmocka_unit_test(filters_are_quoted),
		cmocka_unit_test(equal_names_have_one_key),
		cmocka_unit_test(only_names_are_the_same),
		cmocka_unit_test(values_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
