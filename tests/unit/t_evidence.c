/* SPDX-License-Identifier: Apache-2.0 */
#include "fresh_log.h"

#include <sys/stat.h>

#include "evidence/inside.h"

static struct record
record_at(struct log *l, int64_t seq)
{
	struct record r, at = { .seq = seq };

	must(store_get(l->store, &l->arena, STMT_RECORD_BY_SEQ, record_fields,
		 &at, record_fields, &r, &l->err),
	    &l->err);
	return r;
}

static const char *
root_text(struct log *l)
{
	unsigned char root[DIGEST_LEN];

	evidence_root(l->evidence, root);
	return hex_encode(arena_zero(&l->arena, DIGEST_HEX, 1), root,
	    DIGEST_LEN);
}

static struct checkpoint
outside(struct log *l)
{
	struct checkpoint c = { 0 };
	const char *note = file_read(&l->arena, l->note, NOTE_MAX, NULL,
	    &l->err);

	if (note == NULL)
		fail_msg("%s", l->err.text);
	must(checkpoint_parse(&l->arena, note_signed(&l->arena, note), &c,
		 &l->err),
	    &l->err);
	return c;
}

/* Whether the outside note is signed by whom evidence_key() names. */
static bool
outside_signed(struct log *l)
{
	struct verifier v;
	struct err e;
	const char *note = file_read(&l->arena, l->note, NOTE_MAX, NULL, &e);

	return verifier_parse(&l->arena, evidence_key(l->evidence, &l->arena),
		   &v, &e) == 0 &&
	    note_verify(&l->arena, note, &v, NULL, &e) == 0;
}

static void
a_record_is_canonical_and_salted(void **unused)
{
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, 2);
	struct record r = record_at(&l, 1);
	assert_string_equal(r.body,
	    "{\"n\":1,\"what\":\"caf\xc3\xa9 \\\"1\\\"\"}");
	assert_int_equal(r.at, NOW + 1);
	assert_string_equal(r.kind, "step.done");
	assert_string_equal(r.subject, "");

	unsigned char salt[SALT_LEN], sum[DIGEST_LEN];
	char hex[DIGEST_HEX];
	assert_true(hex_decode(salt, SALT_LEN, r.salt));
	entry_body_digest(sum, salt, r.body, strlen(r.body));
	assert_string_equal(r.digest, hex_encode(hex, sum, DIGEST_LEN));
	assert_string_not_equal(r.salt, record_at(&l, 0).salt);

	struct buf b = { .arena = &l.arena };
	entry_encode(&b, &r);
	assert_string_equal(buf_text(&b),
	    arena_printf(&l.arena,
		"{\"at\":\"2026-11-30T00:53:20.124Z\",\"body\":\"%s\","
		"\"kind\":\"step.done\",\"seq\":1,\"subject\":\"\"}",
		r.digest));
	log_fini(&l);
}

static void
bad_bodies_are_refused(void **unused)
{
	static const char *const bodies[] = { "", "[]", "\"x\"", "{\"a\":1.5}",
		"{\"a\":1,\"a\":2}", "{\"a\":9007199254740993}", "{" };
	struct log l;

	(void)unused;
	log_init(&l);
	must(store_begin(l.store, &l.err), &l.err);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_int_equal(evidence_add(l.evidence, "x", "", 0, 0,
				     bodies[i], NOW, &l.err),
		    -1);
		assert_int_equal(l.err.cls, ERR_INPUT);
	}
	assert_int_equal(evidence_size(l.evidence), 0);
	must(evidence_add(l.evidence, "x", "", 0, 0, "{}", NOW, &l.err),
	    &l.err);
	must(store_commit(l.store, &l.err), &l.err);
	log_fini(&l);
}

static void
undo_follows_the_store(void **unused)
{
	struct evidence_mark whole, inner;
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, 3);
	const char *before = root_text(&l);

	must(store_begin(l.store, &l.err), &l.err);
	evidence_mark(l.evidence, &whole);
	log_add(&l, 1);
	const char *kept = root_text(&l);
	must(store_mark(l.store, &l.err), &l.err);
	evidence_mark(l.evidence, &inner);
	log_add(&l, 4);
	must(store_undo(l.store, &l.err), &l.err);
	evidence_undo(l.evidence, &inner);
	assert_string_equal(root_text(&l), kept);
	assert_int_equal(evidence_size(l.evidence), 4);
	store_rollback(l.store);
	evidence_undo(l.evidence, &whole);
	assert_string_equal(root_text(&l), before);

	log_grow(&l, 2);
	const char *after = root_text(&l);
	log_shut(&l);
	log_open_again(&l);
	assert_false(l.rolled_back);
	assert_string_equal(root_text(&l), after);
	log_fini(&l);
}

