/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What definitions say about each other.  A definition that could not be
 * decoded has no name, and is passed over here: its error was told.
 */
#include <string.h>

#include "model/config_read.h"

static const char *
name_of(const struct defs *d, size_t i)
{
	/* The name is the first member of every definition. */
	return *(
	    const char *const *)(const void *)((const char *)d->items.item +
	    i * d->size);
}

static void
names_check(struct reading *r, const struct defs *d, const char *kind)
{
	for (size_t i = 0; i < d->items.n; i++)
		for (size_t k = 0; name_of(d, i) != NULL && k < i; k++)
			if (name_of(d, k) != NULL &&
			    strcmp(name_of(d, i), name_of(d, k)) == 0) {
				config_wrong(r, &d->places[i],
				    "%s: '%s' is "
				    "defined in %s too",
				    kind, name_of(d, i), d->places[k].file);
				break;
			}
}

static size_t
index_of(const struct defs *d, const char *name)
{
	size_t i = 0;

	while (i < d->items.n &&
	    (name_of(d, i) == NULL || strcmp(name_of(d, i), name) != 0))
		i++;
	return i;
}

static bool
is_defined(const struct defs *d, const char *name)
{
	return index_of(d, name) < d->items.n;
}

static void
guards_refer(struct reading *r, const struct place *p,
    const struct many *guards)
{
	const struct guard *g = guards->item;

	for (size_t i = 0; i < guards->n; i++)
		if (g[i].system != NULL &&
		    !is_defined(&r->systems, g[i].system))
			config_wrong(r, p,
			    "guards[%zu].system: no system is "
			    "called '%s'",
			    i, g[i].system);
}

/* A protected entry that looks like system/name must name a system; a
   misspelt one would protect nothing. */
static void
protected_check(struct reading *r)
{
	const struct texts *t = &r->config->settings.protected_;

	for (size_t i = 0; i < t->n; i++) {
		size_t n = config_account_system(t->item[i]);
		const char *name = arena_mem(r->arena, t->item[i], n);

		if (n > 0 && !is_defined(&r->systems, name))
			config_wrong(r, &r->settings,
			    "protected[%zu]: no "
			    "system is called '%s'",
			    i, name);
	}
}

static void
systems_check(struct reading *r)
{
	const struct system_def *d = r->systems.items.item;

	for (size_t i = 0; i < r->systems.items.n; i++) {
		struct place *p = &r->systems.places[i];
		const char *up = d[i].fed_by;

		if (d[i].system == NULL)
			continue;
		if (up != NULL && !is_defined(&r->systems, up))
			config_wrong(r, p,
			    "fed_by: no system is called "
			    "'%s'",
			    up);
		for (size_t k = 0; up != NULL && k <= r->systems.items.n; k++) {
			size_t at = index_of(&r->systems, up);

			up = at < r->systems.items.n ? d[at].fed_by : NULL;
			if (at == i || k == r->systems.items.n) {
				config_wrong(r, p,
				    "fed_by: it would feed "
				    "itself");
				break;
			}
		}
		size_t before = r->errors;
		config_files_check(r, &d[i], p);
		p->wrong |= r->errors > before;
	}
}

static void
roles_check(struct reading *r)
{
	const struct role_def *d = r->roles.items.item;

	for (size_t i = 0; i < r->roles.items.n; i++) {
		const struct role_account *a = d[i].account.item;
		const struct role_holding *h = d[i].holding.item;
		const char *told = "";

		for (size_t k = 0; k < d[i].account.n; k++)
			if (a[k].system != NULL &&
			    !is_defined(&r->systems, a[k].system))
				config_wrong(r, &r->roles.places[i],
				    "accounts.%s: no system is called '%s'",
				    a[k].target, a[k].system);
		for (size_t k = 0; k < d[i].holding.n; k++) {
			if (is_defined(&r->systems, h[k].system) ||
			    strcmp(told, h[k].target) == 0)
				continue;
			told = h[k].target;
			config_wrong(r, &r->roles.places[i],
			    "entitlements.%s: no system is called '%s'",
			    h[k].target, h[k].system);
		}
	}
}

static void
workflow_check(struct reading *r, const struct place *p,
    const struct workflow_def *d)
{
	const struct workflow_step *s = d->step.item;

	for (size_t i = 0; i < d->step.n; i++) {
		if (s[i].system != NULL &&
		    !is_defined(&r->systems, s[i].system))
			config_wrong(r, p,
			    "steps.%s.system: no system is "
			    "called '%s'",
			    s[i].name, s[i].system);
	}
}

static void
workflows_check(struct reading *r)
{
	const struct workflow_def *d = r->workflows.items.item;

	for (size_t i = 0; i < r->workflows.items.n; i++) {
		const struct place *p = &r->workflows.places[i];

		workflow_check(r, p, &d[i]);
		for (size_t k = 0; d[i].on != NULL && k < i; k++)
			if (d[k].on != NULL && d[k].workflow != NULL &&
			    strcmp(d[i].on, d[k].on) == 0)
				config_wrong(r, p,
				    "on: workflow '%s' is on "
				    "%s too",
				    d[k].workflow, d[k].on);
	}
}

void
config_check(struct reading *r)
{
	const struct feed_def *feeds = r->feeds.items.item;

	names_check(r, &r->systems, "system");
	names_check(r, &r->roles, "role");
	names_check(r, &r->workflows, "workflow");
	names_check(r, &r->feeds, "feed");
	if (r->settings.text != NULL)
		guards_refer(r, &r->settings, &r->config->settings.guards);
	for (size_t i = 0; i < r->feeds.items.n; i++)
		guards_refer(r, &r->feeds.places[i], &feeds[i].guards);
	if (r->settings.text != NULL)
		protected_check(r);
	systems_check(r);
	roles_check(r);
	workflows_check(r);
}
