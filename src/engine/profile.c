/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/profile.h"

#include <stdlib.h>
#include <string.h>

#include "engine/fold.h"
#include "engine/outgoing.h"

struct value { /* of one attribute, the best so far */
	const char *name, *text, *feed, *zone;
};

struct gathering {
	struct engine *e;
	const struct affiliation *from;
	const struct feed_def *feed;
	struct many values; /* struct value */
};

struct rank {
	const struct affiliation *a;
	int64_t past, authority, other;
};

static int
by_rank(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->past != y->past)
		return x->past < y->past ? -1 : 1;
	if (x->authority != y->authority)
		return x->authority < y->authority ? -1 : 1;
	if (x->other != y->other)
		return x->other < y->other ? -1 : 1;
	return x->a->id < y->a->id ? -1 : x->a->id > y->a->id;
}

static struct rank *
ranks(struct engine *e, const struct identity *who, const struct affiliation *a,
    size_t n)
{
	struct rank *r = arena_zero(e->arena, n + 1, sizeof(*r));
	struct phase p;

	phase_of(a, n, who, &e->config->settings, e->now, &p);
	for (size_t i = 0; i < n; i++) {
		const struct feed_def *d = config_feed(e->config, a[i].feed);
		int64_t end = a[i].ends;

		if (a[i].last_day != 0 && (end == 0 || a[i].last_day < end))
			end = a[i].last_day;
		r[i] = (struct rank){ &a[i], end != 0 && end <= e->now,
			d != NULL ? d->authority : INT64_MAX, p.main != &a[i] };
	}
	if (n > 1)
		qsort(r, n, sizeof(*r), by_rank);
	return r;
}

/* A non-human's owner, purpose and end are whoever's who names them. */
static bool
is_believed(const struct feed_def *d, const char *name)
{
	static const char *const always[] = { "owner", "purpose", "expires",
		NULL };

	if (d == NULL || d->attributes.n == 0)
		return true;
	for (size_t i = 0; always[i] != NULL; i++)
		if (strcmp(always[i], name) == 0)
			return true;
	for (size_t i = 0; i < d->attributes.n; i++)
		if (strcmp(d->attributes.item[i], name) == 0)
			return true;
	return false;
}

static int
value_add(void *ctx, const char *name, const char *text, struct err *err)
{
	struct gathering *g = ctx;
	struct value *v = g->values.item;

	(void)err;
	if (!is_believed(g->feed, name))
		return 0;
	for (size_t i = 0; i < g->values.n; i++)
		if (strcmp(v[i].name, name) == 0)
			return 0;
	v = out_add(g->e->arena, &g->values, sizeof(*v));
	*v = (struct value){ name, text, g->from->feed, g->from->zone };
	if (v->zone == NULL)
		v->zone = g->feed != NULL ? g->feed->zone : "UTC";
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* True if the value belongs to the identity itself. */
static bool
own_take(struct engine *e, const struct value *v, struct profile *p)
{
	const struct {
		const char *name;
		const char **to;
	} own[] = {
		{ "display", &p->display },
		{ "username", &p->username },
		{ "owner", &p->owner },
		{ "purpose", &p->purpose },
	};
	struct err ignored;
	const char *text;

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (strcmp(own[i].name, v->name) == 0) {
			*own[i].to = json_scalar(e->arena, v->text);
			return true;
		}
	if (strcmp(v->name, "expires") != 0)
		return false;
	text = json_scalar(e->arena, v->text);
	if (text == NULL ||
	    fold_end_of(v->zone, text, &p->expires, &ignored) != 0)
		p->expires = 0;
	return true;
}

static void
member_add(struct buf *b, const char *name, const char *text, bool quote)
{
	buf_char(b, b->len == 0 ? '{' : ',');
	json_string(b, name);
	buf_char(b, ':');
	if (quote)
		json_string(b, text);
	else
		buf_str(b, text);
}

static void
profile_write(struct engine *e, const struct many *values, struct profile *p)
{
	struct buf all = { .arena = e->arena }, from = { .arena = e->arena };
	const struct value *v = values->item;

	for (size_t i = 0; i < values->n; i++) {
		member_add(&from, v[i].name, v[i].feed, true);
		if (!own_take(e, &v[i], p))
			member_add(&all, v[i].name, v[i].text, false);
	}
	buf_str(&all, all.len == 0 ? "{}" : "}");
	buf_str(&from, from.len == 0 ? "{}" : "}");
	p->attributes.text = buf_text(&all);
	p->sources.text = buf_text(&from);
}

int
profile_make(struct engine *e, const struct identity *who,
    const struct affiliation *a, size_t n, struct profile *p, struct err *err)
{
	struct gathering g = { .e = e };
	const struct rank *r = ranks(e, who, a, n);

	memset(p, 0, sizeof(*p));
	for (size_t i = 0; i < n; i++) {
		g.from = r[i].a;
		g.feed = config_feed(e->config, g.from->feed);
		if (g.from->attributes.text != NULL &&
		    json_each(e->arena, g.from->attributes.text, value_add, &g,
			err) != 0)
			return -1;
	}
	if (g.values.n > 1)
		qsort(g.values.item, g.values.n, sizeof(struct value), by_name);
	profile_write(e, &g.values, p);
	return 0;
}
