/* SPDX-License-Identifier: Apache-2.0 */
#include "http_description.h"

#include <stdlib.h>
#include <string.h>

#define MAX_OPERATIONS 100

struct request_def {
	const char *method, *path, *body_jq;
	struct json query, headers, body, statuses;
	const char *take;	    /* find */
	const char *holds, *expect; /* verify */
};

struct operation_def {
	const char *help, *effect, *reply, *rows;
	struct json request, find, found, verify;
	struct http_pages paging;
};

struct description_def {
	const char *name, *help;
	struct json headers, operations;
};

static const char *const method_words[] = {
	"GET",
	"HEAD",
	"POST",
	"PUT",
	"PATCH",
	"DELETE",
	NULL,
};
static const char *const effect_words[] = {
	"reads",
	"repeatable",
	"once",
	NULL,
};
static const char *const expect_words[] = { "ok", "gone", NULL };

static const struct field request_fields[] = {
	FIELD(struct request_def, method, 0, .words = method_words,
	    .fallback = "\"GET\""),
	FIELD(struct request_def, path, F_NEED,
	    .help = "behind the system's url; {name} is a member of the input"),
	FIELD(struct request_def, query, 0,
	    .help = "parameters: name to template"),
	FIELD(struct request_def, headers, 0, .help = "name to template"),
	FIELD(struct request_def, body, 0, .help = "template in JSON"),
	FIELD(struct request_def, body_jq, 0,
	    .help = "program that makes the body out of {in}"),
	FIELD(struct request_def, statuses, 0,
	    .help = "status to ok, already or a class of failure"),
	FIELD(struct request_def, take, 0,
	    .help = "find: program over {in, status, body}; members for the "
		    "input, or null if it was not found"),
	FIELD(struct request_def, holds, 0,
	    .help = "verify: program over {in, out, status, body}; true if "
		    "it is so"),
	FIELD(struct request_def, expect, 0, .words = expect_words,
	    .fallback = "\"ok\"", .help = "verify: gone for a removal"),
	FIELD_END,
};

static const struct field operation_fields[] = {
	FIELD(struct operation_def, help, 0),
	FIELD(struct operation_def, effect, 0, .words = effect_words,
	    .help = "what a second call does; by default as the method says"),
	FIELD(struct operation_def, request, F_NEED),
	FIELD(struct operation_def, find, 0,
	    .help = "asked first where the input has no id"),
	FIELD(struct operation_def, found, 0,
	    .help = "the request for what was found; none: already so"),
	FIELD_SUB(struct operation_def, paging, 0, http_pages_fields),
	FIELD(struct operation_def, rows, 0,
	    .help = "program over {in, status, body}: the rows of a page"),
	FIELD(struct operation_def, reply, 0,
	    .help = "program over {in, status, body}: the answer"),
	FIELD(struct operation_def, verify, 0,
	    .help = "a question asked afterwards"),
	FIELD_END,
};

static const struct field description_fields[] = {
	FIELD(struct description_def, name, 0),
	FIELD(struct description_def, help, 0),
	FIELD(struct description_def, headers, 0,
	    .help = "sent with every request"),
	FIELD(struct description_def, operations, F_NEED,
	    .help = "verb to operation"),
	FIELD_END,
};

/* A description while it is read. */
struct reading {
	struct arena *a;
	struct description *d;
	struct json headers; /* of every request */
	op_fn *call;
	const char *verb; /* of the operation, for errors */
	const char *part; /* of it */
};

static int
program_add(struct reading *r, const char *text, const char *what)
{
	if (text == NULL)
		return -1;
	return programs_add(r->d->programs, text,
	    arena_printf(r->a, "operations.%s.%s%s%s", r->verb, r->part,
		r->part[0] != '\0' ? "." : "", what));
}

/* Templates of an object, one after another. */
struct templates {
	struct reading *r;
	enum template_kind kind;
	struct named_template *at;
	size_t n;
};

static const char *
plain(struct arena *a, const char *json)
{
	if (json[0] != '"')
		return NULL;
	return json_scalar(a, json);
}

