/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "model/config_read.h"
#include "model/plan.h"

const char *const role_words[] = { "viewer", "feed", "operator", "approver",
	"auditor", "admin", NULL };

static const char *const channel_types[] = { "exec", "smtp", "webhook", NULL };

static const char *const sandbox_words[] = { "required", "best-effort", "off",
	NULL };

const struct field guard_fields[] = {
	FIELD(struct guard, effect, F_NEED | F_KEY, .words = effects,
	    .help = "effect that is counted over the whole change"),
	FIELD(struct guard, system, 0,
	    .help = "only effects on this system; absent: on all together"),
	FIELD(struct guard, max, 0,
	    .help = "more than so many stop the change; 0: any number"),
	FIELD(struct guard, percent, 0,
	    .help = "more than this share of what could be so affected "
		    "stops it; 0: any share"),
	FIELD(struct guard, floor, 0,
	    .help = "so many are fine whatever their share"),
	FIELD_END
};

const struct field access_fields[] = { FIELD(struct access, role,
					   F_NEED | F_KEY, .words = role_words,
					   .help = "role that is given"),
	FIELD(struct access, uids, 0,
	    .help = "users that have it, by number or name"),
	FIELD(struct access, gids, 0,
	    .help = "groups whose members have it, by number or name"),
	FIELD_END };

const struct field channel_fields[] = { FIELD(struct channel, name,
					    F_NEED | F_KEY, .help = "its name"),
	FIELD(struct channel, type, F_NEED, .words = channel_types,
	    .help = "how notices go"),
	FIELD(struct channel, kinds, 0,
	    .help = "kinds of notices that go this way; absent: all"),
	FIELD(struct channel, program, 0,
	    .help = "exec: absolute path of the program that gets the "
		    "notice on its standard input"),
	FIELD(struct channel, args, 0, .help = "exec: its arguments"),
	FIELD(struct channel, url, 0,
	    .help = "smtp://host:port, or https:// of the webhook"),
	FIELD(struct channel, url_file, 0,
	    .help = "webhook: file with its URL, where who has the URL may "
		    "post"),
	FIELD(struct channel, from, 0, .help = "smtp: address of the sender"),
	FIELD(struct channel, to, 0, .help = "smtp: who gets it"),
	FIELD(struct channel, user, 0, .help = "smtp: user to log in as"),
	FIELD(struct channel, secret_file, 0,
	    .help = "file with the smtp password, or with the key that "
		    "webhooks are signed with"),
	FIELD(struct channel, ca, 0,
	    .help = "certificates to trust instead of the system's"),
	FIELD_END };

const struct field names_def_fields[] = {
	FIELD(struct names_def, pattern, 0,
	    .help = "jq: the candidates for a login name, best first"),
	FIELD(struct names_def, reserved, 0,
	    .help = "names that are never drawn"),
	FIELD(struct names_def, tombstone, F_SPAN,
	    .help = "how long a freed name rests; absent: tombstone"),
	FIELD_END
};

/* A small house loses three accounts without being asked, a large one ten;
   a leaver's memberships are several, so removals have more room. */
#define GUARDS \
	"[{\"effect\":\"disable\",\"max\":10,\"percent\":10,\"floor\":3}," \
	"{\"effect\":\"delete\",\"max\":10,\"percent\":10,\"floor\":3}," \
	"{\"effect\":\"remove\",\"max\":50,\"percent\":10,\"floor\":10}]"

