/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/reply.h"

#include <stdio.h>
#include <string.h>

#include <muster/field.h>

static bool
span_is(struct span s, const char *text)
{
	return s.n == strlen(text) && memcmp(s.at, text, s.n) == 0;
}

/* A whole number of at most 18 digits that is not negative. */
static bool
number_read(struct json_scan *s, int64_t *out)
{
	struct span text;
	int64_t v = 0;

	if (json_peek(s) != JSON_NUMBER || !json_skip(s, &text) || text.n > 18)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		v = v * 10 + (text.at[i] - '0');
	}
	*out = v;
	return true;
}

/* The class of a failure that a child may report.  A word that nobody knows
   is none, though err_named() calls it a bug. */
static bool
failure_set(const char *word, const char *text, int64_t after_ms,
    struct err *why)
{
	enum err_class cls = word == NULL ? ERR_BUG : err_named(word);

	if (cls == ERR_NONE || after_ms < 0 ||
	    (cls == ERR_BUG &&
		(word == NULL ||
		    strcmp(word, err_meanings[ERR_BUG].word) != 0)))
		return false;
	err_set(why, cls, "%s", text == NULL ? "" : text);
	why->after_ms = after_ms;
	return true;
}

/* The walks pass over what they do not read: it could have one. */
static bool
no_key_twice(const char *text, size_t n)
{
	struct err e;

	return json_check(text, n, &e) == 0;
}

/* Rare, so it may take the long way. */
static bool
failure_read(const char *text, size_t n, struct reply *r)
{
	struct arena a = { NULL, 0 };
	struct wire_reply w = { 0 };
	struct err e;
	bool ok = json_decode(&a, wire_reply_fields, text, n, &w, &e) == 0 &&
	    w.rows.text == NULL && w.out.text == NULL && w.call > 0 &&
	    failure_set(w.failure, w.text, w.after_ms, &r->why);

	r->kind = REPLY_FAILURE;
	r->call = w.call;
	r->epoch = w.epoch;
	arena_fini(&a);
	return ok;
}

static bool
value_read(struct json_scan *s, struct span key, struct reply *r)
{
	bool rows = span_is(key, "rows");

	if (r->value.at != NULL || (!rows && !span_is(key, "out")))
		return false;
	r->kind = rows ? REPLY_ROWS : REPLY_OUT;
	if (rows && json_peek(s) != JSON_ARRAY)
		return false;
	return json_skip(s, &r->value);
}

bool
reply_read(const char *text, size_t n, struct reply *r)
{
	struct json_scan s = { .at = text, .end = text + n };
	struct json_walk w;
	struct span key;
	int64_t unused;

	*r = (struct reply){ .kind = REPLY_OUT, .call = -1, .epoch = -1 };
	if (json_peek(&s) != JSON_OBJECT || !json_walk_begin(&w, &s))
		return false;
	while (json_walk_next(&w, NULL, &key)) {
		bool ok;

		if (span_is(key, "failure"))
			return failure_read(text, n, r);
		if (span_is(key, "call") && r->call < 0)
			ok = number_read(&s, &r->call);
		else if (span_is(key, "epoch") && r->epoch < 0)
			ok = number_read(&s, &r->epoch);
		else if (span_is(key, "after_ms"))
			ok = number_read(&s, &unused);
		else
			ok = value_read(&s, key, r);
		if (!ok)
			return false;
	}
	return json_scan_end(&s) && r->value.at != NULL && r->call >= 0 &&
	    r->epoch >= 0 && no_key_twice(text, n);
}

bool
ready_read(const char *text, size_t n, struct err *why)
{
	struct arena a = { NULL, 0 };
	struct wire_ready r = { 0 };
	struct err e;
	bool ok = json_decode(&a, wire_ready_fields, text, n, &r, &e) == 0;

	*why = (struct err){ .cls = ERR_NONE };
	if (ok && !r.ready && !failure_set(r.failure, r.text, r.after_ms, why))
		err_set(why, ERR_REFUSED, "it does not start");
	arena_fini(&a);
	return ok;
}

/* {"values":[...]} or {"error":"text"}, and nothing else. */
static bool
cell_check(struct json_scan *s)
{
	struct json_walk w;
	struct span key;
	size_t members = 0;

	if (json_peek(s) != JSON_OBJECT || !json_walk_begin(&w, s))
		return false;
	while (json_walk_next(&w, NULL, &key)) {
		enum json_kind kind = json_peek(s);

		if (++members > 1 ||
		    !((span_is(key, "values") && kind == JSON_ARRAY) ||
			(span_is(key, "error") && kind == JSON_STRING)) ||
		    !json_skip(s, NULL))
			return false;
	}
	return s->fault == NULL && members == 1;
}

static bool
row_check(struct json_scan *s, size_t programs)
{
	struct json_walk w;
	struct span key;
	size_t cells = 0;

	if (json_peek(s) != JSON_ARRAY || !json_walk_begin(&w, s))
		return false;
	while (json_walk_next(&w, NULL, &key)) {
		if (!cell_check(s))
			return false;
		cells++;
	}
	return s->fault == NULL && cells == programs;
}

static bool
rows_read(struct json_scan *s, size_t programs, struct verdicts *v)
{
	struct json_walk w;
	struct span key;

	if (json_peek(s) != JSON_ARRAY || !json_walk_begin(&w, s))
		return false;
	v->rows.at = s->at;
	while (json_walk_next(&w, NULL, &key)) {
		if (!row_check(s, programs))
			return false;
		v->count++;
	}
	v->rows.n = (size_t)(s->at - v->rows.at) - 1;
	return s->fault == NULL;
}

static bool
stuck_read(struct json_scan *s, struct verdicts *v)
{
	struct span what;

	if (!json_scan_string(s, NULL, &what))
		return false;
	snprintf(v->what, sizeof(v->what), "%.*s", (int)what.n, what.at);
	v->stuck = true;
	return true;
}

bool
verdicts_read(const char *text, size_t n, size_t programs, struct verdicts *v)
{
	struct json_scan s = { .at = text, .end = text + n };
	struct json_walk w;
	struct span key;

	*v = (struct verdicts){ .program = -1, .input = -1 };
	if (json_peek(&s) != JSON_OBJECT || !json_walk_begin(&w, &s))
		return false;
	while (json_walk_next(&w, NULL, &key)) {
		bool ok = false;

		if (span_is(key, "id"))
			ok = number_read(&s, &v->id);
		else if (span_is(key, "results") && v->rows.at == NULL)
			ok = rows_read(&s, programs, v);
		else if (span_is(key, "stuck"))
			ok = stuck_read(&s, v);
		else if (span_is(key, "program"))
			ok = number_read(&s, &v->program);
		else if (span_is(key, "input"))
			ok = number_read(&s, &v->input);
		if (!ok)
			return false;
	}
	return json_scan_end(&s) && v->stuck == (v->rows.at == NULL) &&
	    (!v->stuck ||
		(v->program >= 0 && v->input >= 0 &&
		    (size_t)v->program <= programs)) &&
	    no_key_twice(text, n);
}
