/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that belong neither to policy nor to runs: one function each,
 * found by name.
 */
#include <string.h>

#include "engine/command.h"
#include "engine/differ.h"
#include "engine/intake.h"
#include "engine/meta.h"
#include "engine/pipe.h"
#include "engine/restore.h"
#include "engine/step.h"
#include "engine/tick.h"

typedef int admin_fn(struct engine *, const struct input *, const void *,
    struct buf *reply, struct err *);

static int
retry_of(struct engine *e, const struct input *in, int64_t run,
    struct buf *reply, struct err *err)
{
	struct input again = *in;

	again.verb = "run.retry";
	again.body = arena_printf(e->arena, "{\"id\":%lld}", (long long)run);
	return run_command(e, &again, reply, err) < 0 ? -1 : 0;
}

/* "close" is a choice of every case, but where it would leave something
   without an owner. */
static bool
is_closable(const struct matter *m)
{
	return strcmp(m->kind, "owner") != 0;
}

static bool
is_choice(struct engine *e, const struct matter *m, const char *answer)
{
	return (strcmp(answer, "close") == 0 && is_closable(m)) ||
	    (m->choices.text != NULL &&
		json_member(e->arena, m->choices.text, answer) != NULL);
}

/* A choice of a case, and what it means. */
static int
choice_say(void *ctx, const char *key, const char *value, struct err *err)
{
	struct buf *b = ctx;
	const char *means = json_scalar(b->arena, value);

	(void)err;
	buf_printf(b, "%s\"%s\"%s%s%s", b->len == 0 ? "" : ", ", key,
	    means == NULL ? "" : " (", means == NULL ? "" : means,
	    means == NULL ? "" : ")");
	return 0;
}

static int
choice_unknown(struct engine *e, const struct matter *m, const char *answer,
    struct err *err)
{
	struct buf b = { .arena = e->arena };

	if (m->choices.text != NULL &&
	    json_each(e->arena, m->choices.text, choice_say, &b, err) != 0)
		return -1;
	if (is_closable(m) &&
	    !(m->choices.text != NULL &&
		json_member(e->arena, m->choices.text, "close") != NULL))
		buf_printf(&b, "%s\"close\"", b.len == 0 ? "" : ", ");
	return err_set(err, ERR_INPUT,
	    "answer: \"%.40s\" is no choice of case %lld; there are %s", answer,
	    (long long)m->id, buf_text(&b));
}

static int
case_answer(struct engine *e, const struct input *in, const void *body,
    struct buf *reply, struct err *err)
{
	const struct matter_answer *a = body;
	struct by_id key = { a->id };
	struct matter m = { 0 };

	if (store_get(e->store, e->arena, STMT_MATTER_BY_ID, by_id_fields, &key,
		matter_fields, &m, err) != 0)
		return err_within(err, "case %lld: ", (long long)a->id);
	if (!is_choice(e, &m, a->answer))
		return choice_unknown(e, &m, a->answer, err);
	if (matter_close(e, a->id, a->answer, a->note, err) != 0)
		return -1;
	buf_printf(reply, "{\"case\":%lld}", (long long)a->id);
	if (strcmp(m.kind, "clock") == 0 && strcmp(a->answer, "go on") == 0) {
		e->jumped_until = 0;
		for (size_t i = 0; i < e->pipes.n; i++)
			((struct pipe *)e->pipes.item)[i].ready = true;
		return meta_put(e, "jumped_until", 0, err);
	}
	if (strcmp(m.kind, "event") == 0 && strcmp(a->answer, EVENT_AGAIN) == 0)
		return event_again(e, m.subject, err);
	if (strcmp(m.kind, "restore") == 0 &&
	    strcmp(a->answer, RESTORED_GIVE) == 0 &&
	    restore_believe(e, m.identity, err) != 0)
		return -1;
	if (strcmp(m.kind, "step") == 0 && strcmp(a->answer, "retry") == 0) {
		struct buf ignored = { .arena = e->arena };

		return retry_of(e, in, m.run, &ignored, err);
	}
	/* To look again would only open the same case anew. */
	return m.identity == 0 || strcmp(a->answer, "close") == 0 ?
	    0 :
	    identity_touch(e, m.identity, e->now, err);
}

