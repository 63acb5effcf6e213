/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The feed gate: what makes a file unfit as a whole, however well-formed
 * its rows are.  A successful but empty reading is the worst of them.
 */
#include <string.h>

#include "engine/load.h"

struct gate {
	int64_t good;	  /* rows staged */
	int64_t accepted; /* keys of the last accepted snapshot */
	int64_t common;	  /* of these, how many are here again */
	struct load last; /* the last accepted load; id 0: none */
};

static int
number(struct engine *e, enum stmt which, const struct load *l, int64_t *n,
    struct err *err)
{
	struct by_id row = { 0 };

	if (store_get(e->store, e->arena, which, load_fields, l, by_id_fields,
		&row, err) != 0)
		return -1;
	*n = row.id;
	return 0;
}

static int
gate_measure(struct engine *e, const struct load *l, struct gate *g,
    struct err *err)
{
	if (number(e, STMT_LOAD_ROW_COUNT, l, &g->good, err) != 0 ||
	    number(e, STMT_LOAD_ACCEPTED_COUNT, l, &g->accepted, err) != 0 ||
	    number(e, STMT_LOAD_COMMON, l, &g->common, err) != 0)
		return -1;
	return store_find(e->store, e->arena, STMT_LOAD_ACCEPTED, load_fields,
		   l, load_fields, &g->last, err) < 0 ?
	    -1 :
	    0;
}

static const char *
old(struct engine *e, const struct feed_def *d, const struct load *l,
    const struct gate *g)
{
	char was[TIME_TEXT], is[TIME_TEXT];

	time_format(is, l->dated);
	if (d->stale > 0 && l->dated > 0 && e->now - l->dated > d->stale)
		return arena_printf(e->arena, "the file is of %s: too old", is);
	if (g->last.id == 0 || l->dated == 0 || l->dated >= g->last.dated)
		return NULL;
	return arena_printf(e->arena,
	    "the file is of %s, and the last "
	    "accepted one of %s",
	    is, time_format(was, g->last.dated));
}

static const char *
thin(struct engine *e, const struct feed_def *d, const struct load *l,
    const struct gate *g)
{
	int64_t all = g->good + l->bad;

	if (g->good == 0)
		return "the file has no usable row: an empty answer is not "
		       "an empty company";
	if (g->good < d->min_rows)
		return arena_printf(e->arena,
		    "usable rows: %lld, and there must be "
		    "%lld",
		    (long long)g->good, (long long)d->min_rows);
	if (d->max_bad > 0 && l->bad * 100 > all * d->max_bad)
		return arena_printf(e->arena,
		    "%lld of %lld rows are bad, and"
		    " at most %lld %% may be",
		    (long long)l->bad, (long long)all, (long long)d->max_bad);
	if (strcmp(d->as, "snapshot") == 0 && g->accepted > 0 &&
	    g->common * 100 < g->accepted * d->overlap)
		return arena_printf(e->arena,
		    "only %lld of %lld known keys "
		    "are in it, and %lld %% must be",
		    (long long)g->common, (long long)g->accepted,
		    (long long)d->overlap);
	return NULL;
}

int
gate_pass(struct engine *e, const struct feed_def *d, const struct load *l,
    const char **why, struct err *err)
{
	struct gate g = { 0 };

	if (gate_measure(e, l, &g, err) != 0)
		return -1;
	*why = old(e, d, l, &g);
	if (*why == NULL)
		*why = thin(e, d, l, &g);
	return *why == NULL;
}
