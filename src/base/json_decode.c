/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text into structs.  A text is checked whole first (json_check), then
 * read once; an error gets the path in front while it is handed up.
 */
#include <stdio.h>
#include <string.h>

#include <muster/field.h>

#include "base/clock.h"
#include "base/json_faults.h"
#include "base/json_scan.h"

#define STEP_MAX 96
#define PATH_ROOM 256
#define SHOWN 40 /* of a wrong value or key, in an error */

struct decode {
	struct json_scan scan;
	struct arena *arena;
	struct err *err;
	/* Where it goes on after a fault: whom to tell, and what leads to the
	   object that is being read. */
	json_fault_fn *each;
	void *ctx;
	size_t faults;
	char *path; /* of PATH_ROOM bytes */
};

static int object(struct decode *, const struct field *, void *out);

static int
wants(struct decode *d, const char *name, const char *what)
{
	return err_set(d->err, ERR_INPUT, "%s: wants %s", name, what);
}

/* The fault that err says, in the object that path leads to: 0 if reading
   goes on. */
static int
fault(struct decode *d)
{
	if (d->each == NULL)
		return -1;
	(void)err_within(d->err, "%s", d->path);
	d->each(d->ctx, d->err);
	d->faults++;
	*d->err = (struct err){ 0 };
	return 0;
}

/* "name." or "name[3]." */
static void
step_print(char *to, size_t room, const struct field *f, size_t index)
{
	if (f->kind == FIELD_MANY)
		snprintf(to, room, "%s[%zu].", f->name, index);
	else
		snprintf(to, room, "%s.", f->name);
}

/* The object of a member, or of a list's element. */
static int
inside(struct decode *d, const struct field *f, size_t index, void *out)
{
	char step[STEP_MAX];

	if (d->each == NULL) {
		if (object(d, f->sub, out) == 0)
			return 0;
		step_print(step, sizeof(step), f, index);
		return err_within(d->err, "%s", step);
	}
	size_t n = strlen(d->path);
	step_print(d->path + n, PATH_ROOM - n, f, index);
	int ret = object(d, f->sub, out);
	d->path[n] = '\0';
	return ret;
}

static int
text_read(struct decode *d, const struct field *f, const char **out)
{
	struct span s;

	if (json_peek(&d->scan) != JSON_STRING ||
	    !json_scan_string(&d->scan, d->arena, &s))
		return wants(d, f->name, "a text");
	*out = arena_mem(d->arena, s.at, s.n);
	if (f->words == NULL)
		return 0;
	for (const char *const *w = f->words; *w != NULL; w++)
		if (strcmp(*w, *out) == 0)
			return 0;
	if ((f->flags & F_SECRET) != 0)
		return wants(d, f->name, "another word");
	return err_set(d->err, ERR_INPUT, "%s: unknown word '%.*s'", f->name,
	    SHOWN, *out);
}

static int
integer_read(struct decode *d, const struct field *f, int64_t *out)
{
	struct span s;

	if (json_peek(&d->scan) != JSON_NUMBER || !json_skip(&d->scan, &s))
		return wants(d, f->name, "an integer");
	bool minus = *s.at == '-';
	int64_t v = 0;
	for (size_t i = minus; i < s.n; i++) {
		int digit = s.at[i] - '0';

		if (digit < 0 || digit > 9)
			return wants(d, f->name, "an integer");
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, minus ? -digit : digit, &v))
			return wants(d, f->name, "an integer of 64 bits");
	}
	*out = v;
	return 0;
}

static int
number_read(struct decode *d, const struct field *f, int64_t *out)
{
	struct field plain = { .name = f->name };
	const char *text = "";

	if ((f->flags & (F_TIME | F_SPAN)) == 0)
		return integer_read(d, f, out);
	if (text_read(d, &plain, &text) != 0)
		return -1;
	int ret = (f->flags & F_TIME) != 0 ? time_parse(text, out, d->err) :
					     span_parse(text, out, d->err);
	return ret == 0 ? 0 : err_within(d->err, "%s: ", f->name);
}