static int
system_change(struct engine *e, const struct input *in, const void *body,
    struct buf *reply, struct err *err)
{
	const struct system_change *c = body;
	struct pipe *p = pipe_find(e, c->system);
	const char *kind = arena_printf(e->arena, "%sd", in->verb);
	bool ends = false;

	if (p == NULL)
		return err_set(err, ERR_GONE, "%s: no such system", c->system);
	if (strcmp(in->verb, "system.pause") == 0) {
		p->state.paused = true;
	} else if (strcmp(in->verb, "system.resume") == 0) {
		p->state.paused = false;
	} else {
		kind = "system.reset";
		ends = p->state.restored;
		if (ends && (in->actor.roles & ROLE_ADMIN) == 0)
			return err_set(err, ERR_DENIED,
			    "%s is only observed after a restored backup, "
			    "until `muster reconcile %s` is whole; only an "
			    "admin ends that without it",
			    c->system, c->system);
		if (step_hurry(e, c->system, err) != 0)
			return -1;
		p->state.breaker = "closed";
		p->state.failures = p->state.breaker_until = 0;
		p->state.restored = false;
	}
	strncpy(p->note,
	    arena_printf(e->arena, "%s%s%s", in->actor.name,
		c->note != NULL ? ": " : "", c->note != NULL ? c->note : ""),
	    sizeof(p->note) - 1);
	p->state.note = p->note;
	p->ready = true;
	json_encode(reply, system_state_fields, &p->state);
	return ends ? restore_end(e, p, kind, err) : pipe_save(e, p, kind, err);
}

static int
freeze(struct engine *e, const struct input *in, const void *body,
    struct buf *reply, struct err *err)
{
	const struct freeze *f = body;

	(void)in;
	e->frozen = f->on;
	for (size_t i = 0; i < e->pipes.n; i++)
		((struct pipe *)e->pipes.item)[i].ready = true;
	json_encode(reply, freeze_fields, f);
	if (note(e, f->on ? "freeze.on" : "freeze.off", "freeze", 0, 0,
		freeze_fields, f, err) != 0)
		return -1;
	return meta_put(e, "frozen", f->on, err);
}

static int
restore_note(struct engine *e, const struct input *in, const char *why,
    struct err *err)
{
	struct buf b = { .arena = e->arena };

	if (why == NULL)
		return 0;
	buf_str(&b, "{\"by\":");
	json_string(&b, in->actor.name);
	buf_str(&b, ",\"note\":");
	json_string(&b, why);
	buf_char(&b, '}');
	return note_text(e, "restore.accepted", "restore", 0, 0, buf_text(&b),
	    err);
}

/*
 * A restored backup is taken as it is: a new log that cites the old one;
 * what was in flight is unknown; every system is only observed until it
 * was reconciled.
 */
static int
restore_accept(struct engine *e, const struct input *in, const void *body,
    struct buf *reply, struct err *err)
{
	const struct by_number *b = body;

	if (!e->only_read)
		return err_set(err, ERR_CONFLICT,
		    "nothing was restored: the "
		    "store extends its last checkpoint");
	if (evidence_accept(e->evidence, in->actor.name, e->now, err) != 0)
		return -1;
	e->only_read = false;
	e->out->checkpoint = true;
	buf_str(reply, "{\"restored\":true}");
	if (restore_note(e, in, b->note, err) != 0)
		return -1;
	return engine_recover(e, err) != 0 ? -1 : restore_begin(e, in, err);
}

static int
rekey(struct engine *e, const struct input *in, const void *body,
    struct buf *reply, struct err *err)
{
	(void)body;
	if (evidence_rekey(e->evidence, in->actor.name, e->now, err) != 0)
		return -1;
	buf_str(reply, "{\"key\":");
	json_string(reply, evidence_key(e->evidence, e->arena));
	buf_char(reply, '}');
	e->out->checkpoint = true;
	return 0;
}

