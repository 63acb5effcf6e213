/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/secret.h"
#include "mapping.h"

static char dir[] = "/tmp/muster-secret-XXXXXX";
static char path[64];

static int
setup(void **unused)
{
	(void)unused;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/key", dir);
	return 0;
}

static int
teardown(void **unused)
{
	(void)unused;
	unlink(path);
	return rmdir(dir);
}

static void
put(const void *bytes, size_t n, mode_t mode)
{
	struct err e;

	assert_int_equal(file_replace(path, bytes, n, mode, &e), 0);
}

static void
secrets_are_in_the_secure_heap(void **unused)
{
	struct rlimit core;

	(void)unused;
	secret_init();
	secret_init();
	char *s = secret_new(100);
	assert_int_equal(CRYPTO_secure_allocated(s), 1);
	for (int i = 0; i <= 100; i++)
		assert_int_equal(s[i], 0);
	memset(s, 'x', 100);
	secret_free(s);
	/* The heap gives the same place again: it was wiped. */
	char *t = secret_new(100);
	assert_ptr_equal(t, s);
	for (int i = 0; i <= 100; i++)
		assert_int_equal(t[i], 0);
	secret_free(t);
	secret_free(NULL);
	assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
	assert_int_equal(core.rlim_cur, 0);
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
}

/* More than the heap holds: each lies on locked pages that no core image
   has, and OpenSSL still finds room for what it needs. */
static void
a_full_heap_is_no_end(void **unused)
{
	enum { MANY = 600, EACH = 3000 };
	char *s[MANY];
	size_t outside = 0;

	(void)unused;
	secret_init();
	for (size_t i = 0; i < MANY; i++) {
		s[i] = secret_new(EACH);
		for (size_t k = 0; k <= EACH; k++)
			assert_int_equal(s[i][k], 0);
		memset(s[i], (int)i, EACH);
		outside += !CRYPTO_secure_allocated(s[i]);
	}
	assert_true(outside > 0 && outside < MANY);
	void *theirs = OPENSSL_secure_malloc(100000);
	assert_int_equal(CRYPTO_secure_allocated(theirs), 1);
	OPENSSL_secure_free(theirs);
	assert_false(CRYPTO_secure_allocated(s[MANY - 1]));
	assert_true(mapping_has(s[MANY - 1], "dd"));
	/* Control: another mapping has neither. */
	assert_false(mapping_has(&outside, "dd"));
	assert_false(mapping_has(&outside, "lo"));
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal((unsigned char)s[i][EACH - 1],
		    (unsigned char)i);
		secret_free(s[i]);
	}
	char *t = secret_new(EACH);
	assert_int_equal(CRYPTO_secure_allocated(t), 1);
	assert_true(mapping_has(t, "lo"));
	secret_free(t);
}

static void
an_arena_can_be_locked(void **unused)
{
	struct arena a = { NULL, 0 }, plain = { NULL, 0 };

	(void)unused;
	arena_lock(&a);
	arena_lock(&a);
	const char *first = arena_str(&a, "hunter2");
	assert_true(is_locked(first) && mapping_has(first, "dd"));
	/* So is a block that is larger than the first one. */
	const char *large = arena_zero(&a, 100000, 1);
	assert_true(is_locked(large) && mapping_has(large, "dd"));
	arena_reset(&a);
	assert_ptr_equal(arena_zero(&a, 8, 1), large);
	assert_memory_equal(large, "\0\0\0\0\0\0\0", 8);
	assert_true(is_locked(large));
	assert_false(mapping_has(arena_str(&plain, "x"), "dd"));
	arena_fini(&plain);
	arena_fini(&a);
	assert_null(a.head);
}

static void
files_are_loaded_if_nobody_else_can(void **unused)
{
	static const struct {
		const char *bytes;
		size_t n;
		mode_t mode;
		const char *value; /* NULL: refused */
	} cases[] = {
		{ "hunter2", 7, 0600, "hunter2" },
		{ "hunter2\n", 8, 0600, "hunter2" },
		{ "hunter2\n\n", 9, 0400, "hunter2\n" },
		{ "", 0, 0600, "" },
		{ "\n", 1, 0600, "" },
		{ "hunter2", 7, 0640, NULL },
		{ "hunter2", 7, 0604, NULL },
		{ "hunter2", 7, 0620, NULL },
	};
	struct err e;
	size_t n;

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		put(cases[i].bytes, cases[i].n, cases[i].mode);
		char *s = secret_load(path, &n, &e);

		if (cases[i].value == NULL) {
			assert_null(s);
			assert_int_equal(e.cls, ERR_INPUT);
			assert_null(strstr(e.text, "hunter2"));
			continue;
		}
		assert_non_null(s);
		assert_string_equal(s, cases[i].value);
		assert_int_equal(n, strlen(s));
		secret_free(s);
	}
	char *big = calloc(1, 65537);
	put(big, 65537, 0600);
	assert_null(secret_load(path, &n, &e));
	assert_int_equal(e.cls, ERR_INPUT);
	put(big, 65536, 0600);
	char *s = secret_load(path, &n, &e);
	assert_non_null(s);
	assert_int_equal(n, 65536);
	secret_free(s);
	free(big);
	assert_null(secret_load(dir, &n, &e));
	assert_int_equal(e.cls, ERR_INPUT);
	unlink(path);
	assert_null(secret_load(path, &n, &e));
	assert_int_equal(e.cls, ERR_GONE);
}

