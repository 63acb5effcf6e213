/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/owner.h"

#include <string.h>

#include "engine/command.h"
#include "engine/identity.h"

#define OWNER_GRACE HOUR /* a feed may bring the owner after the owned */

static const char *
label(const struct identity *who)
{
	return who->display != NULL ? who->display : who->uid;
}

static const char *
subject_of(struct engine *e, const struct identity *who)
{
	return arena_printf(e->arena, "identity/%s", who->uid);
}

static int
manager_of(struct engine *e, const struct identity *who,
    struct identity *manager, struct err *err)
{
	struct by_id key = { who->id };
	struct identity none = { 0 };
	struct many rows = { 0 };

	if (who->id == 0)
		return 0;
	if (store_list(e->store, e->arena, STMT_POLICY_MANAGERS, by_id_fields,
		&key, identity_fields, sizeof(struct identity), 1, &rows,
		err) != 0)
		return -1;
	*manager = rows.n > 0 ? *(const struct identity *)rows.item : none;
	return rows.n > 0;
}

/* The former owner's manager is the first choice; a person may name any
   other identity in the note. */
static int
owner_case(struct engine *e, const struct identity *owned,
    const struct identity *owner, struct err *err)
{
	struct identity manager = { 0 };
	struct buf b = { .arena = e->arena };
	int found = manager_of(e, owner, &manager, err);

	if (found < 0)
		return -1;
	buf_char(&b, '{');
	if (found > 0) {
		json_string(&b, manager.uid);
		buf_char(&b, ':');
		json_string(&b,
		    arena_printf(e->arena, "%s becomes the owner",
			label(&manager)));
		buf_char(&b, ',');
	}
	buf_str(&b,
	    "\"owner\":\"whoever the note names (uid, key or user name) "
	    "becomes the owner\",\"end\":\"it has no use any longer: it ends now and "
	    "its accounts are disabled\"}");
	struct matter_want w = { .kind = "owner",
		.identity = owned->id,
		.subject = subject_of(e, owned),
		.what = arena_printf(e->arena, "%s (%s) has no living owner",
		    label(owned), owned->kind),
		.why = owner->id == 0 ?
		    "nobody is named, or nobody of that name "
		    "is known" :
		    arena_printf(e->arena, "%s left", label(owner)),
		.choices = { buf_text(&b) } };
	return matter_open(e, &w, NULL, err);
}

int
owner_check(struct engine *e, const struct identity *who, int64_t *due,
    struct err *err)
{
	struct by_id key = { who->owner };
	struct identity owner = { 0 };
	int found;

	if (strcmp(who->kind, "person") == 0 || strcmp(who->state, "left") == 0)
		return 0;
	found = who->owner == 0 ?
	    0 :
	    store_find(e->store, e->arena, STMT_POLICY_IDENTITY, by_id_fields,
		&key, identity_fields, &owner, err);
	if (found < 0)
		return -1;
	if (found > 0 && strcmp(owner.state, "left") != 0)
		return matter_settle(e, "owner", subject_of(e, who),
		    "it has a living owner", err);
	if (found == 0 && e->now - who->created < OWNER_GRACE) {
		if (*due == 0 || *due > who->created + OWNER_GRACE)
			*due = who->created + OWNER_GRACE;
		return 0;
	}
	return owner_case(e, who, &owner, err);
}

/* Until secrets rotate by themselves, a person is told which the leaver
   could read: those of every account of what it owned. */
