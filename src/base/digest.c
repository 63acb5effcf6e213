/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#define SMALL_DRAW 16

struct digest_ctx {
	EVP_MD_CTX *evp;
};

/* The algorithm, and the key under which each thread keeps its context so
   that it is freed when the thread ends. */
static EVP_MD *sha256;
static pthread_key_t context_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local EVP_MD_CTX *context;

static void
must(int ok)
{
	if (!ok)
		abort();
}

static void
context_free(void *p)
{
	EVP_MD_CTX_free(p);
}

static void
prepare(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	must(sha256 != NULL);
	must(pthread_key_create(&context_key, context_free) == 0);
}

static EVP_MD_CTX *
context_new(void)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	must(c != NULL);
	return c;
}

static EVP_MD_CTX *
context_here(void)
{
	if (context == NULL) {
		pthread_once(&once, prepare);
		context = context_new();
		must(pthread_setspecific(context_key, context) == 0);
	}
	return context;
}

void
digest_parts(unsigned char out[DIGEST_LEN], const struct part *p, size_t parts)
{
	EVP_MD_CTX *c = context_here();

	must(EVP_DigestInit_ex2(c, sha256, NULL));
	for (size_t i = 0; i < parts; i++)
		must(EVP_DigestUpdate(c, p[i].at, p[i].n));
	must(EVP_DigestFinal_ex(c, out, NULL));
}

void
digest(unsigned char out[DIGEST_LEN], const void *at, size_t n)
{
	const struct part p = { at, n };

	digest_parts(out, &p, 1);
}

const char *
digest_text(struct arena *a, const char *s)
{
	unsigned char d[DIGEST_LEN];

	digest(d, s, strlen(s));
	return hex_encode(arena_zero(a, DIGEST_HEX, 1), d, sizeof(d));
}

void
digest_hmac(unsigned char out[DIGEST_LEN], const void *key, size_t nkey,
    const void *at, size_t n)
{
	pthread_once(&once, prepare);
	must(HMAC(sha256, key, (int)nkey, at, n, out, NULL) != NULL);
}

struct digest_ctx *
digest_begin(void)
{
	struct digest_ctx *d = malloc(sizeof(*d));

	must(d != NULL);
	pthread_once(&once, prepare);
	d->evp = context_new();
	must(EVP_DigestInit_ex2(d->evp, sha256, NULL));
	return d;
}

void
digest_more(struct digest_ctx *d, const void *at, size_t n)
{
	must(EVP_DigestUpdate(d->evp, at, n));
}

void
digest_end(struct digest_ctx *d, unsigned char out[DIGEST_LEN])
{
	must(EVP_DigestFinal_ex(d->evp, out, NULL));
	EVP_MD_CTX_free(d->evp);
	free(d);
}

/* A draw costs the same for few bytes as for many, so salts and nonces come
   from a drawn piece, and are wiped there; keys are drawn by themselves. */
void
random_bytes(void *out, size_t n)
{
	static _Thread_local unsigned char pool[1024];
	static _Thread_local size_t left;

	if (n > SMALL_DRAW) {
		must(RAND_bytes_ex(NULL, out, n, 0));
		return;
	}
	if (left < n) {
		must(RAND_bytes_ex(NULL, pool, sizeof(pool), 0));
		left = sizeof(pool);
	}
	left -= n;
	memcpy(out, pool + left, n);
	explicit_bzero(pool + left, n);
}

char *
id_new(char out[ID_TEXT], int64_t now_ms)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned char bytes[16];
	unsigned bits = 0, have = 2; /* 130 bits to write: two of zero */
	int at = 0;

	for (int i = 0; i < 6; i++)
		bytes[i] = (unsigned char)(now_ms >> (40 - 8 * i));
	random_bytes(bytes + 6, sizeof(bytes) - 6);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bits = bits << 8 | bytes[i];
		for (have += 8; have >= 5; have -= 5)
			out[at++] = alphabet[bits >> (have - 5) & 31];
		bits &= 31;
	}
	out[at] = '\0';
	return out;
}