static void
reopening_rolls_forward_from_any_checkpoint(void **unused)
{
	struct log l;

	(void)unused;
	log_init(&l);
	for (int n = 0; n < 40; n += 3) {
		log_grow(&l, n % 4);
		must(store_begin(l.store, &l.err), &l.err);
		log_add(&l, 3); /* not signed */
		must(store_commit(l.store, &l.err), &l.err);
		const char *root = root_text(&l);
		int64_t size = evidence_size(l.evidence);

		log_shut(&l);
		log_open_again(&l);
		assert_false(l.rolled_back);
		assert_int_equal(evidence_size(l.evidence), size);
		assert_string_equal(root_text(&l), root);
	}
	log_fini(&l);
}

static void
checkpoints_are_signed_and_outside(void **unused)
{
	struct log l;

	(void)unused;
	log_init(&l);
	assert_int_equal(outside(&l).size, 0);
	log_grow(&l, 5);
	struct checkpoint c = outside(&l);
	assert_int_equal(c.size, 5);
	assert_string_equal(c.origin, "a.example/log");
	char hex[DIGEST_HEX];
	assert_string_equal(hex_encode(hex, c.root, DIGEST_LEN), root_text(&l));
	assert_true(outside_signed(&l));
	assert_int_equal(access(l.key, F_OK), 0);
	log_fini(&l);
}

/* The commit was durable, and a crash came before the outside file. */
static void
a_crash_before_publishing_is_made_good(void **unused)
{
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, 5);
	must(store_begin(l.store, &l.err), &l.err);
	log_add(&l, 2);
	must(evidence_checkpoint(l.evidence, NOW, &l.err), &l.err);
	must(store_commit(l.store, &l.err), &l.err);
	assert_int_equal(outside(&l).size, 5);
	log_shut(&l);
	log_open_again(&l);
	assert_false(l.rolled_back);
	assert_int_equal(outside(&l).size, 7);
	log_fini(&l);
}

static void
rolled_back_is_seen_until_accepted(struct log *l, int64_t size)
{
	assert_non_null(l->evidence);
	assert_true(l->rolled_back);
	assert_int_equal(l->err.cls, ERR_CONFLICT);
	assert_int_equal(evidence_size(l->evidence), size);
	must(store_begin(l->store, &l->err), &l->err);
	log_add(l, 1);
	assert_int_equal(evidence_checkpoint(l->evidence, NOW, &l->err), -1);
	assert_int_equal(l->err.cls, ERR_CONFLICT);
	assert_int_equal(evidence_rekey(l->evidence, "ann", NOW, &l->err), -1);
	must(store_commit(l->store, &l->err), &l->err);
	log_shut(l);
	log_open_again(l);
	assert_true(l->rolled_back);
}

static void
accept(struct log *l)
{
	must(store_begin(l->store, &l->err), &l->err);
	must(evidence_accept(l->evidence, "ann", NOW, &l->err), &l->err);
	must(store_commit(l->store, &l->err), &l->err);
	must(evidence_publish(l->evidence, &l->err), &l->err);
}

static void
a_restored_backup_is_seen(void **unused)
{
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, 5);
	must(store_backup(l.db, arena_printf(&l.arena, "%s/old", l.dir),
		 &l.err),
	    &l.err);
	log_grow(&l, 5);
	const char *cited = file_read(&l.arena, l.note, NOTE_MAX, NULL, &l.err);
	log_shut(&l);
	log_copy(&l, "old", "db");
	log_open_again(&l);
	rolled_back_is_seen_until_accepted(&l, 5);

	accept(&l);
	assert_string_equal(outside(&l).origin, "a.example/log/2");
	assert_int_equal(outside(&l).size, 7);
	assert_true(outside_signed(&l));
	struct record r = record_at(&l, 6);
	assert_string_equal(r.kind, "evidence.restored");
	assert_string_equal(json_member_text(&l.arena, r.body, "cites"), cited);
	assert_string_equal(json_member_text(&l.arena, r.body, "by"), "ann");
	log_shut(&l);
	log_open_again(&l);
	assert_false(l.rolled_back);
	log_grow(&l, 3);
	assert_string_equal(outside(&l).origin, "a.example/log/2");
	log_fini(&l);
}

/* Whoever writes the store and the file outside cannot sign what stands
   there: the same tree, and another key. */