static void
generated_values_have_every_class(void **unused)
{
	char *last = secret_generate(20);

	(void)unused;
	for (int i = 0; i < 200; i++) {
		size_t len = 4 + (size_t)i % 40;
		char *s = secret_generate(len);

		assert_int_equal(strlen(s), len);
		assert_non_null(strpbrk(s, "abcdefghijkmnopqrstuvwxyz"));
		assert_non_null(strpbrk(s, "ABCDEFGHJKLMNPQRSTUVWXYZ"));
		assert_non_null(strpbrk(s, "23456789"));
		assert_non_null(strpbrk(s, "-_.:=@%^"));
		assert_null(strpbrk(s, "0O1lI\"'\\$ "));
		assert_string_not_equal(s, last);
		secret_free(last);
		last = s;
	}
	secret_free(last);
}

static void
sealed_values_open_only_unchanged(void **unused)
{
	struct arena a = { NULL, 0 };
	struct err e = { ERR_NONE, 0, "" };
	size_t n, bytes;

	(void)unused;
	unlink(path);
	assert_null(keyring_open(path, 0, &e));
	assert_int_equal(e.cls, ERR_GONE);
	struct keyring *k = keyring_open(path, 1, &e);
	assert_non_null(k);
	const char *sealed = keyring_seal(k, &a, "secret/42", "hunter2", 7);
	assert_null(strstr(sealed, "hunter2"));
	assert_string_not_equal(sealed,
	    keyring_seal(k, &a, "secret/42", "hunter2", 7));
	char *s = keyring_unseal(k, "secret/42", sealed, &n, &e);
	assert_non_null(s);
	assert_int_equal(n, 7);
	assert_string_equal(s, "hunter2");
	secret_free(s);
	assert_null(keyring_unseal(k, "secret/43", sealed, &n, &e));
	assert_int_equal(e.cls, ERR_DENIED);
	unsigned char *raw = base64_decode(&a, sealed, strlen(sealed), &bytes);
	for (size_t i = 0; i < bytes; i++) {
		raw[i] ^= 1;
		assert_null(keyring_unseal(k, "secret/42",
		    base64_encode(&a, raw, bytes), &n, &e));
		assert_int_equal(e.cls, ERR_DENIED);
		raw[i] ^= 1;
		assert_null(keyring_unseal(k, "secret/42",
		    base64_encode(&a, raw, i), &n, &e));
	}
	s = keyring_unseal(k, "secret/42", base64_encode(&a, raw, bytes), &n,
	    &e);
	assert_non_null(s);
	secret_free(s);
	assert_null(keyring_unseal(k, "secret/42", "no base64", &n, &e));
	sealed = keyring_seal(k, &a, "", "", 0);
	s = keyring_unseal(k, "", sealed, &n, &e);
	assert_non_null(s);
	assert_int_equal(n, 0);
	secret_free(s);
	keyring_close(k);
	arena_fini(&a);
}

static void
keys_live_in_their_file(void **unused)
{
	struct arena a = { NULL, 0 };
	struct err e = { ERR_NONE, 0, "" };
	struct stat st;
	size_t n;

	(void)unused;
	unlink(path);
	struct keyring *k = keyring_open(path, 1, &e);
	assert_non_null(k);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 32);
	assert_int_equal(st.st_mode & 07777, 0600);
	const char *print = keyring_fingerprint(k, &a, "hunter2", 7);
	assert_int_equal(strlen(print), 16);
	const char *sealed = keyring_seal(k, &a, "c", "v", 1);
	keyring_close(k);
	k = keyring_open(path, 1, &e);
	assert_string_equal(keyring_fingerprint(k, &a, "hunter2", 7), print);
	char *s = keyring_unseal(k, "c", sealed, &n, &e);
	assert_non_null(s);
	secret_free(s);
	keyring_close(k);
	unlink(path);
	k = keyring_open(path, 1, &e);
	assert_string_not_equal(keyring_fingerprint(k, &a, "hunter2", 7),
	    print);
	assert_null(keyring_unseal(k, "c", sealed, &n, &e));
	keyring_close(k);
	put("0123456789012345678901234567890\n", 32, 0600);
	k = keyring_open(path, 0, &e);
	assert_non_null(k);
	keyring_close(k);
	put("short", 5, 0600);
	assert_null(keyring_open(path, 1, &e));
	assert_int_equal(e.cls, ERR_INPUT);
	put("01234567890123456789012345678901", 32, 0644);
	assert_null(keyring_open(path, 1, &e));
	assert_int_equal(e.cls, ERR_INPUT);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_in_the_secure_heap),
		cmocka_unit_test(a_full_heap_is_no_end),
		cmocka_unit_test(an_arena_can_be_locked),
		cmocka_unit_test(files_are_loaded_if_nobody_else_can),
		cmocka_unit_test(generated_values_have_every_class),
		cmocka_unit_test(sealed_values_open_only_unchanged),
		cmocka_unit_test(keys_live_in_their_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