static int
template_take(void *ctx, const char *key, const char *value, struct err *e)
{
	struct templates *t = ctx;
	const char *text = plain(t->r->a, value);

	if (key == NULL || text == NULL)
		return err_set(e, ERR_INPUT, "%s: wants a text",
		    key != NULL ? key : "list");
	if (strpbrk(key, "\r\n: ") != NULL && t->kind == TEMPLATE_HEADER)
		return err_set(e, ERR_INPUT, "%s: not a header's name", key);
	t->at = arena_grow(t->r->a, t->at, t->n * sizeof(*t->at),
	    (t->n + 1) * sizeof(*t->at));
	t->at[t->n].name = arena_str(t->r->a, key);
	if (template_compile(t->r->a, t->kind, text, &t->at[t->n].value, e))
		return err_within(e, "%s: ", key);
	t->n++;
	return 0;
}

static int
templates_read(struct templates *t, struct json from, const char *what,
    struct err *e)
{
	if (from.text == NULL)
		return 0;
	if (json_each(t->r->a, from.text, template_take, t, e) != 0)
		return err_within(e, "%s.", what);
	return 0;
}

struct statuses {
	struct arena *a;
	struct request *q;
};

static int
status_take(void *ctx, const char *key, const char *value, struct err *e)
{
	struct statuses *s = ctx;
	const char *word = plain(s->a, value);
	char *end = NULL;
	long code = key != NULL ? strtol(key, &end, 10) : 0;
	struct status st = { (int)code, STATUS_FAILURE, ERR_NONE };

	if (code < 200 || code > 599 || *end != '\0')
		return err_set(e, ERR_INPUT, "statuses: %s: not a status",
		    key != NULL ? key : "list");
	if (word != NULL && strcmp(word, "ok") == 0)
		st.meaning = STATUS_OK;
	else if (word != NULL && strcmp(word, "already") == 0)
		st.meaning = STATUS_ALREADY;
	else
		st.cls = word != NULL ? err_named(word) : ERR_BUG;
	if (st.meaning == STATUS_FAILURE &&
	    (st.cls == ERR_BUG || st.cls == ERR_NONE || st.cls == ERR_FULL))
		return err_set(e, ERR_INPUT,
		    "statuses: %s: wants ok, already "
		    "or a class of failure",
		    key);
	s->q->status = arena_grow(s->a, s->q->status,
	    s->q->statuses * sizeof(st), (s->q->statuses + 1) * sizeof(st));
	s->q->status[s->q->statuses++] = st;
	return 0;
}

static int
body_read(struct reading *r, const struct request_def *def, struct request *q,
    struct err *e)
{
	if (def->body.text != NULL && def->body_jq != NULL)
		return err_set(e, ERR_INPUT, "body: and body_jq");
	q->body_program = program_add(r, def->body_jq, "body_jq");
	q->has_body = def->body.text != NULL || def->body_jq != NULL;
	if (def->body.text != NULL &&
	    template_compile(r->a, TEMPLATE_JSON, def->body.text, &q->body,
		e) != 0)
		return err_within(e, "body: ");
	return 0;
}

static int
request_make(struct reading *r, const struct request_def *def,
    struct request *q, struct err *e)
{
	struct templates query = { .r = r, .kind = TEMPLATE_QUERY };
	struct templates header = { .r = r, .kind = TEMPLATE_HEADER };
	struct statuses st = { r->a, q };

	q->is = true;
	q->method = def->method;
	if (def->path[0] != '/')
		return err_set(e, ERR_INPUT, "path: wants a slash first");
	if (template_compile(r->a, TEMPLATE_PATH, def->path, &q->path, e))
		return err_within(e, "path: ");
	if (templates_read(&query, def->query, "query", e) != 0 ||
	    templates_read(&header, r->headers, "headers", e) != 0 ||
	    templates_read(&header, def->headers, "headers", e) != 0 ||
	    (def->statuses.text != NULL &&
		json_each(r->a, def->statuses.text, status_take, &st, e) != 0))
		return -1;
	q->query = query.at;
	q->queries = query.n;
	q->header = header.at;
	q->headers = header.n;
	return body_read(r, def, q, e);
}

