/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "engine/command.h"
#include "feeds/dry.h"
#include "feeds/keys.h"
#include "feeds/reader.h"
#include "model/person.h"

#define SLICE 100		      /* rows mapped and handed over at once */
#define SLICE_BYTES ((size_t)4 << 20) /* ... or fewer, if they are large */
#define FILE_MAX (INT64_C(256) << 20)

struct reading {
	const struct feed_file *f;
	struct reader reader;
	struct keys keys; /* of the rows handed over: snapshots only */
	bool snapshot;
	int64_t load;
	struct arena slice;  /* of the rows in hand */
	struct texts inputs; /* their documents */
	size_t bytes;	     /* of these */
	int64_t lines[SLICE];
	struct many good, bad; /* struct feed_row, struct bad_row */
	int64_t skipped;       /* of this slice: left out by the map */
	struct dry_counts all; /* of all slices so far */
	struct dry dry;	       /* what is told when it is only checked */
};

static int
file_open(const char *path, struct stat *st, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_set(err, errno == ENOENT ? ERR_GONE : ERR_INPUT,
		    "%s: %s", path, strerror(errno));
	if (fstat(fd, st) != 0 || !S_ISREG(st->st_mode) ||
	    st->st_size > FILE_MAX)
		err_set(err, ERR_INPUT,
		    "%s: not a regular file of at most "
		    "256 MiB",
		    path);
	else if ((st->st_mode & S_IWOTH) != 0)
		err_set(err, ERR_INPUT, "%s: everybody can write it", path);
	else
		return fd;
	close(fd);
	return -1;
}

static int64_t
changed_at(const struct stat *st)
{
	return st->st_mtim.tv_sec * SECOND + st->st_mtim.tv_nsec / 1000000;
}

/* The digest of all bytes; the file is then at its beginning again. */
static int
digest_of(int fd, const char *path, char hex[65], struct err *err)
{
	unsigned char sum[DIGEST_LEN], piece[65536];
	struct digest_ctx *d = digest_begin();
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) > 0)
		digest_more(d, piece, (size_t)n);
	digest_end(d, sum);
	if (n < 0 || lseek(fd, 0, SEEK_SET) != 0)
		return err_set(err, ERR_BUSY, "%s: %s", path, strerror(errno));
	hex_encode(hex, sum, sizeof(sum));
	return 0;
}

int
feed_file_digest(const char *path, char hex[65], int64_t *dated,
    struct err *err)
{
	struct stat st;
	int fd = file_open(path, &st, err), ret;

	if (fd < 0)
		return -1;
	ret = digest_of(fd, path, hex, err);
	*dated = changed_at(&st);
	close(fd);
	return ret;
}

static const char *
place(struct reading *r, int64_t line)
{
	return arena_printf(&r->slice, "%s:%lld", r->f->name, (long long)line);
}

static void
bad_add(struct reading *r, int64_t line, const char *key, const char *why)
{
	struct bad_row *b = (struct bad_row *)r->bad.item + r->bad.n++;

	*b = (struct bad_row){ .load = r->load,
		.feed = r->f->def->feed,
		.place = place(r, line),
		.key = key,
		.reason = arena_str(&r->slice, why),
		.at = clock_wall() };
}

/* A key that stands twice makes both rows bad: nobody guesses. */
static void
twice(struct reading *r, const char *key, int64_t first, int64_t line)
{
	bad_add(r, line, key,
	    arena_printf(&r->slice,
		"key %s stands in line "
		"%lld too",
		key, (long long)first));
	bad_add(r, first, key,
	    arena_printf(&r->slice,
		"key %s stands in line"
		" %lld too",
		key, (long long)line));
}

/* The body of one good row, strictly a person, in one spelling. */
static void
person_take(struct reading *r, int64_t line, const char *value)
{
	struct arena *a = &r->slice;
	struct person p = { 0 };
	struct err why = { 0 };
	const char *body = json_canonical(a, value, strlen(value), &why);
	int64_t first;

	if (body == NULL || person_decode(a, body, &p, &why) != 0) {
		bad_add(r, line, json_member_text(a, value, "key"), why.text);
		return;
	}
	if (r->snapshot && (first = keys_add(&r->keys, p.key, line)) != 0) {
		twice(r, p.key, first, line);
		return;
	}
	if (r->f->dry_run && dry_row(a, r->f->def, body, &why) != 0) {
		bad_add(r, line, p.key, why.text);
		return;
	}
	struct feed_row *row = (struct feed_row *)r->good.item + r->good.n++;
	*row = (struct feed_row){ .feed = r->f->def->feed,
		.load = r->load,
		.key = r->snapshot ?
		    p.key :
		    arena_printf(a, "%012lld", (long long)line),
		.body = body,
		.digest = digest_text(a, body),
		.place = place(r, line) };
}

struct answers {
	struct reading *r;
	size_t at;
	const char *value; /* the first that the program gave for a row */
	size_t values, programs;
};

