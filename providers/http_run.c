/* SPDX-License-Identifier: Apache-2.0 */
#include "http_run.h"

#include <string.h>

/* One operation on its way. */
struct run {
	struct http_system *s;
	struct muster_call *c;
	struct arena *a;
	const struct operation *o;
	struct template_scope scope;
	struct http_reply reply;
	bool already;
};

static int
query_fill(struct run *r, const struct request *q, struct buf *path,
    struct err *e)
{
	for (size_t i = 0; i < q->queries; i++) {
		buf_char(path, strchr(path->at, '?') != NULL ? '&' : '?');
		buf_str(path, http_escape(r->a, q->query[i].name));
		buf_char(path, '=');
		if (template_fill(&q->query[i].value, r->a, &r->scope, path,
			e) != 0)
			return err_within(e, "query.%s: ", q->query[i].name);
	}
	return 0;
}

static int
headers_fill(struct run *r, const struct request *q, struct texts *out,
    struct err *e)
{
	out->item = q->headers != 0 ?
	    arena_zero(r->a, q->headers, sizeof(*out->item)) :
	    NULL;
	for (size_t i = 0; i < q->headers; i++) {
		struct buf line = { .arena = r->a };

		buf_str(&line, q->header[i].name);
		buf_str(&line, ": ");
		if (template_fill(&q->header[i].value, r->a, &r->scope, &line,
			e) != 0)
			return err_within(e, "headers.%s: ", q->header[i].name);
		out->item[out->n++] = buf_text(&line);
	}
	return 0;
}

static int
body_fill(struct run *r, const struct request *q, struct http_request *out,
    struct err *e)
{
	struct buf body = { .arena = r->a };
	const struct program_input in = { .in = r->scope.in,
		.out = r->scope.out };

	if (!q->has_body)
		return 0;
	if (q->body_program >= 0) {
		out->body = programs_value(r->s->description.programs,
		    q->body_program, r->a, &in, e);
		if (out->body == NULL)
			return -1;
		out->n = strlen(out->body);
		return 0;
	}
	if (template_fill(&q->body, r->a, &r->scope, &body, e) != 0)
		return err_within(e, "body: ");
	out->body = buf_text(&body);
	out->n = body.len;
	return 0;
}

static int
request_fill(struct run *r, const struct request *q, enum http_effect effect,
    struct http_request *out, struct err *e)
{
	struct buf path = { .arena = r->a };

	*out = (struct http_request){ .method = q->method, .effect = effect };
	if (template_fill(&q->path, r->a, &r->scope, &path, e) != 0)
		return err_within(e, "path: ");
	if (query_fill(r, q, &path, e) != 0 ||
	    headers_fill(r, q, &out->headers, e) != 0)
		return -1;
	out->path = buf_text(&path);
	return body_fill(r, q, out, e);
}

static const struct status *
status_find(const struct request *q, int code)
{
	for (size_t i = 0; i < q->statuses; i++)
		if (q->status[i].code == code)
			return &q->status[i];
	return NULL;
}

/* Sends a request and judges the answer, by the description's own word
   where it has one for the status. */
static int
request_send(struct run *r, const struct request *q, enum http_effect effect,
    struct err *e)
{
	struct http_request h;

	r->already = false;
	if (request_fill(r, q, effect, &h, e) != 0 ||
	    http_send(r->s->http, r->c, r->a, &h, &r->reply, e) != 0)
		return -1;
	const struct status *st = status_find(q, r->reply.status);
	if (st == NULL)
		return http_judge(&h, &r->reply, e);
	r->already = st->meaning == STATUS_ALREADY;
	if (st->meaning != STATUS_FAILURE)
		return 0;
	err_set(e, st->cls, "%s %.200s: HTTP %d", h.method, h.path,
	    r->reply.status);
	if (st->cls == ERR_BUSY)
		e->after_ms = r->reply.after_ms;
	return -1;
}

static struct program_input
answer_input(const struct run *r)
{
	return (struct program_input){ .in = r->scope.in,
		.out = r->scope.out,
		.status = r->reply.status,
		.body = r->reply.body,
		.n = r->reply.n };
}

