/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evidence/inside.h"
#include "store/store.h"

#define PAGE 1024

const struct field record_page_fields[] = { FIELD(struct record_page, from,
						F_NEED),
	FIELD(struct record_page, to, F_NEED),
	FIELD(struct record_page, limit, F_NEED), FIELD_END };

const struct field checkpoint_row_fields[] = {
	FIELD(struct checkpoint_row, size, F_KEY, .help = "records signed"),
	FIELD(struct checkpoint_row, at, F_TIME, .help = "when it was signed"),
	FIELD(struct checkpoint_row, origin, 0, .help = "name of the log"),
	FIELD(struct checkpoint_row, vkey, 0,
	    .help = "verifier key of the key that signed it"),
	FIELD(struct checkpoint_row, note, F_WIDE, .help = "the signed note"),
	FIELD(struct checkpoint_row, frontier, F_WIDE,
	    .help = "hex of the roots that make up the tree"),
	FIELD(struct checkpoint_row, cites, F_WIDE,
	    .help = "SHA-256 of the note that a restore left behind"),
	FIELD_END
};

int
record_count(struct store *s, int64_t *n, struct err *e)
{
	struct arena a = { 0 };
	struct record count;
	int ret = store_get(s, &a, STMT_RECORD_COUNT, NULL, NULL, record_fields,
	    &count, e);

	*n = ret == 0 ? count.seq : 0;
	arena_fini(&a);
	return ret;
}

const char *
frontier_text(struct arena *a, const struct merkle *m)
{
	size_t n = (size_t)merkle_width(m->size) * DIGEST_LEN;

	return hex_encode(arena_zero(a, 2 * n + 1, 1), m->frontier, n);
}

static int
frontier_read(const struct checkpoint_row *row, struct merkle *m, struct err *e)
{
	size_t n = (size_t)merkle_width(row->size) * DIGEST_LEN;

	if (row->size < 0 || row->frontier == NULL ||
	    !hex_decode(m->frontier, n, row->frontier))
		return err_set(e, ERR_BUG,
		    "checkpoint of size %lld: its "
		    "frontier is damaged",
		    (long long)row->size);
	m->size = row->size;
	return 0;
}

int
records_each(struct store *s, enum stmt id, struct record_page page,
    record_fn *each, void *ctx, struct err *e)
{
	struct arena a = { 0 };
	struct many rows = { .n = 1 };
	int ret = 0;

	while (ret == 0 && page.from < page.to) {
		arena_reset(&a);
		ret = store_list(s, &a, id, record_page_fields, &page,
		    record_fields, sizeof(struct record), 0, &rows, e);
		for (size_t i = 0; ret == 0 && i < rows.n; i++, page.from++) {
			const struct record *r = (struct record *)rows.item + i;

			if (r->seq != page.from || r->kind == NULL ||
			    r->subject == NULL || r->digest == NULL)
				rows.n = 0;
			else
				ret = each(ctx, r, e);
		}
		if (ret == 0 && rows.n == 0)
			ret = err_set(e, ERR_BUG,
			    "evidence: record %lld is "
			    "missing or damaged in the store",
			    (long long)page.from);
	}
	arena_fini(&a);
	return ret;
}

void
record_leaf(struct buf *b, const struct record *r, merkle_hash leaf)
{
	b->len = 0;
	entry_encode(b, r);
	merkle_leaf(leaf, b->at, b->len);
}

struct growing {
	struct merkle *tree;
	struct buf *entry;
};

static int
leaf_add(void *ctx, const struct record *r, struct err *e)
{
	struct growing *g = ctx;
	merkle_hash leaf;

	(void)e;
	record_leaf(g->entry, r, leaf);
	merkle_add(g->tree, leaf);
	return 0;
}

static int
roll_forward(struct store *s, int64_t size, struct merkle *m, struct err *e)
{
	struct arena a = { 0 };
	struct buf entry = { .arena = &a };
	struct growing g = { m, &entry };
	int ret = records_each(s, STMT_RECORD_ENTRIES,
	    (struct record_page){ m->size, size, PAGE }, leaf_add, &g, e);

	arena_fini(&a);
	return ret;
}

int
tree_load(struct store *s, int64_t size, struct merkle *m, struct err *e)
{
	struct arena a = { 0 };
	struct checkpoint_row row, below = { .size = size };

	*m = (struct merkle){ 0 };
	int found = store_find(s, &a, STMT_CHECKPOINT_BELOW,
	    checkpoint_row_fields, &below, checkpoint_row_fields, &row, e);
	int ret = found < 0 || (found > 0 && frontier_read(&row, m, e) != 0) ?
	    -1 :
	    roll_forward(s, size, m, e);
	arena_fini(&a);
	return ret;
}

/* Whether the checkpoint's own note has the root that the rows give. */
static bool
row_agrees(struct arena *a, const struct checkpoint_row *row,
    const struct merkle *m)
{
	struct checkpoint c;
	struct err ignored;
	merkle_hash root;
	const char *text = note_signed(a, row->note);

	merkle_root(m, root);
	return text != NULL && checkpoint_parse(a, text, &c, &ignored) == 0 &&
	    c.size == row->size && memcmp(c.root, root, DIGEST_LEN) == 0;
}

int
tree_suspect(struct store *s, struct err *e)
{
	struct arena a = { 0 };
	struct merkle m = { 0 };
	struct checkpoint_row row;
	int64_t from = 0;
	int found, ret = 0;

	while (ret == 0 &&
	    (found = store_find(s, &a, STMT_CHECKPOINT_ABOVE,
		 checkpoint_row_fields,
		 &(struct checkpoint_row){ .size = from },
		 checkpoint_row_fields, &row, e)) > 0) {
		ret = roll_forward(s, row.size, &m, e);
		if (ret == 0 && !row_agrees(&a, &row, &m))
			ret = err_set(e, ERR_BUG,
			    "evidence: records %lld to "
			    "%lld of the store are not those that were signed",
			    (long long)from, (long long)row.size - 1);
		from = row.size;
		arena_reset(&a);
	}
	arena_fini(&a);
	return ret != 0 || found < 0 ? -1 : 0;
}
