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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_goes_out_from_locked_memory),
		cmocka_unit_test(nothing_else_does),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
