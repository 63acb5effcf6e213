/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

static void
joiner_gets_what_roles_give(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_say(&h, "is eng", house_about(&h, "ada"), "[true]");
	house_settle(&h);
	assert_int_equal(h.called, 4);
	assert_string_equal(h.calls[0], "corp account.ensure ada");
	assert_true(house_called(&h, "lab account.ensure ada"));
	assert_true(house_called(&h, "corp entitlement.grant ada cn=all"));
	assert_true(house_called(&h, "corp entitlement.grant ada cn=eng"));
	assert_string_equal(house_text(&h, "SELECT state FROM identity"),
	    "active");
	assert_string_equal(house_text(&h, "SELECT workflow FROM run"),
	    "joiner");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM holding"
			     " WHERE state = 'held' AND seen = 1 AND want = 1"),
	    2);
	assert_string_equal(house_text(&h,
				"SELECT reasons FROM holding"
				" WHERE entitlement = 'cn=eng'"),
	    "[\"role eng\"]");
	house_close(&h);
}

static void
what_is_right_stays_untouched(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_settle(&h);
	size_t before = h.called;
	int64_t records = evidence_size(h.evidence);
	house_touch(&h, 1);
	house_settle(&h);
	assert_int_equal(h.called, before);
	assert_int_equal(evidence_size(h.evidence), records);
	/* the control: a difference is seen */
	house_say(&h, ".cn", NULL, "[\"Other\"]");
	house_touch(&h, 1);
	house_settle(&h);
	assert_int_equal(h.called, before + 1);
	assert_string_equal(h.calls[before], "corp account.ensure ada");
	house_close(&h);
}

/* Of one identity as it was; not of another one, nor of what has changed, nor
   on another day where a rule names it. */
static void
what_was_said_is_not_asked_again(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_settle(&h);
	int64_t asked = h.asked;
	assert_true(h.called > 0);
	assert_true(asked > 0);
	house_touch(&h, 1);
	house_settle(&h);
	assert_int_equal(h.asked, asked);
	house_sql(&h, "UPDATE identity SET display = 'Ada King' WHERE id = 1");
	house_touch(&h, 1);
	house_settle(&h);
	assert_int_equal(h.asked, asked + 1);
	house_person(&h, 1 + VERDICT_KEPT, "bob");
	house_settle(&h);
	asked = h.asked;
	house_touch(&h, 1); /* whose place bob has */
	house_settle(&h);
	assert_int_equal(h.asked, asked + 1);
	verdict_set(h.engine)->dated = true;
	for (int i = 0; i < 3; i++) {
		asked = h.asked;
		h.now += SECOND;
		house_touch(&h, 1);
		house_settle(&h);
		assert_true(h.asked > asked);
	}
	house_close(&h);
}

static void
mover_keeps_the_old_for_its_overlap(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_say(&h, "is eng", NULL, "[true]");
	house_settle(&h);
	size_t before = h.called;
	house_say(&h, "is eng", NULL, "[false]");
	house_touch(&h, 1);
	house_settle(&h);
	assert_int_equal(h.called, before);
	assert_int_equal(house_number(&h,
			     "SELECT keep_until FROM holding"
			     " WHERE entitlement = 'cn=eng'"),
	    h.now + 14 * DAY);
	h.now += 13 * DAY;
	house_settle(&h);
	assert_int_equal(h.called, before);
	h.now += 2 * DAY;
	house_settle(&h);
	assert_true(house_called(&h, "corp entitlement.revoke ada cn=eng"));
	assert_true(house_called(&h, "lab account.disable ada"));
	assert_false(house_called(&h, "corp account.disable ada"));
	assert_int_equal(
	    house_number(&h,
		"SELECT count(*) FROM holding"
		" WHERE entitlement = 'cn=eng' AND state = 'closed'"),
	    1);
	house_close(&h);
}