static int
value_take(void *ctx, const char *key, const char *value, struct err *err)
{
	struct answers *w = ctx;

	(void)key, (void)err;
	if (w->values++ == 0)
		w->value = arena_str(&w->r->slice, value);
	return 0;
}

/* What the mapping program said of one row: {"values":[...]} or an error;
   no value at all leaves the row out on purpose. */
static int
program_take(void *ctx, const char *key, const char *value, struct err *err)
{
	struct answers *w = ctx;
	struct arena *a = &w->r->slice;
	const char *error = json_member_text(a, value, "error");
	const char *values = json_member(a, value, "values");
	int64_t line = w->r->lines[w->at];

	(void)key;
	w->programs++;
	w->values = 0;
	if (error == NULL && values != NULL &&
	    json_each(a, values, value_take, w, err) != 0)
		return -1;
	if (error != NULL || values == NULL)
		bad_add(w->r, line, NULL,
		    arena_printf(a, "map: %s",
			error != NULL ? error : "no verdict"));
	else if (w->values > 1)
		bad_add(w->r, line, NULL,
		    "map: more than one person for one row");
	else if (w->values == 1)
		person_take(w->r, line, w->value);
	else
		w->r->skipped++;
	return 0;
}

static int
input_take(void *ctx, const char *key, const char *value, struct err *err)
{
	struct answers *w = ctx;

	(void)key;
	w->programs = 0;
	if (w->at == w->r->inputs.n ||
	    json_each(&w->r->slice, value, program_take, w, err) != 0 ||
	    w->programs != 1)
		return err_set(err, ERR_BUSY, "an answer to something else");
	w->at++;
	return 0;
}

/* A row without an answer would look like somebody who is gone. */
static int
map_rows(struct reading *r, struct err *err)
{
	const char *map = r->f->def->map, *results;
	struct texts programs = { 1, &map };
	struct answers w = { .r = r };

	if (r->inputs.n == 0)
		return 0;
	if (r->f->env->ask(r->f->env->ask_ctx, &programs, &r->inputs, &r->slice,
		&results, err) != 0)
		return err_within(err, "%s: map: ", r->f->def->file);
	if (json_each(&r->slice, results, input_take, &w, err) != 0)
		return err_within(err, "%s: map: ", r->f->def->file);
	if (w.at != r->inputs.n)
		return err_set(err, ERR_BUSY,
		    "%s: map: %zu answers to %zu "
		    "rows",
		    r->f->def->file, w.at, r->inputs.n);
	return 0;
}

static int
command(struct reading *r, const char *verb, const struct field *table,
    const void *in, const char **reply, struct err *err)
{
	struct buf b = { .arena = &r->slice };

	json_encode(&b, table, in);
	return r->f->env->call(r->f->env->call_ctx, verb, buf_text(&b),
	    r->f->actor, &r->slice, reply, err);
}

static void
slice_begin(struct reading *r)
{
	arena_reset(&r->slice);
	r->bytes = 0;
	r->inputs = (struct texts){ 0,
		arena_zero(&r->slice, SLICE, sizeof(char *)) };
	r->good = (struct many){ 0,
		arena_zero(&r->slice, SLICE, sizeof(struct feed_row)) };
	r->bad = (struct many){ 0,
		arena_zero(&r->slice, 4 * SLICE, sizeof(struct bad_row)) };
}

static int
slice_end(struct reading *r, struct err *err)
{
	struct load_rows l = { .load = r->load };

	if (map_rows(r, err) != 0)
		return -1;
	l.rows = r->good;
	l.bad = r->bad;
	l.skipped = r->skipped;
	r->skipped = 0;
	r->all.skipped += l.skipped;
	r->all.rows += (int64_t)l.rows.n;
	r->all.bad += (int64_t)l.bad.n;
	if (r->f->dry_run)
		dry_bad(&r->dry, &l.bad);
	else if ((l.rows.n + l.bad.n > 0 || l.skipped > 0) &&
	    command(r, "load.rows", load_rows_fields, &l, NULL, err) != 0)
		return -1;
	slice_begin(r);
	return 0;
}

/* The row as its mapping program sees it: with its line. */
static const char *
numbered(struct reading *r, const char *row)
{
	if (row[1 + strspn(row + 1, " \t")] == '}')
		return row;
	return arena_printf(&r->slice, "{\"_line\":%lld,%s",
	    (long long)r->reader.line, row + 1);
}

