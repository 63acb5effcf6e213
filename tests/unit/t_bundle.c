/* SPDX-License-Identifier: Apache-2.0 */
#include "fresh_log.h"

#include <sqlite3.h>

#include "evidence/bundle.h"
#include "evidence/entry.h"
#include "evidence/note.h"

#define RECORDS 600 /* two whole tiles and a part of one */

/* A bundle as its lines, each with its newline. */
struct text {
	struct arena *arena;
	size_t n;
	char *line[RECORDS + 8];
};

static struct text
text_of(struct log *l, const struct bundle_filter *want)
{
	struct text t = { .arena = &l->arena };
	char *all = NULL;
	size_t size;
	FILE *f = open_memstream(&all, &size);
	struct store *reader = store_reader(l->db, &l->err);

	assert_non_null(reader);
	must(bundle_export(reader, want, f, &l->err), &l->err);
	store_close(reader);
	assert_int_equal(fclose(f), 0);
	for (char *at = all, *end; *at != '\0'; at = end) {
		end = strchr(at, '\n') + 1;
		t.line[t.n++] = arena_mem(t.arena, at, (size_t)(end - at));
	}
	free(all);
	return t;
}

static struct bundle_report
verify(const struct text *t, const struct bundle_want *want)
{
	struct bundle_report r;
	struct err e;
	FILE *f = tmpfile();

	assert_non_null(f);
	for (size_t i = 0; i < t->n; i++)
		assert_true(fputs(t->line[i], f) >= 0);
	rewind(f);
	must(bundle_verify(f, want, &r, &e), &e);
	fclose(f);
	return r;
}

static const struct bundle_want anyone = { 0 };
static const struct bundle_filter everything = { 0 };

/* Where a record's line stands; fails if there is none. */
static size_t
line_of(const struct text *t, int64_t seq)
{
	char want[40];

	snprintf(want, sizeof(want), ",\"seq\":%lld,", (long long)seq);
	for (size_t i = 0; i < t->n; i++)
		if (strstr(t->line[i], want) != NULL)
			return i;
	fail_msg("no record %lld", (long long)seq);
	return 0;
}

/* Replaces a text in a line that must have it. */
static void
swap_text(struct text *t, size_t i, const char *from, const char *to)
{
	char *at = strstr(t->line[i], from);

	if (at == NULL)
		fail_msg("no %s in %s", from, t->line[i]);
	t->line[i] = arena_printf(t->arena, "%.*s%s%s", (int)(at - t->line[i]),
	    t->line[i], to, at + strlen(from));
}

static void
line_drop(struct text *t, size_t i)
{
	memmove(&t->line[i], &t->line[i + 1],
	    (t->n - i - 1) * sizeof(t->line[0]));
	t->n--;
}

static void
line_add(struct text *t, size_t i, char *line)
{
	memmove(&t->line[i + 1], &t->line[i], (t->n - i) * sizeof(t->line[0]));
	t->line[i] = line;
	t->n++;
}

static void
a_good_bundle_is_good(void **unused)
{
	static const int sizes[] = { 1, 2, 255, 256, 257, RECORDS };
	struct log l;

	(void)unused;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		log_init(&l);
		log_grow(&l, sizes[i]);
		struct text t = text_of(&l, &everything);
		struct bundle_want want = { .vkey = evidence_key(l.evidence,
						&l.arena) };
		struct bundle_report r = verify(&t, &want);

		assert_string_equal(r.what, "");
		assert_true(r.good);
		assert_true(r.trusted);
		assert_false(r.selection);
		assert_int_equal(r.records, sizes[i]);
		assert_int_equal(r.size, sizes[i]);
		assert_string_equal(r.origin, "a.example/log");
		assert_string_equal(r.vkey, want.vkey);
		log_fini(&l);
	}
}

/* What somebody does to a bundle, and what must be said of it. */
static void
body_edit(struct text *t)
{
	swap_text(t, line_of(t, 300), "\"n\":300", "\"n\":301");
}

