/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/asked.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/frame.h"
#include "supervisor/reply.h"

#define SLICE_BYTES ((size_t)FRAME_MAX / 2) /* of inputs */
#define SLICE_RUNS 20000 /* some 0.2 s of simple expressions */
#define OVERHEAD 4096	 /* of a frame, around its texts */

static size_t
texts_copy(struct arena *a, struct texts *to, const struct texts *from)
{
	size_t bytes = 0;

	to->n = from->n;
	to->item = arena_zero(a, from->n + 1, sizeof(*to->item));
	for (size_t i = 0; i < from->n; i++) {
		to->item[i] = arena_str(a, from->item[i]);
		bytes += strlen(to->item[i]) + 4;
	}
	return bytes;
}

/* The programs go with every slice, as JSON strings: up to six bytes for
   one.  What is left is for the inputs, of which one must fit. */
static int
sizes_check(const struct asked *q, size_t programs, struct err *e)
{
	if (q->programs.n > ASKED_PROGRAMS)
		return err_set(e, ERR_INPUT, "more than %d programs",
		    ASKED_PROGRAMS);
	if (programs > SLICE_BYTES / 3)
		return err_set(e, ERR_INPUT, "the programs are too large");
	for (size_t i = 0; i < q->inputs.n; i++)
		if (strlen(q->inputs.item[i]) > SLICE_BYTES - OVERHEAD)
			return err_set(e, ERR_INPUT, "input %zu is too large",
			    i);
	return 0;
}

struct asked *
asked_new(const struct question *from, struct err *e)
{
	struct asked *q = calloc(1, sizeof(*q));

	if (q == NULL)
		abort();
	q->id = from->id;
	q->rows.arena = &q->arena;
	size_t programs = texts_copy(&q->arena, &q->programs, &from->programs);
	texts_copy(&q->arena, &q->inputs, &from->inputs);
	if (sizes_check(q, programs, e) == 0)
		return q;
	asked_free(q);
	return NULL;
}

void
asked_free(struct asked *q)
{
	arena_fini(&q->arena);
	free(q);
}

static void
programs_write(const struct asked *q, struct buf *out)
{
	for (size_t i = 0; i < q->programs.n; i++) {
		if (i > 0)
			buf_char(out, ',');
		json_string(out, q->programs.item[i]);
	}
}

/* Inputs from q->from on, as many as fit; sets q->to. */
static void
inputs_write(struct asked *q, struct buf *out)
{
	size_t most = SLICE_RUNS / (q->programs.n + 1) + 1;
	size_t bytes = 0;

	for (q->to = q->from; q->to < q->inputs.n; q->to++) {
		const char *text = q->inputs.item[q->to];

		bytes += strlen(text) + 1;
		if (q->to > q->from &&
		    (bytes > SLICE_BYTES || q->to - q->from == most))
			return;
		if (q->to > q->from)
			buf_char(out, ',');
		buf_str(out, text);
	}
}

static void
skips_write(const struct asked *q, struct buf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < q->skips; i++) {
		const struct skip *s = &q->skip[i];

		if (!s->always && (s->input < q->from || s->input >= q->to))
			continue;
		buf_printf(out, "%s[%zu,%" PRId64 "]", comma, s->program,
		    s->always ? -1 : (int64_t)(s->input - q->from));
		comma = ",";
	}
}

void
asked_slice(struct asked *q, int64_t deadline_ms, struct buf *out)
{
	buf_printf(out,
	    "{\"id\":%" PRId64 ",\"deadline_ms\":%" PRId64 ",\"programs\":[",
	    q->id, deadline_ms);
	programs_write(q, out);
	buf_str(out, "],\"inputs\":[");
	inputs_write(q, out);
	buf_printf(out, "],\"careful\":%s,\"skip\":[",
	    q->careful ? "true" : "false");
	skips_write(q, out);
	buf_str(out, "]}");
}

bool
asked_take(struct asked *q, const struct verdicts *v)
{
	if (v->count == 0 || v->count > q->to - q->from)
		return false;
	if (q->rows.len > 0)
		buf_char(&q->rows, ',');
	buf_add(&q->rows, v->rows.at, v->rows.n);
	q->from += v->count;
	q->losses = 0;
	return true;
}

/* The third input over which a program is stuck condemns the program. */
bool
asked_stuck(struct asked *q, size_t program, size_t input)
{
	bool news = !q->careful;
	size_t before = 0;

	q->careful = true;
	if (program == q->programs.n)
		return news;
	if (q->skips == ASKED_STUCK || input >= q->to - q->from)
		return false;
	for (size_t i = 0; i < q->skips; i++)
		before += q->skip[i].program == program;
	q->skip[q->skips++] = (struct skip){ .program = program,
		.input = q->from + input,
		.always = before >= 2 };
	return true;
}

bool
asked_is_done(const struct asked *q)
{
	return q->from == q->inputs.n;
}

const char *
asked_answer(struct asked *q)
{
	struct buf whole = { .arena = &q->arena };

	buf_char(&whole, '[');
	buf_add(&whole, q->rows.at, q->rows.len);
	buf_char(&whole, ']');
	return buf_text(&whole);
}
