/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/compile.h"

#include <stdlib.h>
#include <string.h>

#include "eval/program.h"

#define VALUE "$" PROGRAM_OURS "_v"
#define INDEX "$" PROGRAM_OURS "_i"
#define EACH PROGRAM_OURS "_e"

/* libjq says "jq: error: REASON at <top-level>, line N:" and the source,
   then how many errors there are: keeps the first reason and its line. */
static void
message_take(void *ctx, jv message)
{
	struct buf *out = ctx;
	jv text = jq_format_error(message);

	if (out->len == 0) {
		const char *s = jv_string_value(text);
		const char *at = strstr(s, " at <top-level>, ");
		const char *shell = strstr(s, " (Unix shell quoting");

		if (strncmp(s, "jq: error: ", 11) == 0)
			s += 11;
		size_t n = at == NULL ? strcspn(s, "\n") : (size_t)(at - s);
		if (shell != NULL && shell > s && shell < s + n)
			n = (size_t)(shell - s);
		buf_add(out, s, n);
		if (at != NULL)
			buf_printf(out, ", %.*s", (int)strcspn(at + 17, ":\n"),
			    at + 17);
	}
	jv_free(text);
}

/* Writes a search by halves, so that any of n programs is near. */
static void
branch_write(struct buf *b, const char *const *programs, size_t from, size_t to)
{
	if (to - from == 1) {
		buf_printf(b, "(%s\n)", programs[from]);
		return;
	}
	size_t mid = from + (to - from) / 2;
	buf_printf(b, "if " INDEX " < %zu then ", mid);
	branch_write(b, programs, from, mid);
	buf_str(b, " else ");
	branch_write(b, programs, mid, to);
	buf_str(b, " end");
}

/* A reason that lies behind the last line of a program is its end, not the
   bracket that this file put there. */
static const char *
message_end(struct arena *a, const char *message, const char *program)
{
	const char *at = strrchr(message, ' ');
	int lines = 1;

	for (; *program != '\0'; program++)
		lines += *program == '\n';
	if (at == NULL || atoi(at + 1) <= lines)
		return message;
	return arena_printf(a, "syntax error, unexpected end, line %d", lines);
}

/* The last program is for the reason alone. */
static jq_state *
text_compile(struct arena *a, struct buf *text, const char *last,
    const char **error)
{
	struct buf message = { .arena = a };
	jq_state *jq = jq_init();

	if (jq == NULL)
		abort();
	/* No folder is searched for modules, should one ever be asked for. */
	jq_set_attr(jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
	jq_set_error_cb(jq, message_take, &message);
	int ok = jq_compile_args(jq, buf_text(text), jv_array());
	jq_set_error_cb(jq, NULL, NULL);
	if (ok)
		return jq;
	jq_teardown(&jq);
	*error = message.len == 0 ? "does not compile" :
				    message_end(a, buf_text(&message), last);
	return NULL;
}

jq_state *
compile_choice(struct arena *a, const char *const *programs, size_t n,
    const char **error)
{
	struct buf text = { .arena = a };

	buf_str(&text, ". as [" VALUE ", " INDEX ", $now] | " VALUE " | ");
	branch_write(&text, programs, 0, n);
	return text_compile(a, &text, programs[n - 1], error);
}

jq_state *
compile_all(struct arena *a, const char *const *programs, size_t n,
    const char **error)
{
	struct buf text = { .arena = a };

	/* A function for what is around each: libjq looks for its 200 builtins
	   in every instruction. */
	buf_str(&text,
	    "def " EACH "(f): try [f] catch {e: .}; "
	    ". as [" VALUE ", $now] | " VALUE " | [");
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%s" EACH "(%s\n)", i > 0 ? "," : "",
		    programs[i]);
	buf_str(&text, "]");
	return text_compile(a, &text, programs[n - 1], error);
}

static jv
now_of(jv value)
{
	jv now = jv_null();

	if (jv_get_kind(value) == JV_KIND_OBJECT) {
		now = jv_object_get(jv_copy(value), jv_string("now"));
		if (!jv_is_valid(now)) {
			jv_free(now);
			now = jv_null();
		}
	}
	return now;
}

jv
choice_input(jv value, size_t index)
{
	jv now = now_of(value);
	jv in = jv_array_append(jv_array_sized(3), value);

	in = jv_array_append(in, jv_number((double)index));
	return jv_array_append(in, now);
}

jv
all_input(jv value)
{
	jv now = now_of(value);

	return jv_array_append(jv_array_append(jv_array_sized(2), value), now);
}