static void
salt_edit(struct text *t)
{
	char *salt = strstr(t->line[line_of(t, 299)], "\"salt\":\"") + 8;

	salt[3] = salt[3] == 'a' ? 'b' : 'a';
}

static void
time_edit(struct text *t)
{
	swap_text(t, line_of(t, 17), "\"at\":\"2026", "\"at\":\"2025");
}

static void
subject_edit(struct text *t)
{
	swap_text(t, line_of(t, 598), "run/7", "run/8");
}

/* A new body with its right digest: only the leaf gives it away. */
static void
body_forge(struct text *t)
{
	size_t i = line_of(t, 301);
	unsigned char salt[SALT_LEN] = { 0 }, sum[DIGEST_LEN];
	char old[DIGEST_HEX], new[DIGEST_HEX];
	const char *body = "{\"n\":1}";

	entry_body_digest(sum, salt, body, strlen(body));
	snprintf(old, sizeof(old), "%s", strstr(t->line[i], "\"body\":\"") + 8);
	swap_text(t, i, old, hex_encode(new, sum, DIGEST_LEN));
	*strstr(t->line[i], ",\"salt\"") = '\0';
	t->line[i] = arena_printf(t->arena,
	    "%s,\"salt\":\""
	    "00000000000000000000000000000000\",\"body\":%s}\n",
	    t->line[i], body);
}

/* The same, with its hash put into the tile. */
static void
tile_forge(struct text *t)
{
	size_t i = line_of(t, 301), tile = line_of(t, 256) - 1;
	merkle_hash leaf;
	char hex[DIGEST_HEX];

	body_forge(t);
	char *entry = strstr(t->line[i], "{\"at\"");
	merkle_leaf(leaf, entry,
	    (size_t)(strstr(entry, "},\"salt\"") + 1 - entry));
	char *leaves = strstr(t->line[tile], "\"leaves\":\"") + 10;
	memcpy(leaves + (301 - 256) * 64, hex_encode(hex, leaf, DIGEST_LEN),
	    64);
}

static void
drop_one(struct text *t)
{
	line_drop(t, line_of(t, 300));
}

static void
drop_first(struct text *t)
{
	line_drop(t, line_of(t, 0));
}

static void
drop_last_of_tile(struct text *t)
{
	line_drop(t, line_of(t, 255));
}

static void
drop_last(struct text *t)
{
	line_drop(t, line_of(t, RECORDS - 1));
}

static void
drop_tile(struct text *t)
{
	size_t from = line_of(t, 256) - 1;

	for (int i = 0; i < 257; i++)
		line_drop(t, from);
}

static void
drop_and_renumber(struct text *t)
{
	drop_one(t);
	swap_text(t, line_of(t, 301), "\"seq\":301", "\"seq\":300");
}

static void
erase_falsely(struct text *t)
{
	size_t i = line_of(t, 5);

	*strstr(t->line[i], ",\"salt\"") = '\0';
	t->line[i] = arena_printf(t->arena,
	    "%s,\"salt\":null,\"body\":null,\"x\":1}\n", t->line[i]);
}

/* What is signed of a record stays; only what it says is gone. */
static void
strip(struct text *t)
{
	size_t i = line_of(t, 5);

	*strstr(t->line[i], ",\"salt\"") = '\0';
	t->line[i] = arena_printf(t->arena, "%s,\"salt\":null,\"body\":null}\n",
	    t->line[i]);
}

static void
reorder(struct text *t)
{
	size_t i = line_of(t, 300);
	char *line = t->line[i];

	t->line[i] = t->line[i + 3];
	t->line[i + 3] = line;
}

static void
reorder_tiles(struct text *t)
{
	size_t a = line_of(t, 10), b = line_of(t, 590);
	char *line = t->line[a];

	t->line[a] = t->line[b];
	t->line[b] = line;
}

static void
twice(struct text *t)
{
	size_t i = line_of(t, 300);

	line_add(t, i, t->line[i]);
}

