/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "evidence/inside.h"
#include "store/store.h"

#define PAGE 256

/* The outside note; 1 found, 0 there is no file, -1. */
static int
outside_read(struct arena *a, const struct evidence *ev, const char **note,
    struct err *e)
{
	struct err why = { 0 };
	size_t n;

	*note = file_read(a, ev->outside, NOTE_MAX, &n, &why);
	if (*note != NULL)
		return 1;
	if (why.cls == ERR_GONE)
		return 0;
	*e = why;
	return -1;
}

static int
outside_parse(struct arena *a, const char *note, struct checkpoint *c,
    struct err *e)
{
	const char *text = note_signed(a, note);

	if (text == NULL)
		return err_set(e, ERR_INPUT, "not a signed note");
	return checkpoint_parse(a, text, c, e);
}

const char *
outside_origin(struct arena *a, const struct evidence *ev, const char **note)
{
	struct checkpoint c;
	struct err ignored;

	if (outside_read(a, ev, note, &ignored) != 1 ||
	    outside_parse(a, *note, &c, &ignored) != 0)
		return NULL;
	return c.origin;
}

static int
rolled(const struct evidence *ev, struct err *e, const char *why)
{
	err_set(e, ERR_CONFLICT,
	    "%s: %s; was the store restored from a "
	    "backup? See `muster restore`",
	    ev->outside, why);
	return 1;
}

static bool
is_signed_by(struct arena *a, const char *note, const char *vkey)
{
	struct verifier v;
	struct err ignored;

	return verifier_parse(a, vkey, &v, &ignored) == 0 &&
	    note_verify(a, note, &v, NULL, &ignored) == 0;
}

/* From the key that signed a note to the one in force. */
struct following {
	struct arena *arena;
	const char *note; /* whose signer is not known yet; or NULL */
	const char *vkey;
};

static int
rotation_take(void *ctx, const struct record *r, struct err *e)
{
	struct following *f = ctx;
	struct arena *a = f->arena;

	(void)e;
	if (strcmp(r->kind, ROTATION_KIND) != 0 || r->body == NULL)
		return 0;
	const char *rotation = json_member_text(a, r->body, "note");
	const char *old = rotation == NULL ? NULL : rotation_old(a, rotation);
	if (old != NULL && f->note != NULL && is_signed_by(a, f->note, old)) {
		f->note = NULL;
		f->vkey = old;
	}
	const char *next = f->vkey == NULL || rotation == NULL ?
	    NULL :
	    rotation_follow(a, rotation, f->vkey);
	if (next != NULL)
		f->vkey = next;
	return 0;
}

/* Whether the key in force signed the note, or one that it replaced since:
   a crash may have come between a rotation and its publishing. */
static int
is_ours(struct arena *a, const struct evidence *ev, const char *note,
    const struct checkpoint *c, bool *ours, struct err *e)
{
	struct following f = { a, note, NULL };

	*ours = is_signed_by(a, note, ev->vkey);
	if (*ours)
		return 0;
	int ret = records_each(ev->store, STMT_RECORD_RANGE,
	    (struct record_page){ c->size, ev->tree.size, PAGE }, rotation_take,
	    &f, e);
	*ours = ret == 0 && f.vkey != NULL && strcmp(f.vkey, ev->vkey) == 0;
	return ret;
}

static int
same_root(const struct evidence *ev, const struct checkpoint *c, struct err *e)
{
	struct merkle m;
	merkle_hash root;

	if (tree_load(ev->store, c->size, &m, e) != 0)
		return -1;
	merkle_root(&m, root);
	if (memcmp(root, c->root, DIGEST_LEN) != 0)
		return rolled(ev, e,
		    "the store has other records than were "
		    "signed there");
	return 0;
}

/* The store against the note: 0 extends it, 1 does not, -1. */
static int
extends(struct arena *a, const struct evidence *ev, const char *note,
    const struct checkpoint *c, struct err *e)
{
	bool ours;

	if (strcmp(c->origin, ev->origin) != 0) {
		/* An accepted restore whose publishing a crash cut off. */
		if (ev->cites != NULL &&
		    strcmp(ev->cites, digest_text(a, note)) == 0)
			return 0;
		return rolled(ev, e, "it is of another log");
	}
	if (c->size > ev->tree.size)
		return rolled(ev, e,
		    "the store has fewer records than were "
		    "signed there");
	if (is_ours(a, ev, note, c, &ours, e) != 0)
		return -1;
	if (!ours)
		return rolled(ev, e, "this log's key did not sign it");
	return same_root(ev, c, e);
}

/* Publishes what a crash kept from being published. */
static int
bring_up(const struct evidence *ev, const struct checkpoint_row *newest,
    const struct checkpoint *c, struct err *e)
{
	if (newest == NULL ||
	    (newest->size <= c->size && strcmp(newest->origin, c->origin) == 0))
		return 0;
	return file_replace(ev->outside, newest->note, strlen(newest->note),
	    0644, e);
}

int
outside_compare(struct arena *a, struct evidence *ev,
    const struct checkpoint_row *newest, struct err *e)
{
	struct checkpoint c;
	const char *note;
	int found = outside_read(a, ev, &note, e);

	if (found < 0)
		return -1;
	if (found == 0)
		return ev->tree.size == 0 ? 0 :
					    rolled(ev, e, "the file is gone");
	if (outside_parse(a, note, &c, e) != 0)
		return rolled(ev, e, "it is not a signed checkpoint");
	int ret = extends(a, ev, note, &c, e);
	return ret != 0 ? ret : bring_up(ev, newest, &c, e);
}
