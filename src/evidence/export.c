/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/bundle.h"
#include "evidence/inside.h"
#include "evidence/tile.h"

#define BODIES 32 /* records with bodies in memory at a time */

struct export
{
	struct store *store;
	const struct bundle_filter *want;
	FILE *out;
	struct arena arena; /* of the whole export */
	struct buf entry, line;
	struct checkpoint_row newest;
	struct checkpoint signed_;
	int64_t to;		    /* of the range, as it turned out */
	struct merkle_levels roots; /* over the tiles */
	struct tile tile;	    /* the one being filled */
	int64_t wanted;		    /* of the tile being filled */
	int64_t records;	    /* written */
	struct texts rotations;
};

static void
put(struct export *x, const char *text)
{
	fputs(text, x->out);
}

static void
put_hashes(struct export *x, const merkle_hash *h, int n)
{
	char hex[DIGEST_HEX];

	for (int i = 0; i < n; i++)
		put(x, hex_encode(hex, h[i], DIGEST_LEN));
}

static void
put_hash_list(struct export *x, const merkle_hash *h, int n)
{
	put(x, "[");
	for (int i = 0; i < n; i++) {
		put(x, i > 0 ? ",\"" : "\"");
		put_hashes(x, h + i, 1);
		put(x, "\"");
	}
	put(x, "]");
}

static void
put_string(struct export *x, const char *s)
{
	x->line.len = 0;
	json_string(&x->line, s);
	put(x, buf_text(&x->line));
}

static int
tile_leaf(void *ctx, const struct record *r, struct err *e)
{
	struct export *x = ctx;

	(void)e;
	record_leaf(&x->entry, r, x->tile.leaf[x->tile.n++]);
	return 0;
}

/* All leaf hashes of a tile, from the rows. */
static int
tile_load(struct export *x, int64_t index, record_fn *each, struct err *e)
{
	int64_t from = index * TILE_WIDTH;

	x->tile.index = index;
	x->tile.n = 0;
	return records_each(x->store, STMT_RECORD_ENTRIES,
	    (struct record_page){ from,
		from + tile_width(index, x->newest.size), TILE_WIDTH },
	    each, x, e);
}

/* The first pass also finds the rotations of the key. */
static int
tile_leaf_look(void *ctx, const struct record *r, struct err *e)
{
	struct export *x = ctx;
	struct record whole;

	if (strcmp(r->kind, ROTATION_KIND) != 0)
		return tile_leaf(ctx, r, e);
	if (store_get(x->store, &x->arena, STMT_RECORD_BY_SEQ, record_fields, r,
		record_fields, &whole, e) != 0)
		return -1;
	const char *note = whole.body == NULL ?
	    NULL :
	    json_member_text(&x->arena, whole.body, "note");
	if (note != NULL) {
		x->rotations.item = arena_grow(&x->arena, x->rotations.item,
		    x->rotations.n * sizeof(char *),
		    (x->rotations.n + 1) * sizeof(char *));
		x->rotations.item[x->rotations.n++] = note;
	}
	return tile_leaf(ctx, r, e);
}

static int
roots_load(struct export *x, struct err *e)
{
	int64_t n = tile_count(x->newest.size);
	merkle_hash *root = calloc((size_t)n, DIGEST_LEN);
	int ret = 0;

	if (root == NULL)
		abort();
	for (int64_t i = 0; ret == 0 && i < n; i++) {
		ret = tile_load(x, i, tile_leaf_look, e);
		if (ret == 0)
			merkle_root_of((const merkle_hash *)x->tile.leaf,
			    x->tile.n, root[i]);
	}
	merkle_levels_init(&x->roots, root, n);
	return ret;
}

/* A bundle that cannot verify is not made; which rows are to blame is. */
static int
roots_check(struct export *x, struct err *e)
{
	const merkle_hash *top = x->roots.level[x->roots.count - 1];

	if (memcmp(top[0], x->signed_.root, DIGEST_LEN) == 0)
		return 0;
	if (tree_suspect(x->store, e) != 0)
		return -1;
	return err_set(e, ERR_BUG,
	    "evidence: the newest checkpoint is not of "
	    "the store's records");
}

