/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/run.h"

#include <stdbool.h>
#include <string.h>

#include <jq.h>

#include "base/json_scan.h"
#include "eval/cache.h"
#include "eval/compile.h"

#define ERROR_TEXT 300 /* bytes of an error that are passed on */
#define VALUE_DEPTH 16 /* levels of one value */

static void
buf_cut(struct buf *b, size_t len)
{
	b->len = len;
	if (b->at != NULL)
		b->at[len] = '\0';
}

/* Bytes of s, at most n, that end with a whole character. */
static size_t
text_cut(const char *s, size_t n)
{
	size_t len = strnlen(s, n + 1);

	if (len <= n)
		return len;
	while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return n;
}

void
run_refuse(const char *text, size_t room, struct buf *out)
{
	jv s = jv_dump_string(jv_string_sized(text,
				  (int)text_cut(text, ERROR_TEXT)),
	    0);
	size_t n = (size_t)jv_string_length_bytes(jv_copy(s));

	if (n + strlen("{\"error\":}") > room)
		buf_str(out, "{\"error\":\"the answers are too large\"}");
	else
		buf_printf(out, "{\"error\":%s}", jv_string_value(s));
	jv_free(s);
}

/* What error() was given: a text as it is, anything else as JSON. */
static void
message_refuse(jv message, size_t room, struct buf *out)
{
	if (jv_get_kind(message) != JV_KIND_STRING)
		message = jv_dump_string(message, 0);
	run_refuse(jv_string_value(message), room, out);
	jv_free(message);
}

/* What of a dumped value would not be read on the other side: libjq lets
   NUL, surrogates and 10,000 levels through.  NULL: nothing. */
static const char *
text_fault(const char *text, size_t n)
{
	struct json_scan s = { .at = text,
		.end = text + n,
		.depth = JSON_DEPTH - VALUE_DEPTH };

	return json_skip(&s, NULL) && json_scan_end(&s) ? NULL : s.fault;
}

/* Appends one value; answers what is wrong with it, or NULL. */
static const char *
value_add(struct buf *out, size_t start, size_t room, jv value, bool first)
{
	jv s = jv_dump_string(value, JV_PRINT_SORTED);
	size_t n = (size_t)jv_string_length_bytes(jv_copy(s));
	const char *fault = out->len - start + n + 4 > room ?
	    "the answers are too large" :
	    text_fault(jv_string_value(s), n);

	if (fault == NULL) {
		if (!first)
			buf_char(out, ',');
		buf_add(out, jv_string_value(s), n);
	}
	jv_free(s);
	return fault;
}

void
run_program(const struct compiled *p, jv value, size_t room, struct buf *out)
{
	size_t start = out->len, n = 0;
	jv got;

	if (p->set == NULL) {
		jv_free(value);
		run_refuse(p->error, room, out);
		return;
	}
	jq_state *jq = set_jq(p->set);
	jq_start(jq, choice_input(value, p->index), 0);
	buf_str(out, "{\"values\":[");
	while (jv_is_valid(got = jq_next(jq))) {
		const char *fault = "more than 1000 values";

		if (n == RUN_VALUES)
			jv_free(got);
		else
			fault = value_add(out, start, room, got, n == 0);
		n++;
		if (fault != NULL) {
			buf_cut(out, start);
			run_refuse(fault, room, out);
			return;
		}
	}
	if (!jv_invalid_has_msg(jv_copy(got))) {
		jv_free(got);
		buf_str(out, "]}");
		return;
	}
	buf_cut(out, start);
	message_refuse(jv_invalid_get_msg(got), room, out);
}

/* The values of one program out of the answer of all. */
static void
cell_write(jv cell, size_t room, struct buf *out)
{
	size_t start = out->len;
	const char *fault = NULL;

	if (jv_get_kind(cell) == JV_KIND_OBJECT) {
		message_refuse(jv_object_get(cell, jv_string("e")), room, out);
		return;
	}
	int n = jv_array_length(jv_copy(cell));
	if (n > RUN_VALUES)
		fault = "more than 1000 values";
	buf_str(out, "{\"values\":[");
	for (int i = 0; i < n && fault == NULL; i++)
		fault = value_add(out, start, room,
		    jv_array_get(jv_copy(cell), i), i == 0);
	jv_free(cell);
	if (fault == NULL) {
		buf_str(out, "]}");
		return;
	}
	buf_cut(out, start);
	run_refuse(fault, room, out);
}

bool
run_all(jq_state *jq, size_t n, jv value, size_t limit, struct buf *out)
{
	size_t start = out->len;

	jq_start(jq, all_input(value), 0);
	jv got = jq_next(jq);
	bool fine = jv_get_kind(got) == JV_KIND_ARRAY &&
	    (size_t)jv_array_length(jv_copy(got)) == n;
	buf_char(out, '[');
	for (size_t i = 0; i < n && fine; i++) {
		if (i > 0)
			buf_char(out, ',');
		cell_write(jv_array_get(jv_copy(got), (int)i), RUN_BYTES, out);
		fine = out->len < limit;
	}
	jv_free(got);
	if (fine)
		buf_char(out, ']');
	else
		buf_cut(out, start);
	return fine;
}
