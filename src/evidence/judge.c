/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/judge.h"

#define EXPLAINED (INT64_C(1) << 62) /* no record has such a number */

bool
lines_next(struct lines *l, struct line *out)
{
	if (l->at >= l->end)
		return false;
	size_t left = (size_t)(l->end - l->at);
	const char *newline = memchr(l->at, '\n', left);
	out->at = l->at;
	out->n = newline == NULL ? left : (size_t)(newline - l->at);
	l->at += newline == NULL ? left : out->n + 1;
	return true;
}

bool
judge_refuse(struct judge *j, int64_t record, const char *fmt, ...)
{
	struct bundle_report *r = j->report;
	va_list ap;

	r->good = false;
	r->bad = r->bad_last = record;
	va_start(ap, fmt);
	vsnprintf(r->what, sizeof(r->what), fmt, ap);
	va_end(ap);
	return false;
}

static bool
dropped(struct judge *j, const char *how)
{
	long long next = (long long)j->next;

	return judge_refuse(j, j->next, "record %lld is missing: %s", next,
	    how);
}

/* In a whole bundle the tiles follow each other, none left out. */
static bool
tile_in_turn(struct judge *j, const struct tile *t)
{
	bool whole = !j->report->selection;

	if (j->in_tile && t->index <= j->tile.index)
		return judge_refuse(j, t->index * TILE_WIDTH,
		    "the hashes of "
		    "records from %lld on stand here a second time or out of "
		    "order",
		    (long long)t->index * TILE_WIDTH);
	if (whole &&
	    (j->next >= j->report->to || t->index < j->next / TILE_WIDTH))
		return judge_refuse(j, t->index * TILE_WIDTH,
		    "the hashes of "
		    "records from %lld on do not belong into this bundle",
		    (long long)t->index * TILE_WIDTH);
	if (whole && t->index > j->next / TILE_WIDTH)
		return dropped(j, "the bundle goes on with later ones");
	return true;
}

static bool
tile_forged(struct judge *j, const struct tile *t)
{
	int64_t from = t->index * TILE_WIDTH;
	int width = tile_width(t->index, j->report->size);
	int64_t last = from + (width > 0 ? width : t->n) - 1;

	judge_refuse(j, from,
	    "records %lld to %lld: the hashes that stand "
	    "for them are not those of the signed tree; at least one was "
	    "forged",
	    (long long)from, (long long)last);
	j->report->bad_last = last;
	return false;
}

bool
judge_tile(struct judge *j, const struct tile_seen *seen)
{
	const struct tile *t = &seen->tile;

	if (j->ended)
		return judge_refuse(j, -1, "lines follow the bundle's end");
	if (seen->is == TILE_MALFORMED)
		return judge_refuse(j, j->next,
		    "line %lld, before record "
		    "%lld, is malformed",
		    (long long)j->report->line, (long long)j->next);
	if (!tile_in_turn(j, t))
		return false;
	if (seen->is == TILE_FORGED)
		return tile_forged(j, t);
	j->tile = *t;
	j->in_tile = true;
	return true;
}

static bool
stands_ahead(struct lines ahead, int64_t seq)
{
	struct record_line r;
	struct line l;

	while (lines_next(&ahead, &l))
		if (record_scan(l, &r) && r.seq == seq)
			return true;
	return false;
}

/* Another record than the one that must follow. */
static bool
misplaced(struct judge *j, int64_t seq, struct lines ahead)
{
	long long here = (long long)seq, next = (long long)j->next;

	if (seq < j->next)
		return judge_refuse(j, seq,
		    "record %lld stands a second time "
		    "or out of order, where record %lld must stand",
		    here, next);
	if (stands_ahead(ahead, j->next))
		return judge_refuse(j, j->next,
		    "record %lld is out of order: "
		    "record %lld stands in its place",
		    next, here);
	return judge_refuse(j, j->next,
	    "record %lld is missing: record %lld "
	    "stands in its place",
	    next, here);
}

static bool
record_in_turn(struct judge *j, int64_t seq, struct lines ahead)
{
	int64_t first = j->tile.index * TILE_WIDTH;
	bool selection = j->report->selection;

	if (selection ? seq < j->next : seq != j->next)
		return misplaced(j, seq, ahead);
	if (!j->in_tile || seq < first || seq >= first + j->tile.n ||
	    seq >= j->report->to)
		return judge_refuse(j, seq,
		    "record %lld is not of this part "
		    "of the signed tree",
		    (long long)seq);
	return true;
}

