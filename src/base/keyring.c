/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sealed value is base64 of: version (1), nonce and wrapped data key and
 * tag, nonce and ciphertext and tag.  Both halves authenticate the version
 * and the context, so a value that is moved to another row does not open.
 */
#include "base/secret.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "base/digest.h"
#include "base/file.h"

#define KEY 32
#define NONCE 12
#define TAG 16
#define VERSION 1
#define BOX(n) (NONCE + (n) + TAG)
#define LABEL "muster-seal-1"

struct keyring {
	char *wrap, *print; /* secrets of KEY bytes */
	EVP_CIPHER *gcm;
};

static void
must(int ok)
{
	if (!ok)
		abort();
}

/* HKDF-SHA-256 (RFC 5869) with the label as info. */
static char *
derive(const char *master, const char *label)
{
	char *out = secret_new(KEY);
	char md[] = "SHA256";
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *c = EVP_KDF_CTX_new(kdf);
	OSSL_PARAM p[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, md, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
		    (void *)(uintptr_t)master, KEY),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
		    (void *)(uintptr_t)label, strlen(label)),
		OSSL_PARAM_construct_end()
	};

	must(c != NULL && EVP_KDF_derive(c, (unsigned char *)out, KEY, p) == 1);
	EVP_KDF_CTX_free(c);
	EVP_KDF_free(kdf);
	return out;
}

static int
key_make(const char *path, struct err *e)
{
	char *key = secret_new(KEY);

	random_bytes(key, KEY);
	int ret = file_replace(path, key, KEY, 0600, e);
	secret_free(key);
	return ret;
}

struct keyring *
keyring_open(const char *path, int make, struct err *e)
{
	size_t n;
	char *master = secret_load_bytes(path, &n, e);

	if (master == NULL && e->cls == ERR_GONE && make) {
		if (key_make(path, e) != 0)
			return NULL;
		master = secret_load_bytes(path, &n, e);
	}
	if (master == NULL)
		return NULL;
	if (n != KEY) {
		secret_free(master);
		return err_set(e, ERR_INPUT, "%s: not a key of %d bytes", path,
			   KEY),
		       NULL;
	}
	struct keyring *k = calloc(1, sizeof(*k));
	must(k != NULL);
	k->wrap = derive(master, "muster key encryption");
	k->print = derive(master, "muster fingerprint");
	k->gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	must(k->gcm != NULL);
	secret_free(master);
	return k;
}

void
keyring_close(struct keyring *k)
{
	if (k == NULL)
		return;
	secret_free(k->wrap);
	secret_free(k->print);
	EVP_CIPHER_free(k->gcm);
	free(k);
}

/* One direction of AES-256-GCM.  The box is nonce, ciphertext, tag. */
static EVP_CIPHER_CTX *
gcm_begin(struct keyring *k, const char *key, const unsigned char *nonce,
    const char *context, int seal)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;

	must(c != NULL);
	must(EVP_CipherInit_ex2(c, k->gcm, (const unsigned char *)key, nonce,
	    seal, NULL));
	must(EVP_CipherUpdate(c, NULL, &n, (const unsigned char *)LABEL,
	    sizeof(LABEL)));
	must(EVP_CipherUpdate(c, NULL, &n, (const unsigned char *)context,
	    (int)strlen(context)));
	return c;
}

static void
box_seal(struct keyring *k, const char *key, const char *context,
    const char *value, size_t n, unsigned char *box)
{
	unsigned char *to = box + NONCE;
	int len = 0;

	random_bytes(box, NONCE);
	EVP_CIPHER_CTX *c = gcm_begin(k, key, box, context, 1);
	if (n > 0)
		must(EVP_CipherUpdate(c, to, &len, (const unsigned char *)value,
		    (int)n));
	must(EVP_CipherFinal_ex(c, to + len, &len));
	must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG, to + n));
	EVP_CIPHER_CTX_free(c);
}

static bool
box_open(struct keyring *k, const char *key, const char *context,
    const unsigned char *box, char *value, size_t n)
{
	unsigned char *to = (unsigned char *)value, tag[TAG];
	EVP_CIPHER_CTX *c = gcm_begin(k, key, box, context, 0);
	int len = 0;

	memcpy(tag, box + NONCE + n, TAG);
	if (n > 0)
		must(EVP_CipherUpdate(c, to, &len, box + NONCE, (int)n));
	must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG, tag));
	bool ok = EVP_CipherFinal_ex(c, to + len, &len) == 1;
	EVP_CIPHER_CTX_free(c);
	return ok;
}

const char *
keyring_seal(struct keyring *k, struct arena *a, const char *context,
    const char *value, size_t n)
{
	unsigned char *all = arena_zero(a, 1 + BOX(KEY) + BOX(n), 1);
	char *data = secret_new(KEY);

	must(n <= INT32_MAX);
	random_bytes(data, KEY);
	all[0] = VERSION;
	box_seal(k, k->wrap, context, data, KEY, all + 1);
	box_seal(k, data, context, value, n, all + 1 + BOX(KEY));
	secret_free(data);
	return base64_encode(a, all, 1 + BOX(KEY) + BOX(n));
}

char *
keyring_unseal(struct keyring *k, const char *context, const char *sealed,
    size_t *n, struct err *e)
{
	struct arena a = { NULL, 0 };
	size_t len;
	const unsigned char *all = base64_decode(&a, sealed, strlen(sealed),
	    &len);
	char *data = secret_new(KEY), *value = NULL;

	if (all != NULL && len >= 1 + BOX(KEY) + BOX(0) && len < INT32_MAX &&
	    all[0] == VERSION &&
	    box_open(k, k->wrap, context, all + 1, data, KEY)) {
		*n = len - (1 + BOX(KEY) + BOX(0));
		value = secret_new(*n);
		if (!box_open(k, data, context, all + 1 + BOX(KEY), value,
			*n)) {
			secret_free(value);
			value = NULL;
		}
	}
	secret_free(data);
	arena_fini(&a);
	if (value == NULL)
		err_set(e, ERR_DENIED,
		    "%s: the sealed value was changed, or"
		    " is of another key",
		    context);
	return value;
}

const char *
keyring_fingerprint(struct keyring *k, struct arena *a, const char *value,
    size_t n)
{
	unsigned char d[DIGEST_LEN];

	digest_hmac(d, k->print, KEY, value, n);
	return hex_encode(arena_zero(a, 17, 1), d, 8);
}
