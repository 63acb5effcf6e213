/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two threads: this one reads the file and proves the tiles, the other one
 * judges the records, in order.  Pieces of whole lines go from one to the
 * other over a small ring, so that memory does not depend on the file.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/bundle.h"
#include "evidence/judge.h"
#include "evidence/note.h"

#define PIECE_ROOM (1024 * 1024) /* and the longest line */
#define READ_SIZE (256 * 1024)	 /* stays in the processor's cache */
#define PIECE_TILES 16
#define RING 3

struct header {
	const char *format, *origin, *vkey, *checkpoint;
	int64_t from, to;
	bool selection;
	struct texts rotations;
	struct since {
		const char *note;
		struct texts proof;
	} since;
};

static const struct field since_fields[] = { FIELD(struct since, note, F_NEED),
	FIELD(struct since, proof, F_NEED), FIELD_END };

static const struct field header_fields[] = { FIELD(struct header, format,
						  F_NEED),
	FIELD(struct header, origin, F_NEED),
	FIELD(struct header, vkey, F_NEED),
	FIELD(struct header, checkpoint, F_NEED),
	FIELD(struct header, from, F_NEED), FIELD(struct header, to, F_NEED),
	FIELD(struct header, selection, F_NEED),
	FIELD(struct header, rotations, F_NEED),
	FIELD_SUB(struct header, since, 0, since_fields), FIELD_END };

struct piece {
	char *at;
	size_t len; /* of whole lines; the last piece's last one
				   may lack its newline */
	struct tile_seen tiles[PIECE_TILES]; /* its tile lines, in order */
	int tile_count;
};

struct pipeline {
	FILE *file;
	struct checkpoint signed_;
	struct judge judge;
	struct piece ring[RING];
	struct tile_line scanned; /* the reader's */
	char *rest;		  /* read, and not yet in a piece */
	size_t rest_len;
	bool at_end;

	pthread_mutex_t lock; /* of the members below */
	pthread_cond_t moved;
	int filled, judged; /* pieces, ever; the ring is between */
	bool last, stop;
};

static bool
refuse(struct pipeline *p, const char *what, const struct err *e)
{
	return judge_refuse(&p->judge, -1, "%s%s%s", what,
	    e == NULL ? "" : ": ", e == NULL ? "" : e->text);
}

/*
 * Whether the header's key is the trusted one, or follows from it by
 * rotations that both keys signed.
 */
static bool
key_trusted(struct arena *a, const struct header *h, const char *trusted)
{
	for (size_t i = 0; i < h->rotations.n && strcmp(trusted, h->vkey) != 0;
	     i++) {
		const char *next = rotation_follow(a, h->rotations.item[i],
		    trusted);

		if (next != NULL)
			trusted = next;
	}
	return strcmp(trusted, h->vkey) == 0;
}

static bool
checkpoint_good(struct pipeline *p, struct arena *a, const struct header *h)
{
	struct verifier v;
	struct err e;
	const char *text;

	if (verifier_parse(a, h->vkey, &v, &e) != 0 ||
	    note_verify(a, h->checkpoint, &v, &text, &e) != 0 ||
	    checkpoint_parse(a, text, &p->signed_, &e) != 0)
		return refuse(p, "the checkpoint was forged or damaged", &e);
	if (strcmp(p->signed_.origin, h->origin) != 0 ||
	    strcmp(v.name, h->origin) != 0)
		return refuse(p, "the checkpoint is of another log", NULL);
	if (h->from < 0 || h->from > h->to || h->to > p->signed_.size)
		return refuse(p,
		    "the bundle claims records that were not "
		    "signed",
		    NULL);
	return true;
}

static bool
is_same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* A checkpoint of this log before its first record, which everything
   extends: there is no proof to give. */
static bool
is_start(struct arena *a, const char *text, const char *origin)
{
	struct checkpoint c;
	struct err ignored;
	merkle_hash none;

	digest(none, "", 0);
	return text != NULL && checkpoint_parse(a, text, &c, &ignored) == 0 &&
	    c.size == 0 && memcmp(c.root, none, DIGEST_LEN) == 0 &&
	    strcmp(c.origin, origin) == 0;
}

/* The older note may be of any earlier key: its root is what counts, and
   it must be the caller's own where the caller kept one.  The checkpoint
   of the bundle itself extends itself. */
