/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "model/config_read.h"

static const char *const formats[] = { "csv", "jsonl", NULL };
static const char *const shapes[] = { "snapshot", "events", NULL };
static const char *const yes_no[] = { "yes", "no", NULL };

const struct field feed_def_fields[] = {
	FIELD(struct feed_def, feed, F_NEED | F_KEY, .help = "its name"),
	FIELD(struct feed_def, format, 0, .words = formats,
	    .fallback = "\"csv\"", .help = "how its files are written"),
	FIELD(struct feed_def, as, 0, .words = shapes,
	    .fallback = "\"snapshot\"",
	    .help = "whether a file holds everybody, or what happened"),
	FIELD(struct feed_def, path, 0,
	    .help = "file to read when it is due; absent: only what is "
		    "handed in"),
	FIELD(struct feed_def, every, F_SPAN, .fallback = "\"1m\"",
	    .help = "how often path is looked at"),
	FIELD(struct feed_def, map, F_NEED,
	    .help = "jq: from a row to a person"),
	FIELD(struct feed_def, columns, 0,
	    .help = "columns without which a file is refused"),
	FIELD(struct feed_def, zone, 0, .fallback = "\"UTC\"",
	    .help = "IANA time zone of dates that do not say theirs"),
	FIELD(struct feed_def, absent_leaves, 0, .fallback = "false",
	    .help = "snapshot: whoever is no longer in it has left"),
	FIELD(struct feed_def, min_rows, 0, .fallback = "1",
	    .help = "a snapshot with fewer rows is refused"),
	FIELD(struct feed_def, overlap, 0, .fallback = "80",
	    .help = "percent of the accepted keys that a snapshot must "
		    "have, or it is refused"),
	FIELD(struct feed_def, stale, F_SPAN,
	    .help = "a snapshot older than this is refused, and a case tells "
		    "that none has come at path for so long; absent: none"),
	FIELD(struct feed_def, max_bad, 0, .fallback = "5",
	    .help = "percent of bad rows beyond which a snapshot is "
		    "refused"),
	FIELD(struct feed_def, authority, 0, .fallback = "100",
	    .help = "where two feeds disagree, the lower one wins"),
	FIELD(struct feed_def, attributes, 0,
	    .help = "attributes that it is believed for; absent: all"),
	FIELD_LIST(struct feed_def, guards, 0, struct guard, guard_fields,
	    .help = "instead of the guards of the settings"),
	FIELD(struct feed_def, leavers_a_day, 0, .fallback = "10",
	    .help = "leavers that it may announce in a day by events before "
		    "a person must look; ends within 31 days count too"),
	FIELD(struct feed_def, separator, 0, .fallback = "\",\"",
	    .help = "csv: what stands between values"),
	FIELD(struct feed_def, match, 0, .words = yes_no, .fallback = "\"no\"",
	    .help = "whether the strong key of its rows says who is who"),
	FIELD_END
};

static void
snapshot_check(struct reading *r, const struct place *p,
    const struct feed_def *d)
{
	bool events = strcmp(d->as, "events") == 0;

	if (events && d->absent_leaves)
		config_wrong(r, p,
		    "absent_leaves: only a snapshot shows who "
		    "is absent");
	config_between(r, p, "min_rows", d->min_rows, 0, 100000000);
	config_between(r, p, "overlap", d->overlap, 0, 100);
	config_between(r, p, "max_bad", d->max_bad, 0, 100);
	config_span(r, p, "stale", d->stale, 0, 3650 * DAY);
}

void
config_feed_read(struct reading *r, const struct place *p)
{
	struct feed_def *d = config_def(r, &r->feeds, p);
	struct err e = { 0 };
	int64_t at;

	d->file = p->file;
	if (!config_decode(r, p, feed_def_fields, d))
		return;
	if (!config_is_name(d->feed))
		config_wrong(r, p,
		    "feed: wants lower-case letters, digits, -"
		    " and _");
	if (zone_instant(d->zone, "2026-01-01", &at, &e) != 0)
		config_wrong(r, p, "zone: %s", e.text);
	if (strlen(d->separator) != 1 || strchr("\"\r\n", *d->separator))
		config_wrong(r, p, "separator: wants one character");
	if (d->path != NULL && d->path[0] == '\0')
		config_wrong(r, p, "path: is empty");
	else if (d->path != NULL && d->path[0] != '/')
		d->path = arena_printf(r->arena, "%s/%s", r->config->dir,
		    d->path);
	config_span(r, p, "every", d->every, SECOND, 30 * DAY);
	config_between(r, p, "authority", d->authority, 0, 1000000);
	config_between(r, p, "leavers_a_day", d->leavers_a_day, 0, 1000000);
	config_guards(r, p, &d->guards);
	snapshot_check(r, p, d);
}
