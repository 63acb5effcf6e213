/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "evidence/key.h"
#include "evidence/note.h"

/* The example of https://c2sp.org/signed-note. */
#define VKEY \
	"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define TEXT "This is an example message.\n"
#define LINE \
	"\xe2\x80\x94 example.com/foo " \
	"Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYj" \
	"OBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
#define OTHER \
	"\xe2\x80\x94 example.com/bar " \
	"Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYj" \
	"OBH3mFXmRKuwHjG1Yu72IneyaQM=\n"

static void
the_published_note_verifies(void **unused)
{
	static const struct {
		const char *note;
		enum err_class want;
	} cases[] = {
		{ TEXT "\n" LINE, ERR_NONE },
		{ TEXT "\n" OTHER LINE, ERR_NONE },
		{ TEXT "\n" LINE OTHER, ERR_NONE },
		{ "This is an example message?\n\n" LINE, ERR_DENIED },
		{ TEXT "\n" OTHER, ERR_DENIED },
		{ TEXT LINE, ERR_INPUT },
		{ TEXT "\n", ERR_INPUT },
		{ TEXT "\n"
		       "\xe2\x80\x94 example.com/foo Uw2QOkn8\n",
		    ERR_DENIED },
		{ TEXT "\n" LINE "- no dash\n", ERR_DENIED },
		{ TEXT "\n"
		       "\xe2\x80\x94 example.com/foo",
		    ERR_INPUT },
		{ "a\tb\n\n" LINE, ERR_INPUT },
		{ "", ERR_INPUT },
	};
	struct arena a = { 0 };
	struct verifier v;
	struct err e = { 0 };

	(void)unused;
	assert_int_equal(verifier_parse(&a, VKEY, &v, &e), 0);
	assert_string_equal(v.name, "example.com/foo");
	assert_string_equal(verifier_text(&a, v.name, v.public), VKEY);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = NULL;

		e.cls = ERR_NONE;
		int rc = note_verify(&a, cases[i].note, &v, &text, &e);
		assert_int_equal(e.cls, cases[i].want);
		assert_int_equal(rc, cases[i].want == ERR_NONE ? 0 : -1);
		if (rc == 0)
			assert_string_equal(text, TEXT);
	}
	arena_fini(&a);
}

static void
bad_verifier_keys_are_refused(void **unused)
{
	static const char *const cases[] = {
		"",
		"example.com/foo",
		"example.com/foo+530d903a",
		"example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
		"+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	};
	struct arena a = { 0 };
	struct verifier v;
	struct err e;

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(verifier_parse(&a, cases[i], &v, &e), -1);
		assert_int_equal(e.cls, ERR_INPUT);
	}
	arena_fini(&a);
}

static const char *
signed_by(struct arena *a, const char *text, const char *name,
    struct signing_key *k)
{
	struct err e;
	const char *line = note_signature(a, text, name, signing_key_public(k),
	    signing_key_sign, k, &e);

	assert_non_null(line);
	return line;
}

static struct signing_key *
key_new(char path[])
{
	struct err e = { 0 };
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	struct signing_key *k = signing_key_make(path, &e);
	assert_non_null(k);
	return k;
}

static void
a_key_comes_back_from_its_file(void **unused)
{
	char path[] = "/tmp/muster-key-XXXXXX";
	struct arena a = { 0 };
	struct verifier v;
	struct err e = { 0 };

	(void)unused;
	signing_key_free(key_new(path));
	struct signing_key *k = signing_key_load(path, &e);
	assert_non_null(k);
	const char *vkey = verifier_text(&a, "a.example/x",
	    signing_key_public(k));
	const char *note = arena_printf(&a, "hello\n\n%s",
	    signed_by(&a, "hello\n", "a.example/x", k));
	assert_int_equal(verifier_parse(&a, vkey, &v, &e), 0);
	assert_int_equal(note_verify(&a, note, &v, NULL, &e), 0);
	signing_key_free(k);

	assert_int_equal(chmod(path, 0640), 0);
	assert_null(signing_key_load(path, &e));
	assert_int_equal(e.cls, ERR_INPUT);
	unlink(path);
	assert_null(signing_key_load(path, &e));
	assert_int_equal(e.cls, ERR_GONE);
	arena_fini(&a);
}

static void
checkpoints_are_read_strictly(void **unused)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ "a.example/x\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		    true },
		{ "a.example/x\n12\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nmore\n",
		    true },
		{ "a.example/x\n012\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		    false },
		{ "a.example/x\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		    false },
		{ "a.example/x\n9999999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		    false },
		{ "a.example/x\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF=\n",
		    false },
		{ "a.example/x\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		    false },
		{ "a example\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		    false },
		{ "\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		    false },
		{ "a.example/x\n", false },
		{ "", false },
	};
	struct arena a = { 0 };
	struct checkpoint c;
	struct err e;

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(checkpoint_parse(&a, cases[i].text, &c, &e),
		    cases[i].good ? 0 : -1);
	assert_int_equal(checkpoint_parse(&a, cases[0].text, &c, &e), 0);
	assert_string_equal(checkpoint_text(&a, &c), cases[0].text);
	arena_fini(&a);
}

static void
a_rotation_needs_both_keys(void **unused)
{
	char old_path[] = "/tmp/muster-key-XXXXXX";
	char new_path[] = "/tmp/muster-key-XXXXXX";
	struct signing_key *old = key_new(old_path), *new = key_new(new_path);
	const char *name = "a.example/x";
	struct arena a = { 0 };

	(void)unused;
	const char *was = verifier_text(&a, name, signing_key_public(old));
	const char *is = verifier_text(&a, name, signing_key_public(new));
	const char *text = rotation_text(&a, name, was, is);
	const char *by_old = signed_by(&a, text, name, old);
	const char *by_new = signed_by(&a, text, name, new);
	const char *both = arena_printf(&a, "%s\n%s%s", text, by_old, by_new);

	assert_string_equal(rotation_follow(&a, both, was), is);
	assert_null(rotation_follow(&a, both, is));
	assert_null(
	    rotation_follow(&a, arena_printf(&a, "%s\n%s", text, by_old), was));
	assert_null(
	    rotation_follow(&a, arena_printf(&a, "%s\n%s", text, by_new), was));
	assert_null(rotation_follow(&a,
	    arena_printf(&a, "x%s\n%s%s", text, by_old, by_new), was));
	assert_null(rotation_follow(&a, "", was));
	signing_key_free(old);
	signing_key_free(new);
	unlink(old_path);
	unlink(new_path);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_note_verifies),
		cmocka_unit_test(bad_verifier_keys_are_refused),
		cmocka_unit_test(a_key_comes_back_from_its_file),
		cmocka_unit_test(checkpoints_are_read_strictly),
		cmocka_unit_test(a_rotation_needs_both_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