/* Looks whether it is there already; then its members join the input. */
static int
find(struct run *r, bool *found, struct err *e)
{
	const struct operation *o = r->o;

	if (request_send(r, &o->find, HTTP_READS, e) != 0) {
		if (e->cls != ERR_GONE)
			return err_within(e, "find: ");
		return 0;
	}
	const struct program_input in = answer_input(r);
	const char *members = programs_value(r->s->description.programs,
	    o->take, r->a, &in, e);
	if (members == NULL)
		return -1;
	if (strcmp(members, "null") == 0)
		return 0;
	*found = true;
	const char *only = json_member(r->a, r->scope.in, "create_only");
	if (only != NULL && strcmp(only, "true") == 0)
		return err_set(e, ERR_CONFLICT, "exists already");
	r->scope.in = json_merge(r->a, r->scope.in, members, e);
	return r->scope.in != NULL ? 0 : -1;
}

/* Which request to send; NULL: none, as it is there already. */
static int
request_choose(struct run *r, const struct request **q, struct err *e)
{
	const struct operation *o = r->o;
	bool found = false;

	*q = &o->request;
	if (!o->find.is && !o->found.is)
		return 0;
	if (json_member_text(r->a, r->scope.in, "id") != NULL) {
		*q = o->found.is ? &o->found : &o->request;
		return 0;
	}
	if (find(r, &found, e) != 0)
		return -1;
	if (found)
		*q = o->found.is ? &o->found : NULL;
	return 0;
}

static int
any(void *ctx, const char *key, const char *value, struct err *e)
{
	(void)ctx;
	(void)value;
	return key != NULL ? 0 : err_set(e, ERR_INPUT, "wants an object");
}

/* The answer of an operation that only reads. */
static int
read_answer(struct run *r, struct json *out, struct err *e)
{
	const struct program_input in = answer_input(r);
	const struct shape *sh = r->o->shape;

	out->text = r->o->reply < 0 ? r->reply.body :
				      programs_value(r->s->description.programs,
					  r->o->reply, r->a, &in, e);
	if (out->text == NULL)
		return -1;
	if (sh == NULL && json_each(r->a, out->text, any, NULL, e) != 0)
		return err_within(e, "answer: ");
	if (sh == NULL)
		return 0;
	void *decoded = arena_zero(r->a, 1, sh->out_size + 1);
	if (json_decode(r->a, sh->out, out->text, strlen(out->text), decoded,
		e) != 0)
		return err_within(e, "answer: ");
	if (sh->out == account_state_fields) {
		struct account_state *st = decoded;
		struct buf b = { .arena = r->a };

		st->digest = account_state_digest(r->a, st);
		json_encode(&b, account_state_fields, st);
		out->text = buf_text(&b);
	}
	return 0;
}

/* Asks again whether it is so. */
static void
verify(struct run *r, struct change *ch)
{
	const struct operation *o = r->o;
	struct buf out = { .arena = r->a };
	struct err e;

	if (!o->verify.is || !muster_verify(r->c))
		return;
	json_encode(&out, change_fields, ch);
	r->scope.out = buf_text(&out);
	int rc = request_send(r, &o->verify, HTTP_READS, &e);
	bool gone = rc != 0 && e.cls == ERR_GONE;
	ch->how = "read-back differs";
	if (rc != 0 && !gone) {
		ch->how = "not read back";
		return;
	}
	ch->verified = gone == o->expect_gone;
	if (ch->verified && o->holds >= 0) {
		const struct program_input in = answer_input(r);
		const char *so = programs_value(r->s->description.programs,
		    o->holds, r->a, &in, &e);

		ch->verified = so != NULL && strcmp(so, "true") == 0;
	}
	if (ch->verified)
		ch->how = "read-back";
}

/* The answer of a change.  It has happened: what cannot be read of it is
   an unknown outcome. */