static void
privilege_ends_at_once(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_say(&h, "is ops", NULL, "[true]");
	house_settle(&h);
	assert_true(house_called(&h, "corp account.ensure ada"));
	assert_true(house_called(&h, "corp account.ensure ada-privileged"));
	house_say(&h, "is ops", NULL, "[false]");
	house_touch(&h, 1);
	house_settle(&h);
	assert_true(house_called(&h, "corp account.disable ada-privileged"));
	assert_true(
	    house_called(&h, "corp entitlement.revoke ada-privileged cn=ops"));
	house_close(&h);
}

static void
leave_now(struct house *h, int64_t id, const char *cause)
{
	house_sql(h,
	    "UPDATE affiliation SET ends = %lld, cause = '%s'"
	    " WHERE identity = %lld",
	    (long long)h->now, cause, (long long)id);
	house_touch(h, id);
}

static void
leaver_is_cut_without_a_question(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_say(&h, "is ops", NULL, "[true]");
	house_settle(&h);
	int64_t asked = h.asked;
	size_t before = h.called;
	h.deaf = true;
	leave_now(&h, 1, "for_cause");
	house_settle(&h);
	assert_int_equal(h.asked, asked);
	assert_string_equal(h.calls[before],
	    "corp account.disable ada-privileged");
	assert_true(house_called(&h, "corp account.disable ada"));
	assert_true(house_called(&h, "corp entitlement.revoke ada cn=all"));
	assert_string_equal(house_text(&h,
				"SELECT workflow FROM run"
				" ORDER BY id DESC LIMIT 1"),
	    "leaver");
	assert_int_equal(house_number(&h,
			     "SELECT priority FROM run"
			     " ORDER BY id DESC LIMIT 1"),
	    1000 - 200);
	assert_int_equal(house_number(&h,
			     "SELECT min(delete_after)"
			     " FROM account"),
	    h.now + 90 * DAY);
	h.now += 91 * DAY;
	house_settle(&h);
	assert_true(house_called(&h, "corp account.delete ada"));
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM name"
			     " WHERE state != 'tombstone'"),
	    0);
	house_close(&h);
}

static void
legal_hold_stops_the_delete_and_no_cut(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_settle(&h);
	house_command(&h, "alice", "identity.legal_hold",
	    "{\"identity\":\"ada\",\"on\":true}");
	assert_int_equal(h.reply.why.cls, ERR_NONE);
	leave_now(&h, 1, "voluntary");
	house_settle(&h);
	assert_true(house_called(&h, "corp account.disable ada"));
	h.now += 91 * DAY;
	house_touch(&h, 1);
	house_settle(&h);
	assert_false(house_called(&h, "corp account.delete ada"));
	house_command(&h, "alice", "identity.legal_hold",
	    "{\"identity\":\"ada\",\"on\":false}");
	house_settle(&h);
	assert_false(house_called(&h, "corp account.delete ada"));
	h.now += 91 * DAY;
	house_settle(&h);
	assert_true(house_called(&h, "corp account.delete ada"));
	house_close(&h);
}

static void
rehire_gets_the_same_account_back(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_settle(&h);
	leave_now(&h, 1, "voluntary");
	house_settle(&h);
	h.now += 10 * DAY;
	house_sql(&h, "UPDATE affiliation SET ends = 0, starts = %lld",
	    (long long)(h.now - 1));
	house_touch(&h, 1);
	house_settle(&h);
	assert_true(house_called(&h, "corp account.enable ada"));
	assert_string_equal(house_text(&h,
				"SELECT workflow FROM run"
				" ORDER BY id DESC LIMIT 1"),
	    "rehire");
	assert_int_equal(house_number(&h, "SELECT count(*) FROM account"), 1);
	assert_int_equal(house_number(&h,
			     "SELECT delete_after"
			     " FROM account"),
	    0);
	h.now += 200 * DAY;
	house_settle(&h);
	assert_false(house_called(&h, "corp account.delete ada"));
	house_close(&h);
}