/* The root of the leaves [from, to), for a consistency proof. */
static int
range_root(void *ctx, int64_t from, int64_t to, merkle_hash root, struct err *e)
{
	struct export *x = ctx;
	int64_t first = from / TILE_WIDTH, tiles = tile_count(to) - first;

	if (from % TILE_WIDTH == 0 &&
	    (to % TILE_WIDTH == 0 || to == x->newest.size)) {
		merkle_root_of((const merkle_hash *)x->roots.level[0] + first,
		    tiles, root);
		return 0;
	}
	if (tile_load(x, first, tile_leaf, e) != 0)
		return -1;
	merkle_root_of((const merkle_hash *)x->tile.leaf + from % TILE_WIDTH,
	    to - from, root);
	return 0;
}

static int
put_since(struct export *x, struct err *e)
{
	merkle_hash proof[MERKLE_DEPTH];
	struct checkpoint_row old, at = { .size = x->want->since };

	if (x->want->since == 0)
		return 0;
	if (store_get(x->store, &x->arena, STMT_CHECKPOINT_AT,
		checkpoint_row_fields, &at, checkpoint_row_fields, &old,
		e) != 0)
		return err_within(e,
		    "no checkpoint of size %lld: ", (long long)at.size);
	int n = merkle_consistency(old.size, x->newest.size, range_root, x,
	    proof, e);
	if (n < 0)
		return -1;
	put(x, ",\"since\":{\"note\":");
	put_string(x, old.note);
	put(x, ",\"proof\":");
	put_hash_list(x, (const merkle_hash *)proof, n);
	put(x, "}");
	return 0;
}

static bool
is_selection(const struct bundle_filter *w)
{
	return w->run != 0 || w->identity != 0 || w->kind != NULL;
}

static int
put_header(struct export *x, struct err *e)
{
	put(x, "{\"format\":\"muster-evidence/1\",\"origin\":");
	put_string(x, x->newest.origin);
	put(x, ",\"vkey\":");
	put_string(x, x->newest.vkey);
	put(x, ",\"checkpoint\":");
	put_string(x, x->newest.note);
	fprintf(x->out, ",\"from\":%lld,\"to\":%lld,\"selection\":%s",
	    (long long)x->want->from, (long long)x->to,
	    is_selection(x->want) ? "true" : "false");
	put(x, ",\"rotations\":[");
	for (size_t i = 0; i < x->rotations.n; i++) {
		put(x, i > 0 ? "," : "");
		put_string(x, x->rotations.item[i]);
	}
	put(x, "]");
	if (put_since(x, e) != 0)
		return -1;
	put(x, "}\n");
	return 0;
}

static bool
is_wanted(const struct export *x, const struct record *r)
{
	const struct bundle_filter *w = x->want;
	size_t kind = w->kind == NULL ? 0 : strlen(w->kind);

	if (r->seq < w->from || r->seq >= x->to ||
	    (w->run != 0 && r->run != w->run) ||
	    (w->identity != 0 && r->identity != w->identity))
		return false;
	if (kind == 0)
		return true;
	return w->kind[kind - 1] == '.' ? strncmp(r->kind, w->kind, kind) == 0 :
					  strcmp(r->kind, w->kind) == 0;
}

static int
put_record(void *ctx, const struct record *r, struct err *e)
{
	struct export *x = ctx;

	(void)e;
	if (!is_wanted(x, r))
		return 0;
	x->entry.len = 0;
	entry_encode(&x->entry, r);
	put(x, "{\"entry\":");
	put(x, buf_text(&x->entry));
	if (r->body == NULL || r->salt == NULL) {
		put(x, ",\"salt\":null,\"body\":null}\n");
	} else {
		put(x, ",\"salt\":\"");
		put(x, r->salt);
		put(x, "\",\"body\":");
		put(x, r->body);
		put(x, "}\n");
	}
	x->records++;
	return 0;
}