static void
a_strangers_checkpoint_is_seen(void **unused)
{
	struct log l, other;
	struct checkpoint c;
	struct err e;

	(void)unused;
	log_init(&l);
	log_init(&other);
	log_grow(&l, 5);
	log_copy(&l, "checkpoint", "kept");
	c = outside(&l);
	struct signing_key *k = signing_key_load(other.key, &e);
	assert_non_null(k);
	const char *text = checkpoint_text(&l.arena, &c);
	const char *line = note_signature(&l.arena, text, c.origin,
	    signing_key_public(k), signing_key_sign, k, &e);
	const char *note = arena_printf(&l.arena, "%s\n%s", text, line);
	must(file_replace(l.note, note, strlen(note), 0644, &e), &e);
	signing_key_free(k);
	log_shut(&l);
	log_open_again(&l);
	assert_true(l.rolled_back);
	assert_non_null(strstr(l.err.text, "did not sign it"));
	log_shut(&l);
	log_copy(&l, "kept", "checkpoint");
	log_open_again(&l);
	assert_false(l.rolled_back);
	log_fini(&l);
	log_fini(&other);
}

/* The store went on after it was restored, past the outside size. */
static void
a_rewritten_store_is_seen(void **unused)
{
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, 5);
	must(store_backup(l.db, arena_printf(&l.arena, "%s/old", l.dir),
		 &l.err),
	    &l.err);
	log_grow(&l, 2);
	log_copy(&l, "checkpoint", "kept");
	log_shut(&l);
	log_copy(&l, "old", "db");
	unlink(l.note);
	log_open_again(&l);
	assert_true(l.rolled_back); /* the file is gone */
	accept(&l);
	log_grow(&l, 4);
	log_shut(&l);
	log_copy(&l, "kept", "checkpoint");
	log_open_again(&l);
	assert_true(l.rolled_back);
	assert_non_null(strstr(l.err.text, "another log"));
	log_fini(&l);
}

static void
other_records_of_the_same_number_are_seen(void **unused)
{
	struct log l;

	(void)unused;
	log_init(&l);
	must(store_backup(l.db, arena_printf(&l.arena, "%s/old", l.dir),
		 &l.err),
	    &l.err);
	log_grow(&l, 6);
	log_copy(&l, "checkpoint", "kept");
	log_shut(&l);
	log_copy(&l, "old", "db");
	unlink(l.note);
	log_open_again(&l);
	assert_false(l.rolled_back); /* an empty store may begin */
	log_grow(&l, 9);
	log_shut(&l);
	log_copy(&l, "kept", "checkpoint");
	log_open_again(&l);
	assert_true(l.rolled_back);
	assert_non_null(strstr(l.err.text, "other records"));
	log_fini(&l);
}

/* No backup holds the key: a restore on a new machine makes another. */
static void
a_lost_key_is_replaced_by_accepting(void **unused)
{
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, 4);
	const char *old = evidence_key(l.evidence, &l.arena);
	log_shut(&l);
	unlink(l.key);
	log_open_again(&l);
	assert_true(l.rolled_back);
	assert_int_equal(access(l.key, F_OK), -1);
	accept(&l);
	assert_string_not_equal(evidence_key(l.evidence, &l.arena), old);
	assert_true(outside_signed(&l));
	log_shut(&l);
	log_open_again(&l);
	assert_false(l.rolled_back);
	log_fini(&l);
}

static void
another_key_is_refused(void **unused)
{
	struct log l, other;

	(void)unused;
	log_init(&l);
	log_grow(&l, 4);
	log_shut(&l);
	log_init(&other);
	log_shut(&other);
	must(rename(other.key, l.key), &l.err);
	log_open_again(&l);
	assert_null(l.evidence);
	assert_int_equal(l.err.cls, ERR_INPUT);
	log_fini(&other);
	log_fini(&l);
}

static void
rekey(struct log *l)
{
	must(store_begin(l->store, &l->err), &l->err);
	must(evidence_rekey(l->evidence, "ann", NOW, &l->err), &l->err);
}

static void
a_rotation_is_signed_by_both_keys(void **unused)
{
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, 4);
	const char *old = evidence_key(l.evidence, &l.arena);
	rekey(&l);
	must(store_commit(l.store, &l.err), &l.err);
	must(evidence_publish(l.evidence, &l.err), &l.err);
	const char *new = evidence_key(l.evidence, &l.arena);
	assert_string_not_equal(new, old);
	assert_true(outside_signed(&l));
	const char *note = json_member_text(&l.arena, record_at(&l, 4).body,
	    "note");
	assert_string_equal(rotation_follow(&l.arena, note, old), new);
	log_shut(&l);
	log_open_again(&l);
	assert_false(l.rolled_back);
	assert_string_equal(evidence_key(l.evidence, &l.arena), new);
	log_fini(&l);
}

