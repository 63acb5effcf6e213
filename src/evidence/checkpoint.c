/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "evidence/inside.h"
#include "store/store.h"

void
turn_drop(struct evidence *ev)
{
	signing_key_free(ev->turn.key);
	ev->turn = (struct turn){ 0 };
}

static struct signing_key *
current_key(const struct evidence *ev)
{
	return ev->turn.key != NULL ? ev->turn.key : ev->key;
}

static const char *
current_origin(const struct evidence *ev)
{
	return ev->turn.origin != NULL ? ev->turn.origin : ev->origin;
}

static const char *
current_vkey(const struct evidence *ev)
{
	return ev->turn.vkey != NULL ? ev->turn.vkey : ev->vkey;
}

/* The tree as a note, in the fresh arena. */
static const char *
note_make(struct evidence *ev, struct err *e)
{
	struct arena *a = &ev->fresh;
	struct checkpoint c = { .origin = current_origin(ev),
		.size = ev->tree.size };

	merkle_root(&ev->tree, c.root);
	const char *text = checkpoint_text(a, &c);
	const char *line = note_signature(a, text, c.origin,
	    signing_key_public(current_key(ev)), signing_key_sign,
	    current_key(ev), e);
	return line == NULL ? NULL : arena_printf(a, "%s\n%s", text, line);
}

int
evidence_checkpoint(struct evidence *ev, int64_t now, struct err *e)
{
	if (ev->key_path == NULL)
		return 0;
	if (ev->rolled_back && !ev->turn.accepts)
		return err_set(e, ERR_CONFLICT,
		    "nothing is signed until the "
		    "restored store is accepted");
	if (ev->signed_size == ev->tree.size && ev->turn.size == 0)
		return 0;
	const char *note = note_make(ev, e);
	if (note == NULL)
		return -1;
	struct checkpoint_row row = { .size = ev->tree.size,
		.at = now,
		.origin = current_origin(ev),
		.vkey = current_vkey(ev),
		.note = note,
		.frontier = frontier_text(&ev->fresh, &ev->tree),
		.cites = ev->turn.cites != NULL ? ev->turn.cites : ev->cites };
	if (store_put(ev->store, STMT_CHECKPOINT_ADD, checkpoint_row_fields,
		&row, e) != 0)
		return -1;
	ev->note = note;
	ev->signed_size = row.size;
	return 0;
}

const char *
next_key_path(struct arena *a, const struct evidence *ev)
{
	return arena_printf(a, "%s.next", ev->key_path);
}

/* What the turn changed is in force from here on. */
static int
turn_finish(struct evidence *ev, struct err *e)
{
	struct turn *t = &ev->turn;

	if (t->key != NULL &&
	    rename(next_key_path(&ev->fresh, ev), ev->key_path) != 0)
		return err_set(e, ERR_BUG, "%s: %s", ev->key_path,
		    strerror(errno));
	if (t->key != NULL) {
		signing_key_free(ev->key);
		ev->key = t->key;
		t->key = NULL;
	}
	ev->origin = arena_str(&ev->arena, current_origin(ev));
	ev->vkey = arena_str(&ev->arena, current_vkey(ev));
	if (t->cites != NULL)
		ev->cites = arena_str(&ev->arena, t->cites);
	if (t->accepts)
		ev->rolled_back = false;
	turn_drop(ev);
	return 0;
}

int
evidence_publish(struct evidence *ev, struct err *e)
{
	if (ev->turn.size > 0 && turn_finish(ev, e) != 0)
		return -1;
	if (ev->note == NULL)
		return 0;
	if (file_replace(ev->outside, ev->note, strlen(ev->note), 0644, e) != 0)
		return -1;
	ev->note = NULL;
	arena_reset(&ev->fresh);
	return 0;
}

static void
member(struct buf *b, const char *name, const char *value)
{
	buf_char(b, b->len == 0 ? '{' : ',');
	json_string(b, name);
	buf_char(b, ':');
	if (value == NULL)
		buf_str(b, "null");
	else
		json_string(b, value);
}

/* A key that stands beside the old one until it is published. */
static int
turn_key(struct evidence *ev, const char *origin, struct err *e)
{
	struct turn *t = &ev->turn;

	t->key = signing_key_make(next_key_path(&ev->fresh, ev), e);
	if (t->key == NULL)
		return -1;
	t->vkey = verifier_text(&ev->fresh, origin, signing_key_public(t->key));
	return 0;
}