static bool
since_good(struct pipeline *p, struct arena *a, const struct header *h,
    const char *kept)
{
	const struct since *s = &h->since;
	merkle_hash proof[MERKLE_DEPTH];
	struct checkpoint old;
	struct err ignored;

	const char *own = kept == NULL ? NULL : note_signed(a, kept);
	if (is_start(a, own, h->origin))
		own = kept = NULL;
	if (s->note == NULL)
		return kept == NULL ||
		    is_same(own, note_signed(a, h->checkpoint)) ||
		    refuse(p,
			"the bundle does not show "
			"that it extends the checkpoint that was given",
			NULL);
	const char *text = note_signed(a, s->note);
	if (kept != NULL && !is_same(own, text) &&
	    !is_same(own, note_signed(a, h->checkpoint)))
		return refuse(p,
		    "the bundle extends another checkpoint than "
		    "the one that was given",
		    NULL);
	bool good = text != NULL && s->proof.n <= MERKLE_DEPTH &&
	    checkpoint_parse(a, text, &old, &ignored) == 0;
	for (size_t i = 0; good && i < s->proof.n; i++)
		good = hex_decode(proof[i], DIGEST_LEN, s->proof.item[i]);
	return (good &&
		   merkle_consistent(old.size, p->signed_.size, old.root,
		       p->signed_.root, (const merkle_hash *)proof,
		       (int)s->proof.n)) ||
	    refuse(p,
		"the log does not extend the older "
		"checkpoint: it was rewritten",
		NULL);
}

static bool
header_good(struct pipeline *p, struct arena *a, struct line l,
    const struct bundle_want *want)
{
	struct bundle_report *r = p->judge.report;
	struct header h = { 0 };
	struct err e;

	if (json_decode(a, header_fields, l.at, l.n, &h, &e) != 0)
		return refuse(p, "not an evidence bundle", &e);
	if (strcmp(h.format, "muster-evidence/1") != 0)
		return refuse(p, "a bundle of another format", NULL);
	if (want->vkey != NULL && !key_trusted(a, &h, want->vkey))
		return refuse(p,
		    "the bundle is of another key than the one "
		    "that was given",
		    NULL);
	if (!checkpoint_good(p, a, &h) || !since_good(p, a, &h, want->since))
		return false;
	r->trusted = want->vkey != NULL;
	r->selection = h.selection;
	r->size = p->signed_.size;
	r->from = p->judge.next = h.from;
	r->to = h.to;
	snprintf(r->origin, sizeof(r->origin), "%s", h.origin);
	snprintf(r->vkey, sizeof(r->vkey), "%s", h.vkey);
	return true;
}

/* A tile's root and path must lead to the signed root. */
static void
tile_prove(struct pipeline *p, struct line l, struct tile_seen *seen)
{
	struct tile_line *t = &p->scanned;
	merkle_hash root;

	seen->is = TILE_MALFORMED;
	if (!tile_scan(l, t))
		return;
	seen->tile = t->tile;
	merkle_root_of((const merkle_hash *)t->tile.leaf, t->tile.n, root);
	seen->is = t->tile.n == tile_width(t->tile.index, p->signed_.size) &&
		merkle_included(t->tile.index, tile_count(p->signed_.size),
		    root, (const merkle_hash *)t->path, t->path_len,
		    p->signed_.root) ?
	    TILE_GOOD :
	    TILE_FORGED;
}

/* Cuts whole lines off what was read, at most as many tiles as fit. */
static size_t
lines_take(struct pipeline *p, struct piece *c)
{
	struct lines all = { p->rest, p->rest + p->rest_len };
	struct lines before = all;
	struct line l;

	c->tile_count = 0;
	while (lines_next(&all, &l)) {
		bool whole = l.at + l.n < all.end || p->at_end ||
		    l.n == PIECE_ROOM;

		if (!whole ||
		    (line_kind(l) == LINE_TILE && c->tile_count == PIECE_TILES))
			break;
		if (line_kind(l) == LINE_TILE)
			tile_prove(p, l, &c->tiles[c->tile_count++]);
		before = all;
	}
	return (size_t)(before.at - p->rest);
}

/* 1 a piece, 0 the file's end, -1 with errno. */
static int
piece_fill(struct pipeline *p, struct piece *c)
{
	if (!p->at_end) {
		size_t room = PIECE_ROOM - p->rest_len;
		size_t n = room < READ_SIZE ? room : READ_SIZE;
		size_t got = fread(p->rest + p->rest_len, 1, n, p->file);

		p->rest_len += got;
		p->at_end = got < n;
		if (ferror(p->file))
			return -1;
	}
	if (p->rest_len == 0)
		return 0;
	c->len = lines_take(p, c);
	char *given = p->rest;
	p->rest = c->at;
	p->rest_len -= c->len;
	memcpy(p->rest, given + c->len, p->rest_len);
	c->at = given;
	return 1;
}

static bool
line_judge(struct judge *j, struct line l, struct lines ahead,
    const struct piece *c, int *tile)
{
	j->report->line++;
	switch (line_kind(l)) {
	case LINE_RECORD:
		return judge_record(j, l, ahead);
	case LINE_TILE:
		return judge_tile(j, &c->tiles[(*tile)++]);
	case LINE_END:
		return judge_end(j, l);
	case LINE_OTHER:
		break;
	}
	if (j->ended)
		return judge_refuse(j, -1, "lines follow the bundle's end");
	return judge_refuse(j, j->next,
	    "record %lld: its line (%lld) is "
	    "malformed",
	    (long long)j->next, (long long)j->report->line);
}