/* Reads the request called part; def is what stands there, also beyond the
   request itself. */
static int
request_read(struct reading *r, const char *part, struct json from,
    struct request_def *def, struct request *q, struct err *e)
{
	*def = (struct request_def){ 0 };
	q->body_program = -1;
	if (from.text == NULL)
		return 0;
	r->part = part;
	if (json_decode(r->a, request_fields, from.text, strlen(from.text), def,
		e) != 0 ||
	    request_make(r, def, q, e) != 0)
		return err_within(e, "%s.", part);
	return 0;
}

static enum http_effect
effect_of(const struct operation_def *def, const struct request *q)
{
	if (def->effect != NULL)
		return strcmp(def->effect, "reads") == 0   ? HTTP_READS :
		    strcmp(def->effect, "repeatable") == 0 ? HTTP_REPEATABLE :
							     HTTP_ONCE;
	if (strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0)
		return HTTP_READS;
	return strcmp(q->method, "POST") == 0 ||
		strcmp(q->method, "PATCH") == 0 ?
	    HTTP_ONCE :
	    HTTP_REPEATABLE;
}

static int
operation_check(const struct operation_def *def, const struct operation *o,
    struct err *e)
{
	unsigned flags = o->shape != NULL ? o->shape->flags : 0;
	bool rows = (flags & OP_STREAMS) != 0;

	if (rows && def->rows == NULL)
		return err_set(e, ERR_INPUT, "rows: missing for a listing");
	if (o->shape != NULL && !rows && def->rows != NULL)
		return err_set(e, ERR_INPUT, "rows: this is no listing");
	if ((flags & OP_READS) && o->effect != HTTP_READS)
		return err_set(e, ERR_INPUT, "effect: %s only reads", o->verb);
	if (o->found.is && !o->find.is)
		return err_set(e, ERR_INPUT, "found: without find");
	if (o->find.is && o->take < 0)
		return err_set(e, ERR_INPUT, "find.take: missing");
	return 0;
}

/* What the path of a standard operation can be made of. */
struct names {
	const struct field *in, *out; /* out: NULL, none */
};

static bool
name_known(const void *ctx, const char *name)
{
	const struct names *k = ctx;
	size_t n = strcspn(name, ".");

	return field_find(k->in, name, n) != NULL ||
	    (k->out != NULL && field_find(k->out, name, n) != NULL);
}

/* Appends the names that before has not. */
static void
names_list(struct buf *b, const struct field *table, const struct field *before)
{
	for (const struct field *f = table; f != NULL && f->name != NULL; f++)
		if (before == NULL ||
		    field_find(before, f->name, strlen(f->name)) == NULL)
			buf_printf(b, "%s%s", b->len == 0 ? "" : ", ", f->name);
}

static int
path_check(struct reading *r, const struct request *q, const char *part,
    const struct names *k, struct err *e)
{
	const char *name = template_unknown(&q->path, name_known, k);
	struct buf b = { .arena = r->a };

	if (name == NULL)
		return 0;
	names_list(&b, k->in, NULL);
	names_list(&b, k->out, k->in);
	return err_set(e, ERR_INPUT, "%s.path: {%s}: unknown; there is %s",
	    part, name, b.len == 0 ? "none here" : buf_text(&b));
}

/* The input of a standard operation is known.  A workflow's "with" and what
   find takes may add to it, but no path may need those: the operation is
   done without the one, and with an id without the other. */
static int
paths_check(struct reading *r, const struct operation *o, struct err *e)
{
	if (o->shape == NULL)
		return 0;
	const struct names in = { .in = o->shape->in };
	const struct names both = { o->shape->in, o->shape->out };

	return path_check(r, &o->request, "request", &in, e) != 0 ||
		path_check(r, &o->find, "find", &in, e) != 0 ||
		path_check(r, &o->found, "found", &in, e) != 0 ||
		path_check(r, &o->verify, "verify", &both, e) != 0 ?
	    -1 :
	    0;
}

