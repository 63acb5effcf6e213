/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an attribute description (RFC 4512, 2.5) names.  The same attribute
 * has many spellings: any case, options behind a semicolon, and an OID.  Of
 * OIDs only the server knows what they name, so none is taken.
 */
#include "ldap_provider.h"

#include <string.h>
#include <strings.h>

/* What authenticates, or helps to guess what does, in the servers that are
   known; a role neither writes nor reads it, and no list tells it. */
static const char *const secrets[] = {
	"userPassword", /* RFC 4519 */
	"authPassword", /* RFC 3112 */
	"userPKCS12",	/* RFC 2798 */
	"pwdHistory",	/* draft-behera-ldap-password-policy-10 */
	"oathSecret",	/* slapo-otp */
	"passwordHistory",
	"unicodePwd",
	"dBCSPwd",
	"ntPwdHistory",
	"lmPwdHistory",
	"supplementalCredentials",
	"sambaNTPassword",
	"sambaLMPassword",
	"sambaPasswordHistory",
	"ipaNTHash",
	"ipatokenOTPkey",
	"krbPrincipalKey",
	"krbPwdHistory",
	"krbMKey",
	NULL,
};

bool
ldap_attribute_is(const char *description, const char *name)
{
	size_t n = strcspn(description, ";");

	return strlen(name) == n && strncasecmp(description, name, n) == 0;
}

bool
ldap_attribute_secret(const char *description)
{
	for (size_t i = 0; secrets[i] != NULL; i++)
		if (ldap_attribute_is(description, secrets[i]))
			return true;
	return false;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters, digits and - ; options are parted by semicolons. */
bool
ldap_attribute_good(const char *description)
{
	static const char more[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	const char *at = description;

	if (!is_letter(*at))
		return false;
	at += strspn(at, more);
	while (*at == ';' && strspn(at + 1, more) != 0)
		at += 1 + strspn(at + 1, more);
	return *at == '\0';
}

/* The configuration names the lock's attributes, so they may be OIDs: these
   are only equal to themselves. */
bool
ldap_attribute_ours(const struct ldap *l, const char *description)
{
	const char *const *lock = ldap_lock_attrs(l);
	bool two = strcmp(l->config->lock.style, "ppolicy") == 0;

	return ldap_attribute_is(description, "objectClass") ||
	    ldap_attribute_is(description, l->config->account.id) ||
	    ldap_attribute_is(description, lock[0]) ||
	    (two && ldap_attribute_is(description, lock[1]));
}
