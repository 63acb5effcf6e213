/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small company for tests of policy: the real engine on a store in
 * memory, two systems, a few roles.  At the edges only are fakes: an
 * evaluator that knows the answer to each program, and systems whose calls
 * succeed unless they are told not to.
 */
#ifndef TESTS_HOUSE_H
#define TESTS_HOUSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "engine/policy.h"
#include "engine/steprow.h"
#include "engine/verdict.h"
#include "store/inside.h"

#define START INT64_C(1796000000000)
#define MOST 4000
#define HOUSE_INPUTS 1024

struct said { /* the evaluator's answer to a program */
	const char *program;
	const char *about; /* part of the input; NULL: any input */
	const char *cell;  /* values as an array, or "!" and an error */
};

struct house {
	struct arena arena;
	struct config config;
	struct store *store;
	struct evidence *evidence;
	struct engine *engine;
	struct output out;
	int64_t now;
	struct said said[64];
	size_t saids;
	char calls[MOST][96]; /* "corp account.ensure ada" in their order */
	size_t called;
	const char *broken; /* a call that begins so fails */
	bool deaf;	    /* the evaluator answers nothing */
	int64_t asked;
	struct input queue[HOUSE_INPUTS]; /* what the edges will say */
	size_t queued;
	struct err err;
	struct engine_reply reply;
};

static inline void
house_must(struct house *h, int rc)
{
	if (rc != 0)
		fail_msg("%s", h->err.text);
}