static int
bool_read(struct decode *d, const struct field *f, bool *out)
{
	enum json_kind kind = json_peek(&d->scan);

	if (kind != JSON_TRUE && kind != JSON_FALSE)
		return wants(d, f->name, "true or false");
	json_skip(&d->scan, NULL);
	*out = kind == JSON_TRUE;
	return 0;
}

static int
json_read(struct decode *d, struct json *out)
{
	struct buf b = { .arena = d->arena };

	json_compact(&d->scan, &b);
	out->text = buf_text(&b);
	return 0;
}

/* Room for one more in a list that has n: doubles at the powers of two. */
static void *
list_grow(struct arena *a, void *list, size_t n, size_t size)
{
	if (n >= 4 && (n & (n - 1)) != 0)
		return list;
	if (n > 0 && n < 4)
		return list;
	return arena_grow(a, list, n * size, (n == 0 ? 4 : 2 * n) * size);
}

static int
texts_read(struct decode *d, const struct field *f, struct texts *out)
{
	struct json_walk w;
	struct span key;

	if (json_peek(&d->scan) != JSON_ARRAY || !json_walk_begin(&w, &d->scan))
		return wants(d, f->name, "a list of texts");
	for (out->n = 0; json_walk_next(&w, NULL, &key); out->n++) {
		out->item = list_grow(d->arena, out->item, out->n,
		    sizeof(*out->item));
		if (text_read(d, f, &out->item[out->n]) != 0)
			return -1;
	}
	return 0;
}

static int
many_read(struct decode *d, const struct field *f, struct many *out)
{
	struct json_walk w;
	struct span key;

	if (json_peek(&d->scan) != JSON_ARRAY || !json_walk_begin(&w, &d->scan))
		return wants(d, f->name, "a list");
	for (out->n = 0; json_walk_next(&w, NULL, &key); out->n++) {
		out->item = list_grow(d->arena, out->item, out->n, f->size);
		if (json_peek(&d->scan) != JSON_OBJECT)
			return err_set(d->err, ERR_INPUT,
			    "%s[%zu]: wants an object", f->name, out->n);
		if (inside(d, f, out->n,
			(char *)out->item + out->n * f->size) != 0)
			return -1;
	}
	return 0;
}

static int
value_read(struct decode *d, const struct field *f, void *to)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return text_read(d, f, to);
	case FIELD_INT:
		return number_read(d, f, to);
	case FIELD_BOOL:
		return bool_read(d, f, to);
	case FIELD_JSON:
		return json_read(d, to);
	case FIELD_TEXTS:
		return texts_read(d, f, to);
	case FIELD_MANY:
		return many_read(d, f, to);
	case FIELD_ONE:
		if (json_peek(&d->scan) != JSON_OBJECT)
			return wants(d, f->name, "an object");
		return inside(d, f, 0, to);
	}
	return err_set(d->err, ERR_BUG, "%s: no such kind", f->name);
}

static int
fallback_read(struct arena *a, const struct field *f, void *to, struct err *e)
{
	struct decode d = { .arena = a, .err = e };

	if (f->kind == FIELD_ONE)
		return field_defaults(a, f->sub, to, e);
	if (f->fallback == NULL)
		return 0;
	if (json_check(f->fallback, strlen(f->fallback), e) != 0)
		return err_within(e, "%s: fallback: ", f->name);
	d.scan.at = f->fallback;
	d.scan.end = f->fallback + strlen(f->fallback);
	return value_read(&d, f, to);
}

static int
absent_fill(struct decode *d, const struct field *table, const uint64_t *seen,
    void *out)
{
	for (size_t i = 0; table[i].name != NULL; i++) {
		const struct field *f = &table[i];

		if ((seen[i / 64] >> i % 64 & 1) != 0)
			continue;
		if ((f->flags & F_NEED) != 0) {
			err_set(d->err, ERR_INPUT, "%s: missing", f->name);
			if (fault(d) != 0)
				return -1;
			continue;
		}
		if (fallback_read(d->arena, f, (char *)out + f->at, d->err) !=
		    0)
			return -1;
	}
	return 0;
}