static void
invent(struct text *t)
{
	size_t i = line_of(t, RECORDS - 1);

	line_add(t, i + 1, arena_str(t->arena, t->line[i]));
	swap_text(t, i + 1, "\"seq\":599", "\"seq\":600");
}

static void
invent_and_claim(struct text *t)
{
	invent(t);
	swap_text(t, 0, "\"to\":600", "\"to\":601");
}

static void
garbage(struct text *t)
{
	t->line[line_of(t, 7)] = arena_str(t->arena, "{\"entry\":nonsense}\n");
}

static void
garbage_line(struct text *t)
{
	line_add(t, line_of(t, 7), arena_str(t->arena, "hello\n"));
}

static void
path_edit(struct text *t)
{
	size_t tile = line_of(t, 256) - 1;
	char *path = strstr(t->line[tile], "\"path\":[\"") + 9;

	path[0] = path[0] == '0' ? '1' : '0';
}

static void
cut_off(struct text *t)
{
	t->n = line_of(t, 400);
}

static void
cut_trailer(struct text *t)
{
	t->n--;
}

static void
nonsense_after(struct text *t)
{
	line_add(t, t->n, arena_str(t->arena, "nonsense\n"));
}

static void
more_after(struct text *t)
{
	line_add(t, t->n, t->line[line_of(t, 3)]);
}

static void
checkpoint_edit(struct text *t)
{
	swap_text(t, 0, "\\n600\\n", "\\n599\\n");
}

static void
other_origin(struct text *t)
{
	swap_text(t, 0, "\"origin\":\"a.", "\"origin\":\"b.");
}

static void
not_json(struct text *t)
{
	t->line[0] = arena_str(t->arena, "what?\n");
}

static void
no_newline(struct text *t)
{
	t->n = 1;
	t->line[0][strlen(t->line[0]) - 1] = '\0';
}

static void
nothing(struct text *t)
{
	t->n = 0;
}

static void
call_it_selection(struct text *t)
{
	swap_text(t, 0, "\"selection\":false", "\"selection\":true");
	swap_text(t, line_of(t, 44), "\"n\":44", "\"n\":45");
}

static const struct tampering {
	const char *name;
	void (*with)(struct text *);
	int64_t bad, bad_last;
	const char *what;
} tamperings[] = {
#define ROW(f, a, b, w) \
	{ \
#f, f, a, b, w \
	}
	ROW(body_edit, 300, 300, "its body or salt"),
	ROW(salt_edit, 299, 299, "its body or salt"),
	ROW(time_edit, 17, 17, "its time, kind"),
	ROW(subject_edit, 598, 598, "its time, kind"),
	ROW(body_forge, 301, 301, "its time, kind"),
	ROW(tile_forge, 256, 511, "at least one was forged"),
	ROW(drop_one, 300, 300, "record 301 stands in its place"),
	ROW(drop_first, 0, 0, "is missing"),
	ROW(drop_last_of_tile, 255, 255, "is missing"),
	ROW(drop_last, 599, 599, "the bundle ends before it"),
	ROW(drop_tile, 256, 256, "is missing"),
	ROW(drop_and_renumber, 300, 300, "was changed"),
	ROW(erase_falsely, 5, 5, "malformed"),
	ROW(strip, 5, 5, "has lost its body"),
	ROW(reorder, 300, 300, "out of order"),
	ROW(reorder_tiles, 10, 10, "record 590 stands in its place"),
	ROW(twice, 300, 300, "a second time"),
	ROW(invent, 600, 600, "not of this part"),
	ROW(invent_and_claim, -1, -1, "not signed"),
	ROW(garbage, 7, 7, "malformed"),
	ROW(garbage_line, 7, 7, "malformed"),
	ROW(path_edit, 256, 511, "at least one was forged"),
	ROW(cut_off, 400, 400, "cut off"),
	ROW(cut_trailer, -1, -1, "cut off"),
	ROW(more_after, -1, -1, "follow the bundle's end"),
	ROW(nonsense_after, -1, -1, "follow the bundle's end"),
	ROW(checkpoint_edit, -1, -1, "forged or damaged"),
	ROW(other_origin, -1, -1, "another log"),
	ROW(not_json, -1, -1, "not an evidence bundle"),
	ROW(no_newline, -1, -1, "not an evidence bundle"),
	ROW(nothing, -1, -1, "not an evidence bundle"),
	ROW(call_it_selection, 44, 44, "its body or salt"),
#undef ROW
};

