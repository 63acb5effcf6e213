/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the evidence log's own files share.
 */
#ifndef EVIDENCE_INSIDE_H
#define EVIDENCE_INSIDE_H

#include "evidence/entry.h"
#include "evidence/evidence.h"
#include "evidence/key.h"
#include "evidence/note.h"
#include "store/store.h"

/* A change of key or origin: durable with the caller's commit, in force for
   this process with evidence_publish(), forgotten by evidence_undo(). */
struct turn {
	int64_t size;		 /* of the tree that has its record; 0: none */
	struct signing_key *key; /* NULL: the old one stays */
	const char *origin, *vkey; /* in the arena fresh */
	const char *cites;	   /* NULL: as before */
	bool accepts;
};

struct evidence {
	struct store *store;
	struct arena arena;   /* lives as long as this */
	struct arena fresh;   /* of turn and note: until they are published */
	struct arena scratch; /* of one record */
	struct merkle tree;

	/* NULL key_path: the simulator, which signs nothing. */
	const char *base; /* the origin as configured */
	const char *key_path, *outside;
	struct signing_key *key; /* NULL: gone, and rolled_back */
	const char *origin, *vkey, *cites;
	bool rolled_back;
	struct turn turn;
	const char *note;    /* signed, not yet published; or NULL */
	int64_t signed_size; /* of the newest checkpoint; -1: none */

	void (*random)(void *ctx, void *, size_t);
	void *random_ctx;
};

/*
 * evidence/tree.c: what the rows say.
 *
 * The records of [from, to), limit at a time in memory, in order and
 * without a gap; ERR_BUG names a missing one.  id is RECORD_RANGE or, for
 * records without body and salt, RECORD_ENTRIES.
 */
struct record_page {
	int64_t from, to, limit;
};
typedef int record_fn(void *ctx, const struct record *, struct err *);
int records_each(struct store *, enum stmt id, struct record_page,
    record_fn *each, void *ctx, struct err *)
    __attribute__((warn_unused_result));
/* The entry is left in b, which must be of an arena. */
void record_leaf(struct buf *b, const struct record *, merkle_hash leaf);
/* -1 with the records that are not those that a checkpoint of the store
   itself signed; 0 if there are none. */
int tree_suspect(struct store *, struct err *)
    __attribute__((warn_unused_result));
/* The tree of the first size records, from the newest checkpoint at or
   below. */
int tree_load(struct store *, int64_t size, struct merkle *, struct err *)
    __attribute__((warn_unused_result));
const char *frontier_text(struct arena *, const struct merkle *);
int record_count(struct store *, int64_t *, struct err *)
    __attribute__((warn_unused_result));

/* evidence/signing.c: the key and the outside checkpoint, at start: 0 good,
   1 rolled back and err says why, -1. */
int signing_start(struct evidence *, const struct evidence_config *,
    int64_t now, struct err *) __attribute__((warn_unused_result));

/*
 * evidence/outside.c: the store against the outside checkpoint, which is
 * then brought up to the newest one (NULL: none): 0 it extends it, 1 it
 * does not and err says why, -1.
 */
int outside_compare(struct arena *, struct evidence *,
    const struct checkpoint_row *newest, struct err *)
    __attribute__((warn_unused_result));
/* Whose checkpoint stands outside; NULL if none can be read there.  *note
   is the file's text, or NULL. */
const char *outside_origin(struct arena *, const struct evidence *,
    const char **note);

/* evidence/checkpoint.c */
void turn_drop(struct evidence *);
const char *next_key_path(struct arena *, const struct evidence *);

/* A rotation's record has {"by":...,"note":<signed by both>} as its body. */
#define ROTATION_KIND "evidence.rekeyed"

#endif
