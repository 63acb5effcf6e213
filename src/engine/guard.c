/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "engine/policy.h"

struct total {
	int64_t n, of;
};

/* What one guard looks at: one system, or all of them together. */
static struct total
sum(const struct guard *g, const struct effect_count *c, size_t n)
{
	struct total t = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (strcmp(c[i].effect, g->effect) != 0 ||
		    (g->system != NULL && c[i].system != NULL &&
			strcmp(c[i].system, g->system) != 0))
			continue;
		t.n += c[i].n;
		t.of += c[i].of;
	}
	return t;
}

static const char *
trip(struct engine *e, const struct guard *g, const struct total *t)
{
	const char *where = g->system != NULL ? g->system : "all systems";

	if (g->max > 0 && t->n > g->max)
		return arena_printf(e->arena,
		    "%s: %lld on %s, and at most "
		    "%lld may be without a release",
		    g->effect, (long long)t->n, where, (long long)g->max);
	if (g->percent > 0 && t->n > g->floor && t->of > 0 &&
	    t->n * 100 > t->of * g->percent)
		return arena_printf(e->arena,
		    "%s: %lld of %lld on %s, and at "
		    "most %lld %% may be without a release",
		    g->effect, (long long)t->n, (long long)t->of, where,
		    (long long)g->percent);
	return NULL;
}

int
guard_trips(struct engine *e, const struct many *guards,
    const struct effect_count *c, size_t n, struct texts *trips,
    struct err *err)
{
	(void)err;
	trips->n = 0;
	trips->item = arena_zero(e->arena, guards->n + 1, sizeof(char *));
	for (size_t i = 0; i < guards->n; i++) {
		const struct guard *g = (const struct guard *)guards->item + i;
		struct total t = sum(g, c, n);
		const char *text = trip(e, g, &t);

		if (text != NULL)
			trips->item[trips->n++] = text;
	}
	return trips->n > 0;
}