static void
every_tampering_is_named(void **unused)
{
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, RECORDS);
	for (size_t i = 0; i < sizeof(tamperings) / sizeof(tamperings[0]);
	     i++) {
		const struct tampering *c = &tamperings[i];
		struct text t = text_of(&l, &everything);

		assert_true(verify(&t, &anyone).good);
		c->with(&t);
		struct bundle_report r = verify(&t, &anyone);
		if (r.good || r.bad != c->bad || r.bad_last != c->bad_last ||
		    strstr(r.what, c->what) == NULL)
			fail_msg("%s: good %d, %lld to %lld: %s", c->name,
			    r.good, (long long)r.bad, (long long)r.bad_last,
			    r.what);
	}
	log_fini(&l);
}

static void
every_byte_counts(void **unused)
{
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, 3);
	struct text t = text_of(&l, &everything);
	for (size_t i = 1; i < t.n; i++)
		for (char *c = t.line[i]; *c != '\0'; c++) {
			*c ^= 1;
			if (verify(&t, &anyone).good)
				fail_msg("line %zu, byte %zu", i,
				    (size_t)(c - t.line[i]));
			*c ^= 1;
		}
	assert_true(verify(&t, &anyone).good);
	log_fini(&l);
}

/* What the verifier that shares no code says of it; true where there is no
   Python to ask. */
static bool
theirs_agrees(struct log *l, const struct text *t, const char *words)
{
	const char *path = arena_printf(&l->arena, "%s/bundle", l->dir);
	const char *top = getenv("srcdir");
	FILE *f = fopen(path, "w");
	char said[1024];

	assert_non_null(f);
	for (size_t i = 0; i < t->n; i++)
		assert_true(fputs(t->line[i], f) >= 0);
	assert_int_equal(fclose(f), 0);
	if (top == NULL ||
	    system("python3 -c 0 && openssl version "
		   ">/dev/null") != 0)
		return true;
	f = popen(arena_printf(&l->arena, "%s/contrib/verify-evidence %s 2>&1",
		      top, path),
	    "r");
	assert_non_null(f);
	size_t n = fread(said, 1, sizeof(said) - 1, f);
	said[n] = '\0';
	pclose(f);
	if (strstr(said, words) == NULL)
		print_message("%s", said);
	return strstr(said, words) != NULL;
}

static void
an_erased_body_still_verifies(void **unused)
{
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, 20);
	must(store_begin(l.store, &l.err), &l.err);
	must(evidence_erase(l.evidence, 4, "ann", NOW, &l.err), &l.err);
	must(store_commit(l.store, &l.err), &l.err);
	log_grow(&l, 0);
	struct text t = text_of(&l, &everything);
	assert_non_null(
	    strstr(t.line[line_of(&t, 4)], "\"salt\":null,\"body\":null}"));
	struct bundle_report r = verify(&t, &anyone);
	assert_true(r.good);
	assert_int_equal(r.records, 21);
	assert_int_equal(r.erased, 1);
	assert_int_equal(r.unexplained, 0);
	assert_true(theirs_agrees(&l, &t, "(1 erased)"));
	/* Another one, which nobody's word erased. */
	strip(&t);
	r = verify(&t, &anyone);
	assert_false(r.good);
	assert_int_equal(r.bad, 5);
	assert_true(theirs_agrees(&l, &t, "bad: record 5 has lost its body"));
	log_fini(&l);
}

