/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/verb.h"

#include <stddef.h>
#include <string.h>

static const struct verb verbs[] = { { "account.disable", "disable", true, true,
					 false, true, "account.enable" },
	{ "account.ensure", "create", false, true, false, true,
	    "account.disable" },
	{ "entitlement.grant", "create", false, true, false, true,
	    "entitlement.revoke" },
	{ "entitlement.revoke", "remove", true, true, false, true,
	    "entitlement.grant" },
	{ "account.rename", "change", false, true, false, true,
	    "account.rename" },
	{ "account.enable", "change", false, true, false, true,
	    "account.disable" },
	{ "account.delete", "delete", true, true, false, true, NULL },
	{ "account.read", "none", false, true, true, true, NULL },
	{ "account.list", "none", false, true, true, false, NULL },
	{ "entitlement.list", "none", false, true, true, false, NULL },
	{ "system.check", "none", false, true, true, false, NULL },
	{ "session.revoke", "remove", true, true, false, true, NULL },
	{ "credential.issue", "rotate", false, true, false, true, NULL },
	{ "credential.disable", "remove", true, true, false, true, NULL },
	{ "credential.enable", "change", false, true, false, true, NULL },
	{ "credential.revoke", "remove", true, true, false, true, NULL },
	{ "credential.verify", "none", false, false, true, true, NULL },
	{ "credential.list", "none", false, true, true, true, NULL },
	{ NULL } };

const struct verb *
verb_find(const char *verb)
{
	for (const struct verb *v = verbs; v->verb != NULL; v++)
		if (strcmp(v->verb, verb) == 0)
			return v;
	return NULL;
}
