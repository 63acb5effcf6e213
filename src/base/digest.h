/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256, HMAC, random bytes, and the texts that they are written as.
 * Failure of the library ends the process: nothing here can be retried.
 * All functions may be called from any thread.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <muster/arena.h>

#define DIGEST_LEN 32
#define DIGEST_HEX 65 /* with NUL */

struct part { /* one piece of what is digested */
	const void *at;
	size_t n;
};

/* SHA-256 over the parts in order; the algorithm is fetched once and a
   context is kept for each thread (limits: 2.6 M short digests a second). */
void digest_parts(unsigned char out[DIGEST_LEN], const struct part *,
    size_t parts);
void digest(unsigned char out[DIGEST_LEN], const void *, size_t);
/* Lower-case hex of SHA-256 of a text, in the arena. */
const char *digest_text(struct arena *, const char *);
void digest_hmac(unsigned char out[DIGEST_LEN], const void *key, size_t nkey,
    const void *, size_t);
/* For data that arrives in pieces (a file). */
struct digest_ctx;
struct digest_ctx *digest_begin(void);
void digest_more(struct digest_ctx *, const void *, size_t);
void digest_end(struct digest_ctx *, unsigned char out[DIGEST_LEN]);

char *hex_encode(char *out, const void *, size_t n); /* 2n + 1 bytes */
/* Reads exactly 2n digits; false otherwise. */
bool hex_decode(void *out, size_t n, const char *);
char *base64_encode(struct arena *, const void *, size_t n);
/* Strict, padded RFC 4648; NULL if it is not.  *n gets the length. */
void *base64_decode(struct arena *, const char *, size_t len, size_t *n);

/* The operating system's random source, through OpenSSL. */
void random_bytes(void *, size_t n);
/*
 * A new sortable id: 26 characters of Crockford's alphabet, 48 bits of time
 * and 80 of chance (as a ULID).
 */
#define ID_TEXT 27
char *id_new(char out[ID_TEXT], int64_t now_ms);

#endif
