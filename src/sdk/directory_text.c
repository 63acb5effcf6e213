/* SPDX-License-Identifier: Apache-2.0 */
/* Names and filters of a directory as text: hostile values stay values. */
#include <ctype.h>
#include <string.h>

#include "sdk/directory.h"

const char *
directory_rdn(struct arena *a, const char *name, const char *value)
{
	struct buf b = { .arena = a };
	size_t n = strlen(value);

	buf_printf(&b, "%s=", name);
	for (size_t i = 0; i < n; i++) {
		unsigned char ch = (unsigned char)value[i];
		bool edge = (i == 0 && (ch == ' ' || ch == '#')) ||
		    (i == n - 1 && ch == ' ');

		if (ch < 0x20 || ch == 0x7f)
			buf_printf(&b, "\\%02x", ch);
		else if (edge || strchr("\"+,;<>\\=", ch) != NULL)
			buf_printf(&b, "\\%c", ch);
		else
			buf_char(&b, (char)ch);
	}
	return buf_text(&b);
}

const char *
directory_quote(struct arena *a, const char *value)
{
	struct buf b = { .arena = a };

	for (; *value != '\0'; value++) {
		unsigned char ch = (unsigned char)*value;

		if (strchr("*()\\", ch) != NULL || ch < 0x20 || ch == 0x7f)
			buf_printf(&b, "\\%02x", ch);
		else
			buf_char(&b, (char)ch);
	}
	return buf_text(&b);
}

static bool
is_dn(const char *text)
{
	LDAPDN parsed = NULL;
	bool is = ldap_str2dn(text, &parsed, LDAP_DN_FORMAT_LDAPV3) ==
		LDAP_SUCCESS &&
	    parsed != NULL;

	ldap_dnfree(parsed);
	return is;
}

bool
directory_dn_same(struct arena *a, const char *x, const char *y)
{
	return is_dn(x) && is_dn(y) &&
	    strcmp(directory_dn_key(a, x), directory_dn_key(a, y)) == 0;
}

const char *
directory_dn_key(struct arena *a, const char *dn)
{
	char *one = NULL;
	LDAPDN parsed = NULL;

	if (ldap_str2dn(dn, &parsed, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS &&
	    parsed != NULL)
		ldap_dn2str(parsed, &one, LDAP_DN_FORMAT_LDAPV3);
	ldap_dnfree(parsed);
	char *key = arena_str(a, one != NULL ? one : dn);
	ldap_memfree(one);
	for (char *s = key; *s != '\0'; s++)
		*s = (char)tolower((unsigned char)*s);
	return key;
}