static void
leave_of_absence_disables_and_keeps(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_settle(&h);
	house_sql(&h,
	    "UPDATE affiliation SET away_from = %lld,"
	    " away_until = %lld",
	    (long long)h.now, (long long)(h.now + 30 * DAY));
	house_touch(&h, 1);
	house_settle(&h);
	assert_true(house_called(&h, "corp account.disable ada"));
	assert_false(house_called(&h, "corp entitlement.revoke ada cn=all"));
	assert_string_equal(house_text(&h,
				"SELECT workflow FROM run"
				" ORDER BY id DESC LIMIT 1"),
	    "leave");
	h.now += 31 * DAY;
	house_settle(&h);
	assert_true(house_called(&h, "corp account.enable ada"));
	assert_string_equal(house_text(&h,
				"SELECT workflow FROM run"
				" ORDER BY id DESC LIMIT 1"),
	    "return");
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM account"
			     " WHERE delete_after > 0"),
	    0);
	house_close(&h);
}

/* An error, a word, two values, none: nothing is removed because of it. */
static void
no_verdict_removes_nothing(void **state)
{
	static const char *const cells[] = { "!division by zero", "[\"yes\"]",
		"[true,false]", "[]", "[null]" };
	struct house h;

	(void)state;
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		house_open(&h);
		house_person(&h, 1, "ada");
		house_say(&h, "is ops", NULL, "[true]");
		house_settle(&h);
		size_t before = h.called;
		house_say(&h, "is ops", NULL, cells[i]);
		house_touch(&h, 1);
		house_settle(&h);
		assert_int_equal(h.called, before);
		assert_int_equal(
		    house_number(&h,
			"SELECT count(*) FROM matter"
			" WHERE kind = 'no_verdict' AND state = 'open'"),
		    1);
		assert_non_null(strstr(house_text(&h,
					   "SELECT verdict FROM"
					   " identity"),
		    "role ops"));
		house_say(&h, "is ops", NULL, "[false]");
		house_touch(&h, 1);
		house_settle(&h);
		assert_true(h.called > before);
		assert_int_equal(
		    house_number(&h,
			"SELECT count(*) FROM matter"
			" WHERE kind = 'no_verdict' AND state = 'open'"),
		    0);
		house_close(&h);
	}
}

static void
modes_decide_what_is_done(void **state)
{
	static const struct {
		const char *mode, *remove;
		size_t grants, revokes;
	} rows[] = { { "enforce", NULL, 1, 1 }, { "observe", NULL, 0, 0 },
		{ "propose", NULL, 0, 0 }, { "enforce", "observe", 1, 0 } };
	struct house h;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		house_open(&h);
		struct system_def *s = h.config.systems.item;
		s->mode = rows[i].mode;
		s->modes.remove = rows[i].remove;
		house_person(&h, 1, "ada");
		house_settle(&h);
		assert_int_equal(house_called(&h,
				     "corp entitlement.grant ada cn=all"),
		    rows[i].grants);
		house_say(&h, "is all", NULL, "[false]");
		house_touch(&h, 1);
		house_settle(&h);
		assert_int_equal(house_called(&h,
				     "corp entitlement.revoke ada cn=all"),
		    rows[i].revokes);
		house_close(&h);
	}
}

/* Nobody who is dismissed keeps what only a plan takes away without anybody's
   knowing. */
