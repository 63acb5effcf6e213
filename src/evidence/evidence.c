/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "evidence/inside.h"
#include "store/store.h"

static void
any_random(void *ctx, void *out, size_t n)
{
	(void)ctx;
	random_bytes(out, n);
}

void
evidence_random(struct evidence *ev, void (*random)(void *ctx, void *, size_t),
    void *ctx)
{
	ev->random = random;
	ev->random_ctx = ctx;
}

static struct evidence *
evidence_new(struct store *s)
{
	struct evidence *ev = calloc(1, sizeof(*ev));

	if (ev == NULL)
		abort();
	ev->store = s;
	ev->signed_size = -1;
	evidence_random(ev, any_random, NULL);
	return ev;
}

void
evidence_close(struct evidence *ev)
{
	if (ev == NULL)
		return;
	turn_drop(ev);
	signing_key_free(ev->key);
	arena_fini(&ev->scratch);
	arena_fini(&ev->fresh);
	arena_fini(&ev->arena);
	free(ev);
}

static int
start(struct evidence *ev, const struct evidence_config *c, int64_t now,
    struct err *e)
{
	int64_t size;

	if (record_count(ev->store, &size, e) != 0 ||
	    tree_load(ev->store, size, &ev->tree, e) != 0)
		return -1;
	return c == NULL ? 0 : signing_start(ev, c, now, e);
}

struct evidence *
evidence_open(struct store *s, const struct evidence_config *c, int64_t now,
    bool *rolled_back, struct err *e)
{
	struct evidence *ev = evidence_new(s);
	int ret = start(ev, c, now, e);

	if (ret < 0) {
		evidence_close(ev);
		return NULL;
	}
	ev->rolled_back = ret > 0;
	*rolled_back = ev->rolled_back;
	return ev;
}

/* What goes with the canonical body; texts in the scratch arena. */
static int
record_make(struct evidence *ev, struct record *r, struct err *e)
{
	struct arena *a = &ev->scratch;
	unsigned char salt[SALT_LEN], sum[DIGEST_LEN];
	size_t n = strlen(r->body);

	if (strlen(r->kind) > KIND_MAX || strlen(r->subject) > SUBJECT_MAX)
		return err_set(e, ERR_INPUT, "kind or subject is too long");
	if (n > BODY_MAX)
		return err_set(e, ERR_INPUT, "body of %zu bytes is too long",
		    n);
	if (r->body[0] != '{')
		return err_set(e, ERR_INPUT, "body is not an object");
	ev->random(ev->random_ctx, salt, SALT_LEN);
	entry_body_digest(sum, salt, r->body, n);
	r->salt = hex_encode(arena_zero(a, 2 * SALT_LEN + 1, 1), salt,
	    SALT_LEN);
	r->digest = hex_encode(arena_zero(a, DIGEST_HEX, 1), sum, DIGEST_LEN);
	return 0;
}

static int
record_append(struct evidence *ev, struct record *r, struct err *e)
{
	struct buf entry = { .arena = &ev->scratch };
	merkle_hash leaf;

	if (record_make(ev, r, e) != 0 ||
	    store_put(ev->store, STMT_RECORD_ADD, record_fields, r, e) != 0)
		return -1;
	entry_encode(&entry, r);
	merkle_leaf(leaf, entry.at, entry.len);
	merkle_add(&ev->tree, leaf);
	return 0;
}

/* Without a body when it could not be made: e says why. */
static int
record_add(struct evidence *ev, struct record *r, struct err *e)
{
	r->seq = ev->tree.size;
	int ret = r->body != NULL ? record_append(ev, r, e) : -1;

	arena_reset(&ev->scratch);
	return ret == 0 ? 0 : err_within(e, "evidence %s: ", r->kind);
}

int
evidence_add(struct evidence *ev, const char *kind, const char *subject,
    int64_t run, int64_t identity, const char *body, int64_t now, struct err *e)
{
	struct record r = { .at = now,
		.kind = kind,
		.subject = subject == NULL ? "" : subject,
		.run = run,
		.identity = identity,
		.body = json_canonical(&ev->scratch, body, strlen(body), e) };

	return record_add(ev, &r, e);
}

int
evidence_note(struct evidence *ev, const struct record *what,
    const struct field *table, const void *body, struct err *e)
{
	struct record r = *what;
	struct buf b = { .arena = &ev->scratch };
	int ret = json_encode_canonical(&b, table, body, e);

	r.body = ret == 0 ? buf_text(&b) : NULL;
	return record_add(ev, &r, e);
}

int
evidence_erase(struct evidence *ev, int64_t seq, const char *by, int64_t now,
    struct err *e)
{
	struct arena a = { 0 };
	struct record r = { .seq = seq };
	struct buf body = { .arena = &a };

	if (store_put(ev->store, STMT_RECORD_ERASE, record_fields, &r, e) != 0)
		return -1;
	if (store_changed(ev->store) == 0)
		return err_set(e, ERR_GONE,
		    "no record %lld, or it was erased before", (long long)seq);
	buf_str(&body, "{\"by\":");
	json_string(&body, by);
	buf_char(&body, '}');
	int ret = evidence_add(ev, ERASED_KIND,
	    arena_printf(&a, "record/%lld", (long long)seq), 0, 0,
	    buf_text(&body), now, e);
	arena_fini(&a);
	return ret;
}

void
evidence_mark(const struct evidence *ev, struct evidence_mark *m)
{
	m->size = ev->tree.size;
	memcpy(m->frontier, ev->tree.frontier,
	    (size_t)merkle_width(m->size) * DIGEST_LEN);
}

/* What was signed over records that are undone was never said. */
void
evidence_undo(struct evidence *ev, const struct evidence_mark *m)
{
	ev->tree.size = m->size;
	memcpy(ev->tree.frontier, m->frontier,
	    (size_t)merkle_width(m->size) * DIGEST_LEN);
	if (ev->turn.size > m->size)
		turn_drop(ev);
	if (ev->signed_size > m->size) {
		ev->signed_size = -1;
		ev->note = NULL;
	}
}

int64_t
evidence_size(const struct evidence *ev)
{
	return ev->tree.size;
}

void
evidence_root(const struct evidence *ev, unsigned char root[DIGEST_LEN])
{
	merkle_root(&ev->tree, root);
}
