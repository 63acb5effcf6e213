/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts that nothing touches: those that the configuration names, and
 * the one that muster itself acts through.
 */
#include <string.h>

#include "engine/differ.h"

/* Members of a provider's configuration that say who muster is there. */
static const char *const own_members[] = { "bind_dn", "binddn", "user",
	"username", "login", NULL };

/* The name in "cn=muster,dc=acme", or the text itself. */
static bool
names_account(const char *text, const char *name)
{
	const char *eq = strchr(text, '=');
	size_t n = strlen(name);

	if (strcmp(text, name) == 0)
		return true;
	return eq != NULL && strncasecmp(eq + 1, name, n) == 0 &&
	    (eq[1 + n] == ',' || eq[1 + n] == '\0');
}

static bool
acts_through(struct arena *a, const struct system_def *d, const char *name,
    const char *native)
{
	const char *bind, *value;

	if (d->config.text == NULL)
		return false;
	for (const char *const *m = own_members; *m != NULL; m++) {
		value = json_member_text(a, d->config.text, *m);
		if (value != NULL &&
		    ((name != NULL && names_account(value, name)) ||
			(native != NULL && strcmp(value, native) == 0)))
			return true;
	}
	bind = json_member(a, d->config.text, "bind");
	value = bind == NULL || bind[0] != '{' ?
	    NULL :
	    json_member_text(a, bind, "dn");
	return value != NULL && name != NULL && names_account(value, name);
}

static bool
is_listed(const struct texts *list, const char *text)
{
	for (size_t i = 0; text != NULL && i < list->n; i++)
		if (strcmp(list->item[i], text) == 0)
			return true;
	return false;
}

bool
account_is_protected(const struct engine *e, const struct system_def *d,
    const char *name, const char *native)
{
	if (is_listed(&d->protected_, name) ||
	    is_listed(&d->protected_, native))
		return true;
	if (name != NULL &&
	    is_listed(&e->config->settings.protected_,
		arena_printf(e->arena, "%s/%s", d->system, name)))
		return true;
	return acts_through(e->arena, d, name, native);
}