static void
a_rotation_is_all_or_nothing(void **unused)
{
	struct evidence_mark m;
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, 4);
	const char *old = evidence_key(l.evidence, &l.arena);

	evidence_mark(l.evidence, &m);
	rekey(&l);
	store_rollback(l.store);
	evidence_undo(l.evidence, &m);
	log_grow(&l, 1);
	assert_string_equal(evidence_key(l.evidence, &l.arena), old);
	assert_true(outside_signed(&l));

	rekey(&l); /* a crash before the commit */
	store_rollback(l.store);
	log_shut(&l);
	log_open_again(&l);
	assert_string_equal(evidence_key(l.evidence, &l.arena), old);

	rekey(&l); /* a crash after it */
	must(store_commit(l.store, &l.err), &l.err);
	log_shut(&l);
	/* The key in force cannot be read just now: it is not thrown away. */
	const char *next = arena_printf(&l.arena, "%s.next", l.key);
	assert_int_equal(chmod(next, 0644), 0);
	log_open_again(&l);
	assert_null(l.evidence);
	assert_non_null(strstr(l.err.text, next));
	log_shut(&l);
	assert_int_equal(chmod(next, 0600), 0);
	log_open_again(&l);
	assert_false(l.rolled_back);
	assert_string_not_equal(evidence_key(l.evidence, &l.arena), old);
	assert_true(outside_signed(&l));
	log_fini(&l);
}

static void
an_erased_body_is_gone_and_the_root_stays(void **unused)
{
	struct log l;

	(void)unused;
	log_init(&l);
	log_grow(&l, 4);
	must(store_begin(l.store, &l.err), &l.err);
	must(evidence_erase(l.evidence, 2, "ann", NOW, &l.err), &l.err);
	assert_int_equal(evidence_erase(l.evidence, 99, "ann", NOW, &l.err),
	    -1);
	assert_int_equal(l.err.cls, ERR_GONE);
	must(store_commit(l.store, &l.err), &l.err);
	assert_null(record_at(&l, 2).body);
	assert_null(record_at(&l, 2).salt);
	assert_non_null(record_at(&l, 2).digest);
	assert_string_equal(record_at(&l, 4).subject, "record/2");
	const char *root = root_text(&l);
	log_shut(&l);
	log_open_again(&l);
	assert_false(l.rolled_back);
	assert_string_equal(root_text(&l), root);
	log_fini(&l);
}

static void
fixed(void *ctx, void *out, size_t n)
{
	memset(out, *(int *)ctx, n);
}

static void
the_simulator_has_no_files_and_its_own_chance(void **unused)
{
	struct arena a = { 0 };
	struct err e = { 0 };
	bool rolled = true;
	int seven = 7;
	struct store *s = store_open(":memory:", &e);
	struct evidence *ev = evidence_open(s, NULL, NOW, &rolled, &e);
	struct record r, at = { .seq = 0 };

	(void)unused;
	assert_non_null(ev);
	assert_false(rolled);
	evidence_random(ev, fixed, &seven);
	must(store_begin(s, &e), &e);
	must(evidence_add(ev, "x", NULL, 0, 0, "{}", NOW, &e), &e);
	must(evidence_checkpoint(ev, NOW, &e), &e);
	must(store_commit(s, &e), &e);
	must(evidence_publish(ev, &e), &e);
	must(store_get(s, &a, STMT_RECORD_BY_SEQ, record_fields, &at,
		 record_fields, &r, &e),
	    &e);
	assert_string_equal(r.salt, "07070707070707070707070707070707");
	evidence_close(ev);
	store_close(s);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_canonical_and_salted),
		cmocka_unit_test(bad_bodies_are_refused),
		cmocka_unit_test(undo_follows_the_store),
		cmocka_unit_test(reopening_rolls_forward_from_any_checkpoint),
		cmocka_unit_test(checkpoints_are_signed_and_outside),
		cmocka_unit_test(a_crash_before_publishing_is_made_good),
		cmocka_unit_test(a_restored_backup_is_seen),
		cmocka_unit_test(a_rewritten_store_is_seen),
		cmocka_unit_test(a_strangers_checkpoint_is_seen),
		cmocka_unit_test(other_records_of_the_same_number_are_seen),
		cmocka_unit_test(a_lost_key_is_replaced_by_accepting),
		cmocka_unit_test(another_key_is_refused),
		cmocka_unit_test(a_rotation_is_signed_by_both_keys),
		cmocka_unit_test(a_rotation_is_all_or_nothing),
		cmocka_unit_test(an_erased_body_is_gone_and_the_root_stays),
		cmocka_unit_test(the_simulator_has_no_files_and_its_own_chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