static void
a_leaver_who_waits_for_a_plan_is_told(void **state)
{
	static const char open[] = "SELECT count(*) FROM matter WHERE"
				   " kind = 'plan' AND state = 'open'";
	struct house h;

	(void)state;
	house_open(&h);
	struct system_def *s = h.config.systems.item;
	house_person(&h, 1, "ada");
	house_person(&h, 2, "bob");
	house_settle(&h);
	s->mode = "propose";
	house_must(&h, engine_configure(h.engine, &h.config, h.now, &h.err));
	house_sql(&h, "UPDATE affiliation SET ends = %lld WHERE identity = 1",
	    (long long)h.now);
	house_touch(&h, 1);
	house_settle(&h);
	assert_false(house_called(&h, "corp account.disable ada"));
	assert_int_equal(house_number(&h, open), 1);
	assert_non_null(strstr(house_text(&h,
				   "SELECT what FROM matter WHERE"
				   " kind = 'plan'"),
	    " on corp"));
	/* Not of who is locked out without it. */
	house_person(&h, 3, "cyd");
	s->mode = "enforce";
	s->modes.remove = "propose";
	house_must(&h, engine_configure(h.engine, &h.config, h.now, &h.err));
	house_settle(&h);
	house_sql(&h, "UPDATE affiliation SET ends = %lld WHERE identity = 3",
	    (long long)h.now);
	house_touch(&h, 3);
	house_settle(&h);
	assert_true(house_called(&h, "corp account.disable cyd"));
	assert_false(house_called(&h, "corp entitlement.revoke cyd"));
	assert_int_equal(house_number(&h, open), 1);
	s->modes.remove = NULL;
	/* Once it is done, or who left is back, nothing waits. */
	s->mode = "enforce";
	house_must(&h, engine_configure(h.engine, &h.config, h.now, &h.err));
	house_touch(&h, 1);
	house_settle(&h);
	assert_true(house_called(&h, "corp account.disable ada"));
	assert_int_equal(house_number(&h, open), 0);
	s->mode = "propose";
	house_must(&h, engine_configure(h.engine, &h.config, h.now, &h.err));
	house_sql(&h, "UPDATE affiliation SET ends = %lld WHERE identity = 2",
	    (long long)h.now);
	house_touch(&h, 2);
	house_settle(&h);
	assert_int_equal(house_number(&h, open), 1);
	house_sql(&h, "UPDATE affiliation SET ends = 0 WHERE identity = 2");
	house_touch(&h, 2);
	house_settle(&h);
	assert_int_equal(house_number(&h, open), 0);
	house_close(&h);
}

/* A snapshot was counted under its own rules: it excuses no others. */
static void
other_rules_pass_no_guard_after_a_snapshot(void **state)
{
	struct guard g = { .effect = "remove", .max = 2 };
	struct house h;

	(void)state;
	house_open(&h);
	h.config.settings.guards = (struct many){ 1, &g };
	house_say(&h, "is ops", NULL, "[true]");
	house_say(&h, "is eng", NULL, "[true]");
	for (int i = 1; i <= 4; i++)
		house_person(&h, i, arena_printf(&h.arena, "p%d", i));
	house_settle(&h);
	h.now += MINUTE;
	for (int i = 1; i <= 4; i++)
		house_sql(&h,
		    "INSERT INTO event (source, source_id, kind, state,"
		    " identity, effects, applied) VALUES ('hr', '%d',"
		    " 'record', 'applied', %d, '{}', %lld)",
		    i, i, (long long)h.now);
	h.now += MINUTE;
	h.config.digest = "two";
	house_must(&h, engine_configure(h.engine, &h.config, h.now, &h.err));
	house_say(&h, "is eng", NULL, "[false]");
	house_settle(&h);
	assert_true(house_number(&h, "SELECT count(*) FROM parked") >= 2);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM hold WHERE"
			     " kind = 'plan'"),
	    1);
	house_close(&h);
}

static void
a_user_name_names_one_or_is_refused(void **state)
{
	static const char protect[] = "{\"identity\":\"a.love\",\"on\":true}";
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_person(&h, 2, "bob");
	house_command(&h, "root", "identity.protect", protect);
	assert_int_equal(h.reply.why.cls, ERR_GONE);
	house_sql(&h, "UPDATE identity SET username = 'a.love' WHERE id = 1");
	house_command(&h, "root", "identity.protect", protect);
	assert_int_equal(h.reply.why.cls, ERR_NONE);
	assert_int_equal(house_number(&h,
			     "SELECT id FROM identity WHERE protected"),
	    1);
	house_sql(&h,
	    "UPDATE affiliation SET \"key\" = 'a.love' WHERE identity = 2");
	house_command(&h, "root", "identity.protect", protect);
	assert_int_equal(h.reply.why.cls, ERR_CONFLICT);
	house_close(&h);
}