static int
checkpoint_now(struct engine *e, const struct input *in, const void *body,
    struct buf *reply, struct err *err)
{
	(void)in, (void)body;
	if (evidence_checkpoint(e->evidence, e->now, err) != 0)
		return -1;
	e->checked_at = e->now;
	e->checked_size = evidence_size(e->evidence);
	e->out->checkpoint = true;
	buf_printf(reply, "{\"size\":%lld}", (long long)e->checked_size);
	return 0;
}

static int
notice_settle(struct engine *e, const struct input *in, const void *body,
    struct buf *reply, struct err *err)
{
	const struct sent_notice *b = body;
	struct by_id key = { b->id };
	struct notice n = { 0 };

	(void)in;
	if (store_get(e->store, e->arena, STMT_NOTICE_BY_ID, by_id_fields, &key,
		notice_fields, &n, err) != 0)
		return -1;
	n.tries++;
	n.error = b->ok ? NULL : b->error;
	n.due = b->due;
	n.sent = b->ok ? e->now : 0;
	n.state = b->ok ? "sent" : b->due != 0 ? "queued" : "failed";
	buf_str(reply, "{}");
	return store_put(e->store, STMT_NOTICE_SAVE, notice_fields, &n, err);
}

static int
undelivered(struct engine *e, const struct secret *s, const char *subject,
    const char *why, struct err *err)
{
	struct by_id key = { s->account };
	struct account a = { 0 };

	if (store_find(e->store, e->arena, STMT_RUN_ACCOUNT, by_id_fields, &key,
		account_fields, &a, err) < 0)
		return -1;
	struct matter_want w = { .kind = "secret",
		.identity = a.identity,
		.subject = subject,
		.what = a.name == NULL ?
		    "a first password could not be delivered" :
		    arena_printf(e->arena,
			"the first password of %s on %s could not be delivered",
			a.name, a.system),
		.why = why,
		.choices = { "{\"close\":\"it is tried on, and closes by "
			     "itself when it is delivered\"}" } };

	return matter_open(e, &w, NULL, err);
}

/* A delivered first password is erased; evidence keeps its fingerprint. */
static int
secret_delivered(struct engine *e, const struct input *in, const void *body,
    struct buf *reply, struct err *err)
{
	const struct sent_notice *b = body;
	struct by_id key = { b->id };
	struct secret s = { 0 };
	const char *subject = arena_printf(e->arena, "secret/%lld",
	    (long long)b->id);

	(void)in;
	if (store_get(e->store, e->arena, STMT_SECRET_BY_ID, by_id_fields, &key,
		secret_fields, &s, err) != 0)
		return -1;
	buf_str(reply, "{}");
	if (!b->ok)
		return undelivered(e, &s, subject, b->error, err);
	s.sealed = NULL;
	s.delivered = s.erased = e->now;
	if (store_put(e->store, STMT_SECRET_SEAL, secret_fields, &s, err) !=
		0 ||
	    matter_settle(e, "secret", subject, "it was delivered", err) != 0)
		return -1;
	return note(e, "secret.delivered", subject, 0, 0, secret_fields, &s,
	    err);
}

static const struct admin {
	const char *verb;
	admin_fn *fn;
} admins[] = { { "case.answer", case_answer },
	{ "system.pause", system_change }, { "system.resume", system_change },
	{ "system.reset", system_change }, { "freeze", freeze },
	{ "restore.accept", restore_accept }, { "evidence.rekey", rekey },
	{ "evidence.checkpoint", checkpoint_now },
	{ "notice.settle", notice_settle },
	{ "secret.delivered", secret_delivered }, { NULL, NULL } };

int
admin_command(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	const struct command *c = command_find(in->verb);
	const struct admin *a = admins;
	const char *body = in->body != NULL && *in->body != '\0' ? in->body :
								   "{}";
	void *args;

	while (a->verb != NULL && strcmp(a->verb, in->verb) != 0)
		a++;
	if (a->verb == NULL || c == NULL)
		return 0;
	args = arena_zero(e->arena, 1, c->in_size + 1);
	if (json_decode(e->arena, c->in, body, strlen(body), args, err) != 0 ||
	    a->fn(e, in, args, reply, err) != 0)
		return -1;
	return 1;
}
