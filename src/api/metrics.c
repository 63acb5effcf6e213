/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Prometheus text exposition format, version 0.0.4
 * (prometheus.io/docs/instrumenting/exposition_formats).
 */
#include <stdlib.h>

#include "api/inside.h"
#include "api/status.h"
#include "base/clock.h"
#include "store/store.h"

static void
head(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_printf(b, "# HELP muster_%s %s\n# TYPE muster_%s %s\n", name, help,
	    name, type);
}

static void
figure(struct buf *b, const char *name, const char *type, const char *help,
    int64_t value)
{
	head(b, name, type, help);
	buf_printf(b, "muster_%s %lld\n", name, (long long)value);
}

static int64_t
age(int64_t now, int64_t since)
{
	return since == 0 || since > now ? 0 : (now - since) / SECOND;
}

/* How many are open, and how old the oldest is.  All samples of one metric
   stand together, as the format wants it. */
static void
waiting(struct buf *b, const struct status *st)
{
	const struct {
		const char *what;
		const struct tally *t;
	} all[] = {
		{ "debts", &st->debts },
		{ "holds", &st->holds },
		{ "cases", &st->cases },
		{ "notices", &st->notices },
		{ "events", &st->events },
	};
	size_t n = sizeof(all) / sizeof(all[0]);

	head(b, "waiting", "gauge", "What is open.");
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "muster_waiting{what=\"%s\"} %lld\n", all[i].what,
		    (long long)all[i].t->n);
	figure(b, "runs_failed", "gauge",
	    "Runs that failed in the last seven days and were not retried.",
	    st->failed.n);
	head(b, "waiting_oldest_seconds", "gauge", "Age of the oldest.");
	for (size_t i = 0; i < n; i++)
		buf_printf(b,
		    "muster_waiting_oldest_seconds{what=\"%s\"} "
		    "%lld\n",
		    all[i].what, (long long)age(st->now, all[i].t->oldest));
}

static void
tallies(struct buf *b, const char *name, const char *label, const char *help,
    const struct many *all)
{
	const struct tally *t = all->item;

	head(b, name, "gauge", help);
	for (size_t i = 0; i < all->n; i++)
		buf_printf(b, "muster_%s{%s=\"%s\"} %lld\n", name, label,
		    t[i].word, (long long)t[i].n);
}

static int
longer(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
quantile(struct buf *b, const char *q, const int64_t *sorted, size_t n,
    size_t percent)
{
	size_t at = n == 0 ? 0 : (n * percent + 99) / 100;

	if (n > 0)
		buf_printf(b,
		    "muster_exposure_seconds{quantile=\"%s\"} "
		    "%lld.%03lld\n",
		    q, (long long)(sorted[at - 1] / SECOND),
		    (long long)(sorted[at - 1] % SECOND));
}

/* Excess access of each leaver: from when it had to end until the last cut
   was verified. */
static int
exposure(struct request *r, struct buf *b, struct err *e)
{
	struct query q = { .at = clock_wall() - 30 * DAY };
	struct many rows = { 0 };
	struct store *s = reader_take(r->api, e);

	if (s == NULL)
		return -1;
	int ret = store_list(s, &r->arena, STMT_API_EXPOSURES, query_fields, &q,
	    tally_fields, sizeof(struct tally), 0, &rows, e);
	reader_give(r->api, s);
	if (ret != 0)
		return -1;
	const struct tally *t = rows.item;
	int64_t *ms = arena_zero(&r->arena, rows.n + 1, sizeof(*ms)), sum = 0;
	for (size_t i = 0; i < rows.n; i++) {
		ms[i] = t[i].n > t[i].oldest ? t[i].n - t[i].oldest : 0;
		sum += ms[i];
	}
	qsort(ms, rows.n, sizeof(*ms), longer);
	head(b, "exposure_seconds", "summary",
	    "Excess access of each leaver of the last 30 days.");
	quantile(b, "0.5", ms, rows.n, 50);
	quantile(b, "0.95", ms, rows.n, 95);
	quantile(b, "1", ms, rows.n, 100);
	buf_printf(b,
	    "muster_exposure_seconds_sum %lld\n"
	    "muster_exposure_seconds_count %zu\n",
	    (long long)(sum / SECOND), rows.n);
	return 0;
}

static void
counters(struct buf *b, const struct status *st)
{
	figure(b, "ticks_total", "counter", "Ticks of the engine.", st->ticks);
	figure(b, "commits_total", "counter", "Ticks that wrote.", st->commits);
	figure(b, "inputs_total", "counter", "Inputs applied.", st->inputs);
	figure(b, "calls_total", "counter", "Calls sent to workers.",
	    st->calls);
	figure(b, "steps_done_total", "counter", "Steps ended.",
	    st->steps_done);
	figure(b, "runs_done_total", "counter", "Runs ended.", st->runs_done);
	figure(b, "calls_in_flight", "gauge", "Calls without an answer yet.",
	    st->in_flight);
	figure(b, "workers", "gauge", "Worker processes.", st->workers);
	figure(b, "evidence_records", "gauge", "Records of the evidence.",
	    st->evidence);
	figure(b, "store_room_bytes", "gauge", "Free for the store.", st->room);
	figure(b, "disk_full", "gauge", "1 while the disk is full.",
	    st->full_since != 0);
	figure(b, "systems_troubled", "gauge",
	    "Systems that are paused or cut off.", (int64_t)st->troubled.n);
}

int
answer_metrics(struct request *r, struct err *e)
{
	struct status st = { 0 };
	struct buf *b = &r->reply;

	r->type = "text/plain; version=0.0.4; charset=utf-8";
	if (status_read(r, &st, e) != 0)
		return -1;
	waiting(b, &st);
	tallies(b, "runs", "class", "Queued and open runs.", &st.runs);
	tallies(b, "steps", "state", "Unfinished and failed steps.", &st.steps);
	tallies(b, "identities", "state", "Identities.", &st.identities);
	counters(b, &st);
	return exposure(r, b, e);
}
