/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/inside.h"
#include "api/listing.h"

/* In the order of matching: the lists take what nobody took before. */
const struct route routes[] = {
	{ "GET", "/healthz", 0, ROUTE_OPEN, NULL, answer_health,
	    "whether the daemon works: ok, or what is wrong" },
	{ "GET", "/metrics", 0, ROUTE_OPEN, NULL, answer_metrics,
	    "figures in the Prometheus text format" },
	{ "GET", "/v1/status", ROLE_FEED, 0, NULL, answer_status,
	    "the instance: what is open, queued, paused, or wrong" },
	{ "GET", "/v1/whoami", 0, ROUTE_ANYONE, NULL, answer_whoami,
	    "who you are to muster, and your roles" },
	{ "GET", "/v1/systems", 0, 0, NULL, answer_systems,
	    "the configured systems and how they run" },
	{ "GET", "/v1/systems/", 0, 0, NULL, answer_systems, "one of them" },
	{ "GET", "/v1/feeds", ROLE_FEED, 0, NULL, answer_feeds,
	    "the configured feeds" },
	{ "GET", "/v1/feeds/", ROLE_FEED, 0, NULL, answer_feeds,
	    "one of them" },
	{ "GET", "/v1/roles", 0, 0, NULL, answer_roles,
	    "the roles of the policy" },
	{ "GET", "/v1/roles/", 0, 0, NULL, answer_roles, "one of them" },
	{ "GET", "/v1/workflows", 0, 0, NULL, answer_workflows,
	    "the workflows" },
	{ "GET", "/v1/workflows/", 0, 0, NULL, answer_workflows,
	    "one of them" },
	{ "GET", "/v1/evidence/export", ROLE_AUDITOR, 0, query_export,
	    answer_export, "a bundle that verifies offline" },
	{ "GET", "/v1/evidence/key", 0, 0, NULL, answer_key,
	    "the verifier key in the signed-note form" },
	{ "GET", "/v1/evidence/checkpoint", 0, 0, NULL, answer_checkpoint,
	    "the newest signed note" },
	{ "POST", "/v1/backup", ROLE_ADMIN, ROUTE_BODY, NULL, answer_backup,
	    "copies the live store to a file on the daemon's machine" },
	{ "POST", "/v1/reload", ROLE_ADMIN, ROUTE_BODY, NULL, answer_reload,
	    "reads the configuration again" },
	{ "POST", "/v1/feeds/", ROLE_FEED, ROUTE_UPLOAD, query_upload,
	    answer_load, "hands a file to a feed: /v1/feeds/NAME/load" },
	{ "POST", "/v1/commands/", ~0u, ROUTE_BODY, NULL, answer_command,
	    "gives a command: /v1/commands/VERB" },
	{ "GET", "/v1/", 0, 0, NULL, answer_list, "a list, or one of it" },
	{ NULL }
};

static bool
path_is(const struct route *r, const char *path, const char **rest)
{
	size_t n = strlen(r->path);

	if (strncmp(r->path, path, n) != 0)
		return false;
	*rest = path + n;
	return r->path[n - 1] == '/' ? **rest != '\0' : **rest == '\0';
}

const struct route *
route_find(const char *method, const char *path, const char **rest,
    const char **other)
{
	*other = NULL;
	for (const struct route *r = routes; r->method != NULL; r++) {
		if (!path_is(r, path, rest))
			continue;
		if (strcmp(r->method, method) == 0)
			return r;
		if (*other == NULL)
			*other = r->method;
	}
	return NULL;
}

const struct command *
command_served(const char *verb)
{
	static const char *const inner[] = { "load.begin", "load.rows",
		"load.end", "notice.settle", "secret.delivered" };

	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (strcmp(inner[i], verb) == 0)
			return NULL;
	return command_find(verb);
}

/* Whoever does or decides something may look; the feed's sender only at
   what feeds are about; evidence is the auditor's. */
static const unsigned readers = ROLE_VIEWER | ROLE_OPERATOR | ROLE_APPROVER |
    ROLE_AUDITOR | ROLE_ADMIN;

static unsigned
listing_roles(const char *rest)
{
	const struct listing *l = listing_find(rest, strcspn(rest, "/"));

	if (l != NULL && l->roles == ROLE_AUDITOR)
		return ROLE_AUDITOR | ROLE_ADMIN;
	return readers | (l == NULL ? 0 : l->roles);
}

unsigned
route_roles(const struct route *r, const char *rest)
{
	if (r->answer == answer_list)
		return listing_roles(rest);
	if (r->answer == answer_command) {
		const struct command *c = command_served(rest);

		return c == NULL ? ~0u : c->roles | ROLE_ADMIN;
	}
	if (strcmp(r->method, "GET") == 0 && r->roles != ROLE_AUDITOR)
		return readers | r->roles;
	return r->roles | ROLE_ADMIN;
}