static void
protected_is_a_case_and_no_call(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_settle(&h);
	house_command(&h, "root", "identity.protect",
	    "{\"identity\":\"ada\",\"on\":true}");
	size_t before = h.called;
	leave_now(&h, 1, "voluntary");
	house_settle(&h);
	assert_int_equal(h.called, before);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'protected'"),
	    1);
	/* closed, it stays so, and is not asked again at once */
	int64_t cases = house_number(&h, "SELECT count(*) FROM matter");
	house_command(&h, "alice", "case.answer",
	    arena_printf(&h.arena, "{\"id\":%lld,\"answer\":\"close\"}",
		(long long)house_number(&h,
		    "SELECT max(id) FROM matter WHERE kind = 'protected'")));
	assert_int_equal(h.reply.why.cls, ERR_NONE);
	house_settle(&h);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM matter"),
	    cases);
	house_command(&h, "alice", "hold.release", "{\"id\":99}");
	assert_string_equal(h.reply.why.text, "hold 99: there is none");
	house_command(&h, "root", "identity.protect",
	    "{\"identity\":\"ada\",\"on\":false}");
	house_settle(&h);
	assert_true(house_called(&h, "corp account.disable ada"));
	house_close(&h);
}

static void
own_account_is_never_touched(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	((struct system_def *)h.config.systems.item)
	    ->config.text = "{\"bind\":{\"dn\":\"cn=ada,dc=acme\"}}";
	house_person(&h, 1, "ada");
	house_settle(&h);
	assert_int_equal(h.called, 0);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'protected' AND subject = 'corp/ada'"),
	    1);
	house_close(&h);
}

static void
unexplained_stays_until_its_owner_leaves(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_settle(&h);
	house_sql(&h,
	    "INSERT INTO holding (account, entitlement, state,"
	    " reasons, seen, version) VALUES (1, 'cn=extra', 'unexplained',"
	    " '[]', 1, 1)");
	house_touch(&h, 1);
	house_settle(&h);
	assert_false(house_called(&h, "corp entitlement.revoke ada cn=extra"));
	leave_now(&h, 1, "voluntary");
	house_settle(&h);
	assert_true(house_called(&h, "corp entitlement.revoke ada cn=extra"));
	house_close(&h);
}

static void
guards_stop_an_avalanche_of_rules(void **state)
{
	static const struct guard guards[] = { { .effect = "remove",
	    .max = 3 } };
	struct house h;

	(void)state;
	house_open(&h);
	h.config.settings.guards = (struct many){ 1,
		arena_mem(&h.arena, guards, sizeof(guards)) };
	for (int i = 1; i <= 10; i++)
		house_person(&h, i, arena_printf(&h.arena, "p%d", i));
	house_settle(&h);
	struct role_def *r = h.config.roles.item;
	r[0].holding.n = 0;
	h.config.digest = "two";
	house_must(&h, engine_configure(h.engine, &h.config, h.now, &h.err));
	house_settle(&h);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM holding"
			     " WHERE state = 'closed'"),
	    3);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM hold"
			     " WHERE state = 'open' AND kind = 'plan'"),
	    1);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM parked"), 7);
	house_command(&h, "alice", "hold.release", "{\"id\":1}");
	house_settle(&h);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM parked"), 7);
	house_command(&h, "bob", "hold.release", "{\"id\":1}");
	house_settle(&h);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM parked"), 0);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM holding"
			     " WHERE state = 'closed'"),
	    10);
	house_close(&h);
}

