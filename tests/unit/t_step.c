/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A step's call: what it carries in secret stands in locked memory only.
 */
#include "base/secret.h"
#include "engine/pipe.h"
#include "fresh_dir.h"
#include "house.h"
#include "mapping.h"

/* An account of which a step, ready to go, sets the first password; or a
   call that carries nothing. */
static void
ready(struct house *h, const char *sealed)
{
	house_sql(h,
	    "INSERT INTO account (id, identity, system, kind, name) VALUES"
	    " (7, 1, 'corp', 'primary', 'ada')");
	if (sealed != NULL)
		house_sql(h,
		    "INSERT INTO secret (id, account, purpose, sealed,"
		    " created) VALUES (5, 7, 'first password', '%s', 1)",
		    sealed);
	house_sql(h,
	    "INSERT INTO run (id, workflow, \"class\", state, priority,"
	    " requested) VALUES (9, 'joiner', 'join', 'open', 3000, 1)");
	house_sql(h,
	    "INSERT INTO step (run, name, system, verb, account, secret,"
	    " state, priority, \"limit\", timeout, phase, \"in\", \"after\","
	    " on_failure) VALUES (9, 'make', 'corp', 'account.ensure', 7, %d,"
	    " 'ready', 3000, 3, 1000, 'act', '{}', '', 'stop')",
	    sealed != NULL ? 5 : 0);
	((struct pipe *)h->engine->pipes.item)->ready = true;
}

static const struct outcall *
sent(struct house *h)
{
	house_must(h,
	    engine_tick(h->engine, NULL, 0, h->now, h->now - START + DAY,
		&h->out, &h->err));
	assert_int_equal(h->out.calls.n, 1);
	return h->out.calls.item;
}

static void
a_secret_goes_out_from_locked_memory(void **state)
{
	char dir[sizeof(DIR_TEMPLATE)];
	const struct outcall *c;
	struct house h;

	(void)state;
	dir_make(dir);
	house_open(&h);
	h.engine->env.keyring = keyring_open(arena_printf(&h.arena, "%s/key",
						 dir),
	    1, &h.err);
	assert_non_null(h.engine->env.keyring);
	ready(&h,
	    keyring_seal(h.engine->env.keyring, &h.arena, "account/7",
		"hunter2hunter2", 14));
	c = sent(&h);
	assert_true(c->secret);
	assert_non_null(strstr(c->in, "\"secret\":\"hunter2hunter2\""));
	assert_true(is_locked(c->in) && mapping_has(c->in, "dd"));
	keyring_close(h.engine->env.keyring);
	house_close(&h);
	dir_remove(dir);
}

static void
nothing_else_does(void **state)
{
	const struct outcall *c;
	struct house h;

	(void)state;
	house_open(&h);
	ready(&h, NULL);
	c = sent(&h);
	assert_false(c->secret);
	assert_false(mapping_has(c->in, "dd"));
	house_close(&h);
}

/* Its first password is erased: it fails, and what comes after it all the
   same goes out in its stead. */
static void
what_cannot_be_asked_keeps_nothing_up(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_settle(&h);
	ready(&h, "");
	house_sql(&h, "UPDATE secret SET sealed = NULL");
	house_sql(&h, "UPDATE step SET on_failure = 'continue'");
	house_sql(&h,
	    "INSERT INTO step (run, name, system, verb, state, priority,"
	    " \"limit\", timeout, phase, \"in\", \"after\", on_failure) VALUES"
	    " (9, 'then', 'corp', 'badge.list', 'blocked', 3000, 3, 1000,"
	    " 'act', '{}', 'make', 'stop')");
	h.now += 10;
	house_settle(&h);
	assert_string_equal(house_text(&h,
				"SELECT group_concat(name || ' ' || state)"
				" FROM step"),
	    "make failed,then sent");
	house_close(&h);
}

static void
answer(struct house *h, enum err_class cls)
{
	struct input in = { .kind = INPUT_INCOMING,
		.incoming = { .kind = INCOMING_REPLY,
		    .system = "corp",
		    .call = house_number(h, "SELECT \"call\" FROM step"),
		    .why = { .cls = cls } } };

	house_tick(h, &in, 1);
}

/* What is gone is believed once the system itself was seen to be well; if
   it never is, that ends in a debt, and not in asking for ever. */
static void
looks_that_fail_are_attempts(void **state)
{
	struct house h;
	int looks = 0;

	(void)state;
	house_open(&h);
	house_settle(&h);
	ready(&h, NULL);
	house_sql(&h,
	    "UPDATE step SET verb = 'badge.list', removes = 1, \"limit\" = 4");
	house_settle(&h);
	answer(&h, ERR_GONE);
	assert_string_equal(house_text(&h, "SELECT phase FROM step"), "check");
	while (strcmp(house_text(&h, "SELECT state FROM step"), "debt") != 0) {
		h.now += HOUR;
		house_tick(&h, NULL, 0);
		assert_string_equal(house_text(&h, "SELECT state FROM step"),
		    "sent");
		assert_true(++looks < 10);
		answer(&h, ERR_INPUT);
	}
	assert_int_equal(looks, 3);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM debt"), 1);
	house_close(&h);
}

/* Nobody who says that a system is back waits for the pause of what failed;
   the time that a change takes to be seen everywhere is no pause. */
static void
a_reset_tries_what_failed(void **state)
{
	static const struct {
		enum err_class first, then; /* answers */
		const char *waits, *becomes;
	} rows[] = {
		{ ERR_BUSY, ERR_NONE, "waiting", "sent" },
		{ ERR_INPUT, ERR_NONE, "debt", "sent" },
		{ ERR_GONE, ERR_BUSY, "waiting", "sent" },
	};
	struct house h;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		house_open(&h);
		house_settle(&h);
		ready(&h, NULL);
		house_sql(&h,
		    "UPDATE step SET verb = 'badge.list', removes = 1");
		house_settle(&h);
		answer(&h, rows[i].first);
		if (rows[i].then != ERR_NONE) {
			house_tick(&h, NULL, 0);
			answer(&h, rows[i].then);
		}
		h.now += 10;
		house_tick(&h, NULL, 0);
		assert_string_equal(house_text(&h, "SELECT state FROM step"),
		    rows[i].waits);
		house_command(&h, "alice", "system.reset",
		    "{\"system\":\"corp\"}");
		assert_int_equal(h.reply.why.cls, ERR_NONE);
		assert_string_equal(house_text(&h, "SELECT state FROM step"),
		    rows[i].becomes);
		assert_int_equal(house_number(&h,
				     "SELECT count(*) FROM debt WHERE due >"
				     " %lld",
				     (long long)h.now),
		    0);
		house_close(&h);
	}
	house_open(&h);
	house_settle(&h);
	ready(&h, NULL);
	house_sql(&h,
	    "UPDATE step SET state = 'waiting', failure = 'gone', gone = 1,"
	    " due = %lld",
	    (long long)(h.now + HOUR));
	house_command(&h, "alice", "system.reset", "{\"system\":\"corp\"}");
	assert_string_equal(house_text(&h, "SELECT state FROM step"),
	    "waiting");
	house_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_goes_out_from_locked_memory),
		cmocka_unit_test(nothing_else_does),
		cmocka_unit_test(looks_that_fail_are_attempts),
		cmocka_unit_test(a_reset_tries_what_failed),
		cmocka_unit_test(what_cannot_be_asked_keeps_nothing_up),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