static int
operation_make(struct reading *r, const struct operation_def *def,
    struct operation *o, struct err *e)
{
	struct request_def q;

	if (request_read(r, "request", def->request, &q, &o->request, e) != 0)
		return -1;
	if (request_read(r, "found", def->found, &q, &o->found, e) != 0 ||
	    request_read(r, "find", def->find, &q, &o->find, e) != 0)
		return -1;
	o->take = program_add(r, q.take, "take");
	if (request_read(r, "verify", def->verify, &q, &o->verify, e) != 0)
		return -1;
	o->holds = program_add(r, q.holds, "holds");
	o->expect_gone = q.expect != NULL && strcmp(q.expect, "gone") == 0;
	r->part = "";
	o->reply = program_add(r, def->reply, "reply");
	o->rows = program_add(r, def->rows, "rows");
	o->paging = def->paging;
	if (o->paging.style == NULL)
		o->paging.style = "none";
	if (o->paging.size == 0)
		o->paging.size = 100;
	o->effect = effect_of(def, &o->request);
	return operation_check(def, o, e) != 0 ? -1 : paths_check(r, o, e);
}

static unsigned
flags_of(const struct operation *o)
{
	unsigned flags = o->shape != NULL ? o->shape->flags : 0;

	if (o->effect == HTTP_READS)
		flags |= OP_READS;
	if (o->effect == HTTP_REPEATABLE)
		flags |= OP_REPEATABLE;
	if (o->rows >= 0)
		flags |= OP_STREAMS;
	if (o->effect != HTTP_READS && !o->verify.is)
		flags |= OP_UNVERIFIED;
	return flags;
}

static int
operation_take(void *ctx, const char *key, const char *value, struct err *e)
{
	struct reading *r = ctx;
	struct description *d = r->d;
	struct operation_def def = { 0 };

	if (key == NULL || d->n >= MAX_OPERATIONS)
		return err_set(e, ERR_INPUT, "wants an object of at most %d",
		    MAX_OPERATIONS);
	r->verb = arena_str(r->a, key);
	struct operation *o = &d->op[d->n];
	*o = (struct operation){ .verb = r->verb, .shape = shape_find(key) };
	if (o->shape == NULL && strchr(key, ':') == NULL)
		return err_set(e, ERR_INPUT,
		    "%s: not a standard verb; one "
		    "of your own is written as name:verb",
		    key);
	if (json_decode(r->a, operation_fields, value, strlen(value), &def,
		e) != 0 ||
	    operation_make(r, &def, o, e) != 0)
		return err_within(e, "%s.", key);
	d->ops[d->n] = (struct op){ .verb = r->verb,
		.flags = flags_of(o),
		.call = r->call,
		.help = def.help };
	d->n++;
	return 0;
}

int
description_read(struct arena *a, const char *json, op_fn *call,
    struct description *d, struct err *e)
{
	struct description_def def = { 0 };
	struct reading r = { .a = a, .d = d, .call = call };

	*d = (struct description){
		.op = arena_zero(a, MAX_OPERATIONS, sizeof(*d->op)),
		.ops = arena_zero(a, MAX_OPERATIONS + 1, sizeof(*d->ops)),
		.programs = programs_new(),
	};
	int rc = json_decode(a, description_fields, json, strlen(json), &def,
	    e);
	r.headers = def.headers;
	if (rc == 0 &&
	    json_each(a, def.operations.text, operation_take, &r, e) != 0)
		rc = err_within(e, "operations.");
	if (rc == 0)
		rc = programs_compile(d->programs, e);
	if (rc != 0)
		description_fini(d);
	return rc;
}

void
description_fini(struct description *d)
{
	if (d->programs != NULL)
		programs_free(d->programs);
	d->programs = NULL;
}

struct operation *
description_find(const struct description *d, const char *verb)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->op[i].verb, verb) == 0)
			return &d->op[i];
	return NULL;
}
