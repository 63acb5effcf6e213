/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "sim.h"

const char *const world_systems[] = { "dir", "lab", "doors", NULL };
const char *const world_groups[] = { "all", "eng", "bench", "root", "svc",
	NULL };

static int
index_of(const char *const *list, const char *word)
{
	for (int i = 0; list[i] != NULL; i++)
		if (strcmp(list[i], word) == 0)
			return i;
	return -1;
}

int
world_system(const char *name)
{
	return index_of(world_systems, name);
}

unsigned
world_group(const char *name)
{
	int i = index_of(world_groups, name);

	return i < 0 ? 0 : 1u << i;
}

struct dweller *
world_find(struct world *w, int system, int64_t id)
{
	for (int i = 0; i < w->n; i++)
		if (w->dweller[i].system == system && w->dweller[i].id == id &&
		    !w->dweller[i].gone)
			return &w->dweller[i];
	return NULL;
}

static struct dweller *
by_name(struct world *w, int system, const char *name)
{
	for (int i = 0; i < w->n; i++)
		if (w->dweller[i].system == system && !w->dweller[i].gone &&
		    strcmp(w->dweller[i].name, name) == 0)
			return &w->dweller[i];
	return NULL;
}

/* By its id if the call has one, else by its name. */
static struct dweller *
meant(struct sim *s, struct flight *f)
{
	if (f->ask.id != 0)
		return world_find(&s->world, f->system, f->ask.id);
	return by_name(&s->world, f->system, f->ask.name);
}

static void
answer(struct sim *s, struct flight *f, const struct dweller *d, bool changed,
    const char *before, const char *after)
{
	f->out = arena_printf(&s->arena,
	    "{\"id\":\"%lld\",\"name\":\"%s\","
	    "\"changed\":%s,\"before\":%s,\"after\":%s,\"verified\":%s%s}",
	    (long long)d->id, d->name, changed ? "true" : "false", before,
	    after, f->fault == FAULT_UNVERIFIED ? "false" : "true",
	    f->fault == FAULT_UNVERIFIED ? "" : ",\"how\":\"read-back\"");
}

static const char *
attributes_text(struct sim *s, const struct dweller *d)
{
	return arena_printf(&s->arena,
	    "{\"attributes\":{\"cn\":\"%s\","
	    "\"department\":\"%s\"}}",
	    d->cn, d->department);
}

static struct dweller *
dweller_add(struct sim *s, struct flight *f)
{
	struct world *w = &s->world;
	struct dweller *d = &w->dweller[w->n];

	if (w->n == WORLD_ACCOUNTS) {
		sim_break(s, "world", "more than %d accounts were made",
		    WORLD_ACCOUNTS);
		return &w->dweller[0];
	}
	w->n++;
	*d = (struct dweller){ .id = 100 + w->n,
		.system = f->system,
		.active = !f->ask.disabled,
		.identity = f->identity,
		.account = f->account };
	snprintf(d->name, sizeof(d->name), "%s", f->ask.name);
	snprintf(d->kind, sizeof(d->kind), "%s", f->ask.kind);
	return d;
}

static void
ensure(struct sim *s, struct flight *f)
{
	struct dweller *d = meant(s, f);
	const char *before = "null";
	bool made = d == NULL;

	if (d != NULL && plant_is(s, "second"))
		d = NULL, made = true;
	if (d == NULL && f->ask.id != 0) {
		err_set(&f->why, ERR_GONE, "no account %lld",
		    (long long)f->ask.id);
		return;
	}
	if (d != NULL && f->ask.create_only) {
		err_set(&f->why, ERR_CONFLICT, "%s exists", d->name);
		return;
	}
	if (d == NULL)
		d = dweller_add(s, f);
	else
		before = attributes_text(s, d);
	if (f->ask.cn[0] != '\0')
		snprintf(d->cn, sizeof(d->cn), "%s", f->ask.cn);
	if (f->ask.department[0] != '\0')
		snprintf(d->department, sizeof(d->department), "%s",
		    f->ask.department);
	answer(s, f, d, made || strcmp(before, attributes_text(s, d)) != 0,
	    before, attributes_text(s, d));
}