/* Rows that a feed would have brought. */
static inline void
house_sql(struct house *h, const char *fmt, ...)
{
	va_list ap;
	char *why = NULL;

	va_start(ap, fmt);
	char *sql = arena_vprintf(&h->arena, fmt, ap);
	va_end(ap);
	if (sqlite3_exec(h->store->db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	if (h->engine != NULL) /* which may have kept such rows */
		steprow_forget(h->engine);
}

static inline int64_t
house_number(struct house *h, const char *fmt, ...)
{
	va_list ap;
	sqlite3_stmt *st;
	int64_t n = -1;

	va_start(ap, fmt);
	char *sql = arena_vprintf(&h->arena, fmt, ap);
	va_end(ap);
	if (sqlite3_prepare_v2(h->store->db, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(h->store->db));
	if (sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

static inline const char *
house_text(struct house *h, const char *fmt, ...)
{
	va_list ap;
	sqlite3_stmt *st;
	const char *text = NULL;

	va_start(ap, fmt);
	char *sql = arena_vprintf(&h->arena, fmt, ap);
	va_end(ap);
	if (sqlite3_prepare_v2(h->store->db, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(h->store->db));
	if (sqlite3_step(st) == SQLITE_ROW &&
	    sqlite3_column_text(st, 0) != NULL)
		text = arena_str(&h->arena,
		    (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	return text;
}

/* Who changes a rule changes the whole set, with what is kept of it. */
static inline void
house_forget_verdicts(struct house *h)
{
	struct verdict_set *s = h->engine != NULL ? h->engine->verdicts : NULL;

	for (size_t i = 0; s != NULL && i < VERDICT_KEPT; i++)
		s->kept[i].identity = 0;
}

static inline void
house_say(struct house *h, const char *program, const char *about,
    const char *cell)
{
	house_forget_verdicts(h);
	for (size_t i = 0; i < h->saids; i++)
		if (strcmp(h->said[i].program, program) == 0 &&
		    ((about == NULL) == (h->said[i].about == NULL)) &&
		    (about == NULL || strcmp(about, h->said[i].about) == 0)) {
			h->said[i].cell = cell;
			return;
		}
	h->said[h->saids++] = (struct said){ program, about, cell };
}

/* What was said about this input, else about any. */
static inline const char *
house_cell(const struct house *h, const char *program, const char *input)
{
	const char *any = NULL;

	for (size_t i = 0; i < h->saids; i++) {
		const struct said *s = &h->said[i];

		if (strcmp(s->program, program) != 0)
			continue;
		if (s->about == NULL)
			any = s->cell;
		else if (strstr(input, s->about) != NULL)
			return s->cell;
	}
	return any;
}

static inline const char *
house_answer(struct house *h, const struct question *q)
{
	struct buf b = { .arena = &h->arena };

	buf_str(&b, "[[");
	for (size_t i = 0; i < q->programs.n; i++) {
		const char *p = q->programs.item[i];
		const char *cell = house_cell(h, p, q->inputs.item[0]);

		buf_str(&b, i > 0 ? "," : "");
		if (cell == NULL && p[0] == '"')
			buf_printf(&b, "{\"values\":[%s]}", p);
		else if (cell == NULL)
			fail_msg("nobody knows the answer to %s", p);
		else if (cell[0] == '!')
			buf_printf(&b, "{\"error\":\"%s\"}", cell + 1);
		else
			buf_printf(&b, "{\"values\":%s}", cell);
	}
	buf_str(&b, "]]");
	return buf_text(&b);
}

static inline void
house_random(void *ctx, void *p, size_t n)
{
	static uint32_t seed = 7;

	(void)ctx;
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525 + 1013904223;
		((unsigned char *)p)[i] = (unsigned char)(seed >> 24);
	}
}

static inline struct workflow_def
house_workflow(struct house *h, const char *on, const char *class,
    int64_t retention)
{
	static const char *const verbs[][3] = { { "account.ensure", "create",
						    ".accounts[]" },
		{ "account.rename", "rename", ".accounts[]" },
		{ "account.enable", "enable", ".accounts[]" },
		{ "entitlement.grant", "grant", ".entitlements[]" },
		{ "account.disable", "cut", ".accounts[]" },
		{ "entitlement.revoke", "revoke", ".revocations[]" },
		{ "account.delete", "delete", ".accounts[]" } };
	struct workflow_def w = { .workflow = on,
		.on = on,
		.class_ = class,
		.file = "workflow",
		.retention = retention };
	struct workflow_step *s = arena_zero(&h->arena, 7, sizeof(*s));

	for (size_t i = 0; i < 7; i++) {
		s[i] = (struct workflow_step){ .name = verbs[i][1],
			.do_ = verbs[i][0],
			.for_each = verbs[i][2],
			.on_failure = "continue" };
		if (i == 0)
			continue;
		s[i].after.n = 1;
		s[i].after.item = arena_zero(&h->arena, 1, sizeof(char *));
		s[i].after.item[0] = verbs[i - 1][1];
	}
	w.step = (struct many){ 7, s };
	return w;
}

static inline void
house_workflows(struct house *h)
{
	struct workflow_def *w = arena_zero(&h->arena, 6, sizeof(*w));

	w[0] = house_workflow(h, "joiner", "join", 0);
	w[1] = house_workflow(h, "mover", "move", 0);
	w[2] = house_workflow(h, "leaver", "leave", 90 * DAY);
	w[3] = house_workflow(h, "rehire", "join", 0);
	w[4] = house_workflow(h, "leave", "move", 0);
	w[5] = house_workflow(h, "return", "move", 0);
	h->config.workflows = (struct many){ 6, w };
}

static inline struct system_def
house_system(const char *name, const char *mode)
{
	return (struct system_def){ .system = name,
		.provider = "null",
		.file = "system",
		.mode = mode,
		.concurrency = 64,
		.ahead = 1,
		.timeout = 10 * SECOND,
		.settle = SECOND,
		.attempts = 3,
		.backoff = 100,
		.backoff_max = 1000,
		.breaker = 100,
		.breaker_pause = SECOND,
		.config = { "{}" } };
}

static inline struct texts
house_texts(struct house *h, const char *a, const char *b)
{
	struct texts t = { .n = b != NULL ? 2 : 1 };

	t.item = arena_zero(&h->arena, 3, sizeof(char *));
	t.item[0] = a;
	t.item[1] = b;
	return t;
}

/* Everybody has an account on corp; engineers are in cn=eng there and have
   an account on lab; administrators have a privileged one on corp. */
static inline void
house_roles(struct house *h)
{
	struct role_def *r = arena_zero(&h->arena, 4, sizeof(*r));
	struct role_account *a = arena_zero(&h->arena, 4, sizeof(*a));
	struct role_holding *e = arena_zero(&h->arena, 4, sizeof(*e));

	a[0] = (struct role_account){ .target = "corp/primary",
		.system = "corp",
		.kind = "primary",
		.attribute = house_texts(h, "cn", "department"),
		.program = house_texts(h, ".cn", ".department") };
	a[1] = (struct role_account){ .target = "lab/primary",
		.system = "lab",
		.kind = "primary" };
	a[2] = (struct role_account){ .target = "corp/privileged",
		.system = "corp",
		.kind = "privileged" };
	e[0] = (struct role_holding){ "corp/primary", "corp", "primary",
		"cn=all" };
	e[1] = (struct role_holding){ "corp/primary", "corp", "primary",
		"cn=eng" };
	e[2] = (struct role_holding){ "corp/privileged", "corp", "privileged",
		"cn=ops" };
	r[0] = (struct role_def){ .role = "all",
		.file = "role",
		.when = "is all",
		.account = { 1, &a[0] },
		.holding = { 1, e } };
	r[1] = (struct role_def){ .role = "eng",
		.file = "role",
		.when = "is eng",
		.account = { 1, &a[1] },
		.holding = { 1, &e[1] },
		.overlap = 14 * DAY };
	r[2] = (struct role_def){ .role = "ops",
		.file = "role",
		.when = "is ops",
		.account = { 1, &a[2] },
		.holding = { 1, &e[2] },
		.overlap = 14 * DAY };
	h->config.roles = (struct many){ 3, r };
	house_say(h, "is all", NULL, "[true]");
	house_say(h, "is eng", NULL, "[false]");
	house_say(h, "is ops", NULL, "[false]");
	house_say(h, ".cn", NULL, "[\"Some One\"]");
	house_say(h, ".department", NULL, "[null]");
}

/* A daemon on the store; another one, where there was one before. */
static inline void
house_start(struct house *h)
{
	struct engine_env env = { .store = h->store,
		.evidence = h->evidence,
		.config = &h->config,
		.random = house_random };

	engine_close(h->engine);
	h->queued = 0;
	h->engine = engine_open(&env, h->now, &h->err);
	if (h->engine == NULL)
		fail_msg("%s", h->err.text);
}

static inline void
house_open(struct house *h)
{
	bool rolled = false;
	struct system_def *s;

	*h = (struct house){ .now = START };
	h->config.digest = "one";
	h->config.dir = "/nowhere";
	h->config.settings = (struct settings){ .instance = "house",
		.case_owner = "operator",
		.case_deadline = 3 * DAY,
		.tombstone = 30 * DAY,
		.mass_people = 2,
		.plan_expires = HOUR,
		.names = { .pattern = "names" } };
	house_say(h, "names", NULL, "[[\"someone\"]]");
	s = arena_zero(&h->arena, 2, sizeof(*s));
	s[0] = house_system("corp", "enforce");
	s[1] = house_system("lab", "enforce");
	h->config.systems = (struct many){ 2, s };
	house_workflows(h);
	house_roles(h);
	h->store = store_open(":memory:", &h->err);
	if (h->store == NULL)
		fail_msg("%s", h->err.text);
	h->evidence = evidence_open(h->store, NULL, h->now, &rolled, &h->err);
	if (h->evidence == NULL)
		fail_msg("%s", h->err.text);
	house_start(h);
}

static inline void
house_close(struct house *h)
{
	engine_close(h->engine);
	evidence_close(h->evidence);
	store_close(h->store);
	arena_fini(&h->arena);
}

/* A person who began a day ago; due now. */
static inline void
house_person(struct house *h, int64_t id, const char *name)
{
	house_sql(h,
	    "INSERT INTO identity (id, uid, kind, state, display,"
	    " attributes, sources, version, due, created)"
	    " VALUES (%lld, '%s', 'person', 'pending', '%s',"
	    " '{\"who\":\"%s\"}', '{}', 1, %lld, %lld)",
	    (long long)id, name, name, name, (long long)h->now,
	    (long long)h->now);
	house_sql(h,
	    "INSERT INTO affiliation (identity, feed, \"key\", kind,"
	    " starts, attributes, version) VALUES (%lld, 'hr', 'k-%s',"
	    " 'employee', %lld, '{}', 1)",
	    (long long)id, name, (long long)(h->now - DAY));
	house_say(h, "names", arena_printf(&h->arena, "\"who\":\"%s\"", name),
	    arena_printf(&h->arena, "[[\"%s\",\"%s2\"]]", name, name));
}

static inline const char *
house_about(struct house *h, const char *name)
{
	return arena_printf(&h->arena, "\"who\":\"%s\"", name);
}

static inline void
house_touch(struct house *h, int64_t id)
{
	h->engine->policy_woken = true;
	house_sql(h,
	    "UPDATE identity SET due = %lld, version = version + 1"
	    " WHERE id = %lld",
	    (long long)h->now, (long long)id);
}

/* A call: noted, and answered unless the test plays that system itself. */
static inline void
house_take(struct house *h, const struct outcall *c)
{
	const char *name = json_member_text(&h->arena, c->in, "name");
	const char *what = json_member_text(&h->arena, c->in, "entitlement");
	char line[96];

	snprintf(line, sizeof(line), "%s %s %s%s%s", c->system, c->verb,
	    name != NULL ? name : "", what != NULL ? " " : "",
	    what != NULL ? what : "");
	assert_true(h->called < MOST && h->queued < HOUSE_INPUTS);
	memcpy(h->calls[h->called++], line, sizeof(line));
	struct incoming r = { .kind = INCOMING_REPLY,
		.call = c->call,
		.epoch = c->epoch,
		.taken = h->now,
		.answered = h->now,
		.system = arena_str(&h->arena, c->system) };
	if (strstr(c->verb, ".list") != NULL)
		return;
	if (h->broken != NULL &&
	    strncmp(line, h->broken, strlen(h->broken)) == 0)
		r.why = (struct err){ ERR_REFUSED, 0, "broken" };
	else
		r.out = arena_printf(&h->arena,
		    "{\"id\":\"%s-%s\","
		    "\"name\":\"%s\",\"changed\":true,\"verified\":true,"
		    "\"how\":\"read-back\"}",
		    c->system, name, name);
	h->queue[h->queued++] = (struct input){ .kind = INPUT_INCOMING,
		.incoming = r };
}

/* Plays the edges for what the tick put out. */
static inline void
house_play(struct house *h)
{
	const struct question *q = h->out.questions.item;
	const struct outcall *c = h->out.calls.item;

	for (size_t k = 0; k < h->out.questions.n; k++) {
		h->asked++;
		if (h->deaf)
			continue;
		assert_true(h->queued < HOUSE_INPUTS);
		h->queue[h->queued++] = (struct input){ .kind = INPUT_INCOMING,
			.incoming = { .kind = INCOMING_ANSWER,
			    .call = q[k].id,
			    .out = house_answer(h, &q[k]) } };
	}
	for (size_t k = 0; k < h->out.calls.n; k++)
		house_take(h, &c[k]);
}

static inline void
house_tick(struct house *h, const struct input *in, size_t n)
{
	house_must(h,
	    engine_tick(h->engine, in, n, h->now, h->now - START + DAY, &h->out,
		&h->err));
	house_must(h, steprow_check(h->engine, &h->err));
	if (h->out.replies.n > 0)
		h->reply = *(const struct engine_reply *)h->out.replies.item;
	house_play(h);
}

/* Ticks until nothing more happens now. */
static inline void
house_settle(struct house *h)
{
	struct input in[HOUSE_INPUTS];
	size_t n;

	for (int i = 0; i < 2000; i++) {
		n = h->queued;
		memcpy(in, h->queue, n * sizeof(in[0]));
		h->queued = 0;
		house_tick(h, in, n);
		if (h->queued == 0 && !h->out.again)
			return;
	}
	fail_msg("it never comes to rest");
}

static inline void
house_command(struct house *h, const char *actor, const char *verb,
    const char *body)
{
	struct input in = { .kind = INPUT_COMMAND,
		.verb = verb,
		.body = body,
		.actor = { actor, ~0u } };

	house_tick(h, &in, 1);
}

static inline bool
house_called(const struct house *h, const char *line)
{
	for (size_t i = 0; i < h->called; i++)
		if (strcmp(h->calls[i], line) == 0)
			return true;
	return false;
}

#endif