static int
change_answer(struct run *r, struct json *out, struct err *e)
{
	struct change ch = { .id = json_member_text(r->a, r->scope.in, "id"),
		.changed = !r->already };
	struct buf b = { .arena = r->a };

	if (r->o->reply >= 0 && r->reply.headers != NULL) {
		const struct program_input in = answer_input(r);
		const char *said = programs_value(r->s->description.programs,
		    r->o->reply, r->a, &in, e);

		if (said == NULL ||
		    json_decode(r->a, change_fields, said, strlen(said), &ch,
			e) != 0) {
			e->cls = r->o->effect == HTTP_REPEATABLE ? ERR_INPUT :
								   ERR_UNKNOWN;
			return err_within(e, "reply: ");
		}
		ch.changed = !r->already && ch.changed;
	}
	ch.verified = false;
	verify(r, &ch);
	json_encode(&b, change_fields, &ch);
	out->text = buf_text(&b);
	return 0;
}

struct rows {
	struct run *r;
	bool digests;
	size_t n;
};

static int
row_send(void *ctx, const char *json, struct err *e)
{
	struct rows *w = ctx;
	const struct shape *sh = w->r->o->shape;
	const struct json raw = { json };
	struct arena a = { NULL, 0 };
	int rc;

	w->n++;
	if (sh == NULL)
		return muster_row(w->r->c, NULL, &raw, e);
	void *row = arena_zero(&a, 1, sh->out_size + 1);
	rc = json_decode(&a, sh->out, json, strlen(json), row, e);
	if (rc == 0 && sh->out == account_state_fields) {
		struct account_state *st = row;

		st->digest = account_state_digest(&a, st);
		if (w->digests)
			st->attributes.text = NULL;
	}
	rc = rc != 0 ? err_within(e, "rows: ") :
		       muster_row(w->r->c, sh->out, row, e);
	arena_fini(&a);
	return rc;
}

static int
page_take(void *ctx, struct arena *a, const struct http_reply *reply,
    size_t *items, struct err *e)
{
	struct rows *w = ctx;
	const struct program_input in = { .in = w->r->scope.in,
		.status = reply->status,
		.body = reply->body,
		.n = reply->n };

	(void)a;
	w->n = 0;
	if (programs_run(w->r->s->description.programs, w->r->o->rows, &in,
		row_send, w, e) != 0)
		return -1;
	*items = w->n;
	return 0;
}

static int
listing(struct run *r, struct err *e)
{
	const char *digests = json_member(r->a, r->scope.in, "digests");
	struct rows w = { .r = r,
		.digests = digests != NULL && strcmp(digests, "true") == 0 };
	struct http_request h;

	if (request_fill(r, &r->o->request, HTTP_READS, &h, e) != 0)
		return -1;
	if (http_each_page(r->s->http, r->c, &h, &r->o->paging, page_take, &w,
		e) == 0)
		return 0;
	/* The place of a listing missing does not say that accounts are
	   gone. */
	if (e->cls == ERR_GONE)
		e->cls = ERR_INPUT;
	return -1;
}

static int
change(struct run *r, struct json *out, struct err *e)
{
	const struct operation *o = r->o;
	const struct request *q;

	if (request_choose(r, &q, e) != 0)
		return -1;
	if (q == NULL) {
		r->already = true;
		r->reply.headers = NULL;
		return change_answer(r, out, e);
	}
	if (request_send(r, q, o->effect, e) != 0)
		return -1;
	/* Nothing of the answer matters: the case that must cost nothing. */
	if (o->shape == NULL && o->reply < 0 && !o->verify.is) {
		out->text = r->already ? "{\"changed\":false}" :
					 "{\"changed\":true}";
		return 0;
	}
	return change_answer(r, out, e);
}

int
http_run(void *self, struct muster_call *c, struct arena *a, const void *in,
    void *out, struct err *e)
{
	struct http_system *s = self;
	struct run r = { .s = s,
		.c = c,
		.a = a,
		.scope.in = ((const struct json *)in)->text,
		.o = description_find(&s->description, muster_verb(c)) };

	if (r.o->rows >= 0)
		return listing(&r, e);
	if (r.o->effect != HTTP_READS)
		return change(&r, out, e);
	if (request_send(&r, &r.o->request, HTTP_READS, e) != 0)
		return -1;
	return read_answer(&r, out, e);
}