static int
rows_read(struct reading *r, struct err *err)
{
	bool csv = strcmp(r->f->def->format, "csv") == 0;
	reader_fn *read_row = csv ? csv_row : jsonl_row;
	enum row_kind kind = ROW_GOOD;
	struct err why = { 0 };
	const char *row;

	if (csv && csv_header(&r->reader, &r->f->def->columns, err) != 0)
		return -1;
	slice_begin(r);
	while (kind != ROW_END) {
		if (read_row(&r->reader, &r->slice, &row, &kind, &why) != 0) {
			*err = why;
			return -1;
		}
		if (kind == ROW_GOOD) {
			r->lines[r->inputs.n] = r->reader.line;
			r->inputs.item[r->inputs.n] = numbered(r, row);
			r->bytes += strlen(r->inputs.item[r->inputs.n++]);
		} else if (kind == ROW_BAD) {
			bad_add(r, r->reader.line, NULL, why.text);
		}
		if ((r->inputs.n == SLICE || r->bytes >= SLICE_BYTES ||
			r->bad.n >= SLICE || kind == ROW_END) &&
		    slice_end(r, err) != 0)
			return -1;
	}
	return 0;
}

/* The file must be the same at the end as at the beginning: its digest
   stands for its rows.  A time can be set back. */
static int
still(const struct reading *r, const struct stat *was, const char *hex,
    struct err *err)
{
	int fd = fileno(r->reader.in);
	char again[DIGEST_HEX];
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_size == was->st_size &&
	    changed_at(&st) == changed_at(was) && lseek(fd, 0, SEEK_SET) == 0 &&
	    digest_of(fd, r->f->path, again, err) == 0 &&
	    strcmp(again, hex) == 0)
		return 0;
	return err_set(err, ERR_INPUT,
	    "%s: it changed while it was read: "
	    "write feeds under another name and rename them",
	    r->f->path);
}

static int
load_begin(struct reading *r, const char *hex, int64_t dated,
    const char **reply, struct err *err)
{
	struct load_begin b = { .feed = r->f->def->feed,
		.place = r->f->name,
		.digest = hex,
		.dated = dated };
	const char *id;

	if (command(r, "load.begin", load_begin_fields, &b, reply, err) != 0)
		return -1;
	id = *reply != NULL ? json_member_text(&r->slice, *reply, "load") :
			      NULL;
	if (id == NULL)
		return err_set(err, ERR_BUG, "load.begin: no number");
	r->load = strtoll(id, NULL, 10);
	return 0;
}

static int
load_end(struct reading *r, const char *failure, struct arena *a,
    const char **reply, struct err *err)
{
	struct load_end l = { .load = r->load, .failure = failure };
	const char *said = NULL;

	if (command(r, "load.end", load_end_fields, &l, &said, err) != 0)
		return -1;
	*reply = said != NULL ? arena_str(a, said) : "{}";
	return 0;
}

/* load.begin to load.end; a failure in between refuses the load. */
static int
hand_over(struct reading *r, const char *hex, int64_t dated,
    const struct stat *st, struct arena *a, const char **reply, struct err *err)
{
	const char *said = NULL;
	struct err worse;

	arena_reset(&r->slice);
	if (!r->f->dry_run && load_begin(r, hex, dated, &said, err) != 0)
		return -1;
	if (r->load == 0 && !r->f->dry_run) { /* it was read before */
		*reply = arena_str(a, said);
		return 0;
	}
	if (rows_read(r, err) != 0 || still(r, st, hex, err) != 0) {
		if (!r->f->dry_run &&
		    load_end(r, err->text, a, reply, &worse) != 0)
			return -1;
		return -1;
	}
	if (!r->f->dry_run)
		return load_end(r, NULL, a, reply, err);
	*reply = dry_report(&r->dry, &r->all);
	return 0;
}

void
feed_file_refuse(const struct feed_file *f, const struct err *why)
{
	struct reading r = { .f = f };
	char none[DIGEST_HEX];
	struct err err = { 0 };
	const char *reply;

	memset(none, '0', sizeof(none) - 1);
	none[sizeof(none) - 1] = '\0';
	if (load_begin(&r, none, clock_wall(), &reply, &err) != 0 ||
	    load_end(&r, why->text, &r.slice, &reply, &err) != 0)
		log_warn("feed %s: %s", f->def->feed, err.text);
	arena_fini(&r.slice);
}

int
feed_file_read(const struct feed_file *f, struct arena *a, const char **reply,
    struct err *err)
{
	struct reading r = { .f = f,
		.snapshot = strcmp(f->def->as, "snapshot") == 0,
		.dry.bad.arena = a };
	char hex[DIGEST_HEX];
	struct stat st;
	const char *separator = f->def->separator;
	int fd = file_open(f->path, &st, err), ret;

	if (fd < 0)
		return -1;
	if (separator == NULL)
		separator = ",";
	if (digest_of(fd, f->path, hex, err) != 0) {
		close(fd);
		return -1;
	}
	r.reader = (struct reader){ .in = fdopen(fd, "r"),
		.name = f->name,
		.separator = *separator };
	if (r.reader.in == NULL) {
		close(fd);
		return err_set(err, ERR_BUSY, "%s: %s", f->path,
		    strerror(errno));
	}
	ret = hand_over(&r, hex, f->dated != 0 ? f->dated : changed_at(&st),
	    &st, a, reply, err);
	fclose(r.reader.in);
	reader_fini(&r.reader);
	keys_fini(&r.keys);
	arena_fini(&r.slice);
	return ret;
}
