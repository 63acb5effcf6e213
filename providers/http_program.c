/* SPDX-License-Identifier: Apache-2.0 */
#include "http_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jq.h>

struct program {
	const char *text, *where;
};

struct programs {
	jq_state *jq; /* NULL: no program, or not compiled */
	struct program *at;
	size_t n;
	char why[200]; /* last message of the compiler */
};

struct programs *
programs_new(void)
{
	struct programs *p = calloc(1, sizeof(*p));

	if (p == NULL)
		abort();
	return p;
}

void
programs_free(struct programs *p)
{
	jq_teardown(&p->jq);
	free(p->at);
	free(p);
}

int
programs_add(struct programs *p, const char *text, const char *where)
{
	p->at = realloc(p->at, (p->n + 1) * sizeof(*p->at));
	if (p->at == NULL)
		abort();
	p->at[p->n] = (struct program){ text, where };
	return (int)p->n++;
}

/* Keeps the first message; the last one only counts the errors. */
static void
message_keep(void *ctx, jv message)
{
	struct programs *p = ctx;

	if (p->why[0] == '\0' && jv_get_kind(message) == JV_KIND_STRING) {
		snprintf(p->why, sizeof(p->why), "%s",
		    jv_string_value(message));
		p->why[strcspn(p->why, "\n")] = '\0';
	}
	jv_free(message);
}

static jq_state *
compile(struct programs *p, const char *text)
{
	jq_state *jq = jq_init();

	if (jq == NULL)
		abort();
	p->why[0] = '\0';
	jq_set_error_cb(jq, message_keep, p);
	if (jq_compile(jq, text) == 0)
		jq_teardown(&jq);
	return jq;
}

/* Finds the one that does not compile by itself. */
static int
blame(struct programs *p, struct err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		jq_state *jq = compile(p, p->at[i].text);

		if (jq == NULL)
			return err_set(e, ERR_INPUT, "%s: %s", p->at[i].where,
			    p->why);
		jq_teardown(&jq);
	}
	return err_set(e, ERR_INPUT,
	    "these jq programs do not compile "
	    "together: %s",
	    p->why);
}

int
programs_compile(struct programs *p, struct err *e)
{
	struct arena a = { NULL, 0 };
	struct buf b = { .arena = &a };

	if (p->n == 0)
		return 0;
	buf_str(&b, ".p as $program | .v | ");
	for (size_t i = 0; i < p->n; i++)
		buf_printf(&b, "%s $program == %zu then (%s\n)\n",
		    i == 0 ? "if" : "elif", i, p->at[i].text);
	buf_str(&b, "else empty end");
	p->jq = compile(p, buf_text(&b));
	arena_fini(&a);
	return p->jq != NULL ? 0 : blame(p, e);
}

static jv
parsed(const char *text, size_t n)
{
	jv v = text != NULL && n != 0 ? jv_parse_sized(text, (int)n) :
					jv_null();

	if (jv_is_valid(v))
		return v;
	jv_free(v);
	return jv_null();
}

static jv
input_make(int number, const struct program_input *in)
{
	jv v = jv_object();

	v = jv_object_set(v, jv_string("in"),
	    parsed(in->in, in->in != NULL ? strlen(in->in) : 0));
	v = jv_object_set(v, jv_string("out"),
	    parsed(in->out, in->out != NULL ? strlen(in->out) : 0));
	v = jv_object_set(v, jv_string("status"), jv_number(in->status));
	v = jv_object_set(v, jv_string("body"), parsed(in->body, in->n));
	jv whole = jv_object_set(jv_object(), jv_string("p"),
	    jv_number(number));
	return jv_object_set(whole, jv_string("v"), v);
}

/* What ended the results: their end, or an error. */
static int
end_judge(struct programs *p, int number, jv end, struct err *e)
{
	int rc = 0;

	if (jv_invalid_has_msg(jv_copy(end))) {
		jv text = jv_invalid_get_msg(end);

		if (jv_get_kind(text) != JV_KIND_STRING)
			text = jv_dump_string(text, 0);
		rc = err_set(e, ERR_INPUT, "%s: %.200s", p->at[number].where,
		    jv_string_value(text));
		jv_free(text);
	} else {
		jv_free(end);
	}
	return rc;
}

int
programs_run(struct programs *p, int number, const struct program_input *in,
    int (*each)(void *, const char *, struct err *), void *ctx, struct err *e)
{
	int rc = 0;
	jv v;

	if (in->n > INT32_MAX)
		return err_set(e, ERR_INPUT, "answer too large");
	jq_start(p->jq, input_make(number, in), 0);
	while (jv_is_valid(v = jq_next(p->jq))) {
		jv text = jv_dump_string(v, 0);

		rc = each(ctx, jv_string_value(text), e);
		jv_free(text);
		if (rc != 0)
			return rc;
	}
	return end_judge(p, number, v, e);
}

struct value {
	struct arena *a;
	const char *json;
	size_t n;
};

static int
value_keep(void *ctx, const char *json, struct err *e)
{
	struct value *v = ctx;

	(void)e;
	v->json = arena_str(v->a, json);
	v->n++;
	return 0;
}

const char *
programs_value(struct programs *p, int number, struct arena *a,
    const struct program_input *in, struct err *e)
{
	struct value v = { .a = a };

	if (programs_run(p, number, in, value_keep, &v, e) != 0)
		return NULL;
	if (v.n == 1)
		return v.json;
	err_set(e, ERR_INPUT, "%s: gave %zu results, wants one",
	    p->at[number].where, v.n);
	return NULL;
}
