/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/attribute.h"

#include <stdlib.h>
#include <string.h>

struct values {
	struct arena *arena;
	const char **item;
	size_t n, room;
};

static int
value_take(void *ctx, const char *key, const char *value, struct err *e)
{
	struct values *v = ctx;

	(void)key;
	(void)e;
	if (v->n == v->room) {
		const char **old = v->item;

		v->room = v->room == 0 ? 4 : v->room * 2;
		v->item = arena_zero(v->arena, v->room, sizeof(*v->item));
		for (size_t i = 0; i < v->n; i++)
			v->item[i] = old[i];
	}
	v->item[v->n++] = arena_str(v->arena, value);
	return 0;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A value as a sorted list of JSON scalars. */
static void
values_of(struct arena *a, const char *value, struct values *v)
{
	struct err ignored = { 0 };

	*v = (struct values){ .arena = a };
	if (value == NULL || strcmp(value, "null") == 0 ||
	    strcmp(value, "\"\"") == 0)
		return;
	if (value[0] != '[')
		(void)value_take(v, NULL, value, &ignored);
	else if (json_each(a, value, value_take, v, &ignored) != 0)
		v->n = 0;
	if (v->n > 1)
		qsort(v->item, v->n, sizeof(*v->item), by_text);
}

bool
attribute_same(struct arena *a, const char *one, const char *two)
{
	struct values x, y;

	if (one != NULL && two != NULL && strcmp(one, two) == 0)
		return true;
	values_of(a, one, &x);
	values_of(a, two, &y);
	if (x.n != y.n)
		return false;
	for (size_t i = 0; i < x.n; i++)
		if (strcmp(x.item[i], y.item[i]) != 0)
			return false;
	return true;
}

struct diff_walk {
	struct arena *arena;
	const char *want, *known, *wrote;
	bool blank;
	struct attribute_diff *out;
	struct buf in, before, after;
};

static void
member_add(struct buf *b, const char *key, const char *value)
{
	buf_char(b, b->len == 0 ? '{' : ',');
	json_string(b, key);
	buf_char(b, ':');
	buf_str(b, value);
}

static int
wanted(void *ctx, const char *key, const char *value, struct err *e)
{
	struct diff_walk *w = ctx;
	const char *known = json_member(w->arena, w->known, key);

	(void)e;
	member_add(&w->in, key, value);
	if (attribute_same(w->arena, value, known))
		return 0;
	w->out->n++;
	if (known != NULL)
		member_add(&w->before, key, known);
	member_add(&w->after, key, value);
	return 0;
}

static int
written(void *ctx, const char *key, const char *value, struct err *e)
{
	struct diff_walk *w = ctx;
	const char *known = json_member(w->arena, w->known, key);

	(void)e;
	(void)value;
	if (!w->blank || json_member(w->arena, w->want, key) != NULL ||
	    attribute_same(w->arena, NULL, known))
		return 0;
	member_add(&w->in, key, "[]");
	member_add(&w->before, key, known);
	member_add(&w->after, key, "[]");
	w->out->n++;
	w->out->blanked++;
	return 0;
}

static const char *
closed(struct buf *b)
{
	if (b->len == 0)
		buf_char(b, '{');
	buf_char(b, '}');
	return buf_text(b);
}

int
attribute_diff(struct arena *a, const char *want, const char *known,
    const char *wrote, bool blank, struct attribute_diff *out, struct err *err)
{
	struct diff_walk w = { .arena = a,
		.want = want ? want : "{}",
		.known = known ? known : "{}",
		.wrote = wrote ? wrote : "{}",
		.blank = blank,
		.out = out,
		.in.arena = a,
		.before.arena = a,
		.after.arena = a };

	memset(out, 0, sizeof(*out));
	if (json_each(a, w.want, wanted, &w, err) != 0 ||
	    json_each(a, w.wrote, written, &w, err) != 0)
		return err_within(err, "attributes: ");
	out->in.text = closed(&w.in);
	out->before.text = closed(&w.before);
	out->after.text = closed(&w.after);
	return 0;
}
