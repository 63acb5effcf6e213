/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tamper-evident record: an append-only list of records, their RFC 9162
 * Merkle tree, and signed checkpoints of it (C2SP tlog-checkpoint, Ed25519)
 * that are also kept in a file outside the store.
 *
 * A record's entry is the RFC 8785 text
 *   {"at":"...","body":"<hex>","kind":"...","seq":N,"subject":"..."}
 * where body is SHA-256(salt || canonical body), so that a body (and its
 * salt) can be erased while the log still verifies.  Its leaf hash is
 * SHA-256(0x00 || entry).  seq counts from 0 and is the leaf's index.
 */
#ifndef EVIDENCE_EVIDENCE_H
#define EVIDENCE_EVIDENCE_H

#include <muster/field.h>

#include "base/digest.h"

struct store;
struct evidence;

struct record {
	int64_t seq, at;       /* at: ms since 1970 */
	const char *kind;      /* "step.sent", "hold.opened", ... */
	const char *subject;   /* "identity/12", "run/7", ...; "" if none */
	int64_t run, identity; /* for listing; 0: none */
	const char *body;      /* canonical JSON object; NULL: erased */
	const char *salt;      /* hex, 32 digits; NULL: erased */
	const char *digest;    /* hex of SHA-256(salt || body) */
};
extern const struct field record_fields[];

/* A signed tree, as the store keeps it (STMT_CHECKPOINT_NEWEST). */
struct checkpoint_row {
	int64_t size, at;
	const char *origin, *vkey; /* vkey: of the key that signed it */
	const char *note;	   /* the signed note */
	const char *frontier;	   /* hex: the roots that make up the tree */
	const char *cites;	   /* SHA-256, hex, of the outside note that the
				   last accepted restore left behind */
};
extern const struct field checkpoint_row_fields[];

struct evidence_config {
	const char *origin;	/* "muster.example/acme": no space, no '+' */
	const char *key;	/* file of the Ed25519 private key (PEM) */
	const char *checkpoint; /* file outside the store */
};

/*
 * Loads the frontier from the store and the key (made, 0600, if absent and
 * the store is new).  When the store does not extend the outside checkpoint
 * (or the log's key did not sign it, or one of the two files is gone)
 * *rolled_back is set, err says why (ERR_CONFLICT), and the handle is
 * answered all the same: records can be added, but nothing is signed or
 * published until evidence_accept().  NULL on any other failure.  c == NULL:
 * no key and no checkpoints (the simulator); checkpoint and publish then do
 * nothing.  Not to be called inside a transaction.
 */
struct evidence *evidence_open(struct store *, const struct evidence_config *,
    int64_t now, bool *rolled_back, struct err *);
void evidence_close(struct evidence *);

/*
 * Appends inside the caller's transaction; seq, salt and digest are given
 * here, body may be any JSON object (at most 256 KiB) and is made
 * canonical: ERR_INPUT if it has fractions or numbers beyond 2^53 - 1.
 * random fills the salt (the simulator hands in its own).
 */
int evidence_add(struct evidence *, const char *kind, const char *subject,
    int64_t run, int64_t identity, const char *body, int64_t now, struct err *)
    __attribute__((warn_unused_result));
/* The same of what a table describes; *what gives at, kind, subject, run and
   identity. */
int evidence_note(struct evidence *, const struct record *what,
    const struct field *, const void *body, struct err *)
    __attribute__((warn_unused_result));
void evidence_random(struct evidence *,
    void (*random)(void *ctx, void *, size_t), void *ctx);

/*
 * Erases a record's body and salt (privacy law) in the caller's
 * transaction, and records who did; the log still verifies, from the next
 * checkpoint on, which the caller signs in the same transaction: before it
 * a bundle shows a body that went away by nobody's word.  ERR_GONE: no such
 * record, or erased already.
 */
int evidence_erase(struct evidence *, int64_t seq, const char *by, int64_t now,
    struct err *) __attribute__((warn_unused_result));

/* The tree's frontier follows the store's savepoints and transactions:
   take a mark with each begin and mark, undo with each rollback and undo. */
struct evidence_mark {
	int64_t size;
	unsigned char frontier[64][DIGEST_LEN];
};
void evidence_mark(const struct evidence *, struct evidence_mark *);
void evidence_undo(struct evidence *, const struct evidence_mark *);

int64_t evidence_size(const struct evidence *);
void evidence_root(const struct evidence *, unsigned char root[DIGEST_LEN]);

/*
 * Signs the tree as it is and stores the note, inside a transaction; then,
 * after the commit, evidence_publish() writes and syncs the outside file.
 * Due each minute that has new leaves: the caller keeps the time.
 */
int evidence_checkpoint(struct evidence *, int64_t now, struct err *)
    __attribute__((warn_unused_result));
int evidence_publish(struct evidence *, struct err *)
    __attribute__((warn_unused_result));

/*
 * After a restored backup: a new origin (old one + "/N") whose first record
 * cites the old checkpoint; and a new key, if the old one is gone.  In the
 * caller's transaction, signs the tree itself; evidence_publish() after the
 * commit makes it so.  ERR_CONFLICT: nothing was rolled back.
 */
int evidence_accept(struct evidence *, const char *by, int64_t now,
    struct err *) __attribute__((warn_unused_result));
/* A new key; a record signed by both says so.  In the caller's transaction,
   signs the tree itself; evidence_publish() after the commit puts the new
   key file in place. */
int evidence_rekey(struct evidence *, const char *by, int64_t now, struct err *)
    __attribute__((warn_unused_result));

/* The verifier key in the signed-note form: name+hex8+base64.  After a
   rekey or accept the new one, before it is published too. */
const char *evidence_key(const struct evidence *, struct arena *);

/*
 * Export and offline verification (evidence/bundle.c) read a store handle
 * (a reader) and files only; see evidence/bundle.h.
 */
#endif