/* A value that is wrong is passed over, if reading goes on. */
static int
member_read(struct decode *d, const struct field *f, void *to)
{
	struct json_scan before = d->scan;

	if (value_read(d, f, to) == 0)
		return 0;
	if (fault(d) != 0)
		return -1;
	d->scan = before;
	json_skip(&d->scan, NULL);
	return 0;
}

static int
object(struct decode *d, const struct field *table, void *out)
{
	uint64_t seen[TABLE_MAX / 64] = { 0 };
	bool root = d->scan.depth == 0;
	struct json_walk w;
	struct span key;

	json_walk_begin(&w, &d->scan);
	while (json_walk_next(&w, d->arena, &key)) {
		const struct field *f = field_find(table, key.at, key.n);

		if (f == NULL && root && key.n == 7 &&
		    memcmp(key.at, "$schema", 7) == 0) {
			json_skip(&d->scan, NULL);
			continue;
		}
		if (f == NULL) {
			err_set(d->err, ERR_INPUT, "%.*s: unknown",
			    key.n < SHOWN ? (int)key.n : SHOWN, key.at);
			if (fault(d) != 0)
				return -1;
			json_skip(&d->scan, NULL);
			continue;
		}
		size_t i = (size_t)(f - table);
		if (i >= TABLE_MAX)
			return err_set(d->err, ERR_BUG, "%s: too many fields",
			    f->name);
		seen[i / 64] |= UINT64_C(1) << i % 64;
		if (member_read(d, f, (char *)out + f->at) != 0)
			return -1;
	}
	return absent_fill(d, table, seen, out);
}

int
json_decode_line(struct arena *a, const struct field *table, const char *text,
    size_t n, void *out, int *line, struct err *e)
{
	struct decode d = { .scan = { .at = text, .end = text + n },
		.arena = a,
		.err = e };

	*line = 0;
	if (json_check(text, n, e) != 0)
		return -1;
	if (json_peek(&d.scan) != JSON_OBJECT)
		err_set(e, ERR_INPUT, "wants an object");
	else if (object(&d, table, out) == 0)
		return 0;
	*line = json_line(text, d.scan.at);
	return -1;
}

int
json_decode_faults(struct arena *a, const struct field *table, const char *text,
    size_t n, void *out, json_fault_fn *each, void *ctx)
{
	char path[PATH_ROOM] = "";
	struct err e = { 0 };
	struct decode d = { .scan = { .at = text, .end = text + n },
		.arena = a,
		.err = &e,
		.path = path,
		.each = each,
		.ctx = ctx };

	if (json_check(text, n, &e) != 0)
		return each(ctx, &e), -1;
	if (json_peek(&d.scan) != JSON_OBJECT)
		err_set(&e, ERR_INPUT, "wants an object");
	else if (object(&d, table, out) == 0)
		return d.faults == 0 ? 0 : -1;
	return each(ctx, &e), -1;
}

int
json_decode(struct arena *a, const struct field *table, const char *text,
    size_t n, void *out, struct err *e)
{
	int line;

	return json_decode_line(a, table, text, n, out, &line, e);
}

static bool
is_absent(const struct field *f, const void *p)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return *(const char *const *)p == NULL;
	case FIELD_INT:
		return *(const int64_t *)p == 0;
	case FIELD_BOOL:
		return !*(const bool *)p;
	case FIELD_JSON:
		return ((const struct json *)p)->text == NULL;
	case FIELD_TEXTS:
		return ((const struct texts *)p)->item == NULL;
	case FIELD_MANY:
		return ((const struct many *)p)->item == NULL;
	case FIELD_ONE:
		return true;
	}
	return false;
}

int
field_defaults(struct arena *a, const struct field *table, void *out,
    struct err *e)
{
	for (const struct field *f = table; f->name != NULL; f++) {
		void *to = (char *)out + f->at;

		if (is_absent(f, to) && fallback_read(a, f, to, e) != 0)
			return f->kind == FIELD_ONE ?
			    err_within(e, "%s.", f->name) :
			    -1;
	}
	return 0;
}