/* Neither time nor a refusal lets through what a guard held. */
static void
what_is_held_does_not_trickle(void **state)
{
	static const struct guard guards[] = { { .effect = "remove",
	    .max = 1 } };
	struct house h;

	(void)state;
	house_open(&h);
	h.config.settings.guards = (struct many){ 1,
		arena_mem(&h.arena, guards, sizeof(guards)) };
	for (int i = 1; i <= 4; i++)
		house_person(&h, i, arena_printf(&h.arena, "p%d", i));
	house_settle(&h);
	((struct role_def *)h.config.roles.item)[0].holding.n = 0;
	h.config.digest = "two";
	house_must(&h, engine_configure(h.engine, &h.config, h.now, &h.err));
	house_settle(&h);
	for (int round = 0; round < 3; round++) {
		h.now += 2 * HOUR;
		for (int i = 1; i <= 4; i++)
			house_touch(&h, i);
		house_settle(&h);
		assert_int_equal(house_number(&h,
				     "SELECT count(*) FROM"
				     " holding WHERE state = 'closed'"),
		    1);
		if (round == 1)
			house_command(&h, "alice", "hold.reject", "{\"id\":1}");
	}
	assert_int_equal(house_number(&h, "SELECT count(*) FROM hold"), 1);
	/* the control: a person asks for one of them */
	house_command(&h, "alice", "identity.converge",
	    "{\"identity\":\"p4\"}");
	house_settle(&h);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM"
			     " holding WHERE state = 'closed'"),
	    2);
	/* and other rules are judged anew, here by the same guard */
	h.now += 2 * HOUR;
	h.config.digest = "three";
	house_must(&h, engine_configure(h.engine, &h.config, h.now, &h.err));
	house_settle(&h);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM"
			     " holding WHERE state = 'closed'"),
	    3);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM hold"
			     " WHERE subject = 'policy/three'"),
	    1);
	house_close(&h);
}

static void
leavers_pass_a_tripped_guard(void **state)
{
	static const struct guard guards[] = { { .effect = "disable",
	    .max = 1 } };
	struct house h;

	(void)state;
	house_open(&h);
	h.config.settings.guards = (struct many){ 1,
		arena_mem(&h.arena, guards, sizeof(guards)) };
	for (int i = 1; i <= 4; i++)
		house_person(&h, i, arena_printf(&h.arena, "p%d", i));
	house_settle(&h);
	for (int i = 1; i <= 4; i++)
		leave_now(&h, i, "voluntary");
	house_settle(&h);
	for (int i = 1; i <= 4; i++)
		assert_true(house_called(&h,
		    arena_printf(&h.arena, "corp account.disable p%d", i)));
	house_close(&h);
}

static void
what_is_owned_gets_a_case(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_person(&h, 2, "bob");
	house_person(&h, 3, "robot");
	house_sql(&h,
	    "UPDATE identity SET kind = 'service', owner = 1"
	    " WHERE id = 3");
	house_settle(&h);
	assert_int_equal(house_number(&h, "SELECT count(*) FROM matter"), 0);
	leave_now(&h, 1, "voluntary");
	house_settle(&h);
	assert_int_equal(
	    house_number(&h,
		"SELECT count(*) FROM matter WHERE"
		" kind = 'owner' AND subject = 'identity/robot' AND deadline > 0"),
	    1);
	assert_int_equal(house_number(&h,
			     "SELECT count(*) FROM matter WHERE"
			     " kind = 'secret'"),
	    1);
	int64_t id = house_number(&h,
	    "SELECT id FROM matter WHERE"
	    " kind = 'owner'");
	house_command(&h, "alice", "case.answer",
	    arena_printf(&h.arena,
		"{\"id\":%lld,\"answer\":\"owner\",\"note\":\"nobody\"}",
		(long long)id));
	assert_int_equal(h.reply.why.cls, ERR_GONE);
	house_command(&h, "alice", "case.answer",
	    arena_printf(&h.arena,
		"{\"id\":%lld,\"answer\":\"owner\",\"note\":\"bob\"}",
		(long long)id));
	assert_int_equal(h.reply.why.cls, ERR_NONE);
	assert_int_equal(house_number(&h,
			     "SELECT owner FROM identity"
			     " WHERE id = 3"),
	    2);
	house_close(&h);
}

/* The answer came for somebody who left meanwhile. */
static void
a_late_answer_makes_nothing(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_tick(&h, NULL, 0);
	assert_int_equal(h.queued, 1);
	leave_now(&h, 1, "voluntary");
	house_settle(&h);
	assert_int_equal(h.called, 0);
	assert_string_equal(house_text(&h, "SELECT state FROM identity"),
	    "left");
	house_close(&h);
}

