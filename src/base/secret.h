/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secret values: in memory that is locked, left out of dumps and wiped; at
 * rest only under envelope encryption.  A keyring holds the key-encryption
 * key and the fingerprint key, both derived (HKDF-SHA-256) from one file of
 * 32 random bytes that only its owner can read.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

#include <muster/arena.h>
#include <muster/err.h>

/* Once, before any thread or key: secure heap, no core dumps, not
   dumpable.  Not being able to lock memory is logged, and no failure. */
void secret_init(void);

/* n bytes plus a NUL, zeroed, in the secure heap, or on locked pages of
   their own when that is full or was not begun (never NULL). */
char *secret_new(size_t n);
/* A copy of a text there; NULL of NULL. */
char *secret_copy(const char *);
/* Wipes and frees; NULL is fine. */
void secret_free(char *);
/* Whole file into the secure heap, one trailing newline cut.  ERR_INPUT if
   others than its owner can read it, or if it is larger than 64 KiB. */
char *secret_load(const char *path, size_t *n, struct err *);
/* The same with every byte of the file. */
char *secret_load_bytes(const char *path, size_t *n, struct err *);
/*
 * A new value of n characters, at least one each of lower, upper, digit and
 * symbol, without look-alikes; from OpenSSL's private generator.
 */
char *secret_generate(size_t n);

struct keyring;

/* Opens the key file, or makes it (mode 0600, synced) if it is absent and
   make is set. */
struct keyring *keyring_open(const char *path, int make, struct err *);
void keyring_close(struct keyring *);

/*
 * AES-256-GCM with a data key for each secret, wrapped by the key-encryption
 * key; context (for example "secret/42") is authenticated and must be given
 * again.  Answers base64 text in the arena.
 */
const char *keyring_seal(struct keyring *, struct arena *, const char *context,
    const char *value, size_t n);
/* The value in the secure heap; NULL with ERR_DENIED if it was changed. */
char *keyring_unseal(struct keyring *, const char *context, const char *sealed,
    size_t *n, struct err *);
/* HMAC-SHA-256 under the fingerprint key: first 16 hex digits, in arena. */
const char *keyring_fingerprint(struct keyring *, struct arena *,
    const char *value, size_t n);

#endif