/* Records the turn, and signs a tree that has the record. */
static int
turn_record(struct evidence *ev, const char *kind, const char *body,
    int64_t now, struct err *e)
{
	if (evidence_add(ev, kind, "evidence", 0, 0, body, now, e) != 0)
		return -1;
	ev->turn.size = ev->tree.size;
	return evidence_checkpoint(ev, now, e);
}

static int
turn_start(struct evidence *ev, struct err *e)
{
	if (ev->key_path == NULL)
		return err_set(e, ERR_BUG, "evidence: there is no key");
	if (ev->turn.size > 0)
		return err_set(e, ERR_CONFLICT,
		    "another change of the "
		    "evidence log is not published yet");
	turn_drop(ev);
	return 0;
}

/* The rotation, signed by the key that goes and the one that comes. */
static const char *
rotation_note(struct evidence *ev, struct err *e)
{
	struct arena *a = &ev->fresh;
	const char *text = rotation_text(a, ev->origin, ev->vkey,
	    ev->turn.vkey);
	const char *old = note_signature(a, text, ev->origin,
	    signing_key_public(ev->key), signing_key_sign, ev->key, e);
	const char *new = old == NULL ? NULL :
					note_signature(a, text, ev->origin,
					    signing_key_public(ev->turn.key),
					    signing_key_sign, ev->turn.key, e);

	return new == NULL ? NULL : arena_printf(a, "%s\n%s%s", text, old, new);
}

static int
rekey(struct evidence *ev, const char *by, int64_t now, struct err *e)
{
	struct buf body = { .arena = &ev->fresh };

	if (turn_key(ev, ev->origin, e) != 0)
		return -1;
	const char *note = rotation_note(ev, e);
	if (note == NULL)
		return -1;
	member(&body, "by", by);
	member(&body, "note", note);
	buf_char(&body, '}');
	return turn_record(ev, ROTATION_KIND, buf_text(&body), now, e);
}

int
evidence_rekey(struct evidence *ev, const char *by, int64_t now, struct err *e)
{
	if (turn_start(ev, e) != 0)
		return -1;
	if (ev->rolled_back)
		return err_set(e, ERR_CONFLICT,
		    "accept the restored store first");
	int ret = rekey(ev, by, now, e);
	if (ret != 0)
		turn_drop(ev);
	return ret;
}

/* The N of BASE/N; 1 for BASE itself, 0 for another log's. */
static int64_t
origin_number(const char *base, const char *origin)
{
	size_t n = strlen(base);
	char *end;

	if (strncmp(origin, base, n) != 0)
		return 0;
	if (origin[n] == '\0')
		return 1;
	long long number = strtoll(origin + n + 1, &end, 10);
	return origin[n] == '/' && *end == '\0' && number > 1 &&
		number < INT32_MAX ?
	    number :
	    0;
}

static int
accept(struct evidence *ev, const char *by, int64_t now, struct err *e)
{
	struct arena *a = &ev->fresh;
	struct buf body = { .arena = a };
	struct turn *t = &ev->turn;
	const char *note = NULL, *was = outside_origin(a, ev, &note);
	int64_t here = origin_number(ev->base, ev->origin);
	int64_t there = was == NULL ? 0 : origin_number(ev->base, was);
	const struct checkpoint_row here_row = { .size = ev->tree.size };

	if (store_put(ev->store, STMT_CHECKPOINT_DROP_ABOVE,
		checkpoint_row_fields, &here_row, e) != 0)
		return -1;
	t->origin = arena_printf(a, "%s/%lld", ev->base,
	    (long long)(here > there ? here : there) + 1);
	t->cites = note == NULL ? NULL : digest_text(a, note);
	t->accepts = true;
	if (ev->key == NULL && turn_key(ev, t->origin, e) != 0)
		return -1;
	if (ev->key != NULL)
		t->vkey = verifier_text(a, t->origin,
		    signing_key_public(ev->key));
	member(&body, "by", by);
	member(&body, "cites", note);
	member(&body, "origin", t->origin);
	member(&body, "was", ev->origin);
	buf_char(&body, '}');
	return turn_record(ev, "evidence.restored", buf_text(&body), now, e);
}

int
evidence_accept(struct evidence *ev, const char *by, int64_t now, struct err *e)
{
	if (turn_start(ev, e) != 0)
		return -1;
	if (!ev->rolled_back)
		return err_set(e, ERR_CONFLICT,
		    "the store extends its checkpoint: nothing to accept");
	int ret = accept(ev, by, now, e);
	if (ret != 0)
		turn_drop(ev);
	return ret;
}

const char *
evidence_key(const struct evidence *ev, struct arena *a)
{
	const char *vkey = current_vkey(ev);

	return vkey == NULL ? NULL : arena_str(a, vkey);
}
