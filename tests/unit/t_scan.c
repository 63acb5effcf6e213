/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include "engine/command.h"

/* Two people on corp, in cn=all; nothing else there. */
static void
scan_open(struct house *h)
{
	house_open(h);
	house_person(h, 1, "ada");
	house_person(h, 2, "bob");
	house_settle(h);
	h->now += HOUR;
}

/* The last listing that was asked for. */
static const char *
call_verb(const struct house *h)
{
	for (size_t i = h->called; i > 0; i--)
		if (strstr(h->calls[i - 1], ".list") != NULL)
			return h->calls[i - 1];
	return "";
}

static void
listings_forget(struct house *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->called; i++)
		if (strstr(h->calls[i], ".list") == NULL)
			memmove(h->calls[n++], h->calls[i],
			    sizeof(h->calls[i]));
	h->called = n;
}

static void
give(struct house *h, enum incoming_kind kind, const char *out,
    enum err_class cls)
{
	struct input in = { .kind = INPUT_INCOMING,
		.incoming = { .kind = kind,
		    .system = "corp",
		    .out = out,
		    .call = house_number(h,
			"SELECT \"call\" FROM scan"
			" ORDER BY id DESC LIMIT 1"),
		    .why = { .cls = cls } } };

	house_tick(h, &in, 1);
}

/* Begins a reconcile of corp and answers its listings; full is told when a
   digest is new, members NULL is an empty list. */
static void
reconcile(struct house *h, bool repair, const char *digests, const char *full,
    const char *members)
{
	const char *first = "corp account.list ";

	h->called = 0;
	house_command(h, "alice", "reconcile.start",
	    repair ? "{\"system\":\"corp\",\"repair\":true}" :
		     "{\"system\":\"corp\"}");
	assert_int_equal(h->reply.why.cls, ERR_NONE);
	assert_string_equal(call_verb(h), first);
	listings_forget(h);
	give(h, INCOMING_ROWS, digests, ERR_NONE);
	give(h, INCOMING_REPLY, "{}", ERR_NONE);
	if (strcmp(call_verb(h), first) == 0) {
		assert_non_null(full);
		listings_forget(h);
		give(h, INCOMING_ROWS, full, ERR_NONE);
		give(h, INCOMING_REPLY, "{}", ERR_NONE);
	}
	if (strcmp(call_verb(h), "corp entitlement.list ") == 0) {
		listings_forget(h);
		if (members != NULL)
			give(h, INCOMING_ROWS, members, ERR_NONE);
		give(h, INCOMING_REPLY, "{}", ERR_NONE);
	}
	house_settle(h);
}

#define ROW(name, status, digest, cn) \
	"{\"id\":\"corp-" name "\",\"name\":\"" name "\",\"status\":\"" status \
	"\",\"digest\":\"" digest "\",\"attributes\":{\"cn\":\"" cn "\"}}"
#define DIGEST(name, status, digest) \
	"{\"id\":\"corp-" name "\",\"name\":\"" name "\",\"status\":\"" status \
	"\",\"digest\":\"" digest "\"}"
#define MEMBER(name, group) \
	"{\"entitlement\":\"" group "\",\"id\":\"corp-" name "\"," \
	"\"name\":\"" name "\"}"
#define BOTH \
	"[" ROW("ada", "active", "a", "Some One") "," ROW("bob", "active", \
	    "b", "Some One") "]"
#define BOTH_DIGESTS \
	"[" DIGEST("ada", "active", "a") "," DIGEST("bob", "active", "b") "]"
#define MEMBERS "[" MEMBER("ada", "cn=all") "," MEMBER("bob", "cn=all") "]"

static int64_t
findings(struct house *h, const char *kind)
{
	return house_number(h,
	    "SELECT count(*) FROM finding WHERE"
	    " kind = '%s' AND scan = (SELECT max(id) FROM scan)",
	    kind);
}

static const char *
scan_state(struct house *h)
{
	return house_text(h,
	    "SELECT state FROM scan ORDER BY id DESC"
	    " LIMIT 1");
}