const struct field settings_fields[] = {
	FIELD(struct settings, instance, 0, .fallback = "\"muster\"",
	    .help = "short name of this instance"),
	FIELD(struct settings, origin, 0,
	    .help = "origin of the evidence log; absent: muster/INSTANCE"),
	FIELD(struct settings, state, 0,
	    .help = "folder of store, keys and spool"),
	FIELD(struct settings, socket, 0, .help = "Unix socket of the API"),
	FIELD(struct settings, listen, 0,
	    .help = "loopback address and port of /metrics and /healthz; "
		    "absent: only on the socket"),
	FIELD(struct settings, sandbox, 0, .words = sandbox_words,
	    .fallback = "\"required\"",
	    .help = "whether workers must be confined"),
	FIELD(struct settings, key, 0,
	    .help = "file of the key that secrets are sealed with"),
	FIELD(struct settings, evidence_key, 0,
	    .help = "file of the key that evidence is signed with"),
	FIELD(struct settings, checkpoint, 0,
	    .help = "file of the last signed checkpoint, outside the store"),
	FIELD_LIST(struct settings, access, 0, struct access, access_fields,
	    .help = "who may do what"),
	FIELD_LIST(struct settings, guards, 0, struct guard, guard_fields,
	    .fallback = GUARDS,
	    .help = "what one change may do before a person must look"),
	FIELD_LIST(struct settings, channels, 0, struct channel, channel_fields,
	    .help = "where notices go"),
	FIELD_SUB(struct settings, names, 0, names_def_fields,
	    .help = "login names"),
	{ .name = "protected",
	    .kind = FIELD_OF(struct settings, protected_),
	    .at = offsetof(struct settings, protected_),
	    .help = "what automation takes nothing from: jq booleans over "
		    "the identity, or system/name of an account" },
	FIELD(struct settings, case_owner, 0, .fallback = "\"operator\"",
	    .help = "who has to answer cases and holds"),
	FIELD(struct settings, case_deadline, F_SPAN, .fallback = "\"P3D\"",
	    .help = "how long there is to answer"),
	FIELD(struct settings, gap, F_SPAN, .fallback = "\"0s\"",
	    .help = "an end and a start within it are a mover, not a "
		    "leaver"),
	FIELD(struct settings, prehire, F_SPAN, .fallback = "\"0s\"",
	    .help = "accounts are made so long before a start"),
	FIELD(struct settings, tombstone, F_SPAN, .fallback = "\"P730D\"",
	    .help = "how long what was freed rests"),
	FIELD(struct settings, retention, F_SPAN,
	    .help = "how long evidence keeps its bodies; absent: for ever"),
	FIELD(struct settings, plan_expires, F_SPAN, .fallback = "\"PT1H\"",
	    .help = "how long a plan can be applied"),
	FIELD(struct settings, mass_people, 0, .fallback = "2",
	    .help = "people who must release a mass removal"),
	FIELD_END
};

void
config_guards(struct reading *r, const struct place *p,
    const struct many *guards)
{
	for (size_t i = 0; i < guards->n; i++) {
		const struct guard *g = (const struct guard *)guards->item + i;

		if (strcmp(g->effect, "none") == 0)
			config_wrong(r, p,
			    "guards[%zu].effect: reads have no "
			    "effect",
			    i);
		if (g->max == 0 && g->percent == 0)
			config_wrong(r, p, "guards[%zu]: wants max or percent",
			    i);
		if (g->max < 0 || g->floor < 0)
			config_wrong(r, p,
			    "guards[%zu]: wants no number "
			    "below 0",
			    i);
		if (g->percent < 0 || g->percent > 100)
			config_wrong(r, p,
			    "guards[%zu].percent: wants 0 to "
			    "100",
			    i);
	}
}

static void
access_check(struct reading *r, const struct place *p,
    const struct many *access)
{
	for (size_t i = 0; i < access->n; i++) {
		const struct access *a = (const struct access *)access->item +
		    i;

		if (a->uids.n == 0 && a->gids.n == 0)
			config_wrong(r, p, "access[%zu]: wants uids or gids",
			    i);
	}
}

bool
host_is_loopback(const char *at)
{
	static const char *const hosts[] = { "127.", "[::1]", "localhost",
		NULL };

	if (memchr(at, '@', strcspn(at, "/")) != NULL)
		return false; /* a user name may look like a host */
	for (size_t i = 0; hosts[i] != NULL; i++) {
		size_t n = strlen(hosts[i]);

		if (strncmp(at, hosts[i], n) != 0)
			continue;
		if (i == 0)
			n = strspn(at, "0123456789.");
		return at[n] == ':' || at[n] == '/' || at[n] == '\0';
	}
	return false;
}

static bool
has_port(const char *at)
{
	const char *colon = strrchr(at, ':');
	size_t n = colon == NULL ? 0 : strspn(colon + 1, "0123456789");

	return n > 0 && n <= 5 && colon[1 + n] == '\0';
}

static bool
is_webhook(const char *url)
{
	return strncmp(url, "https://", 8) == 0 ||
	    (strncmp(url, "http://", 7) == 0 && host_is_loopback(url + 7));
}

