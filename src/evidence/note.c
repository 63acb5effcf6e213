/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "evidence/note.h"

#define TYPE_ED25519 0x01
#define DASH "\xe2\x80\x94 " /* U+2014 and a space */
#define ID_LEN 4

bool
note_name_good(const char *name)
{
	if (*name == '\0' || strlen(name) > 200)
		return false;
	for (; *name != '\0'; name++)
		if ((unsigned char)*name <= ' ' || *name == '+' ||
		    *name == 0x7f)
			return false;
	return true;
}

/* SHA-256(name || 0x0A || type || public key), the first four bytes. */
static void
key_id(const char *name, const unsigned char public[PUBLIC_LEN],
    unsigned char id[ID_LEN])
{
	unsigned char whole[DIGEST_LEN];
	const struct part parts[] = { { name, strlen(name) }, { "\n\x01", 2 },
		{ public, PUBLIC_LEN } };

	digest_parts(whole, parts, 3);
	memcpy(id, whole, ID_LEN);
}

const char *
verifier_text(struct arena *a, const char *name,
    const unsigned char public[PUBLIC_LEN])
{
	unsigned char id[ID_LEN], key[1 + PUBLIC_LEN] = { TYPE_ED25519 };
	char hex[2 * ID_LEN + 1];

	key_id(name, public, id);
	memcpy(key + 1, public, PUBLIC_LEN);
	return arena_printf(a, "%s+%s+%s", name, hex_encode(hex, id, ID_LEN),
	    base64_encode(a, key, sizeof(key)));
}

int
verifier_parse(struct arena *a, const char *text, struct verifier *v,
    struct err *e)
{
	const char *plus = strchr(text, '+');
	unsigned char want[ID_LEN];
	char hex[2 * ID_LEN + 1] = "";
	size_t n = 0;

	if (plus == NULL || strlen(plus) < 2 * ID_LEN + 2 ||
	    plus[1 + 2 * ID_LEN] != '+')
		return err_set(e, ERR_INPUT,
		    "not a verifier key (NAME+HASH+KEY)");
	v->name = arena_mem(a, text, (size_t)(plus - text));
	memcpy(hex, plus + 1, 2 * ID_LEN);
	const char *key = plus + 2 * ID_LEN + 2;
	const unsigned char *raw = base64_decode(a, key, strlen(key), &n);
	if (!note_name_good(v->name) || !hex_decode(v->id, ID_LEN, hex) ||
	    raw == NULL || n != 1 + PUBLIC_LEN || raw[0] != TYPE_ED25519)
		return err_set(e, ERR_INPUT,
		    "not an Ed25519 verifier key (NAME+HASH+KEY)");
	memcpy(v->public, raw + 1, PUBLIC_LEN);
	key_id(v->name, v->public, want);
	if (memcmp(want, v->id, ID_LEN) != 0)
		return err_set(e, ERR_INPUT,
		    "verifier key of %s: its hash does not fit", v->name);
	return 0;
}

const char *
note_signature(struct arena *a, const char *text, const char *name,
    const unsigned char public[PUBLIC_LEN], note_sign_fn *sign, void *ctx,
    struct err *e)
{
	unsigned char blob[ID_LEN + SIGNATURE_LEN];

	key_id(name, public, blob);
	if (sign(ctx, text, strlen(text), blob + ID_LEN, e) != 0)
		return NULL;
	return arena_printf(a, DASH "%s %s\n", name,
	    base64_encode(a, blob, sizeof(blob)));
}

/* Where the signatures begin, or NULL: text, empty line, whole lines. */
static const char *
signatures(const char *note)
{
	const char *found = NULL;
	size_t n = strlen(note);

	if (n > NOTE_MAX || n == 0 || note[n - 1] != '\n')
		return NULL;
	for (const char *p = note; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' && *p != '\n')
			return NULL;
	for (const char *p = note; (p = strstr(p, "\n\n")) != NULL; p++)
		found = p + 2;
	return found != NULL && *found != '\0' ? found : NULL;
}

static bool
ed25519_good(const unsigned char public[PUBLIC_LEN], const void *text, size_t n,
    const unsigned char signature[SIGNATURE_LEN])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
	    public, PUBLIC_LEN);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL)
		abort();
	bool good = key != NULL &&
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestVerify(ctx, signature, SIGNATURE_LEN, text, n) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return good;
}

/* One line of the signatures: 1 signed by v, 0 by another, -1 malformed or
   wrongly. */
