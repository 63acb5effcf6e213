/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/merkle.h"

#define LEAVES 8

/* The inputs and roots of the test suite of certificate-transparency. */
static const char *const inputs[LEAVES] = { "", "00", "10", "2021", "3031",
	"40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f" };

static const char *const roots[LEAVES + 1] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void
leaves_make(merkle_hash out[LEAVES])
{
	unsigned char entry[16];

	for (int i = 0; i < LEAVES; i++) {
		size_t n = strlen(inputs[i]) / 2;

		assert_true(hex_decode(entry, n, inputs[i]));
		merkle_leaf(out[i], entry, n);
	}
}

static void
assert_hash(const merkle_hash got, const char *want)
{
	char hex[DIGEST_HEX];

	hex_encode(hex, got, DIGEST_LEN);
	hex[strlen(want)] = '\0';
	assert_string_equal(hex, want);
}

static void
roots_are_the_published_ones(void **unused)
{
	struct merkle m = { 0 };
	merkle_hash leaf[LEAVES], root;

	(void)unused;
	leaves_make(leaf);
	for (int n = 0; n <= LEAVES; n++) {
		merkle_root(&m, root);
		assert_hash(root, roots[n]);
		merkle_root_of((const merkle_hash *)leaf, n, root);
		assert_hash(root, roots[n]);
		if (n < LEAVES)
			merkle_add(&m, leaf[n]);
	}
}

static struct merkle_levels
levels_of(merkle_hash *leaf, int64_t n)
{
	struct merkle_levels l;
	merkle_hash *copy = malloc((size_t)n * DIGEST_LEN);

	assert_non_null(copy);
	memcpy(copy, leaf, (size_t)n * DIGEST_LEN);
	merkle_levels_init(&l, copy, n);
	return l;
}

static void
inclusion_path_is_the_published_one(void **unused)
{
	static const char *const want[] = { "96a296d224f285c6",
		"5f083f0a1a33ca07", "6b47aaf29ee3c2af" };
	merkle_hash leaf[LEAVES], path[MERKLE_DEPTH];

	(void)unused;
	leaves_make(leaf);
	struct merkle_levels l = levels_of(leaf, LEAVES);
	assert_int_equal(merkle_path(&l, 0, path), 3);
	for (int i = 0; i < 3; i++)
		assert_hash(path[i], want[i]);
	merkle_levels_fini(&l);
}

/* Every leaf of every size proves; with anything changed it does not. */
static void
inclusion_holds_for_the_leaf_alone(void **unused)
{
	enum { MOST = 40 };
	merkle_hash leaf[MOST], path[MERKLE_DEPTH], root;

	(void)unused;
	for (int i = 0; i < MOST; i++)
		merkle_leaf(leaf[i], &i, sizeof(i));
	for (int64_t n = 1; n <= MOST; n++) {
		struct merkle_levels l = levels_of(leaf, n);

		merkle_root_of((const merkle_hash *)leaf, n, root);
		for (int64_t i = 0; i < n; i++) {
			int len = merkle_path(&l, i, path);
			const merkle_hash *p = (const merkle_hash *)path;

			assert_true(
			    merkle_included(i, n, leaf[i], p, len, root));
			assert_false(merkle_included(i, n, leaf[(i + 1) % MOST],
			    p, len, root));
			assert_false(
			    merkle_included(i, n, leaf[i], p, len + 1, root));
			if (n > 1) {
				assert_false(merkle_included((i + 1) % n, n,
				    leaf[i], p, len, root));
				assert_false(merkle_included(i, n, leaf[i], p,
				    len - 1, root));
				path[0][3] ^= 1;
				assert_false(merkle_included(i, n, leaf[i], p,
				    len, root));
			}
		}
		assert_false(merkle_included(n, n, leaf[0],
		    (const merkle_hash *)path, 0, root));
		merkle_levels_fini(&l);
	}
}

static int
range(void *ctx, int64_t from, int64_t to, merkle_hash root, struct err *e)
{
	const merkle_hash *leaf = ctx;

	(void)e;
	merkle_root_of(leaf + from, to - from, root);
	return 0;
}

static void
consistency_proofs_are_the_published_ones(void **unused)
{
	static const struct {
		int64_t old, size;
		const char *want[5];
	} cases[] = {
		{ 3, 7,
		    { "0298d122906dcfc1", "07506a85fd9dd2f1",
			"fac54203e7cc696c", "837dbb152e9b0790", NULL } },
		{ 6, 8,
		    { "0ebc5d3437fbe2db", "ca854ea128ed050b",
			"d37ee418976dd957", NULL } },
		{ 5, 5, { NULL } },
	};
	merkle_hash leaf[LEAVES], proof[MERKLE_DEPTH];
	struct err e;

	(void)unused;
	leaves_make(leaf);
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		int n = merkle_consistency(cases[c].old, cases[c].size, range,
			leaf, proof, &e),
		    i = 0;

		for (; cases[c].want[i] != NULL; i++)
			assert_hash(proof[i], cases[c].want[i]);
		assert_int_equal(n, i);
	}
}

static void
consistency_holds_for_the_older_tree_alone(void **unused)
{
	enum { MOST = 33 };
	merkle_hash leaf[MOST], proof[MERKLE_DEPTH], was, is;
	const merkle_hash *p = (const merkle_hash *)proof;
	struct err e = { 0 };

	(void)unused;
	for (int i = 0; i < MOST; i++)
		merkle_leaf(leaf[i], &i, sizeof(i));
	for (int64_t n = 1; n <= MOST; n++) {
		merkle_root_of((const merkle_hash *)leaf, n, is);
		for (int64_t m = 1; m <= n; m++) {
			int len = merkle_consistency(m, n, range, leaf, proof,
			    &e);

			merkle_root_of((const merkle_hash *)leaf, m, was);
			assert_true(merkle_consistent(m, n, was, is, p, len));
			assert_false(
			    merkle_consistent(m, n, was, is, p, len + 1));
			was[0] ^= 1;
			assert_false(merkle_consistent(m, n, was, is, p, len));
			was[0] ^= 1;
			if (m == n)
				continue;
			assert_false(
			    merkle_consistent(m, n, was, is, p, len - 1));
			proof[len - 1][0] ^= 1;
			assert_false(merkle_consistent(m, n, was, is, p, len));
		}
	}
	assert_int_equal(merkle_consistency(0, 4, range, leaf, proof, &e), -1);
	assert_int_equal(merkle_consistency(5, 4, range, leaf, proof, &e), -1);
	assert_int_equal(e.cls, ERR_INPUT);
	assert_false(merkle_consistent(0, 4, was, is, p, 1));
	assert_false(merkle_consistent(5, 4, was, is, p, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_are_the_published_ones),
		cmocka_unit_test(inclusion_path_is_the_published_one),
		cmocka_unit_test(inclusion_holds_for_the_leaf_alone),
		cmocka_unit_test(consistency_proofs_are_the_published_ones),
		cmocka_unit_test(consistency_holds_for_the_older_tree_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
