/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/answer.h"

#include <stdbool.h>
#include <string.h>

#include <jv.h>

#include "base/frame.h"
#include "eval/cache.h"
#include "eval/run.h"
#include "eval/watch.h"

#define ROOM (FRAME_MAX - 1024u) /* for the rows of a frame */
#define LEFT_OUT "no verdict: it takes too long or needs too much memory"

struct question {
	struct cache *cache;
	struct arena *arena;
	int64_t id, budget;
	size_t programs, inputs, skips;
	const char **texts;
	bool careful;		   /* one by one, so that a culprit is named */
	jq_state *whole;	   /* all at once; NULL: one by one */
	struct compiled *compiled; /* NULL: not needed so far */
	jv all;			   /* the question's JSON, owner of the rest */
	jv input_list, skip_list;
};

static int64_t
number_of(jv object, const char *name)
{
	jv v = jv_object_get(jv_copy(object), jv_string(name));
	double d = jv_get_kind(v) == JV_KIND_NUMBER ? jv_number_value(v) : 0;

	jv_free(v);
	return d >= 1 && d < 9e15 ? (int64_t)d : 0;
}

static bool
is_true(jv object, const char *name)
{
	jv v = jv_object_get(jv_copy(object), jv_string(name));
	bool yes = jv_get_kind(v) == JV_KIND_TRUE;

	jv_free(v);
	return yes;
}

/* The member as an array; an empty one if it is none. */
static jv
list_of(jv object, const char *name)
{
	jv v = jv_object_get(jv_copy(object), jv_string(name));

	if (jv_get_kind(v) == JV_KIND_ARRAY)
		return v;
	jv_free(v);
	return jv_array();
}

static size_t
list_length(jv list)
{
	return (size_t)jv_array_length(jv_copy(list));
}

static int
texts_read(struct arena *a, jv list, const char ***texts, size_t *n,
    struct err *e)
{
	*n = list_length(list);
	if (*n > QUESTION_PROGRAMS)
		return err_set(e, ERR_INPUT, "more than %d programs",
		    QUESTION_PROGRAMS);
	*texts = arena_zero(a, *n + 1, sizeof(**texts));
	for (size_t i = 0; i < *n; i++) {
		jv v = jv_array_get(jv_copy(list), (int)i);
		bool is_text = jv_get_kind(v) == JV_KIND_STRING;

		if (is_text)
			(*texts)[i] = arena_str(a, jv_string_value(v));
		jv_free(v);
		if (!is_text)
			return err_set(e, ERR_INPUT,
			    "program %zu is not a text", i);
	}
	return 0;
}

/* A run may use a quarter of what the whole question may take. */
static int64_t
budget_of(int64_t deadline)
{
	int64_t ms = deadline / 4;

	return ms < 100 ? 100 : ms > 2000 ? 2000 : ms;
}

static bool
is_skipped(const struct question *q, size_t program, size_t input)
{
	bool hit = false;

	for (size_t i = 0; i < q->skips && !hit; i++) {
		jv pair = jv_array_get(jv_copy(q->skip_list), (int)i);
		jv p = jv_get(jv_copy(pair), jv_number(0));
		jv k = jv_get(pair, jv_number(1));

		hit = jv_get_kind(p) == JV_KIND_NUMBER &&
		    jv_get_kind(k) == JV_KIND_NUMBER &&
		    jv_number_value(p) == (double)program &&
		    (jv_number_value(k) < 0 ||
			jv_number_value(k) == (double)input);
		jv_free(p);
		jv_free(k);
	}
	return hit;
}

/* Each of the cells to come must find room for a refusal. */
static size_t
cell_room(size_t cells, size_t used, size_t limit)
{
	size_t taken = cells * RUN_LEAST + used;

	if (taken + RUN_BYTES < limit)
		return RUN_BYTES;
	if (taken + RUN_LEAST < limit)
		return limit - taken;
	return RUN_LEAST;
}

/* Each program by itself: the way for what does not go together. */
static void
row_write_singly(struct question *q, size_t input, size_t limit,
    struct buf *out)
{
	jv value = jv_array_get(jv_copy(q->input_list), (int)input);