static int
line_check(struct arena *a, const char *line, size_t n,
    const struct verifier *v, const char *text, size_t text_len)
{
	size_t dash = strlen(DASH), name = strlen(v->name), got;

	if (n < dash || memcmp(line, DASH, dash) != 0)
		return -1;
	line += dash;
	n -= dash;
	const char *space = memchr(line, ' ', n);
	if (space == NULL || space == line)
		return -1;
	const char *blob = space + 1;
	const unsigned char *raw = base64_decode(a, blob,
	    n - (size_t)(blob - line), &got);
	if (raw == NULL || got <= ID_LEN)
		return -1;
	if ((size_t)(space - line) != name ||
	    memcmp(line, v->name, name) != 0 || memcmp(raw, v->id, ID_LEN) != 0)
		return 0;
	return got == ID_LEN + SIGNATURE_LEN &&
		ed25519_good(v->public, text, text_len, raw + ID_LEN) ?
	    1 :
	    -1;
}

int
note_verify(struct arena *a, const char *note, const struct verifier *v,
    const char **text, struct err *e)
{
	const char *sigs = signatures(note);
	int found = 0;

	if (sigs == NULL)
		return err_set(e, ERR_INPUT, "not a signed note");
	size_t n = (size_t)(sigs - note) - 1;
	for (const char *end; *sigs != '\0'; sigs = end + 1) {
		end = strchr(sigs, '\n');
		int one = line_check(a, sigs, (size_t)(end - sigs), v, note, n);
		if (one < 0)
			return err_set(e, ERR_DENIED,
			    "a signature of the note is wrong");
		found += one;
	}
	if (found == 0)
		return err_set(e, ERR_DENIED, "the note is not signed by %s",
		    v->name);
	if (text != NULL)
		*text = arena_mem(a, note, n);
	return 0;
}

const char *
note_signed(struct arena *a, const char *note)
{
	const char *sigs = signatures(note);

	return sigs == NULL ? NULL :
			      arena_mem(a, note, (size_t)(sigs - note) - 1);
}

const char *
checkpoint_text(struct arena *a, const struct checkpoint *c)
{
	return arena_printf(a, "%s\n%lld\n%s\n", c->origin, (long long)c->size,
	    base64_encode(a, c->root, DIGEST_LEN));
}

/* A decimal number without leading zeros. */
static int
size_parse(const char *text, size_t n, int64_t *size)
{
	*size = 0;
	if (n == 0 || n > 18 || (n > 1 && text[0] == '0'))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		*size = *size * 10 + (text[i] - '0');
	}
	return 0;
}

/* Extension lines, of which we write none, are let pass. */
int
checkpoint_parse(struct arena *a, const char *text, struct checkpoint *c,
    struct err *e)
{
	size_t origin = strcspn(text, "\n"), n = 0;
	const char *size = text + origin + (text[origin] != '\0');
	size_t digits = strcspn(size, "\n");
	const char *root = size + digits + (size[digits] != '\0');
	size_t len = strcspn(root, "\n");

	c->origin = arena_mem(a, text, origin);
	const void *raw = base64_decode(a, root, len, &n);
	if (!note_name_good(c->origin) || root[len] != '\n' ||
	    size_parse(size, digits, &c->size) != 0 || raw == NULL ||
	    n != DIGEST_LEN)
		return err_set(e, ERR_INPUT,
		    "not a checkpoint (origin, size, "
		    "root)");
	memcpy(c->root, raw, DIGEST_LEN);
	return 0;
}

const char *
rotation_text(struct arena *a, const char *origin, const char *old_vkey,
    const char *new_vkey)
{
	return arena_printf(a, "%s\nkey rotation\n%s\n%s\n", origin, old_vkey,
	    new_vkey);
}

/* A line of what a note says, from 0; NULL if it has none. */
static const char *
line_of(struct arena *a, const char *note, int line)
{
	const char *at = note_signed(a, note);

	for (; at != NULL && line > 0; line--) {
		at = strchr(at, '\n');
		at = at == NULL ? NULL : at + 1;
	}
	return at == NULL ? NULL : arena_mem(a, at, strcspn(at, "\n"));
}

const char *
rotation_old(struct arena *a, const char *note)
{
	return line_of(a, note, 2);
}

const char *
rotation_follow(struct arena *a, const char *note, const char *old_vkey)
{
	struct verifier old, new;
	struct err ignored;
	const char *text, *new_vkey = line_of(a, note, 3);

	if (new_vkey == NULL ||
	    verifier_parse(a, old_vkey, &old, &ignored) != 0)
		return NULL;
	if (verifier_parse(a, new_vkey, &new, &ignored) != 0 ||
	    note_verify(a, note, &old, &text, &ignored) != 0 ||
	    note_verify(a, note, &new, NULL, &ignored) != 0)
		return NULL;
	return strcmp(text, rotation_text(a, old.name, old_vkey, new_vkey)) ==
		0 ?
	    new_vkey :
	    NULL;
}
