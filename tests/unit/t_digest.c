/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define NIL "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const char *
hex(struct arena *a, const unsigned char *d)
{
	return hex_encode(arena_zero(a, DIGEST_HEX, 1), d, DIGEST_LEN);
}

static void
digests_are_sha256(void **unused)
{
	struct arena a = { NULL, 0 };
	unsigned char d[DIGEST_LEN];
	const struct part parts[] = { { "a", 1 }, { "", 0 }, { "bc", 2 } };

	(void)unused;
	assert_string_equal(digest_text(&a, "abc"), ABC);
	digest(d, "", 0);
	assert_string_equal(hex(&a, d), NIL);
	digest_parts(d, parts, 3);
	assert_string_equal(hex(&a, d), ABC);
	struct digest_ctx *c = digest_begin();
	digest_more(c, "ab", 2);
	digest_text(&a, "something else in between");
	digest_more(c, "c", 1);
	digest_end(c, d);
	assert_string_equal(hex(&a, d), ABC);
	arena_fini(&a);
}

/* RFC 4231, cases 1, 2 and 6. */
static void
hmac_is_rfc_4231(void **unused)
{
	struct arena a = { NULL, 0 };
	unsigned char d[DIGEST_LEN], key[131];

	(void)unused;
	memset(key, 0x0b, 20);
	digest_hmac(d, key, 20, "Hi There", 8);
	assert_string_equal(hex(&a, d),
	    "b0344c61d8db38535ca8afceaf0bf12b"
	    "881dc200c9833da726e9376c2e32cff7");
	digest_hmac(d, "Jefe", 4, "what do ya want for nothing?", 28);
	assert_string_equal(hex(&a, d),
	    "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, 131);
	digest_hmac(d, key, 131,
	    "Test Using Larger Than Block-Size Key - "
	    "Hash Key First",
	    54);
	assert_string_equal(hex(&a, d),
	    "60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54");
	arena_fini(&a);
}

static void *
many(void *unused)
{
	struct arena a = { NULL, 0 };
	intptr_t wrong = 0;

	(void)unused;
	for (int i = 0; i < 2000; i++)
		wrong += strcmp(digest_text(&a, "abc"), ABC) != 0;
	arena_fini(&a);
	return (void *)wrong;
}

static void
threads_do_not_mix(void **unused)
{
	pthread_t t[4];
	void *wrong;

	(void)unused;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, many, NULL), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &wrong);
		assert_null(wrong);
	}
}

static void
hex_is_exact(void **unused)
{
	unsigned char b[2];
	char text[5];

	(void)unused;
	assert_string_equal(hex_encode(text, "\x00\xaf", 2), "00af");
	assert_true(hex_decode(b, 2, "00aF"));
	assert_memory_equal(b, "\x00\xaf", 2);
	assert_false(hex_decode(b, 2, "00a"));
	assert_false(hex_decode(b, 2, "00aff"));
	assert_false(hex_decode(b, 2, "00ag"));
	assert_false(hex_decode(b, 2, "0x0a"));
	assert_false(hex_decode(b, 2, " 00a"));
}

/* RFC 4648, section 10, and what must not be taken. */
static void
base64_is_strict(void **unused)
{
	static const struct {
		const char *bytes, *text;
	} good[] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xff\xfe\xfd", "//79" },
		{ "\xfb\xef\xbe", "++++" },
	};
	static const char *const bad[] = { "Z", "Zg",
		"Zg=", "Zg===", "Zh==", "Zm9=", "=",
		"====", "Z===", "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm-_", "Z=g=" };
	struct arena a = { NULL, 0 };
	size_t n;

	(void)unused;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		size_t len = strlen(good[i].bytes);

		assert_string_equal(base64_encode(&a, good[i].bytes, len),
		    good[i].text);
		const void *back = base64_decode(&a, good[i].text,
		    strlen(good[i].text), &n);
		assert_non_null(back);
		assert_int_equal(n, len);
		assert_memory_equal(back, good[i].bytes, len);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_null(base64_decode(&a, bad[i], strlen(bad[i]), &n));
	assert_null(base64_decode(&a, "Zm9\0", 4, &n));
	arena_fini(&a);
}

static void
ids_sort_by_time(void **unused)
{
	char early[ID_TEXT], late[ID_TEXT], other[ID_TEXT];

	(void)unused;
	id_new(early, INT64_C(1469918176385));
	id_new(late, INT64_C(1469918176386));
	id_new(other, INT64_C(1469918176385));
	/* The time part of the ULID specification's own example. */
	assert_memory_equal(early, "01ARYZ6S41", 10);
	assert_int_equal(strlen(early), 26);
	assert_int_equal(strspn(early, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 26);
	assert_true(strcmp(early, late) < 0);
	assert_string_not_equal(early, other);
	id_new(late, (INT64_C(1) << 48) - 1);
	assert_memory_equal(late, "7ZZZZZZZZZ", 10);
}

static int
order(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

/* Of ten thousand draws of each size no two are the same, and every bit is
   one in about half of them. */
static void
draws_are_random(void **unused)
{
	enum { N = 10000 };
	static unsigned char draw[N][16];

	(void)unused;
	for (size_t n = 8; n <= 16; n++) {
		int ones = 0;

		memset(draw, 0, sizeof(draw));
		for (int i = 0; i < N; i++) {
			random_bytes(draw[i], n);
			for (size_t k = 0; k < n; k++)
				ones += __builtin_popcount(draw[i][k]);
		}
		qsort(draw, N, 16, order);
		for (int i = 1; i < N; i++)
			assert_memory_not_equal(draw[i - 1], draw[i], 16);
		assert_in_range(ones, N * n * 8 * 49 / 100,
		    N * n * 8 * 51 / 100);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_sha256),
		cmocka_unit_test(hmac_is_rfc_4231),
		cmocka_unit_test(threads_do_not_mix),
		cmocka_unit_test(hex_is_exact),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(draws_are_random),
		cmocka_unit_test(ids_sort_by_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
