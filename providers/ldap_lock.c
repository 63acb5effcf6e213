/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What keeps an account out.  Of a password policy (draft-behera-10) two
 * attributes are set at once: pwdAccountLockedTime alone would be removed by
 * the next reset of the password, pwdEndTime survives it.
 */
#include "ldap_provider.h"

#include <string.h>
#include <strings.h>
#include <time.h>

/* "Locked for ever"; any real time in it ends after pwdLockoutDuration. */
#define FOR_EVER "000001010000Z"
#define LONG_AGO "19700101000000Z"

static const char *const ppolicy_attrs[] = {
	"pwdAccountLockedTime",
	"pwdEndTime",
	NULL,
};

static bool
is_ppolicy(const struct ldap *l)
{
	return strcmp(l->config->lock.style, "ppolicy") == 0;
}

/* The values must outlive the call: they are constants or configuration. */
static struct texts
value_of(const char *const *value, bool set)
{
	return (struct texts){ set ? 1 : 0, (const char **)value };
}

size_t
ldap_lock_mods(const struct ldap *l, bool on,
    struct directory_mod mods[LDAP_LOCK_MODS])
{
	static const char *const for_ever = FOR_EVER,
				 *const long_ago = LONG_AGO;
	const struct ldap_lock_def *d = &l->config->lock;

	if (is_ppolicy(l)) {
		mods[0] = (struct directory_mod){ DIRECTORY_SET,
			ppolicy_attrs[0], value_of(&for_ever, on) };
		mods[1] = (struct directory_mod){ DIRECTORY_SET,
			ppolicy_attrs[1], value_of(&long_ago, on) };
		return 2;
	}
	mods[0] = (struct directory_mod){ DIRECTORY_SET, d->attribute,
		on ? value_of(&d->on, true) :
		     value_of(&d->off, d->off != NULL) };
	return 1;
}

const char *const *
ldap_lock_attrs(const struct ldap *l)
{
	return is_ppolicy(l) ? ppolicy_attrs : &l->config->lock.attribute;
}

/* Whether a generalized time in UTC (RFC 4517, 3.3.13), as slapd writes it,
   is over. */
static bool
is_past(const char *when)
{
	char now[16];
	const time_t t = time(NULL);
	struct tm tm;

	if (when == NULL || strlen(when) < 15 || gmtime_r(&t, &tm) == NULL)
		return false;
	strftime(now, sizeof(now), "%Y%m%d%H%M%SZ", &tm);
	return strncmp(when, now, 14) <= 0;
}

bool
ldap_is_locked(const struct ldap *l, const struct directory_entry *en)
{
	const char *const *attrs = ldap_lock_attrs(l);
	const char *v = directory_value(en, attrs[0]);

	if (!is_ppolicy(l))
		return v != NULL && strcasecmp(v, l->config->lock.on) == 0;
	return (v != NULL && strcmp(v, FOR_EVER) == 0) ||
	    is_past(directory_value(en, attrs[1]));
}

bool
ldap_is_bolted(const struct ldap *l, const struct directory_entry *en)
{
	const char *v = directory_value(en, ppolicy_attrs[0]);

	if (!is_ppolicy(l))
		return ldap_is_locked(l, en);
	return v != NULL && strcmp(v, FOR_EVER) == 0 &&
	    is_past(directory_value(en, ppolicy_attrs[1]));
}

int
ldap_lock(struct ldap *l, struct muster_call *c, struct arena *a,
    const char *dn, bool on, struct err *e)
{
	struct directory_mod mods[LDAP_LOCK_MODS];
	const struct directory_change ch = { .dn = dn,
		.mod = mods,
		.mods = ldap_lock_mods(l, on, mods) };

	if (directory_modify(l->directory, c, a, &ch, e) != 0)
		return ldap_moved(e);
	return 0;
}
