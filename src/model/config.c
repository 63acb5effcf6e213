/* SPDX-License-Identifier: Apache-2.0 */
#include "model/config.h"

#include <stdlib.h>
#include <string.h>

void
config_free(struct config *c)
{
	struct arena a;

	if (c == NULL)
		return;
	a = c->arena;
	free(c);
	arena_fini(&a);
}

const struct system_def *
config_system(const struct config *c, const char *name)
{
	const struct system_def *d = c->systems.item;

	for (size_t i = 0; name != NULL && i < c->systems.n; i++)
		if (strcmp(d[i].system, name) == 0)
			return &d[i];
	return NULL;
}

const struct role_def *
config_role(const struct config *c, const char *name)
{
	const struct role_def *d = c->roles.item;

	for (size_t i = 0; name != NULL && i < c->roles.n; i++)
		if (strcmp(d[i].role, name) == 0)
			return &d[i];
	return NULL;
}

const struct workflow_def *
config_workflow(const struct config *c, const char *name)
{
	const struct workflow_def *d = c->workflows.item;

	for (size_t i = 0; name != NULL && i < c->workflows.n; i++)
		if (strcmp(d[i].workflow, name) == 0)
			return &d[i];
	return NULL;
}

const struct workflow_def *
config_workflow_on(const struct config *c, const char *on)
{
	const struct workflow_def *d = c->workflows.item;

	for (size_t i = 0; on != NULL && i < c->workflows.n; i++)
		if (d[i].on != NULL && strcmp(d[i].on, on) == 0)
			return &d[i];
	return NULL;
}

const struct feed_def *
config_feed(const struct config *c, const char *name)
{
	const struct feed_def *d = c->feeds.item;

	for (size_t i = 0; name != NULL && i < c->feeds.n; i++)
		if (strcmp(d[i].feed, name) == 0)
			return &d[i];
	return NULL;
}

struct listing {
	struct arena *arena;
	struct many *out;
	size_t room;
};

static void
program_add(struct listing *l, const char *text, struct config_at at)
{
	struct program *p;

	if (text == NULL)
		return;
	if (l->out->n == l->room) {
		size_t more = l->room == 0 ? 32 : l->room * 2;

		l->out->item = arena_grow(l->arena, l->out->item,
		    l->room * sizeof(*p), more * sizeof(*p));
		l->room = more;
	}
	p = (struct program *)l->out->item + l->out->n++;
	*p = (struct program){ text, at };
}

size_t
config_account_system(const char *entry)
{
	size_t n = strspn(entry, "abcdefghijklmnopqrstuvwxyz0123456789-_");

	return entry[n] == '/' ? n : 0;
}

static void
settings_programs(const struct config *c, struct listing *l)
{
	const struct texts *p = &c->settings.protected_;
	const struct system_def *d = c->systems.item;

	program_add(l, c->settings.names.pattern,
	    (struct config_at){ .file = "muster.json",
		.path = "names.pattern" });
	for (size_t i = 0; i < p->n; i++)
		if (config_account_system(p->item[i]) == 0)
			program_add(l, p->item[i],
			    (struct config_at){ .file = "muster.json",
				.path = arena_printf(l->arena, "protected[%zu]",
				    i) });
	for (size_t i = 0; i < c->systems.n; i++)
		program_add(l, d[i].scope,
		    (struct config_at){ d[i].file, "system", d[i].system,
			"scope" });
}

static void
account_programs(const struct role_def *d, const struct role_account *a,
    struct listing *l)
{
	program_add(l, a->id,
	    (struct config_at){ d->file, "role", d->role,
		arena_printf(l->arena, "accounts.%s.id", a->target) });
	for (size_t i = 0; i < a->program.n; i++)
		program_add(l, a->program.item[i],
		    (struct config_at){ d->file, "role", d->role,
			arena_printf(l->arena, "accounts.%s.attributes.%s",
			    a->target, a->attribute.item[i]) });
}

static void
role_programs(const struct role_def *d, struct listing *l)
{
	const struct role_account *a = d->account.item;

	program_add(l, d->when,
	    (struct config_at){ d->file, "role", d->role, "when" });
	for (size_t i = 0; i < d->account.n; i++)
		account_programs(d, &a[i], l);
}

void
config_programs(const struct config *c, struct arena *a, struct many *out)
{
	struct listing l = { a, out, 0 };
	const struct role_def *roles = c->roles.item;
	const struct feed_def *feeds = c->feeds.item;

	*out = (struct many){ 0 };
	settings_programs(c, &l);
	for (size_t i = 0; i < c->roles.n; i++)
		role_programs(&roles[i], &l);
	for (size_t i = 0; i < c->feeds.n; i++)
		program_add(&l, feeds[i].map,
		    (struct config_at){ feeds[i].file, "feed", feeds[i].feed,
			"map" });
}