static void
status(struct sim *s, struct flight *f, bool active)
{
	struct dweller *d = meant(s, f);
	bool was;

	if (d == NULL) {
		err_set(&f->why, ERR_GONE, "no such account");
		return;
	}
	was = d->active;
	if (active || !plant_is(s, "lies"))
		d->active = active;
	answer(s, f, d, was != active,
	    was ? "{\"status\":\"active\"}" : "{\"status\":\"disabled\"}",
	    active ? "{\"status\":\"active\"}" : "{\"status\":\"disabled\"}");
}

static void
enable(struct sim *s, struct flight *f)
{
	status(s, f, true);
}

static void
disable(struct sim *s, struct flight *f)
{
	status(s, f, false);
}

static void
rename_to(struct sim *s, struct flight *f)
{
	struct dweller *d = world_find(&s->world, f->system, f->ask.id);
	struct dweller *other = by_name(&s->world, f->system, f->ask.name);
	const char *before;

	if (d == NULL) {
		err_set(&f->why, ERR_GONE, "no such account");
		return;
	}
	if (other != NULL && other != d) {
		err_set(&f->why, ERR_CONFLICT, "%s exists", other->name);
		return;
	}
	before = arena_printf(&s->arena, "{\"name\":\"%s\"}", d->name);
	snprintf(d->name, sizeof(d->name), "%s", f->ask.name);
	answer(s, f, d, other == NULL, before,
	    arena_printf(&s->arena, "{\"name\":\"%s\"}", d->name));
}

static void delete (struct sim *s, struct flight *f)
{
	struct dweller *d = meant(s, f);

	if (d == NULL) {
		err_set(&f->why, ERR_GONE, "no such account");
		return;
	}
	d->gone = true;
	d->active = false;
	answer(s, f, d, true, attributes_text(s, d), "null");
}

static void
member(struct sim *s, struct flight *f, bool in)
{
	struct dweller *d = meant(s, f);
	unsigned group = world_group(f->ask.entitlement), was;

	if (d == NULL || group == 0) {
		err_set(&f->why, ERR_GONE, "no such account or group");
		return;
	}
	was = d->groups;
	d->groups = in ? was | group : was & ~group;
	answer(s, f, d, was != d->groups, "null", "null");
}

static void
grant(struct sim *s, struct flight *f)
{
	member(s, f, true);
}

static void
revoke(struct sim *s, struct flight *f)
{
	member(s, f, false);
}

static void
check(struct sim *s, struct flight *f)
{
	(void)s;
	f->out = "{\"ok\":true,\"detail\":\"sim\"}";
}

/* Not repeatable: each one counts, unless a person had it done again. */
static void
badge(struct sim *s, struct flight *f)
{
	if (plant_is(s, "twice"))
		s->world.badges[f->ask.n % WORLD_BADGES]++;
	if (++s->world.badges[f->ask.n % WORLD_BADGES] > 1 &&
	    rows_number(&s->rows,
		"SELECT count(*) FROM record WHERE kind ="
		" 'run.retried' AND run = (SELECT run FROM step WHERE id = ?1)",
		f->step, 0) == 0)
		sim_break(s, "once", "badge %d was made twice", f->ask.n);
	f->out = "{\"changed\":true}";
}

static const struct {
	const char *verb;
	void (*act)(struct sim *, struct flight *);
} deeds[] = {
	{ "account.ensure", ensure },
	{ "account.enable", enable },
	{ "account.disable", disable },
	{ "account.rename", rename_to },
	{ "account.delete", delete },
	{ "entitlement.grant", grant },
	{ "entitlement.revoke", revoke },
	{ "system.check", check },
	{ "acme:badge", badge },
};

void
world_do(struct sim *s, struct flight *f)
{
	f->done = true;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (strcmp(deeds[i].verb, f->verb) == 0) {
			deeds[i].act(s, f);
			sim_say(s, "  world: %s %s #%lld %s%s -> %s",
			    world_systems[f->system], f->verb,
			    (long long)f->ask.id, f->ask.name,
			    f->ask.entitlement,
			    f->why.cls != ERR_NONE ? f->why.text : "done");
			return;
		}
	err_set(&f->why, ERR_INPUT, "%s: no such operation", f->verb);
}
