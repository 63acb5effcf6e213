/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/file.h"
#include "base/secret.h"
#include "evidence/key.h"

struct signing_key {
	EVP_PKEY *key;
	unsigned char public[PUBLIC_LEN];
};

/* Takes the key over; NULL when it is not an Ed25519 one. */
static struct signing_key *
wrap(EVP_PKEY *key)
{
	struct signing_key *k = calloc(1, sizeof(*k));
	size_t n = PUBLIC_LEN;

	if (k == NULL)
		abort();
	k->key = key;
	if (key != NULL && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 &&
	    EVP_PKEY_get_raw_public_key(key, k->public, &n) == 1 &&
	    n == PUBLIC_LEN)
		return k;
	signing_key_free(k);
	return NULL;
}

struct signing_key *
signing_key_load(const char *path, struct err *e)
{
	size_t n = 0;

	char *pem = secret_load(path, &n, e);
	if (pem == NULL)
		return NULL;
	BIO *bio = BIO_new_mem_buf(pem, (int)n);
	if (bio == NULL)
		abort();
	struct signing_key *k = wrap(
	    PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL));
	BIO_free(bio);
	secret_free(pem);
	if (k == NULL)
		err_set(e, ERR_INPUT,
		    "%s: not an Ed25519 private key in PEM form", path);
	return k;
}

/* Through OpenSSL's secure heap, which wipes. */
static int
write_pem(const struct signing_key *k, const char *path, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *pem;

	if (bio == NULL ||
	    PEM_write_bio_PKCS8PrivateKey(bio, k->key, NULL, NULL, 0, NULL,
		NULL) != 1)
		abort();
	long n = BIO_get_mem_data(bio, &pem);
	int ret = file_replace(path, pem, (size_t)n, 0600, e);
	BIO_free(bio);
	return ret;
}

struct signing_key *
signing_key_make(const char *path, struct err *e)
{
	struct signing_key *k = wrap(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));

	if (k == NULL)
		abort();
	if (write_pem(k, path, e) == 0)
		return k;
	signing_key_free(k);
	return NULL;
}

void
signing_key_free(struct signing_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->key);
	free(k);
}

const unsigned char *
signing_key_public(const struct signing_key *k)
{
	return k->public;
}

int
signing_key_sign(void *key, const void *text, size_t n,
    unsigned char signature[SIGNATURE_LEN], struct err *e)
{
	struct signing_key *k = key;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = SIGNATURE_LEN;

	if (ctx == NULL)
		abort();
	bool good = EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->key) == 1 &&
	    EVP_DigestSign(ctx, signature, &len, text, n) == 1;
	EVP_MD_CTX_free(ctx);
	return good ? 0 : err_set(e, ERR_BUG, "Ed25519: no signature");
}