static void
agreement_writes_nothing(void **state)
{
	struct house h;

	(void)state;
	scan_open(&h);
	reconcile(&h, true, BOTH, BOTH, MEMBERS);
	assert_string_equal(scan_state(&h), "done");
	assert_int_equal(h.called, 0);
	int64_t version = house_number(&h,
	    "SELECT sum(version) FROM"
	    " account");
	int64_t seen = house_number(&h, "SELECT sum(seen_at) FROM account");
	h.now += HOUR;
	reconcile(&h, true, BOTH_DIGESTS, NULL, MEMBERS);
	assert_string_equal(scan_state(&h), "done");
	assert_int_equal(h.called, 0);
	assert_int_equal(house_number(&h, "SELECT sum(version) FROM account"),
	    version);
	assert_int_equal(house_number(&h, "SELECT sum(seen_at) FROM account"),
	    seen);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM finding"), 0);
	house_close(&h);
}

static void
drift_is_found_and_repaired(void **state)
{
	static const char drifted[] = "[" ROW("ada", "active", "x",
	    "Eve") "," ROW("bob", "disabled", "y", "Some One") "]";
	struct house h;

	(void)state;
	for (int repair = 0; repair < 2; repair++) {
		scan_open(&h);
		reconcile(&h, repair, drifted, drifted, MEMBERS);
		assert_int_equal(findings(&h, "drift"), 2);
		assert_int_equal(house_called(&h, "corp account.ensure ada"),
		    repair);
		assert_int_equal(house_called(&h, "corp account.enable bob"),
		    repair);
		house_close(&h);
	}
}

static void
a_rename_is_drift_and_no_orphan(void **state)
{
	static const char renamed[] =
	    "[{\"id\":\"corp-ada\",\"name\":"
	    "\"countess\",\"status\":\"active\",\"digest\":\"z\","
	    "\"attributes\":{\"cn\":\"Some One\"}}," ROW("bob", "active", "b",
		"Some One") "]";
	struct house h;

	(void)state;
	scan_open(&h);
	reconcile(&h, true, renamed, renamed, MEMBERS);
	assert_int_equal(findings(&h, "renamed"), 1);
	assert_int_equal(findings(&h, "unmatched"), 0);
	assert_int_equal(findings(&h, "missing"), 0);
	assert_true(house_called(&h, "corp account.rename ada"));
	house_close(&h);
}

static void
strangers_are_named_each_time(void **state)
{
	static const char more[] = "[" ROW("ada", "active", "a",
	    "Some One") "," ROW("bob", "active", "b", "Some One") "," ROW("eve",
	    "active", "e", "Eve") "]";
	struct house h;

	(void)state;
	scan_open(&h);
	for (int i = 0; i < 2; i++) {
		reconcile(&h, true, more, more, MEMBERS);
		assert_int_equal(findings(&h, "unmatched"), 1);
		assert_int_equal(house_number(&h,
				     "SELECT unknown FROM scan"
				     " ORDER BY id DESC LIMIT 1"),
		    1);
		assert_int_equal(h.called, 0);
		h.now += HOUR;
	}
	/* and a newcomer does not get the stranger's name */
	house_person(&h, 3, "eve");
	house_settle(&h);
	assert_true(house_called(&h, "corp account.ensure eve2"));
	house_close(&h);
}

static void
what_is_gone_is_made_again(void **state)
{
	static const char one[] = "[" ROW("bob", "active", "b", "Some One") "]";
	struct house h;

	(void)state;
	scan_open(&h);
	reconcile(&h, true, one, one, MEMBERS);
	assert_string_equal(scan_state(&h), "done");
	assert_int_equal(findings(&h, "missing"), 1);
	assert_true(house_called(&h, "corp account.ensure ada"));
	assert_string_equal(house_text(&h,
				"SELECT seen_status FROM account"
				" WHERE name = 'ada'"),
	    "active");
	house_close(&h);
}

static void
successful_but_empty_changes_nothing(void **state)
{
	struct house h;

	(void)state;
	scan_open(&h);
	reconcile(&h, true, "[]", "[]", MEMBERS);
	assert_string_equal(scan_state(&h), "failed");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM account WHERE"
			     " seen_status = 'active'"),
	    2);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'reconcile' AND state = 'open'"),
	    1);
	h.now += HOUR;
	reconcile(&h, true, BOTH, BOTH, "[]");
	assert_string_equal(scan_state(&h), "failed");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM holding WHERE"
			     " seen = 1"),
	    2);
	h.now += HOUR;
	reconcile(&h, true, BOTH, BOTH, MEMBERS);
	assert_string_equal(scan_state(&h), "done");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'reconcile' AND state = 'open'"),
	    0);
	house_close(&h);
}

