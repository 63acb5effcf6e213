/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An identity as policy sees it: the input of its programs.
 */
#include <string.h>

#include "engine/policy.h"
#include "engine/verdict.h"

/* What jq sees of an affiliation, an owner and an account. */
struct seen_affiliation {
	const char *feed, *key, *kind, *unit, *manager, *cause;
	int64_t starts, ends, last_day, away_from, away_until;
	struct json attributes;
};

static const struct field seen_affiliation_fields[] = {
	FIELD(struct seen_affiliation, feed, 0),
	FIELD(struct seen_affiliation, key, 0),
	FIELD(struct seen_affiliation, kind, 0),
	FIELD(struct seen_affiliation, unit, 0),
	FIELD(struct seen_affiliation, manager, 0),
	FIELD(struct seen_affiliation, cause, 0),
	FIELD(struct seen_affiliation, starts, F_TIME),
	FIELD(struct seen_affiliation, ends, F_TIME),
	FIELD(struct seen_affiliation, last_day, F_TIME),
	FIELD(struct seen_affiliation, away_from, F_TIME),
	FIELD(struct seen_affiliation, away_until, F_TIME),
	FIELD(struct seen_affiliation, attributes, 0), FIELD_END
};

struct seen_owner {
	const char *uid, *kind, *state, *display, *username;
};

static const struct field seen_owner_fields[] = { FIELD(struct seen_owner, uid,
						      0),
	FIELD(struct seen_owner, kind, 0), FIELD(struct seen_owner, state, 0),
	FIELD(struct seen_owner, display, 0),
	FIELD(struct seen_owner, username, 0), FIELD_END };

struct seen_account {
	const char *system, *kind, *name, *status;
	struct json attributes;
};

static const struct field seen_account_fields[] = { FIELD(struct seen_account,
							system, 0),
	FIELD(struct seen_account, kind, 0),
	FIELD(struct seen_account, name, 0),
	FIELD(struct seen_account, status, 0),
	FIELD(struct seen_account, attributes, 0), FIELD_END };

#define OWN_NAMES 16 /* members that are muster's own, at most */

/* The identity as policy sees it, while it is written. */
struct document {
	struct buf text;
	const char *own[OWN_NAMES];
	size_t n;
};

static void
member_name(struct buf *b, const char *name)
{
	buf_char(b, b->len == 0 ? '{' : ',');
	json_string(b, name);
	buf_char(b, ':');
}

/* What muster knows wins over an attribute of the same name. */
static struct buf *
own_member(struct document *d, const char *name)
{
	d->own[d->n++] = name;
	member_name(&d->text, name);
	return &d->text;
}

static int
affiliations_add(struct engine *e, int64_t identity, struct document *d,
    struct err *err)
{
	struct by_id key = { identity };
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, STMT_POLICY_AFFILIATIONS,
		by_id_fields, &key, affiliation_fields,
		sizeof(struct affiliation), 0, &rows, err) != 0)
		return -1;
	struct buf *b = own_member(d, "affiliations");
	buf_char(b, '[');
	for (size_t i = 0; i < rows.n; i++) {
		const struct affiliation *a = (const struct affiliation *)
						  rows.item +
		    i;
		struct seen_affiliation s = { a->feed, a->key, a->kind, a->unit,
			a->manager, a->cause, a->starts, a->ends, a->last_day,
			a->away_from, a->away_until, a->attributes };

		if (i > 0)
			buf_char(b, ',');
		json_encode(b, seen_affiliation_fields, &s);
	}
	buf_char(b, ']');
	return 0;
}

static int
owner_add(struct engine *e, const struct identity *who, struct document *d,
    struct err *err)
{
	struct by_id key = { who->owner };
	struct identity o = { 0 };
	int found = who->owner == 0 ?
	    0 :
	    store_find(e->store, e->arena, STMT_POLICY_IDENTITY, by_id_fields,
		&key, identity_fields, &o, err);

	if (found <= 0)
		return found;
	struct seen_owner s = { o.uid, o.kind, o.state, o.display, o.username };
	json_encode(own_member(d, "owner"), seen_owner_fields, &s);
	return 0;
}

/* Only scopes look at accounts: without one, what is observed does not
   change the question. */
static int
accounts_add(struct engine *e, int64_t identity, struct document *d,
    struct err *err)
{
	struct by_id key = { identity };
	struct many rows = { 0 };

	if (verdict_set(e)->scopes == 0)
		return 0;
	if (store_list(e->store, e->arena, STMT_POLICY_ACCOUNTS, by_id_fields,
		&key, account_fields, sizeof(struct account), 0, &rows,
		err) != 0)
		return -1;
	struct buf *b = own_member(d, "accounts");
	buf_char(b, '[');
	for (size_t i = 0; i < rows.n; i++) {
		const struct account *a = (const struct account *)rows.item + i;
		struct seen_account s = { a->system, a->kind, a->name,
			a->seen_status, a->seen };

		if (i > 0)
			buf_char(b, ',');
		json_encode(b, seen_account_fields, &s);
	}
	buf_char(b, ']');
	return 0;
}

static void
text_add(struct document *d, const char *name, const char *value)
{
	if (value != NULL)
		json_string(own_member(d, name), value);
}

static int
attribute_add(void *ctx, const char *name, const char *value, struct err *err)
{
	struct document *d = ctx;

	(void)err;
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->own[i], name) == 0)
			return 0;
	member_name(&d->text, name);
	buf_str(&d->text, value);
	return 0;
}

static void
date_add(const struct engine *e, struct document *d)
{
	char day[TIME_TEXT];

	time_format(day, e->now);
	day[strcspn(day, "T")] = '\0';
	text_add(d, "today", day);
	buf_printf(own_member(d, "now"), "%lld", (long long)(e->now / SECOND));
}

static int
members_write(struct engine *e, const struct identity *who, bool dated,
    const char **out, struct err *err)
{
	struct document d = { .text.arena = e->arena };
	char expires[TIME_TEXT];

	if (dated)
		date_add(e, &d);
	text_add(&d, "uid", who->uid);
	text_add(&d, "kind", who->kind);
	text_add(&d, "state", who->state);
	text_add(&d, "display", who->display);
	text_add(&d, "username", who->username);
	text_add(&d, "purpose", who->purpose);
	if (who->expires != 0)
		text_add(&d, "expires", time_format(expires, who->expires));
	if (owner_add(e, who, &d, err) != 0 ||
	    affiliations_add(e, who->id, &d, err) != 0 ||
	    accounts_add(e, who->id, &d, err) != 0)
		return -1;
	if (who->attributes.text != NULL &&
	    json_each(e->arena, who->attributes.text, attribute_add, &d, err) !=
		0)
		return -1;
	buf_char(&d.text, '}');
	*out = buf_text(&d.text);
	return 0;
}

/* The day and the time only where a program names them: without them, what
   was said of an identity still holds later. */
int
document_make(struct engine *e, int64_t identity, const char *scope,
    const char **input, struct err *err)
{
	bool dated = verdict_set(e)->dated ||
	    (scope != NULL && verdict_is_dated(scope));
	struct by_id key = { identity };
	struct identity who = { 0 };

	if (store_get(e->store, e->arena, STMT_POLICY_IDENTITY, by_id_fields,
		&key, identity_fields, &who, err) != 0 ||
	    members_write(e, &who, dated, input, err) != 0)
		return err_within(err, "identity %lld: ", (long long)identity);
	return 0;
}