/* A part of the log need not have the record that says so. */
static void
a_part_does_not_show_who_erased(void **unused)
{
	static const struct bundle_filter parts[] = { { .to = 10 },
		{ .kind = "step.done" } };
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, 20);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		struct text t = text_of(&l, &parts[i]);

		strip(&t);
		struct bundle_report r = verify(&t, &anyone);
		assert_true(r.good);
		assert_int_equal(r.erased, 1);
		assert_int_equal(r.unexplained, 1);
		assert_true(theirs_agrees(&l, &t, "nothing in it says"));
	}
	log_fini(&l);
}

static void
ranges_and_selections_prove_what_they_hold(void **unused)
{
	static const struct {
		struct bundle_filter want;
		int64_t records;
		bool selection;
	} cases[] = {
		{ { .from = 0, .to = 10 }, 10, false },
		{ { .from = 250, .to = 520 }, 270, false },
		{ { .from = 599 }, 1, false },
		{ { .from = 600, .since = 600 }, 0, false },
		{ { .run = 2 }, 120, true },
		{ { .identity = 3, .from = 500 }, 15, true },
		{ { .kind = "step.sent" }, 200, true },
		{ { .kind = "step." }, 600, true },
	};
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, RECORDS);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text t = text_of(&l, &cases[i].want);
		struct bundle_report r = verify(&t, &anyone);

		assert_string_equal(r.what, "");
		assert_int_equal(r.records, cases[i].records);
		assert_int_equal(r.selection, cases[i].selection);
		assert_int_equal(r.from, cases[i].want.from);
	}
	struct store *reader = store_reader(l.db, &l.err);
	struct bundle_filter beyond = { .to = RECORDS + 1 };
	FILE *f = tmpfile();
	assert_int_equal(bundle_export(reader, &beyond, f, &l.err), -1);
	assert_int_equal(l.err.cls, ERR_INPUT);
	fclose(f);
	store_close(reader);
	log_fini(&l);
}

static void
a_bundle_of_nothing_is_refused(void **unused)
{
	static const struct bundle_filter cases[] = { { .from = RECORDS },
		{ .from = 10, .to = 10 }, { .kind = "step" },
		{ .run = 2, .from = RECORDS }, { .run = 99 },
		{ .run = 99, .since = RECORDS } };
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, RECORDS);
	struct store *reader = store_reader(l.db, &l.err);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		FILE *f = tmpfile();

		assert_int_equal(bundle_export(reader, &cases[i], f, &l.err),
		    -1);
		assert_int_equal(l.err.cls, ERR_GONE);
		assert_non_null(
		    strstr(l.err.text, "there is nothing in that range"));
		fclose(f);
	}
	store_close(reader);
	log_fini(&l);
}

static void
the_key_must_be_the_trusted_one(void **unused)
{
	struct log l, other;

	(void)unused;
	log_init(&l);
	log_init(&other);
	log_grow(&l, 5);
	struct text t = text_of(&l, &everything);
	struct bundle_want want = { .vkey = evidence_key(other.evidence,
					&other.arena) };
	struct bundle_report r = verify(&t, &want);
	assert_false(r.good);
	assert_non_null(strstr(r.what, "another key"));
	r = verify(&t, &anyone);
	assert_true(r.good);
	assert_false(r.trusted);
	log_fini(&l);
	log_fini(&other);
}

static void
an_old_key_leads_to_the_new_one(void **unused)
{
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, 5);
	struct bundle_want want = { .vkey = evidence_key(l.evidence,
					&l.arena) };
	for (int i = 0; i < 2; i++) {
		must(store_begin(l.store, &l.err), &l.err);
		must(evidence_rekey(l.evidence, "ann", NOW, &l.err), &l.err);
		must(store_commit(l.store, &l.err), &l.err);
		must(evidence_publish(l.evidence, &l.err), &l.err);
	}
	struct text t = text_of(&l, &everything);
	struct bundle_report r = verify(&t, &want);
	assert_string_equal(r.what, "");
	assert_true(r.trusted);

	char *list = strstr(t.line[0], "\"rotations\":[") + 13;
	*list = ']';
	memcpy(list + 1, "}\n", 3);
	r = verify(&t, &want);
	assert_false(r.good);
	assert_non_null(strstr(r.what, "another key"));
	assert_true(verify(&t, &anyone).good);
	log_fini(&l);
}