static void
too_much_missing_changes_nothing(void **state)
{
	struct house h;
	struct buf b = { 0 };

	(void)state;
	house_open(&h);
	for (int i = 1; i <= 30; i++)
		house_person(&h, i, arena_printf(&h.arena, "p%d", i));
	house_settle(&h);
	h.now += HOUR;
	b.arena = &h.arena;
	for (int i = 1; i <= 20; i++)
		buf_printf(&b,
		    "%s{\"id\":\"corp-p%d\",\"name\":\"p%d\","
		    "\"status\":\"active\",\"attributes\":{\"cn\":"
		    "\"Some One\"}}",
		    i > 1 ? "," : "[", i, i);
	buf_char(&b, ']');
	reconcile(&h, true, buf_text(&b), buf_text(&b), NULL);
	assert_string_equal(scan_state(&h), "failed");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM account WHERE"
			     " seen_status = 'absent'"),
	    0);
	assert_int_equal(h.called, 0);
	house_close(&h);
}

static void
memberships_are_told_apart(void **state)
{
	static const char members[] = "[" MEMBER("ada",
	    "cn=all") "," MEMBER("ada", "cn=eng") "," MEMBER("bob",
	    "cn=all") "," MEMBER("bob", "cn=odd") "]";
	struct house h;

	(void)state;
	scan_open(&h);
	/* ada once had cn=eng, and lost it */
	house_sql(&h,
	    "INSERT INTO holding (account, entitlement, state,"
	    " reasons, closed, version) VALUES (1, 'cn=eng', 'closed', '[]',"
	    " 5, 1)");
	reconcile(&h, true, BOTH, BOTH, members);
	assert_int_equal(findings(&h, "excess"), 1);
	assert_int_equal(findings(&h, "unexplained"), 1);
	assert_true(house_called(&h, "corp entitlement.revoke ada cn=eng"));
	assert_false(house_called(&h, "corp entitlement.revoke bob cn=odd"));
	h.now += HOUR;
	reconcile(&h, true, BOTH, BOTH,
	    "[" MEMBER("ada", "cn=all") "," MEMBER("bob", "cn=odd") "]");
	assert_int_equal(findings(&h, "missing"), 1);
	assert_true(house_called(&h, "corp entitlement.grant bob cn=all"));
	house_close(&h);
}

static void
a_failed_listing_changes_nothing(void **state)
{
	struct house h;

	(void)state;
	scan_open(&h);
	house_command(&h, "alice", "reconcile.start",
	    "{\"system\":\"corp\",\"repair\":true}");
	give(&h, INCOMING_ROWS, "[" ROW("ada", "active", "a", "Some One") "]",
	    ERR_NONE);
	give(&h, INCOMING_REPLY, NULL, ERR_UNKNOWN);
	house_settle(&h);
	assert_string_equal(scan_state(&h), "failed");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM account WHERE"
			     " seen_status = 'active'"),
	    2);
	house_close(&h);
}

/* Rows that are none end it, and its worker, which waits to be asked for the
   next page, with it. */
static void
a_page_that_is_none_gives_the_worker_back(void **state)
{
	struct house h;
	int64_t call;

	(void)state;
	scan_open(&h);
	house_command(&h, "alice", "reconcile.start", "{\"system\":\"corp\"}");
	call = house_number(&h, "SELECT \"call\" FROM scan");
	assert_int_equal(h.engine->counts.in_flight, 1);
	give(&h, INCOMING_ROWS, BOTH, ERR_NONE);
	assert_int_equal(h.out.drops.n, 0);
	assert_int_equal(h.out.more.n, 1);
	give(&h, INCOMING_ROWS, "[{\"id\":7}]", ERR_NONE);
	assert_int_equal(h.out.more.n, 0);
	assert_int_equal(h.out.drops.n, 1);
	assert_int_equal(*(const int64_t *)h.out.drops.item, call);
	assert_int_equal(h.engine->counts.in_flight, 0);
	house_settle(&h);
	assert_string_equal(scan_state(&h), "failed");
	house_close(&h);
}