static int
secret_case(struct engine *e, const struct identity *owned,
    const struct identity *owner, struct err *err)
{
	struct by_id key = { owned->id };
	struct many rows = { 0 };
	struct buf b = { .arena = e->arena };

	if (store_list(e->store, e->arena, STMT_POLICY_ACCOUNTS, by_id_fields,
		&key, account_fields, sizeof(struct account), 0, &rows,
		err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		const struct account *a = (const struct account *)rows.item + i;

		buf_printf(&b, "%s%s/%s", i > 0 ? ", " : "", a->system,
		    a->name != NULL ? a->name : "?");
	}
	if (rows.n == 0)
		return 0;
	struct matter_want w = { .kind = "secret",
		.identity = owned->id,
		.subject = subject_of(e, owned),
		.what = arena_printf(e->arena,
		    "%s left and could read the "
		    "credentials of %s: change them",
		    label(owner), label(owned)),
		.why = arena_printf(e->arena, "as its owner; accounts: %s",
		    buf_text(&b)),
		.choices = { "{\"rotated\":\"they were changed\","
			     "\"accept\":\"they stay as they are\"}" } };
	return matter_open(e, &w, NULL, err);
}

static int
shared_case(struct engine *e, const struct identity *who, struct err *err)
{
	struct by_id key = { who->id };
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, STMT_POLICY_ACCOUNTS, by_id_fields,
		&key, account_fields, sizeof(struct account), 0, &rows,
		err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		const struct account *a = (const struct account *)rows.item + i;
		struct matter_want w = { .kind = "secret",
			.identity = who->id };

		if (strcmp(a->kind, "shared") != 0)
			continue;
		w.subject = arena_printf(e->arena, "%s/%s", a->system,
		    a->name != NULL ? a->name : "?");
		w.what = arena_printf(e->arena,
		    "%s left and could read the "
		    "secret of the shared account %s: change it",
		    label(who), w.subject);
		w.choices.text = "{\"rotated\":\"it was changed\","
				 "\"accept\":\"it stays as it is\"}";
		if (matter_open(e, &w, NULL, err) != 0)
			return -1;
	}
	return 0;
}

int
owner_left(struct engine *e, const struct identity *who, struct err *err)
{
	struct by_id key = { who->id };
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, STMT_POLICY_IDENTITY_OWNED,
		by_id_fields, &key, identity_fields, sizeof(struct identity), 0,
		&rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		const struct identity *owned = (const struct identity *)
						   rows.item +
		    i;

		if (owner_case(e, owned, who, err) != 0 ||
		    secret_case(e, owned, who, err) != 0)
			return -1;
	}
	return shared_case(e, who, err);
}

static int
owner_set(struct engine *e, const struct matter *m, const char *name,
    struct err *err)
{
	struct by_id of = { m->identity };
	struct identity owned = { 0 }, to = { 0 };

	if (name == NULL || *name == '\0')
		return err_set(err, ERR_INPUT,
		    "note: name the new owner by "
		    "uid, key or user name");
	if (identity_named(e, name, &to, err) != 0 ||
	    store_get(e->store, e->arena, STMT_POLICY_IDENTITY, by_id_fields,
		&of, identity_fields, &owned, err) != 0)
		return -1;
	if (strcmp(to.state, "left") == 0 || to.id == owned.id)
		return err_set(err, ERR_REFUSED, "%s cannot own it: %s", name,
		    to.id == owned.id ? "it is the same" : "it left");
	owned.owner = to.id;
	owned.owner_key = to.uid;
	if (store_put(e->store, STMT_POLICY_IDENTITY_OWNER, identity_fields,
		&owned, err) != 0)
		return -1;
	return note(e, "identity.owner", subject_of(e, &owned), 0, owned.id,
	    identity_fields, &owned, err);
}

static int
owned_end(struct engine *e, const struct matter *m, struct err *err)
{
	struct by_id key = { m->identity };
	struct identity owned = { 0 };

	if (store_get(e->store, e->arena, STMT_POLICY_IDENTITY, by_id_fields,
		&key, identity_fields, &owned, err) != 0)
		return -1;
	owned.expires = e->now;
	if (store_put(e->store, STMT_POLICY_IDENTITY_OWNER, identity_fields,
		&owned, err) != 0)
		return -1;
	return note(e, "identity.ended", subject_of(e, &owned), 0, owned.id,
	    identity_fields, &owned, err);
}

int
owner_answer(struct engine *e, const struct input *in, struct err *err)
{
	const struct command *c = command_find(in->verb);
	const char *body = in->body != NULL ? in->body : "{}";
	struct matter_answer a = { 0 };
	struct matter m = { 0 };
	int found;

	if (json_decode(e->arena, c->in, body, strlen(body), &a, err) != 0)
		return -1;
	struct by_id key = { a.id };
	found = store_find(e->store, e->arena, STMT_MATTER_BY_ID, by_id_fields,
	    &key, matter_fields, &m, err);
	if (found <= 0 || strcmp(m.kind, "owner") != 0 ||
	    strcmp(m.state, "open") != 0 || a.answer == NULL ||
	    m.choices.text == NULL ||
	    json_member(e->arena, m.choices.text, a.answer) == NULL)
		return found < 0 ? -1 : 0;
	if (strcmp(a.answer, "end") == 0)
		return owned_end(e, &m, err);
	return owner_set(e, &m,
	    strcmp(a.answer, "owner") == 0 ? a.note : a.answer, err);
}