static void
channel_file(struct reading *r, const struct place *p, size_t i,
    const char *member, const char **path)
{
	struct err e = { 0 };
	const char *full;

	if (*path == NULL)
		return;
	full = config_path(r->config, r->arena, *path, &e);
	if (full == NULL)
		config_wrong(r, p, "channels[%zu].%s: %s", i, member, e.text);
	else
		*path = full;
}

static void
channel_check(struct reading *r, const struct place *p, size_t i,
    struct channel *c)
{
	if (!config_is_name(c->name))
		config_wrong(r, p,
		    "channels[%zu].name: wants lower-case "
		    "letters, digits, - and _",
		    i);
	if (strcmp(c->type, "exec") == 0) {
		if (c->program == NULL || c->program[0] != '/')
			config_wrong(r, p,
			    "channels[%zu].program: wants an "
			    "absolute path",
			    i);
	} else if (strcmp(c->type, "smtp") == 0) {
		if (c->url == NULL ||
		    (strncmp(c->url, "smtp://", 7) != 0 &&
			strncmp(c->url, "smtps://", 8) != 0))
			config_wrong(r, p,
			    "channels[%zu].url: wants "
			    "smtp://host:port",
			    i);
		if (c->from == NULL || c->to.n == 0)
			config_wrong(r, p, "channels[%zu]: wants from and to",
			    i);
	} else {
		if ((c->url != NULL) == (c->url_file != NULL))
			config_wrong(r, p,
			    "channels[%zu]: wants either url or url_file", i);
		else if (c->url != NULL && !is_webhook(c->url))
			config_wrong(r, p,
			    "channels[%zu].url: wants https://,"
			    " or http:// on loopback",
			    i);
		if (c->secret_file == NULL)
			config_wrong(r, p,
			    "channels[%zu].secret_file: wants "
			    "the key that webhooks are signed with",
			    i);
	}
	if (c->url_file != NULL && strcmp(c->type, "webhook") != 0)
		config_wrong(r, p, "channels[%zu].url_file: is for a webhook",
		    i);
	channel_file(r, p, i, "url_file", &c->url_file);
	channel_file(r, p, i, "secret_file", &c->secret_file);
	channel_file(r, p, i, "ca", &c->ca);
}

static void
channels_check(struct reading *r, const struct place *p,
    const struct many *channels)
{
	struct channel *c = channels->item;

	for (size_t i = 0; i < channels->n; i++) {
		channel_check(r, p, i, &c[i]);
		for (size_t k = 0; k < i; k++)
			if (strcmp(c[i].name, c[k].name) == 0)
				config_wrong(r, p,
				    "channels[%zu].name: "
				    "another one is called %s",
				    i, c[i].name);
	}
}

void
config_settings(struct reading *r, const struct place *p)
{
	struct settings *s = &r->config->settings;

	if (!config_decode(r, p, settings_fields, s))
		return;
	if (s->names.tombstone == 0)
		s->names.tombstone = s->tombstone;
	s->tombstone = s->names.tombstone;
	if (!config_is_name(s->instance))
		config_wrong(r, p,
		    "instance: wants lower-case letters, "
		    "digits, - and _");
	if (s->origin != NULL &&
	    (s->origin[0] == '\0' || strpbrk(s->origin, " +\n\t") != NULL))
		config_wrong(r, p, "origin: wants no blanks and no +");
	if (s->listen != NULL &&
	    !(host_is_loopback(s->listen) && has_port(s->listen)))
		config_wrong(r, p,
		    "listen: wants a loopback address and "
		    "port, such as 127.0.0.1:9469");
	config_guards(r, p, &s->guards);
	access_check(r, p, &s->access);
	channels_check(r, p, &s->channels);
	config_span(r, p, "case_deadline", s->case_deadline, MINUTE, 365 * DAY);
	config_span(r, p, "gap", s->gap, 0, 365 * DAY);
	config_span(r, p, "prehire", s->prehire, 0, 365 * DAY);
	config_span(r, p, "tombstone", s->tombstone, 0, 36500 * DAY);
	config_span(r, p, "plan_expires", s->plan_expires, MINUTE, 30 * DAY);
	config_between(r, p, "mass_people", s->mass_people, 1, 10);
}
