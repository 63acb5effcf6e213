/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Login names.  A name stands in a space: a system, or "*" for the user
 * name that an identity carries everywhere.  Whoever draws in one space is
 * in the way of the other, and a freed name rests as a tombstone, so that
 * a newcomer never inherits what was meant for somebody else.
 */
#include <string.h>

#include "engine/converge.h"

#define NAME_MAX_LEN 64

/* Names that operating systems and directories take for themselves. */
static const char *const taken_always[] = { "root", "admin", "administrator",
	"daemon", "bin", "sys", "nobody", "operator", "guest", "muster",
	"system", "postmaster", "hostmaster", "webmaster", "abuse", NULL };

bool
name_is_valid(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > NAME_MAX_LEN)
		return false;
	if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") != n)
		return false;
	return name[0] != '.' && name[0] != '-';
}

static bool
is_reserved(const struct engine *e, const char *name)
{
	const struct texts *own = &e->config->settings.names.reserved;

	for (size_t i = 0; i < own->n; i++)
		if (strcmp(own->item[i], name) == 0)
			return true;
	for (const char *const *t = taken_always; *t != NULL; t++)
		if (strcmp(*t, name) == 0)
			return true;
	return false;
}

/* Two spaces are in each other's way if they are the same or one is "*". */
static bool
spaces_meet(const char *a, const char *b)
{
	return strcmp(a, b) == 0 || strcmp(a, "*") == 0 || strcmp(b, "*") == 0;
}

static bool
rests(const struct engine *e, const struct name *n)
{
	return strcmp(n->state, "tombstone") != 0 || n->until == 0 ||
	    n->until > e->now;
}

/* Does somebody else stand on it?  1, 0, -1. */
static int
others(struct engine *e, const struct name *want, struct err *err)
{
	struct many rows = { 0 };
	struct by_id n = { 0 };

	if (store_list(e->store, e->arena, STMT_NAME_ROWS, name_fields, want,
		name_fields, sizeof(struct name), 0, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		const struct name *r = (const struct name *)rows.item + i;

		if (r->identity != want->identity &&
		    spaces_meet(r->space, want->space) && rests(e, r))
			return 1;
	}
	if (store_get(e->store, e->arena, STMT_NAME_ACCOUNTS, name_fields, want,
		by_id_fields, &n, err) != 0)
		return -1;
	return n.id > 0;
}

int
name_draw(struct engine *e, const char *space, int64_t identity,
    const char *const *candidates, const char **out, struct err *err)
{
	struct name n = { .space = space,
		.identity = identity,
		.state = "reserved" };
	const char *first = NULL;

	for (; candidates != NULL && *candidates != NULL; candidates++) {
		n.name = *candidates;
		if (first == NULL)
			first = n.name;
		if (!name_is_valid(n.name) || is_reserved(e, n.name))
			continue;
		int busy = others(e, &n, err);
		if (busy < 0)
			return -1;
		if (busy > 0)
			continue;
		*out = arena_str(e->arena, n.name);
		return store_put(e->store, STMT_NAME_TAKE, name_fields, &n,
		    err);
	}
	if (first == NULL)
		return err_set(err, ERR_CONFLICT, "no candidate for a name");
	return err_set(err, ERR_CONFLICT,
	    "every candidate for a name is taken "
	    "or not allowed (%s, ...)",
	    first);
}

int
name_rest(struct engine *e, const char *space, const char *name,
    int64_t identity, int64_t until, struct err *err)
{
	struct name n = { .space = space,
		.name = name,
		.identity = identity,
		.state = "tombstone",
		.until = until };

	return store_put(e->store, STMT_NAME_REST, name_fields, &n, err);
}

int
name_release(struct engine *e, int64_t identity, int64_t until, struct err *err)
{
	struct name n = { .identity = identity,
		.state = "tombstone",
		.until = until };

	return store_put(e->store, STMT_NAME_RELEASE, name_fields, &n, err);
}

/*
 * One user name for everything.  What the feed dictates stands; a name
 * that the rules no longer give is replaced, and rests.
 */
int
username_settle(struct engine *e, struct identity *who, const struct desired *d,
    struct err *err)
{
	const char *old = who->username, *name;

	if (d->accounts.n == 0 || d->usernames.n == 0 ||
	    (who->sources.text != NULL &&
		json_member(e->arena, who->sources.text, "username") != NULL))
		return 0;
	for (size_t i = 0; old != NULL && i < d->usernames.n; i++)
		if (strcmp(d->usernames.item[i], old) == 0)
			return 0;
	if (name_draw(e, "*", who->id, (const char *const *)d->usernames.item,
		&name, err) != 0)
		return -1;
	if (old != NULL &&
	    name_rest(e, "*", old, who->id,
		e->now + e->config->settings.tombstone, err) != 0)
		return -1;
	who->username = name;
	who->version++;
	if (store_put(e->store, STMT_POLICY_IDENTITY_USERNAME, identity_fields,
		who, err) != 0)
		return -1;
	return 1;
}