static bool
body_good(const struct record_line *r)
{
	unsigned char sum[DIGEST_LEN];

	entry_body_digest(sum, r->salt, r->body.at, r->body.n);
	return memcmp(sum, r->digest, DIGEST_LEN) == 0;
}

static void
erased_add(struct judge *j, int64_t seq)
{
	if (j->erased_n == j->erased_room) {
		j->erased_room = j->erased_room == 0 ? 64 : 2 * j->erased_room;
		j->erased = reallocarray(j->erased, j->erased_room,
		    sizeof(*j->erased));
		if (j->erased == NULL)
			abort();
	}
	j->erased[j->erased_n++] = seq;
	j->report->unexplained++;
}

/* By halves; those that are explained are known by their own bit. */
static void
erased_explain(struct judge *j, int64_t seq)
{
	size_t from = 0, to = j->erased_n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;
		int64_t there = j->erased[mid] & ~EXPLAINED;

		if (there < seq)
			from = mid + 1;
		else
			to = mid;
	}
	if (from < j->erased_n && j->erased[from] == seq) {
		j->erased[from] |= EXPLAINED;
		j->report->unexplained--;
	}
}

/* Where every record is here, so is the one that says who erased another:
   a body without it was taken away by somebody else. */
static bool
erased_good(struct judge *j)
{
	const struct bundle_report *r = j->report;
	long long seq;

	if (r->selection || r->to != r->size || r->unexplained == 0)
		return true;
	for (size_t i = 0; i < j->erased_n; i++)
		if ((j->erased[i] & EXPLAINED) == 0) {
			seq = (long long)j->erased[i];
			return judge_refuse(j, j->erased[i],
			    "record %lld has lost its body: no record says "
			    "that it was erased",
			    seq);
		}
	return true;
}

void
judge_fini(struct judge *j)
{
	free(j->erased);
	j->erased = NULL;
}

bool
judge_record(struct judge *j, struct line l, struct lines ahead)
{
	struct record_line r;
	merkle_hash leaf;
	int64_t seq;

	if (j->ended)
		return judge_refuse(j, -1, "lines follow the bundle's end");
	if (!record_scan(l, &r))
		return judge_refuse(j, j->next,
		    "record %lld: its line (%lld) "
		    "is malformed",
		    (long long)j->next, (long long)j->report->line);
	if (!record_in_turn(j, r.seq, ahead))
		return false;
	merkle_leaf(leaf, r.entry.at, r.entry.n);
	if (memcmp(leaf, j->tile.leaf[r.seq % TILE_WIDTH], DIGEST_LEN) != 0)
		return judge_refuse(j, r.seq,
		    "record %lld was changed: its "
		    "time, kind, subject or the digest of its body is not "
		    "what was signed",
		    (long long)r.seq);
	if (!r.erased && !body_good(&r))
		return judge_refuse(j, r.seq,
		    "record %lld was changed: its "
		    "body or salt is not what was signed",
		    (long long)r.seq);
	j->report->records++;
	j->report->erased += r.erased;
	if (r.erased)
		erased_add(j, r.seq);
	if (erasure_scan(&r, &seq))
		erased_explain(j, seq);
	j->next = r.seq + 1;
	return true;
}

bool
judge_end(struct judge *j, struct line l)
{
	struct bundle_report *r = j->report;
	int64_t records;

	if (j->ended)
		return judge_refuse(j, -1, "lines follow the bundle's end");
	if (!end_scan(l, &records))
		return judge_refuse(j, -1, "line %lld is malformed",
		    (long long)r->line);
	if (!r->selection && j->next < r->to)
		return dropped(j, "the bundle ends before it");
	if (records != r->records)
		return judge_refuse(j, -1,
		    "the bundle has %lld records, and "
		    "says that it has %lld",
		    (long long)r->records, (long long)records);
	j->ended = true;
	return erased_good(j);
}

bool
judge_close(struct judge *j)
{
	if (j->ended)
		return true;
	if (!j->report->selection && j->next < j->report->to)
		return dropped(j, "the bundle is cut off before it");
	return judge_refuse(j, -1,
	    "the bundle is cut off: its last line is "
	    "missing");
}
