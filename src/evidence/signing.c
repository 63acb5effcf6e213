/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "evidence/inside.h"
#include "store/store.h"

static void
configure(struct evidence *ev, const struct evidence_config *c)
{
	ev->base = arena_str(&ev->arena, c->origin);
	ev->origin = ev->base;
	ev->key_path = arena_str(&ev->arena, c->key);
	ev->outside = arena_str(&ev->arena, c->checkpoint);
}

/* The newest checkpoint says which origin and which key are in force. */
static int
newest_take(struct evidence *ev, const struct checkpoint_row *row,
    struct err *e)
{
	size_t n = strlen(ev->base);

	if (strncmp(row->origin, ev->base, n) != 0 ||
	    (row->origin[n] != '\0' && row->origin[n] != '/'))
		return err_set(e, ERR_INPUT,
		    "evidence.origin is %s, and this "
		    "store's log is %s",
		    ev->base, row->origin);
	ev->origin = arena_str(&ev->arena, row->origin);
	ev->vkey = arena_str(&ev->arena, row->vkey);
	ev->cites = row->cites == NULL ? NULL :
					 arena_str(&ev->arena, row->cites);
	ev->signed_size = row->size;
	return 0;
}

static bool
key_fits(const struct evidence *ev, const struct signing_key *k)
{
	struct arena a = { 0 };
	bool fits = ev->vkey == NULL ||
	    strcmp(ev->vkey,
		verifier_text(&a, ev->origin, signing_key_public(k))) == 0;

	arena_fini(&a);
	return fits;
}

/*
 * A new key waits beside the old one.  If the newest checkpoint is signed
 * by it, its transaction was committed, and it takes the old one's place;
 * otherwise it never came into force.
 */
static int
next_key_settle(struct evidence *ev, struct err *e)
{
	const char *path = next_key_path(&ev->arena, ev);
	struct err why = { 0 };
	struct signing_key *next = signing_key_load(path, &why);

	if (next == NULL && why.cls == ERR_GONE)
		return 0;
	/* It may be the one in force: it is not removed unread. */
	if (next == NULL) {
		*e = why;
		return -1;
	}
	bool fits = ev->vkey != NULL && key_fits(ev, next);
	signing_key_free(next);
	if ((fits ? rename(path, ev->key_path) : unlink(path)) == 0)
		return 0;
	return err_set(e, ERR_BUG, "%s: cannot be put in place", path);
}

/* 0 there is one, 1 it is gone, -1. */
static int
key_take(struct evidence *ev, bool new_store, struct err *e)
{
	struct err why = { 0 };

	ev->key = signing_key_load(ev->key_path, &why);
	if (ev->key == NULL && why.cls == ERR_GONE && new_store)
		ev->key = signing_key_make(ev->key_path, &why);
	if (ev->key == NULL && why.cls == ERR_GONE) {
		err_set(e, ERR_CONFLICT,
		    "%s: the key that signs evidence is "
		    "gone; see `muster restore`",
		    ev->key_path);
		return 1;
	}
	if (ev->key == NULL) {
		*e = why;
		return -1;
	}
	if (!key_fits(ev, ev->key))
		return err_set(e, ERR_INPUT,
		    "%s: not the key that signed "
		    "this store's evidence (%s); if the store is a backup "
		    "from before a `muster evidence rekey`, move this file "
		    "away and start again: musterd(8)",
		    ev->key_path, ev->vkey);
	ev->vkey = verifier_text(&ev->arena, ev->origin,
	    signing_key_public(ev->key));
	return 0;
}

/* So that the outside file stands before the first record: from then on,
   its absence means something. */
static int
first_checkpoint(struct evidence *ev, int64_t now, struct err *e)
{
	if (ev->tree.size > 0 || access(ev->outside, F_OK) == 0)
		return 0;
	ev->signed_size = -1;
	if (evidence_checkpoint(ev, now, e) != 0)
		return -1;
	return evidence_publish(ev, e);
}

static int
start(struct evidence *ev, struct arena *a, int64_t now, struct err *e)
{
	struct checkpoint_row row;
	int found = store_find(ev->store, a, STMT_CHECKPOINT_NEWEST, NULL, NULL,
	    checkpoint_row_fields, &row, e);

	if (found < 0 || (found > 0 && newest_take(ev, &row, e) != 0) ||
	    next_key_settle(ev, e) != 0)
		return -1;
	bool new_store = found == 0 && ev->tree.size == 0;
	int gone = key_take(ev, new_store, e);
	if (gone != 0)
		return gone;
	int ret = outside_compare(a, ev, found > 0 ? &row : NULL, e);
	return ret != 0 ? ret : first_checkpoint(ev, now, e);
}

int
signing_start(struct evidence *ev, const struct evidence_config *c, int64_t now,
    struct err *e)
{
	struct arena a = { 0 };

	if (!note_name_good(c->origin))
		return err_set(e, ERR_INPUT,
		    "evidence.origin: no spaces, no "
		    "'+', at most 200 characters");
	configure(ev, c);
	int ret = start(ev, &a, now, e);
	arena_fini(&a);
	return ret;
}