/* What memory keeps of a reading is lost with rows that were undone: it begins
   anew, with another call, and its worker is given back. */
static void
a_reading_that_was_undone_begins_anew(void **state)
{
	struct house h;
	int64_t call;

	(void)state;
	scan_open(&h);
	house_command(&h, "alice", "reconcile.start", "{\"system\":\"corp\"}");
	give(&h, INCOMING_ROWS, BOTH, ERR_NONE);
	call = house_number(&h, "SELECT \"call\" FROM scan");
	/* The second one cannot begin at the same time as the first. */
	house_sql(&h, "CREATE UNIQUE INDEX apart ON scan (began)");
	house_command(&h, "alice", "reconcile.start", "{\"system\":\"lab\"}");
	assert_int_not_equal(h.reply.why.cls, ERR_NONE);
	house_sql(&h,
	    "INSERT INTO scan (system, state) VALUES ('lab', 'running')");
	h.engine->scans_known = false;
	memset(h.engine->rests, 0, sizeof(h.engine->rests));
	house_tick(&h, NULL, 0);
	assert_int_equal(h.out.drops.n, 1);
	assert_int_equal(*(const int64_t *)h.out.drops.item, call);
	assert_int_equal(h.engine->counts.in_flight, 0);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'policy' AND state = 'open'"),
	    1);
	house_sql(&h, "DROP INDEX apart");
	h.now += 2 * MINUTE;
	house_settle(&h);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM scan WHERE"
			     " state = 'running' AND \"call\" > %lld",
			     (long long)call),
	    2);
	assert_int_equal(h.engine->counts.in_flight, 2);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'policy' AND state = 'open'"),
	    0);
	house_close(&h);
}

/* Every system is as a restored backup leaves it. */
static void
restored(struct house *h)
{
	house_sql(h,
	    "INSERT INTO system_state (system, breaker, restored)"
	    " VALUES ('corp', 'closed', 1) ON CONFLICT (system)"
	    " DO UPDATE SET restored = 1");
	house_must(h, engine_configure(h->engine, &h->config, h->now, &h->err));
}

static int64_t
is_restored(struct house *h)
{
	return house_number(h, "SELECT restored FROM system_state");
}

/* The tick begins again because of another input: what it had read counts
   once. */
static void
what_was_read_counts_once(void **state)
{
	struct house h;

	(void)state;
	scan_open(&h);
	house_command(&h, "alice", "reconcile.start", "{\"system\":\"corp\"}");
	h.called = 0;
	struct input in[3] = { { .kind = INPUT_INCOMING,
	    .incoming = { .kind = INCOMING_ROWS,
		.system = "corp",
		.out = BOTH,
		.call = house_number(&h, "SELECT \"call\" FROM scan") } } };
	in[1] = in[0];
	in[1].incoming.kind = INCOMING_REPLY;
	in[1].incoming.out = "{}";
	in[2] = (struct input){ .kind = INPUT_INCOMING,
		.incoming = { .kind = (enum incoming_kind)99 } };
	house_tick(&h, in, 3);
	assert_int_equal(
	    house_number(&h,
		"SELECT count(*) FROM matter WHERE kind = 'input'"),
	    1);
	house_settle(&h);
	assert_string_equal(call_verb(&h), "corp entitlement.list ");
	give(&h, INCOMING_ROWS, MEMBERS, ERR_NONE);
	give(&h, INCOMING_REPLY, "{}", ERR_NONE);
	house_settle(&h);
	assert_string_equal(scan_state(&h), "done");
	assert_int_equal(house_number(&h, "SELECT rows FROM scan"), 4);
	house_close(&h);
}

static void
a_restored_system_is_observed_until_it_was_read(void **state)
{
	struct house h;

	(void)state;
	scan_open(&h);
	restored(&h);
	size_t before = h.called;
	house_say(&h, ".department", NULL, "[\"Sales\"]");
	house_touch(&h, 2);
	house_settle(&h);
	assert_int_equal(h.called, before);
	reconcile(&h, false, "[]", "[]", NULL);
	assert_string_equal(scan_state(&h), "failed");
	assert_int_equal(is_restored(&h), 1);
	reconcile(&h, false, BOTH, BOTH, MEMBERS);
	assert_string_equal(scan_state(&h), "done");
	assert_int_equal(is_restored(&h), 0);
	assert_true(house_called(&h, "corp account.ensure bob"));
	assert_true(house_called(&h, "corp account.ensure ada"));
	house_close(&h);
}

