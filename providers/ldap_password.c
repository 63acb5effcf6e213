/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords.  A password policy takes a reset as the end of a lock: slapd
 * deletes pwdAccountLockedTime.  So a locked account gets its password and
 * its lock in one request, and the lock is looked at afterwards in any case.
 */
#include "ldap_provider.h"

#include <string.h>

/* A password in clear, which the server's policy hashes, and the lock. */
static int
set_locked(struct ldap *l, struct muster_call *c, struct arena *a,
    const char *dn, const char *secret, struct err *e)
{
	struct directory_mod mods[1 + LDAP_LOCK_MODS];

	mods[0] = (struct directory_mod){ DIRECTORY_SET, "userPassword",
		{ 1, &secret } };
	const struct directory_change ch = { .dn = dn,
		.mod = mods,
		.mods = 1 + ldap_lock_mods(l, true, &mods[1]) };
	return directory_modify(l->directory, c, a, &ch, e);
}

int
ldap_password_set(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct directory_entry *en, const char *secret, bool *bolted,
    struct err *e)
{
	bool locked = ldap_is_locked(l, en);
	struct directory_entry now;
	int rc = locked ?
	    set_locked(l, c, a, en->dn, secret, e) :
	    directory_password(l->directory, c, en->dn, secret, e);

	if (rc != 0)
		return ldap_moved(e);
	if (ldap_read(l, c, a, en->dn, NULL, &now, e) != 0)
		return err_within(e, "the password was set; the lock: ");
	*bolted = ldap_is_bolted(l, &now);
	/* Half a lock: somebody locked it while the password was set. */
	if (*bolted || (!locked && !ldap_is_locked(l, &now)))
		return 0;
	if (ldap_lock(l, c, a, en->dn, true, e) != 0 ||
	    ldap_read(l, c, a, en->dn, NULL, &now, e) != 0)
		return err_within(e, "the password was set; the lock: ");
	*bolted = ldap_is_bolted(l, &now);
	return *bolted ?
	    0 :
	    err_set(e, ERR_UNKNOWN, "%s: setting the password lifted the lock",
		en->dn);
}

static int
find_for_password(struct ldap *l, struct muster_call *c, struct arena *a,
    const struct credential_ref *r, struct directory_entry *en, struct err *e)
{
	if (r->credential != NULL && strcmp(r->credential, "password") != 0)
		return err_set(e, ERR_INPUT,
		    "credential: only \"password\" is known here");
	return ldap_find(l, c, a, r->id, r->name, NULL, en, e);
}

int
ldap_credential_issue(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	struct ldap *l = self;
	const struct credential_ref *r = in;
	struct change *ch = out;
	struct directory_entry en;
	bool bolted = false, taken;

	if (r->secret == NULL || r->secret[0] == '\0')
		return err_set(e, ERR_INPUT, "secret: missing");
	if (find_for_password(l, c, a, r, &en, e) != 0 ||
	    ldap_password_set(l, c, a, &en, r->secret, &bolted, e) != 0)
		return -1;
	ldap_changed(l, &en, true, ch);
	if (!muster_verify(c))
		return 0;
	if (bolted) {
		ch->verified = true;
		ch->how = "still locked";
		return 0;
	}
	struct err later;
	if (directory_try(l->directory, c, en.dn, r->secret, &taken, &later) !=
	    0)
		ch->how = "could not be tried";
	else
		ch->how = taken ? "bind accepted" : "bind refused";
	ch->verified = strcmp(ch->how, "bind accepted") == 0;
	return 0;
}

/* Each refusal counts towards the lockout of the server's policy. */
int
ldap_credential_verify(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	struct ldap *l = self;
	const struct credential_ref *r = in;
	struct check *ch = out;
	struct directory_entry en;

	if (find_for_password(l, c, a, r, &en, e) != 0 ||
	    directory_try(l->directory, c, en.dn, r->secret, &ch->ok, e) != 0)
		return -1;
	ch->detail = ch->ok ? "bind accepted" : "bind refused";
	return 0;
}