static bool
piece_judge(struct judge *j, const struct piece *c)
{
	struct lines all = { c->at, c->at + c->len };
	struct line l;
	int tile = 0;

	while (lines_next(&all, &l))
		if (!line_judge(j, l, all, c, &tile))
			return false;
	return true;
}

/* Waits for the next piece; NULL after the last one. */
static struct piece *
piece_wait(struct pipeline *p)
{
	pthread_mutex_lock(&p->lock);
	while (p->judged == p->filled && !p->last)
		pthread_cond_wait(&p->moved, &p->lock);
	struct piece *c = p->judged == p->filled ? NULL :
						   &p->ring[p->judged % RING];
	pthread_mutex_unlock(&p->lock);
	return c;
}

static void
piece_done(struct pipeline *p, bool stop)
{
	pthread_mutex_lock(&p->lock);
	p->judged++;
	p->stop = stop;
	pthread_cond_signal(&p->moved);
	pthread_mutex_unlock(&p->lock);
}

static void *
judge_main(void *arg)
{
	struct pipeline *p = arg;
	struct piece *c;

	while ((c = piece_wait(p)) != NULL) {
		bool good = piece_judge(&p->judge, c);

		piece_done(p, !good);
		if (!good)
			return NULL;
	}
	return NULL;
}

/* A free piece of the ring; NULL when the judge has stopped. */
static struct piece *
piece_free(struct pipeline *p)
{
	pthread_mutex_lock(&p->lock);
	while (p->filled - p->judged == RING && !p->stop)
		pthread_cond_wait(&p->moved, &p->lock);
	struct piece *c = p->stop ? NULL : &p->ring[p->filled % RING];
	pthread_mutex_unlock(&p->lock);
	return c;
}

static void
piece_give(struct pipeline *p, bool last)
{
	pthread_mutex_lock(&p->lock);
	p->filled += !last;
	p->last = last;
	pthread_cond_signal(&p->moved);
	pthread_mutex_unlock(&p->lock);
}

static int
read_all(struct pipeline *p)
{
	struct piece *c;
	int got = 0;

	while ((c = piece_free(p)) != NULL && (got = piece_fill(p, c)) > 0)
		piece_give(p, false);
	int why = errno;
	piece_give(p, true);
	errno = why;
	return got;
}

static int
lines_verify(struct pipeline *p, struct err *e)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, judge_main, p);

	if (rc != 0)
		return err_set(e, ERR_BUSY, "no thread: %s", strerror(rc));
	int got = read_all(p);
	int why = errno;
	pthread_join(thread, NULL);
	if (got < 0)
		return err_set(e, ERR_INPUT, "the bundle cannot be read: %s",
		    strerror(why));
	if (p->judge.report->good)
		judge_close(&p->judge);
	return 0;
}

/* The first line, which the reader itself needs. */
static int
header_read(struct pipeline *p, const struct bundle_want *want, struct err *e)
{
	struct arena a = { 0 };
	struct line l;

	p->rest_len = fread(p->rest, 1, PIECE_ROOM, p->file);
	p->at_end = p->rest_len < PIECE_ROOM;
	if (ferror(p->file))
		return err_set(e, ERR_INPUT, "the bundle cannot be read: %s",
		    strerror(errno));
	struct lines all = { p->rest, p->rest + p->rest_len };
	p->judge.report->line = 1;
	if (!lines_next(&all, &l) || all.at[-1] != '\n') {
		refuse(p, "not an evidence bundle", NULL);
		return 0;
	}
	bool good = header_good(p, &a, l, want);
	arena_fini(&a);
	p->rest_len -= (size_t)(all.at - p->rest);
	memmove(p->rest, all.at, p->rest_len);
	return good;
}

static char *
room_new(void)
{
	char *at = malloc(PIECE_ROOM);

	if (at == NULL)
		abort();
	return at;
}

static struct pipeline *
pipeline_new(FILE *file, struct bundle_report *r)
{
	struct pipeline *p = calloc(1, sizeof(*p));

	if (p == NULL)
		abort();
	p->file = file;
	p->judge.report = r;
	p->rest = room_new();
	for (int i = 0; i < RING; i++)
		p->ring[i].at = room_new();
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->moved, NULL);
	return p;
}

static void
pipeline_free(struct pipeline *p)
{
	pthread_cond_destroy(&p->moved);
	pthread_mutex_destroy(&p->lock);
	for (int i = 0; i < RING; i++)
		free(p->ring[i].at);
	free(p->rest);
	judge_fini(&p->judge);
	free(p);
}

int
bundle_verify(FILE *file, const struct bundle_want *want,
    struct bundle_report *report, struct err *e)
{
	*report = (struct bundle_report){ .good = true,
		.bad = -1,
		.bad_last = -1 };
	struct pipeline *p = pipeline_new(file, report);
	int ret = header_read(p, want, e);

	if (ret > 0)
		ret = lines_verify(p, e);
	pipeline_free(p);
	return ret < 0 ? -1 : 0;
}