	if (q->compiled == NULL) {
		q->compiled = arena_zero(q->arena, q->programs + 1,
		    sizeof(*q->compiled));
		cache_find(q->cache, q->arena, q->texts, q->programs,
		    q->compiled);
	}
	buf_char(out, '[');
	for (size_t p = 0; p < q->programs; p++) {
		size_t room = cell_room(q->programs - p, out->len, limit);

		if (p > 0)
			buf_char(out, ',');
		if (is_skipped(q, p, input)) {
			run_refuse(LEFT_OUT, room, out);
			continue;
		}
		watch_begin(q->id, p, input, q->budget);
		run_program(&q->compiled[p], jv_copy(value), room, out);
		watch_end();
	}
	buf_char(out, ']');
	jv_free(value);
}

static void
row_write(struct question *q, size_t input, size_t limit, struct buf *out)
{
	bool done = false;

	if (q->whole != NULL) {
		jv value = jv_array_get(jv_copy(q->input_list), (int)input);

		watch_begin(q->id, q->programs, input, q->budget);
		done = run_all(q->whole, q->programs, value, limit, out);
		watch_end();
	}
	if (!done)
		row_write_singly(q, input, limit, out);
}

/* Stops before the row that does not fit; the first one is made to fit. */
static void
rows_write(struct question *q, struct buf *out)
{
	for (size_t i = 0; i < q->inputs; i++) {
		size_t mark = out->len;

		if (i > 0)
			buf_char(out, ',');
		row_write(q, i, i == 0 ? ROOM : (size_t)2 * ROOM, out);
		if (i > 0 && out->len > ROOM) {
			out->len = mark;
			return;
		}
	}
}

static int
question_read(struct cache *c, struct arena *a, struct question *q,
    struct err *e)
{
	jv programs = list_of(q->all, "programs");
	int ret = texts_read(a, programs, &q->texts, &q->programs, e);

	jv_free(programs);
	if (ret != 0)
		return -1;
	q->id = number_of(q->all, "id");
	if (q->id == 0)
		return err_set(e, ERR_INPUT, "a question without an id");
	q->budget = budget_of(number_of(q->all, "deadline_ms"));
	q->inputs = list_length(q->input_list);
	q->skips = list_length(q->skip_list);
	q->cache = c;
	q->arena = a;
	if (!q->careful)
		q->whole = cache_whole(c, a, q->texts, q->programs);
	return 0;
}

/* Parsed JSON of the wanted kind, or ERR_INPUT. */
static int
text_parse(const char *text, size_t n, jv_kind kind, jv *out, struct err *e)
{
	*out = jv_parse_sized(text, (int)n);
	if (jv_get_kind(*out) == kind)
		return 0;
	jv_free(*out);
	return err_set(e, ERR_INPUT, "not JSON of the right kind");
}

int
answer_question(struct cache *c, struct arena *a, const char *text, size_t n,
    struct buf *out, struct err *e)
{
	struct question q = { 0 };

	if (text_parse(text, n, JV_KIND_OBJECT, &q.all, e) != 0)
		return -1;
	q.input_list = list_of(q.all, "inputs");
	q.skip_list = list_of(q.all, "skip");
	q.careful = is_true(q.all, "careful");
	int ret = question_read(c, a, &q, e);
	if (ret == 0) {
		buf_printf(out, "{\"id\":%lld,\"results\":[", (long long)q.id);
		rows_write(&q, out);
		buf_str(out, "]}");
	}
	jv_free(q.input_list);
	jv_free(q.skip_list);
	jv_free(q.all);
	return ret;
}

int
answer_check(struct cache *c, struct arena *a, const char *text, size_t n,
    struct buf *out, struct err *e)
{
	const char **texts = NULL;
	size_t count = 0;
	jv list;

	if (text_parse(text, n, JV_KIND_ARRAY, &list, e) != 0)
		return -1;
	int ret = texts_read(a, list, &texts, &count, e);
	jv_free(list);
	if (ret != 0)
		return -1;
	struct compiled *p = arena_zero(a, count + 1, sizeof(*p));
	cache_find(c, a, texts, count, p);
	buf_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		jv s = p[i].set != NULL ?
		    jv_string("null") :
		    jv_dump_string(jv_string(p[i].error), 0);

		buf_printf(out, "%s%s", i > 0 ? "," : "", jv_string_value(s));
		jv_free(s);
	}
	buf_str(out, "]");
	return 0;
}
