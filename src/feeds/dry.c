/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/dry.h"

#include <string.h>

#include "base/clock.h"
#include "engine/fold.h"
#include "model/config.h"
#include "model/event.h"
#include "model/person.h"

int
dry_row(struct arena *a, const struct feed_def *d, const char *body,
    struct err *err)
{
	bool snapshot = strcmp(d->as, "snapshot") == 0;
	struct affiliation trial = { 0 };
	struct person p = { 0 };
	struct event v = { .source = d->feed };

	v.body.text = person_normal(a, body, err);
	if (v.body.text == NULL || person_decode(a, v.body.text, &p, err) != 0)
		return -1;
	v.kind = snapshot || p.event == NULL ? "record" : p.event;
	if (p.effective != NULL &&
	    zone_instant(p.zone != NULL ? p.zone : d->zone, p.effective,
		&v.effective, err) != 0)
		return err_within(err, "effective: ");
	return fold_event(a, d, &v, &trial, err);
}

void
dry_bad(struct dry *dry, const struct many *bad)
{
	const struct bad_row *b = bad->item;

	for (size_t i = 0; i < bad->n && dry->n < DRY_MAX; i++) {
		if (dry->n++ > 0)
			buf_char(&dry->bad, ',');
		json_encode(&dry->bad, bad_row_fields, &b[i]);
	}
}

const char *
dry_report(const struct dry *dry, const struct dry_counts *n)
{
	return arena_printf(dry->bad.arena,
	    "{\"state\":\"checked\",\"rows\":%lld,\"bad\":%lld,"
	    "\"skipped\":%lld,\"bad_rows\":[%s]}",
	    (long long)n->rows, (long long)n->bad, (long long)n->skipped,
	    dry->n == 0 ? "" : dry->bad.at);
}
