/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answers of workers: hostile input that is checked, judged by
 * settle(), and written.
 */
#include <stdio.h>
#include <string.h>

#include "engine/outgoing.h"
#include "engine/pipe.h"
#include "engine/run.h"
#include "engine/settle.h"
#include "engine/step.h"
#include "engine/steprow.h"
#include "engine/verb.h"

static const char lost_text[] = "the daemon ended while the call was under "
				"way";

#define RESULT_MAX 16384 /* bytes of before or after kept in a row */

/* What is too large for a row is kept as its digest. */
static struct json
bounded(struct engine *e, struct json j)
{
	if (j.text == NULL || strlen(j.text) <= RESULT_MAX)
		return j;
	return (struct json){ arena_printf(e->arena, "{\"sha256\":\"%s\"}",
	    digest_text(e->arena, j.text)) };
}

static int
change_check(struct engine *e, const struct step *s, struct change *c,
    struct err *why, struct err *err)
{
	struct by_id key = { s->account };
	struct account a = { 0 };

	if (s->account == 0)
		return 0;
	if (store_get(e->store, e->arena, STMT_RUN_ACCOUNT, by_id_fields, &key,
		account_fields, &a, err) != 0)
		return err_within(err, "account %lld: ", (long long)key.id);
	if (c->id != NULL && a.native != NULL && strcmp(c->id, a.native) != 0 &&
	    why->cls == ERR_NONE)
		err_set(why, ERR_CONFLICT,
		    "the target answered for %s, and "
		    "was asked about %s",
		    c->id, a.native);
	return 0;
}

/* Decodes the answer; what is not one is an unknown outcome. */
static void
out_read(struct engine *e, const struct step *s, const struct incoming *in,
    struct change *c, struct err *why)
{
	const struct verb *v = verb_find(s->verb);
	struct check k = { 0 };

	*why = in->why;
	if (why->cls != ERR_NONE)
		return;
	const char *out = in->out != NULL ? in->out : "{}";
	if (strcmp(s->phase, "check") == 0) {
		if (json_decode(e->arena, check_fields, out, strlen(out), &k,
			why) == 0 &&
		    !k.ok)
			err_set(why, ERR_BUSY, "system.check: %s",
			    k.detail != NULL ? k.detail : "not well");
		return;
	}
	if (v == NULL || v->reads) {
		c->after.text = arena_str(e->arena, out);
		return;
	}
	if (json_decode(e->arena, change_fields, out, strlen(out), c, why) !=
	    0) {
		why->cls = ERR_UNKNOWN;
		err_within(why, "the answer is not a change: ");
	}
}

/*
 * A removal that succeeded while another call on the same account may still
 * arrive is done again when it no longer can; and so is the second look at
 * what is gone, which may be made meanwhile.  Once the account itself is off
 * for certain, nothing of it is unsure any more.
 */
static int
again_after_unknown(struct engine *e, struct step *s, struct settled *out,
    struct err *err)
{
	struct by_id until = { 0 };

	if (!s->removes || s->account == 0 || strcmp(out->state, "done") != 0)
		return 0;
	if (store_get(e->store, e->arena, STMT_STEP_DOUBT, step_fields, s,
		by_id_fields, &until, err) != 0)
		return -1;
	if (until.id > e->now) {
		out->state = "waiting";
		out->phase = "act";
		out->gone = s->gone;
		out->due = until.id;
		s->error =
		    "done; once more after the settle time, because "
		    "an earlier call on this account has no known outcome";
		return 0;
	}
	if (until.id == 0 || strncmp(s->verb, "account.", 8) != 0)
		return 0;
	return steprow_change(e, STMT_STEP_SURE, s, err);
}

/* A call that this daemon lost itself says nothing of the system. */
static int
system_judge(struct engine *e, const struct step *s, const struct settled *out,
    const struct err *why, struct err *err)
{
	struct pipe *p = pipe_find(e, s->system);

	if (p == NULL)
		return 0;
	pipe_answered(e, p, s);
	if (why->cls == ERR_UNKNOWN && strcmp(why->text, lost_text) == 0)
		return 0;
	if (out->system_bad)
		return pipe_bad(e, p, why, err);
	return out->system_good ? pipe_good(e, p, err) : 0;
}

/* A run that was cancelled or overtaken repeats nothing. */
static int
overtaken(struct engine *e, const struct step *s, struct settled *out,
    struct err *err)
{
	struct run r = { 0 };

