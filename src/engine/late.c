/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "engine/load.h"

static int
late_open(struct engine *e, const struct feed_def *d, const struct load *last,
    struct err *err)
{
	struct matter_want w = { .kind = "late",
		.subject = feed_subject(e, d->feed),
		.what = arena_printf(e->arena,
		    "no file of feed %s has come for %lld hours", d->feed,
		    (long long)((e->now - last->dated) / HOUR)),
		.why = arena_printf(e->arena,
		    "%s does not change, so nobody joins, moves or leaves "
		    "by it: see whether its export still runs",
		    d->path),
		.choices = { "{\"close\":\"somebody looks after it\"}" } };
	struct matter since = { .subject = w.subject,
		.opened = last->dated + d->stale };
	struct by_id told = { 0 };

	if (store_get(e->store, e->arena, STMT_LOAD_LATE_TOLD, matter_fields,
		&since, by_id_fields, &told, err) != 0)
		return -1;
	return told.id > 0 ? 0 : matter_open(e, &w, NULL, err);
}

static int
late_look(struct engine *e, const struct feed_def *d, struct err *err)
{
	struct load key = { .feed = d->feed }, last = { 0 };
	int found;

	if (d->path == NULL || d->stale == 0 || strcmp(d->as, "snapshot") != 0)
		return 0;
	found = store_find(e->store, e->arena, STMT_LOAD_ACCEPTED, load_fields,
	    &key, load_fields, &last, err);
	if (found <= 0 || last.dated == 0 || e->now - last.dated <= d->stale)
		return found < 0 ? -1 : 0;
	return late_open(e, d, &last, err);
}

int
late_due(struct engine *e, struct err *err)
{
	const struct many *feeds = &e->config->feeds;

	if (e->now < e->late_at && e->late_at <= e->now + MINUTE)
		return 0;
	e->late_at = e->now + MINUTE;
	for (size_t i = 0; i < feeds->n; i++)
		if (late_look(e, (const struct feed_def *)feeds->item + i,
			err) != 0)
			return -1;
	return 0;
}

int
late_settle(struct engine *e, const char *feed, struct err *err)
{
	return matter_settle(e, "late", feed_subject(e, feed), "a file came in",
	    err);
}