/* Counts what is wanted of a tile while its leaves are taken. */
static int
tile_leaf_count(void *ctx, const struct record *r, struct err *e)
{
	struct export *x = ctx;

	x->wanted += is_wanted(x, r);
	return tile_leaf(ctx, r, e);
}

static int
put_tile(struct export *x, int64_t index, struct err *e)
{
	merkle_hash path[MERKLE_DEPTH];
	int64_t from = index * TILE_WIDTH;

	x->wanted = 0;
	if (tile_load(x, index, tile_leaf_count, e) != 0)
		return -1;
	if (x->wanted == 0)
		return 0;
	fprintf(x->out, "{\"tile\":%lld,\"leaves\":\"", (long long)index);
	put_hashes(x, (const merkle_hash *)x->tile.leaf, x->tile.n);
	put(x, "\",\"path\":");
	put_hash_list(x, (const merkle_hash *)path,
	    merkle_path(&x->roots, index, path));
	put(x, "}\n");
	return records_each(x->store, STMT_RECORD_RANGE,
	    (struct record_page){ from, from + x->tile.n, BODIES }, put_record,
	    x, e);
}

static int
newest_load(struct export *x, struct err *e)
{
	int found = store_find(x->store, &x->arena, STMT_CHECKPOINT_NEWEST,
	    NULL, NULL, checkpoint_row_fields, &x->newest, e);

	if (found < 0)
		return -1;
	if (found == 0 || x->newest.size == 0)
		return err_set(e, ERR_GONE,
		    "evidence: nothing is signed yet: "
		    "`muster evidence checkpoint --sign` does it now");
	const char *text = note_signed(&x->arena, x->newest.note);
	if (text == NULL ||
	    checkpoint_parse(&x->arena, text, &x->signed_, e) != 0 ||
	    x->signed_.size != x->newest.size)
		return err_set(e, ERR_BUG,
		    "evidence: the newest checkpoint is damaged");
	x->to = x->want->to == 0 ? x->newest.size : x->want->to;
	if (x->want->from < 0 || x->want->from > x->to ||
	    x->to > x->newest.size)
		return err_set(e, ERR_INPUT,
		    "evidence: records 0 to %lld are "
		    "signed, not %lld to %lld",
		    (long long)x->newest.size - 1, (long long)x->want->from,
		    (long long)x->to - 1);
	return 0;
}

/* A bundle of nothing reads like a proof that nothing happened.  One since an
   older checkpoint still proves that the log extends it. */
static int
export_judge(const struct export *x, struct err *e)
{
	if (x->records > 0 || (x->want->since != 0 && !is_selection(x->want)))
		return 0;
	return err_set(e, ERR_GONE,
	    "evidence: there is nothing in that range%s; records 0 to %lld "
	    "are signed",
	    is_selection(x->want) ? " of what was asked for" : "",
	    (long long)x->newest.size - 1);
}

static int export(struct export *x, struct err *e)
{
	if (newest_load(x, e) != 0 || roots_load(x, e) != 0 ||
	    roots_check(x, e) != 0 || put_header(x, e) != 0)
		return -1;
	for (int64_t i = x->want->from / TILE_WIDTH; i < tile_count(x->to); i++)
		if (put_tile(x, i, e) != 0)
			return -1;
	if (export_judge(x, e) != 0)
		return -1;
	fprintf(x->out, "{\"records\":%lld}\n", (long long)x->records);
	if (fflush(x->out) != 0 || ferror(x->out))
		return err_set(e, errno == ENOSPC ? ERR_FULL : ERR_BUG,
		    "evidence: the bundle cannot be written: %s",
		    strerror(errno));
	return 0;
}

int
bundle_export(struct store *reader, const struct bundle_filter *want, FILE *out,
    struct err *e)
{
	struct export x = { .store = reader, .want = want, .out = out };

	x.entry.arena = &x.arena;
	x.line.arena = &x.arena;
	if (store_look(reader, e) != 0)
		return -1;
	int ret = export(&x, e);
	store_unlook(reader);
	merkle_levels_fini(&x.roots);
	arena_fini(&x.arena);
	return ret;
}