static void
a_leaver_overtakes_its_own_joiner(void **state)
{
	struct house h;

	(void)state;
	house_open(&h);
	house_person(&h, 1, "ada");
	house_tick(&h, NULL, 0);
	struct input answer = h.queue[0];
	h.queued = 0;
	house_tick(&h, &answer, 1); /* the user name is drawn */
	house_tick(&h, NULL, 0);
	answer = h.queue[0];
	h.queued = 0;
	house_tick(&h, &answer, 1); /* the joiner's first call is out */
	assert_string_equal(h.calls[0], "corp account.ensure ada");
	leave_now(&h, 1, "voluntary");
	house_settle(&h);
	assert_true(house_called(&h, "corp account.disable ada"));
	assert_false(house_called(&h, "corp entitlement.grant ada cn=all"));
	assert_string_equal(house_text(&h,
				"SELECT state FROM run"
				" WHERE workflow = 'joiner'"),
	    "cancelled");
	house_close(&h);
}

/* What is true from a day on comes true on that day, and no other rule is
   asked for want of a reason: once a day, whatever is restarted. */
static void
a_rule_on_the_day_is_asked_each_day(void **state)
{
	static const char *const rules[] = { "is eng", ".today is late",
		".now is late", ".todays is late" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		bool dated = i == 1 || i == 2;
		struct house h;

		house_open(&h);
		((struct role_def *)h.config.roles.item)[1].when = rules[i];
		house_say(&h, rules[i], NULL, "[false]");
		house_must(&h,
		    engine_configure(h.engine, &h.config, h.now, &h.err));
		house_person(&h, 1, "ada");
		house_settle(&h);
		assert_false(house_called(&h, "lab account.ensure ada"));
		int64_t asked = h.asked;
		house_say(&h, rules[i], NULL, "[true]");
		h.now += HOUR;
		house_settle(&h);
		assert_int_equal(h.asked, asked);
		h.now += DAY;
		house_settle(&h);
		assert_int_equal(house_called(&h, "lab account.ensure ada"),
		    dated);
		assert_int_equal(h.asked > asked, dated);
		asked = h.asked;
		house_start(&h);
		h.now += MINUTE;
		house_settle(&h);
		assert_int_equal(h.asked, asked);
		house_close(&h);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joiner_gets_what_roles_give),
		cmocka_unit_test(what_is_right_stays_untouched),
		cmocka_unit_test(what_was_said_is_not_asked_again),
		cmocka_unit_test(mover_keeps_the_old_for_its_overlap),
		cmocka_unit_test(privilege_ends_at_once),
		cmocka_unit_test(leaver_is_cut_without_a_question),
		cmocka_unit_test(legal_hold_stops_the_delete_and_no_cut),
		cmocka_unit_test(rehire_gets_the_same_account_back),
		cmocka_unit_test(leave_of_absence_disables_and_keeps),
		cmocka_unit_test(no_verdict_removes_nothing),
		cmocka_unit_test(modes_decide_what_is_done),
		cmocka_unit_test(a_leaver_who_waits_for_a_plan_is_told),
		cmocka_unit_test(other_rules_pass_no_guard_after_a_snapshot),
		cmocka_unit_test(a_user_name_names_one_or_is_refused),
		cmocka_unit_test(protected_is_a_case_and_no_call),
		cmocka_unit_test(own_account_is_never_touched),
		cmocka_unit_test(unexplained_stays_until_its_owner_leaves),
		cmocka_unit_test(guards_stop_an_avalanche_of_rules),
		cmocka_unit_test(a_rule_on_the_day_is_asked_each_day),
		cmocka_unit_test(what_is_held_does_not_trickle),
		cmocka_unit_test(leavers_pass_a_tripped_guard),
		cmocka_unit_test(what_is_owned_gets_a_case),
		cmocka_unit_test(a_late_answer_makes_nothing),
		cmocka_unit_test(a_leaver_overtakes_its_own_joiner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
