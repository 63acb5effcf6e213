/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is who.  A new key of a feed is somebody new, unless the feed's
 * strong key says who it is; a mail address or a login name never does.
 * Whatever speaks against a strong key opens a case, and nothing is linked.
 */
#include <string.h>

#include "base/digest.h"
#include "engine/intake.h"
#include "model/person.h"

struct strong {
	const char *name;
	int64_t identity;
};

static const struct field strong_fields[] = { FIELD(struct strong, name, 0),
	FIELD(struct strong, identity, 0), FIELD_END };

/* A ULID, of the engine's own time and chance. */
static const char *
uid_new(struct engine *e)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned char chance[16];
	char *uid = arena_zero(e->arena, ID_TEXT, 1);
	int64_t ms = e->now;

	e->env.random(e->env.ctx, chance, sizeof(chance));
	for (int i = 9; i >= 0; i--, ms >>= 5)
		uid[i] = digits[ms & 31];
	for (int i = 0; i < 16; i++)
		uid[10 + i] = digits[chance[i] & 31];
	return uid;
}

/* The strong key of this row, if the feed may say one; else NULL. */
static const char *
strong_key(const struct feed_def *d, const struct person *p)
{
	bool may = d->match != NULL && strcmp(d->match, "yes") == 0;

	return may ? p->match : NULL;
}

static int
strong_owner(struct engine *e, const char *key, int64_t *identity,
    struct err *err)
{
	struct by_name k = { key };
	struct by_id row = { 0 };
	int found = store_find(e->store, e->arena, STMT_STRONG_FIND,
	    by_name_fields, &k, by_id_fields, &row, err);

	*identity = row.id;
	return found < 0 ? -1 : 0;
}

static int
strong_keep(struct engine *e, const char *key, int64_t identity,
    struct err *err)
{
	struct strong s = { key, identity };

	return store_put(e->store, STMT_STRONG_ADD, strong_fields, &s, err);
}

static int
doubt(struct engine *e, const struct feed_def *d, const struct person *p,
    int64_t identity, const char *why, struct err *err)
{
	struct matter_want w = { .kind = "match",
		.identity = identity,
		.subject = arena_printf(e->arena, "%s/%s", d->feed, p->key),
		.what = arena_printf(e->arena,
		    "It is not sure who %s of feed %s "
		    "is",
		    p->key, d->feed),
		.why = why,
		.choices = { "{\"close\":\"they stay apart\"}" } };

	return matter_open(e, &w, NULL, err);
}

static int
identity_new(struct engine *e, const struct person *p, struct identity *who,
    struct err *err)
{
	*who = (struct identity){ .uid = uid_new(e),
		.state = "pending",
		.kind = p->kind != NULL ? p->kind : "person",
		.attributes = { "{}" },
		.sources = { "{}" },
		.created = e->now,
		.due = e->now };
	return store_add(e->store, STMT_INTAKE_IDENTITY_ADD, identity_fields,
	    who, &who->id, err);
}

static int
identity_known(struct engine *e, int64_t id, struct identity *who,
    struct err *err)
{
	struct by_id key = { id };

	if (store_get(e->store, e->arena, STMT_POLICY_IDENTITY, by_id_fields,
		&key, identity_fields, who, err) != 0)
		return err_within(err, "identity %lld: ", (long long)id);
	return 0;
}

int
identify(struct engine *e, const struct feed_def *d, const struct person *p,
    struct identity *who, bool *created, struct err *err)
{
	const char *key = strong_key(d, p);
	const char *kind = p->kind != NULL ? p->kind : "person";
	int64_t id = 0;

	*created = false;
	if (key != NULL && strong_owner(e, key, &id, err) != 0)
		return -1;
	if (id != 0) {
		if (identity_known(e, id, who, err) != 0)
			return -1;
		if (strcmp(who->kind, kind) == 0)
			return 0;
		if (doubt(e, d, p, id,
			arena_printf(e->arena,
			    "its strong key"
			    " is that of a %s, and it is a %s",
			    who->kind, kind),
			err) != 0)
			return -1;
	}
	*created = true;
	if (identity_new(e, p, who, err) != 0)
		return -1;
	return key == NULL || id != 0 ? 0 : strong_keep(e, key, who->id, err);
}

int
identify_again(struct engine *e, const struct feed_def *d,
    const struct person *p, const struct identity *who, struct err *err)
{
	const char *key = strong_key(d, p);
	int64_t id = 0;

	if (key == NULL)
		return 0;
	if (strong_owner(e, key, &id, err) != 0)
		return -1;
	if (id == 0)
		return strong_keep(e, key, who->id, err);
	if (id == who->id)
		return 0;
	return doubt(e, d, p, who->id,
	    "its key says one identity and its "
	    "strong key another; what its key says stands",
	    err);
}