/* Whoever was cut after the backup is not given access by it again. */
static void
a_restored_store_enables_nobody_again(void **state)
{
	static const char off[] = "[" ROW("ada", "disabled", "x",
	    "Some One") "," ROW("bob", "active", "b", "Some One") "]";
	struct house h;
	int64_t id;

	(void)state;
	scan_open(&h);
	restored(&h);
	reconcile(&h, true, off, off, MEMBERS);
	assert_int_equal(is_restored(&h), 0);
	assert_false(house_called(&h, "corp account.enable ada"));
	id = house_number(&h,
	    "SELECT id FROM matter WHERE kind = 'restore'"
	    " AND state = 'open' AND identity = 1");
	assert_true(id > 0);
	house_command(&h, "alice", "case.answer",
	    arena_printf(&h.arena, "{\"id\":%lld,\"answer\":\"give\"}",
		(long long)id));
	assert_int_equal(h.reply.why.cls, ERR_NONE);
	house_settle(&h);
	assert_true(house_called(&h, "corp account.enable ada"));
	house_close(&h);
}

/* Whom the doubt was about left since the backup, as the next file says:
   nobody is asked any more, and a rehire is given access again. */
static void
a_leaver_ends_the_doubt(void **state)
{
	static const char off[] = "[" ROW("ada", "disabled", "x",
	    "Some One") "," ROW("bob", "active", "b", "Some One") "]";
	static const char cases[] = "SELECT count(*) FROM matter WHERE kind ="
				    " 'restore' AND state = 'open'";
	struct house h;

	(void)state;
	scan_open(&h);
	restored(&h);
	reconcile(&h, true, off, off, MEMBERS);
	assert_int_equal(house_number(&h, cases), 1);
	house_sql(&h, "UPDATE affiliation SET ends = %lld WHERE identity = 1",
	    (long long)(h.now - MINUTE));
	house_touch(&h, 1);
	house_settle(&h);
	assert_int_equal(house_number(&h, cases), 0);
	house_sql(&h, "UPDATE affiliation SET ends = 0 WHERE identity = 1");
	house_touch(&h, 1);
	house_settle(&h);
	assert_int_equal(house_number(&h, cases), 0);
	assert_true(house_called(&h, "corp account.enable ada"));
	house_close(&h);
}

static void
only_an_admin_believes_a_restored_system_unread(void **state)
{
	struct house h;
	struct input in = { .kind = INPUT_COMMAND,
		.verb = "system.reset",
		.body = "{\"system\":\"corp\"}",
		.actor = { "olga", ROLE_OPERATOR } };

	(void)state;
	scan_open(&h);
	restored(&h);
	house_tick(&h, &in, 1);
	assert_int_equal(h.reply.why.cls, ERR_DENIED);
	assert_int_equal(is_restored(&h), 1);
	in.actor.roles = ROLE_ADMIN;
	house_tick(&h, &in, 1);
	assert_int_equal(h.reply.why.cls, ERR_NONE);
	assert_int_equal(is_restored(&h), 0);
	house_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agreement_writes_nothing),
		cmocka_unit_test(drift_is_found_and_repaired),
		cmocka_unit_test(a_rename_is_drift_and_no_orphan),
		cmocka_unit_test(strangers_are_named_each_time),
		cmocka_unit_test(what_is_gone_is_made_again),
		cmocka_unit_test(successful_but_empty_changes_nothing),
		cmocka_unit_test(too_much_missing_changes_nothing),
		cmocka_unit_test(memberships_are_told_apart),
		cmocka_unit_test(a_failed_listing_changes_nothing),
		cmocka_unit_test(a_page_that_is_none_gives_the_worker_back),
		cmocka_unit_test(a_reading_that_was_undone_begins_anew),
		cmocka_unit_test(what_was_read_counts_once),
		cmocka_unit_test(
		    a_restored_system_is_observed_until_it_was_read),
		cmocka_unit_test(a_restored_store_enables_nobody_again),
		cmocka_unit_test(a_leaver_ends_the_doubt),
		cmocka_unit_test(
		    only_an_admin_believes_a_restored_system_unread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
