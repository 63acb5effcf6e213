/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key that signs checkpoints: Ed25519, in a PEM file that only its
 * owner can read.  It never leaves this file's functions.
 */
#ifndef EVIDENCE_KEY_H
#define EVIDENCE_KEY_H

#include "evidence/note.h"

struct signing_key;

/* ERR_GONE if the file is not there; ERR_INPUT if it is not such a key or
   others can read it. */
struct signing_key *signing_key_load(const char *path, struct err *);
/* Makes one and writes it, synced, mode 0600; replaces what is there. */
struct signing_key *signing_key_make(const char *path, struct err *);
void signing_key_free(struct signing_key *);

const unsigned char *signing_key_public(const struct signing_key *);
/* A note_sign_fn; ctx is the key. */
int signing_key_sign(void *key, const void *text, size_t n,
    unsigned char signature[SIGNATURE_LEN], struct err *);

#endif
