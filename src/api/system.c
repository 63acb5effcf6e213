/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists that come from the configuration set, not from the store.
 */
#include <string.h>

#include "api/inside.h"
#include "api/status.h"
#include "engine/pipe.h"
#include "model/config.h"
#include "store/store.h"

static void
view_fill(struct request *r, const struct system_def *d, struct system_view *v)
{
	struct arena *a = &r->arena;
	const struct api_state *now = &r->api->state;
	const struct api_system *s = now->systems.item;

	v->system = arena_str(a, d->system);
	v->provider = arena_str(a, d->provider);
	v->mode = d->mode == NULL ? "observe" : arena_str(a, d->mode);
	v->fed_by = d->fed_by == NULL ? NULL : arena_str(a, d->fed_by);
	v->rate = d->rate_text == NULL ? NULL : arena_str(a, d->rate_text);
	v->concurrency = d->concurrency;
	v->timeout = d->timeout;
	v->breaker = "closed";
	for (size_t i = 0; i < now->systems.n; i++) {
		if (strcmp(s[i].system, d->system) != 0)
			continue;
		v->workers = s[i].workers;
		v->starts = s[i].starts;
		v->crashes = s[i].crashes;
		v->kills = s[i].kills;
		v->calls = s[i].calls;
	}
}

static void
state_fill(struct system_view *v, size_t n, const struct system_state *s)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(v[i].system, s->system) != 0)
			continue;
		v[i].breaker = s->breaker == NULL ? "closed" : s->breaker;
		v[i].failures = s->failures;
		v[i].until = s->breaker_until;
		v[i].paused = s->paused;
		v[i].note = s->note;
	}
}

static int
states_read(struct request *r, struct system_view *v, size_t n, struct err *e)
{
	static const struct query q;
	struct many rows = { 0 };
	struct store *s = reader_take(r->api, e);

	if (s == NULL)
		return -1;
	int ret = store_list(s, &r->arena, STMT_SYSTEM_STATE_ALL, query_fields,
	    &q, system_state_fields, sizeof(struct system_state), 0, &rows, e);
	reader_give(r->api, s);
	const struct system_state *row = rows.item;
	for (size_t i = 0; i < rows.n; i++)
		state_fill(v, n, &row[i]);
	return ret;
}

/* All of them, or the one that the path names. */
static int
views_encode(struct request *r, const char *what, const struct field *table,
    size_t size, const struct many *all, struct err *e)
{
	bool one = *r->rest != '\0', found = false;

	if (!one)
		buf_str(&r->reply, "{\"items\":[");
	for (size_t i = 0; i < all->n; i++) {
		const void *row = (const char *)all->item + i * size;
		const char *name = *(
		    const char *const *)((const char *)row + table->at);

		if (one && (found || strcmp(name, r->rest) != 0))
			continue;
		found = true;
		if (!one && i > 0)
			buf_char(&r->reply, ',');
		json_encode(&r->reply, table, row);
	}
	if (!one)
		buf_str(&r->reply, "]}");
	if (one && !found)
		return err_set(e, ERR_GONE, "no %s is called \"%.60s\"", what,
		    r->rest);
	return 0;
}

int
answer_systems(struct request *r, struct err *e)
{
	struct api *api = r->api;

	pthread_mutex_lock(&api->lock);
	const struct many *defs = &api->set->systems;
	const struct system_def *d = defs->item;
	struct many views = { defs->n,
		arena_zero(&r->arena, defs->n, sizeof(struct system_view)) };
	struct system_view *v = views.item;
	for (size_t i = 0; i < defs->n; i++)
		view_fill(r, &d[i], &v[i]);
	pthread_mutex_unlock(&api->lock);
	if (states_read(r, v, views.n, e) != 0)
		return -1;
	return views_encode(r, "system", system_view_fields,
	    sizeof(struct system_view), &views, e);
}

int
answer_feeds(struct request *r, struct err *e)
{
	pthread_mutex_lock(&r->api->lock);
	int ret = views_encode(r, "feed", feed_def_fields,
	    sizeof(struct feed_def), &r->api->set->feeds, e);
	pthread_mutex_unlock(&r->api->lock);
	return ret;
}

int
answer_roles(struct request *r, struct err *e)
{
	pthread_mutex_lock(&r->api->lock);
	int ret = views_encode(r, "role", role_def_fields,
	    sizeof(struct role_def), &r->api->set->roles, e);
	pthread_mutex_unlock(&r->api->lock);
	return ret;
}

int
answer_workflows(struct request *r, struct err *e)
{
	pthread_mutex_lock(&r->api->lock);
	int ret = views_encode(r, "workflow", workflow_def_fields,
	    sizeof(struct workflow_def), &r->api->set->workflows, e);
	pthread_mutex_unlock(&r->api->lock);
	return ret;
}
