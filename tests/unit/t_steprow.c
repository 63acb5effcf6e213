/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of steps that are kept in memory: always as the store has them, and
 * their texts last as long as the tick that got them.
 */
#include "house.h"

#include "engine/trial.h"

#define MANY 600 /* runs, more than there are places */

static struct step
step_of(int64_t run, const char *name)
{
	return (struct step){ .run = run,
		.name = name,
		.system = "corp",
		.verb = "account.ensure",
		.state = "blocked",
		.on_failure = "stop",
		.after = "",
		.phase = "act" };
}

/* A run of two steps, as the engine makes one. */
static void
run_add(struct house *h, int64_t run)
{
	struct step one = step_of(run, "one"), two = step_of(run, "two");

	steprow_begin(h->engine, run);
	house_must(h, steprow_add(h->engine, &one, &h->err));
	house_must(h, steprow_add(h->engine, &two, &h->err));
	assert_true(one.id > 0 && two.id > one.id);
}

static const struct step *
listed(struct house *h, int64_t run)
{
	struct many steps = { 0 };

	house_must(h, steprow_list(h->engine, run, &steps, &h->err));
	assert_int_equal(steps.n, 2);
	return steps.item;
}

static void
what_is_kept_is_what_was_written(void **state)
{
	struct house h;
	struct step s, *copy;

	(void)state;
	house_open(&h);
	run_add(&h, 1000);
	s = *listed(&h, 1000);
	s.state = "sent";
	s.call = (INT64_C(7) << 32) | 5;
	s.error = arena_str(&h.arena, "the last try");
	s.before.text = "{}";
	house_must(&h, steprow_save(h.engine, &s, &h.err));
	house_must(&h, steprow_check(h.engine, &h.err));
	assert_string_equal(listed(&h, 1000)->error, "the last try");
	assert_ptr_not_equal(listed(&h, 1000)->error, s.error);
	copy = arena_zero(&h.arena, 1, sizeof(*copy));
	assert_int_equal(steprow_called(h.engine, s.call, copy, &h.err), 1);
	assert_int_equal(copy->id, s.id);
	assert_int_equal(steprow_called(h.engine, s.call + 1, copy, &h.err), 0);
	/* The call has ended, and is not remembered for ever. */
	copy->call = 0;
	copy->state = "done";
	house_must(&h, steprow_save(h.engine, copy, &h.err));
	assert_int_equal(steprow_called(h.engine, s.call, copy, &h.err), 0);
	house_must(&h, steprow_check(h.engine, &h.err));
	house_close(&h);
}

static void
what_was_forgotten_is_read_again(void **state)
{
	struct step s = { 0 };
	struct house h;

	(void)state;
	house_open(&h);
	run_add(&h, 1000);
	/* Behind the engine's back: seen by the check, not by the list. */
	assert_int_equal(sqlite3_exec(h.store->db,
			     "UPDATE step SET state = 'failed'", NULL, NULL,
			     NULL),
	    SQLITE_OK);
	assert_string_equal(listed(&h, 1000)->state, "blocked");
	assert_int_equal(steprow_check(h.engine, &h.err), -1);
	assert_int_equal(h.err.cls, ERR_BUG);
	steprow_forget(h.engine);
	assert_string_equal(listed(&h, 1000)->state, "failed");
	house_must(&h, steprow_check(h.engine, &h.err));
	house_sql(&h,
	    "UPDATE step SET \"call\" = 99, state = 'sent'"
	    " WHERE name = 'two'");
	assert_int_equal(steprow_called(h.engine, 99, &s, &h.err), 1);
	assert_string_equal(s.name, "two");
	/* A statement of the engine's own that changes many. */
	house_must(&h, steprow_check(h.engine, &h.err));
	s.due = 5;
	s.unsure = 0;
	house_sql(&h, "UPDATE step SET state = 'waiting', due = 10");
	(void)listed(&h, 1000);
	house_must(&h,
	    steprow_change(h.engine, STMT_STEP_SHIFT_DUE, &s, &h.err));
	house_must(&h, steprow_check(h.engine, &h.err));
	assert_int_equal(listed(&h, 1000)->due, 15);
	house_close(&h);
}

/* A part of a tick that is undone leaves nothing behind: the number of a run
   that was begun in it is given again. */
static void
what_was_undone_is_not_kept(void **state)
{
	struct trial t;
	struct house h;
	struct step s;

	(void)state;
	house_open(&h);
	run_add(&h, 1000);
	house_must(&h, store_begin(h.store, &h.err));
	house_must(&h, trial_begin(h.engine, &t, &h.err));
	s = *listed(&h, 1000);
	s.state = "cancelled";
	house_must(&h, steprow_save(h.engine, &s, &h.err));
	run_add(&h, 1001);
	house_must(&h, trial_undo(h.engine, &t, &h.err));
	house_must(&h, store_commit(h.store, &h.err));
	house_must(&h, steprow_check(h.engine, &h.err));
	assert_string_equal(listed(&h, 1000)->state, "blocked");
	run_add(&h, 1001);
	assert_string_equal(listed(&h, 1001)->name, "one");
	house_must(&h, steprow_check(h.engine, &h.err));
	house_close(&h);
}

/* More runs than places, all in one tick: none takes another's texts. */
static void
texts_last_as_long_as_the_tick(void **state)
{
	const struct step *first[MANY];
	struct house h;

	(void)state;
	house_open(&h);
	for (int64_t i = 0; i < MANY; i++)
		run_add(&h, 1000 + i);
	for (int64_t i = 0; i < MANY; i++)
		first[i] = listed(&h, 1000 + i);
	for (int64_t i = 0; i < MANY; i++) {
		assert_int_equal(first[i]->run, 1000 + i);
		assert_string_equal(first[i]->name, "one");
		assert_string_equal(first[i][1].name, "two");
	}
	house_must(&h, steprow_check(h.engine, &h.err));
	/* Later they make room for others. */
	house_settle(&h);
	house_settle(&h);
	house_settle(&h);
	for (int64_t i = MANY - 1; i >= 0; i--)
		assert_string_equal(listed(&h, 1000 + i)->name, "one");
	house_must(&h, steprow_check(h.engine, &h.err));
	house_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_is_what_was_written),
		cmocka_unit_test(what_was_forgotten_is_read_again),
		cmocka_unit_test(what_was_undone_is_not_kept),
		cmocka_unit_test(texts_last_as_long_as_the_tick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
