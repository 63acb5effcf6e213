/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/identity.h"

#include <string.h>

#include "engine/command.h"
#include "engine/window.h"

int
identity_named(struct engine *e, const char *name, struct identity *who,
    struct err *err)
{
	struct by_name key = { name };
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, STMT_POLICY_IDENTITY_NAMED,
		by_name_fields, &key, identity_fields, sizeof(*who), 0, &rows,
		err) != 0)
		return -1;
	if (rows.n != 1)
		return err_set(err, rows.n == 0 ? ERR_GONE : ERR_CONFLICT,
		    "%s: %s", name,
		    rows.n == 0 ?
			"no identity has this uid, key or user name" :
			"more than one identity is meant by this; give a uid");
	*who = *(const struct identity *)rows.item;
	return 0;
}

struct flag { /* evidence of what a person said */
	const char *identity, *actor, *note;
	bool on;
};

static const struct field flag_fields[] = { FIELD(struct flag, identity, 0),
	FIELD(struct flag, actor, 0), FIELD(struct flag, note, 0),
	FIELD(struct flag, on, 0), FIELD_END };

/* Whose retention ran out under the hold gets it anew: nobody counted on
   a delete in the moment that the hold ends. */
static int
hold_end(struct engine *e, const struct identity *who, struct err *err)
{
	const struct workflow_def *w = config_workflow_on(e->config, "leaver");
	struct account key = { .identity = who->id,
		.delete_after = e->now + (w != NULL ? w->retention : 0) };

	if (w == NULL || w->retention == 0)
		return 0;
	return store_put(e->store, STMT_POLICY_ACCOUNT_RETENTION,
	    account_fields, &key, err);
}

/* Notes what was said of somebody, and has them looked at. */
static int
identity_said(struct engine *e, const struct input *in,
    const struct identity *who, const char *why, bool on, struct buf *reply,
    struct err *err)
{
	struct flag said = { who->uid, in->actor.name, why, on };

	if (note(e, in->verb, arena_printf(e->arena, "identity/%s", who->uid),
		0, who->id, flag_fields, &said, err) != 0)
		return -1;
	buf_str(reply, "{\"identity\":");
	json_string(reply, who->uid);
	buf_char(reply, '}');
	return identity_touch(e, who->id, e->now, err);
}

static int
identity_say(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	const char *body = in->body != NULL ? in->body : "{}";
	struct identity_flag f = { 0 };
	struct identity who = { 0 };
	bool legal = strcmp(in->verb, "identity.legal_hold") == 0;

	if (json_decode(e->arena, identity_flag_fields, body, strlen(body), &f,
		err) != 0 ||
	    identity_named(e, f.identity, &who, err) != 0)
		return -1;
	if (legal && who.legal_hold && !f.on && hold_end(e, &who, err) != 0)
		return -1;
	if (legal)
		who.legal_hold = f.on;
	else
		who.protected_ = f.on;
	if (store_put(e->store, STMT_POLICY_IDENTITY_FLAGS, identity_fields,
		&who, err) != 0)
		return -1;
	return identity_said(e, in, &who, f.note, f.on, reply, err);
}

static int
identity_converge(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	const char *body = in->body != NULL ? in->body : "{}";
	struct by_identity b = { 0 };
	struct identity who = { 0 };

	/* Who asks for this one decides anew what a hold kept. */
	if (json_decode(e->arena, by_identity_fields, body, strlen(body), &b,
		err) != 0 ||
	    identity_named(e, b.identity, &who, err) != 0 ||
	    window_done(e, who.id, err) != 0)
		return -1;
	return identity_said(e, in, &who, b.note, false, reply, err);
}

static int
waiver_add(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	const char *body = in->body != NULL ? in->body : "{}";
	struct waiver_add b = { 0 };

	if (json_decode(e->arena, waiver_add_fields, body, strlen(body), &b,
		err) != 0)
		return -1;
	if (b.expires <= e->now)
		return err_set(err, ERR_INPUT,
		    "expires: is not in the "
		    "future");
	struct waiver w = { .scope = b.scope,
		.reason = b.reason,
		.approver = in->actor.name,
		.created = e->now,
		.expires = b.expires };
	if (store_add(e->store, STMT_POLICY_WAIVER_ADD, waiver_fields, &w,
		&w.id, err) != 0)
		return -1;
	buf_printf(reply, "{\"waiver\":%lld}", (long long)w.id);
	return note(e, "waiver.added",
	    arena_printf(e->arena, "waiver/%lld", (long long)w.id), 0, 0,
	    waiver_fields, &w, err);
}

static int
waiver_drop(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	const char *body = in->body != NULL ? in->body : "{}";
	struct by_number b = { 0 };

	if (json_decode(e->arena, by_number_fields, body, strlen(body), &b,
		err) != 0)
		return -1;
	struct by_id key = { b.id };
	if (store_put(e->store, STMT_POLICY_WAIVER_DROP, by_id_fields, &key,
		err) != 0)
		return -1;
	if (store_changed(e->store) == 0)
		return err_set(err, ERR_GONE, "no waiver %lld",
		    (long long)b.id);
	buf_printf(reply, "{\"waiver\":%lld}", (long long)b.id);
	struct flag said = { NULL, in->actor.name, b.note, false };
	return note(e, "waiver.dropped",
	    arena_printf(e->arena, "waiver/%lld", (long long)b.id), 0, 0,
	    flag_fields, &said, err);
}

static const struct said {
	const char *verb;
	int (*fn)(struct engine *, const struct input *, struct buf *,
	    struct err *);
} verbs[] = { { "identity.protect", identity_say },
	{ "identity.legal_hold", identity_say },
	{ "identity.converge", identity_converge },
	{ "waiver.add", waiver_add }, { "waiver.drop", waiver_drop },
	{ NULL, NULL } };

int
identity_command(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	for (const struct said *s = verbs; s->verb != NULL; s++)
		if (strcmp(s->verb, in->verb) == 0)
			return s->fn(e, in, reply, err) != 0 ? -1 : 1;
	return 0;
}