static void
a_bundle_extends_an_older_checkpoint(void **unused)
{
	static const int sizes[] = { 1, 100, 156, 250, 93 };
	struct log l;

	(void)unused;
	log_init(&l);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		log_grow(&l, sizes[i]);
	int64_t size = 0;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct bundle_filter filter = { .since = size += sizes[i],
			.run = 1 };
		struct text t = text_of(&l, &filter);
		struct bundle_report r = verify(&t, &anyone);

		assert_string_equal(r.what, "");
		if (i + 1 == sizeof(sizes) / sizeof(sizes[0]))
			break; /* equal sizes have no proof */
		char *proof = strstr(t.line[0], "\"proof\":[\"") + 10;
		proof[1] = proof[1] == '0' ? '1' : '0';
		assert_false(verify(&t, &anyone).good);
	}
	log_fini(&l);
}

static void
a_kept_checkpoint_must_be_extended(void **unused)
{
	struct log l, other;

	(void)unused;
	log_init(&l);
	log_init(&other);
	/* What was signed before the first record has no proof. */
	struct bundle_want first = { .since = file_read(&l.arena, l.note,
					 NOTE_MAX, NULL, &l.err) };
	log_grow(&other, 10);
	log_grow(&l, 10);
	struct bundle_want want = { .since = file_read(&l.arena, l.note,
					NOTE_MAX, NULL, &l.err) };
	log_grow(&l, 30);
	struct text t = text_of(&l, &(struct bundle_filter){ .since = 10 });
	assert_true(verify(&t, &want).good);
	want.since = file_read(&other.arena, other.note, NOTE_MAX, NULL,
	    &l.err);
	assert_false(verify(&t, &want).good);
	t = text_of(&l, &everything);
	assert_false(verify(&t, &want).good);
	assert_non_null(strstr(first.since, "a.example/log\n0\n"));
	assert_true(verify(&t, &first).good);
	swap_text(&t, 0, "a.example/log", "b.example/log");
	assert_false(verify(&t, &first).good);
	log_fini(&l);
	log_fini(&other);
}

/* The store itself was tampered with: no bundle is made of it. */
static void
a_changed_store_is_named_at_export(void **unused)
{
	struct log l;
	FILE *f = tmpfile();

	(void)unused;
	log_init(&l);
	for (int i = 0; i < 3; i++)
		log_grow(&l, 10);
	log_shut(&l);
	sqlite3 *db;
	assert_int_equal(sqlite3_open(l.db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
			     "UPDATE record SET subject ="
			     " 'run/9' WHERE seq = 14",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	log_open_again(&l);
	struct store *reader = store_reader(l.db, &l.err);
	assert_int_equal(bundle_export(reader, &everything, f, &l.err), -1);
	assert_int_equal(l.err.cls, ERR_BUG);
	assert_non_null(strstr(l.err.text, "records 10 to 19"));
	store_close(reader);
	fclose(f);
	log_fini(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_bundle_is_good),
		cmocka_unit_test(every_tampering_is_named),
		cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(an_erased_body_still_verifies),
		cmocka_unit_test(a_part_does_not_show_who_erased),
		cmocka_unit_test(ranges_and_selections_prove_what_they_hold),
		cmocka_unit_test(a_bundle_of_nothing_is_refused),
		cmocka_unit_test(the_key_must_be_the_trusted_one),
		cmocka_unit_test(an_old_key_leads_to_the_new_one),
		cmocka_unit_test(a_bundle_extends_an_older_checkpoint),
		cmocka_unit_test(a_kept_checkpoint_must_be_extended),
		cmocka_unit_test(a_changed_store_is_named_at_export),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