	if (s->removes ||
	    (strcmp(out->state, "waiting") != 0 &&
		strcmp(out->state, "unknown") != 0))
		return 0;
	if (run_load(e, s->run, &r, err) != 0)
		return -1;
	if (strcmp(r.state, "cancelled") != 0)
		return 0;
	out->state = "cancelled";
	out->due = 0;
	return 0;
}

/* Writes into the step what the outcome says; *s still has its old state. */
static void
outcome_keep(struct engine *e, struct step *s, const struct settled *out,
    const struct change *c, const struct err *why)
{
	bool done = strcmp(out->state, "done") == 0;

	s->failure = why->cls == ERR_NONE ? NULL : err_meanings[why->cls].word;
	if (why->cls != ERR_NONE)
		s->error = arena_str(e->arena, why->text);
	else if (done)
		s->error = NULL;
	s->due = out->due;
	s->phase = done ? "act" : out->phase;
	s->gone = out->gone;
	if (c->changed || s->before.text == NULL) {
		s->before = bounded(e, c->before);
		s->result = bounded(e, c->after);
	}
	if (c->changed)
		s->undo = "changed";
	s->how = c->how != NULL ? c->how : out->how;
	if (done)
		s->verified = c->verified || out->how == NULL ||
			strcmp(out->how, SETTLE_GONE) == 0 ?
		    e->now :
		    0;
}

/* What it may have done although the ledger will not say so. */
static void
doubt(struct engine *e, struct step *s, const struct system_def *d,
    const struct err *why, const struct settled *out)
{
	const struct verb *v = verb_find(s->verb);

	if ((v != NULL && v->reads) || strcmp(s->phase, "check") == 0)
		return;
	if (why->cls == ERR_UNKNOWN)
		s->unsure = e->now + d->settle;
	else if (why->cls == ERR_NONE && strcmp(out->state, "done") != 0 &&
	    s->unsure < e->now)
		s->unsure = e->now;
}

static int
step_settle(struct engine *e, struct step *s, const struct incoming *in,
    struct err *err)
{
	const struct system_def *d = config_system(e->config, s->system);
	struct change c = { 0 };
	struct err why = { 0 };
	struct settled out;
	struct outcome o = { .why = &why, .now = e->now };

	if (d == NULL) {
		e->counts.in_flight -= e->counts.in_flight > 0;
		return step_strand(e, s, err);
	}
	out_read(e, s, in, &c, &why);
	if (change_check(e, s, &c, &why, err) != 0)
		return -1;
	o.verified = c.verified;
	e->env.random(e->env.ctx, &o.chance, sizeof(o.chance));
	settle(s, d, &o, &out);
	doubt(e, s, d, &why, &out);
	if (again_after_unknown(e, s, &out, err) != 0 ||
	    overtaken(e, s, &out, err) != 0)
		return -1;
	s->call = 0;
	s->acknowledged = in->answered != 0 ? in->answered : e->now;
	outcome_keep(e, s, &out, &c, &why);
	if (strcmp(out.state, "done") == 0 && effect_write(e, s, &c, err) != 0)
		return -1;
	if (step_move(e, s, out.state, err) != 0 ||
	    system_judge(e, s, &out, &why, err) != 0)
		return -1;
	if (strcmp(out.state, "done") == 0) {
		e->counts.steps_done++;
		e->out->notices |= s->secret != 0;
	}
	return step_ended(s) ? run_advance(e, s->run, err) : 0;
}

int
step_reply(struct engine *e, const struct incoming *in, struct err *err)
{
	struct step s = { 0 };
	int found = steprow_called(e, in->call, &s, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return err_set(err, ERR_GONE, "no call %lld is waited for",
		    (long long)in->call);
	return step_settle(e, &s, in, err);
}

/* After a crash no worker lives: every call in flight is unknown. */
int
step_recover(struct engine *e, struct err *err)
{
	struct many rows = { 0 };
	struct by_id none = { 0 };
	struct incoming lost = { .kind = INCOMING_REPLY,
		.why = { .cls = ERR_UNKNOWN } };

	snprintf(lost.why.text, sizeof(lost.why.text), "%s", lost_text);
	if (store_list(e->store, e->arena, STMT_STEP_SENT, by_id_fields, &none,
		step_fields, sizeof(struct step), 0, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		struct step *s = (struct step *)rows.item + i;
		struct pipe *p = pipe_find(e, s->system);

		if (p == NULL) {
			if (step_strand(e, s, err) != 0)
				return -1;
			continue;
		}
		pipe_took(e, p);
		lost.call = s->call;
		if (step_settle(e, s, &lost, err) != 0)
			return -1;
	}
	return 0;
}
