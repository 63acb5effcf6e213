/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entry of a record: the text whose hash is its leaf.  It names the
 * body by the hash of (salt || body), so that both can be erased.
 */
#ifndef EVIDENCE_ENTRY_H
#define EVIDENCE_ENTRY_H

#include "evidence/evidence.h"
#include "evidence/merkle.h"

#define SALT_LEN 16
/* Of the record that says that the body of "record/N", its subject, was
   erased. */
#define ERASED_KIND "evidence.erased"
/* An entry stays far below the 65,535 bytes of a tlog-tiles entry. */
#define KIND_MAX 64
#define SUBJECT_MAX 1024
#define BODY_MAX (256 * 1024)

/* Appends the RFC 8785 text {"at":...,"body":...,"kind":...,"seq":...,
   "subject":...}; body and salt of the record are not looked at. */
void entry_encode(struct buf *, const struct record *);
void entry_body_digest(unsigned char out[DIGEST_LEN],
    const unsigned char salt[SALT_LEN], const char *body, size_t n);

#endif
