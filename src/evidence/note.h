/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed notes and verifier keys (https://c2sp.org/signed-note, Ed25519)
 * and the checkpoint that a note can hold (https://c2sp.org/tlog-checkpoint).
 *
 * A note is a text that ends with a newline, an empty line, and lines
 * "U+2014 NAME BASE64(key id || signature)"; the signature is over the text.
 */
#ifndef EVIDENCE_NOTE_H
#define EVIDENCE_NOTE_H

#include <stdbool.h>
#include <stddef.h>

#include <muster/arena.h>
#include <muster/err.h>

#include "evidence/merkle.h"

#define NOTE_MAX 65536
#define PUBLIC_LEN 32
#define SIGNATURE_LEN 64

struct verifier {
	const char *name;
	unsigned char id[4];
	unsigned char public[PUBLIC_LEN];
};

/* Whether a name may stand in a note: not empty, no space, control, '+'. */
bool note_name_good(const char *);
/* A verifier's text: NAME+HEX8+BASE64(0x01 || public key). */
const char *verifier_text(struct arena *, const char *name,
    const unsigned char public[PUBLIC_LEN]);
int verifier_parse(struct arena *, const char *text, struct verifier *,
    struct err *) __attribute__((warn_unused_result));

/* What signs a text for a name: the private key is somebody else's. */
typedef int note_sign_fn(void *ctx, const void *text, size_t n,
    unsigned char signature[SIGNATURE_LEN], struct err *);
/* The note's further line for this key; text ends with a newline. */
const char *note_signature(struct arena *, const char *text, const char *name,
    const unsigned char public[PUBLIC_LEN], note_sign_fn *, void *ctx,
    struct err *);

/*
 * Checks the note's form and the signature of this key; others are not
 * looked at.  ERR_DENIED: not signed by it, or wrongly.  *text is what was
 * signed, in the arena; may be NULL.
 */
int note_verify(struct arena *, const char *note, const struct verifier *,
    const char **text, struct err *) __attribute__((warn_unused_result));
/* The text of a note whose signatures nobody looks at; NULL if it is none. */
const char *note_signed(struct arena *, const char *note);

struct checkpoint {
	const char *origin;
	int64_t size;
	merkle_hash root;
};

const char *checkpoint_text(struct arena *, const struct checkpoint *);
int checkpoint_parse(struct arena *, const char *text, struct checkpoint *,
    struct err *) __attribute__((warn_unused_result));

/*
 * The rotation of a log's key: a note of this text, signed by both.
 *   ORIGIN \n "key rotation" \n OLD VKEY \n NEW VKEY \n
 */
const char *rotation_text(struct arena *, const char *origin,
    const char *old_vkey, const char *new_vkey);
/* The OLD VKEY that such a note names, signed or not; or NULL. */
const char *rotation_old(struct arena *, const char *note);
/* If note is one from old_vkey, signed by both: the new key; NULL if not. */
const char *rotation_follow(struct arena *, const char *note,
    const char *old_vkey);

#endif
