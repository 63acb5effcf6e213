/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/serve.h"

#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/frame.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/wire.h"
#include "sdk/call.h"

struct server {
	int fd;
	const struct module *module;
	bool verify;
	int64_t ticket;	    /* read, and its call not seen yet; 0: none */
	struct arena arena; /* of the running call */
};

/* Bytes of one UTF-8 character at s; 0 if they are none (RFC 3629). */
static size_t
utf8_length(const unsigned char *s)
{
	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	size_t n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

void
serve_clean(char *text)
{
	for (unsigned char *s = (unsigned char *)text; *s != '\0';) {
		size_t n = utf8_length(s);

		if (n == 0 || (n == 1 && (*s < 0x20 || *s == 0x7f)))
			*s = n == 0 ? '?' : ' ';
		s += n == 0 ? 1 : n;
	}
}

static int
reply_send(struct server *s, const struct wire_reply *r, struct err *e)
{
	struct buf frame = { .arena = &s->arena };

	json_encode(&frame, wire_reply_fields, r);
	return frame_write(s->fd, frame.at, frame.len, e);
}

static int
failure_send(struct server *s, const struct wire_call *c, struct err *why,
    struct err *e)
{
	if (why->cls <= ERR_NONE || why->cls >= ERR_CLASSES)
		err_set(why, ERR_BUG, "%s: failed without a reason", c->verb);
	serve_clean(why->text);
	return reply_send(s,
	    &(struct wire_reply){ .call = c->call,
		.epoch = c->epoch,
		.failure = err_meanings[why->cls].word,
		.text = why->text,
		.after_ms = why->after_ms },
	    e);
}

/* What the operation answered, as JSON text; of a streaming one the number
   of its rows. */
static const char *
out_encode(struct server *s, const struct muster_call *mc, const struct op *op,
    const void *out)
{
	struct buf b = { .arena = &s->arena };

	if (op->flags & OP_STREAMS)
		return arena_printf(&s->arena, "{\"rows\":%lld}",
		    (long long)mc->total);
	if (op->out == NULL)
		return ((const struct json *)out)->text;
	json_encode(&b, op->out, out);
	return buf_text(&b);
}

static size_t
struct_size(const struct field *table, size_t size)
{
	return table == NULL ? sizeof(struct json) : size + 1;
}

/* Decodes the input, runs the operation, and encodes what it answers. */
static int
op_run(struct server *s, struct muster_call *mc, const struct wire_call *c,
    const char **out, struct err *why)
{
	const struct op *op = module_op(s->module, c->verb);

	/* Who cannot look at the whole has nothing against it. */
	if (op == NULL && strcmp(c->verb, "system.check") == 0) {
		*out = "{\"ok\":true}";
		return 0;
	}
	if (op == NULL)
		return err_set(why, ERR_INPUT, "%s: this system cannot do it",
		    c->verb);
	const char *text = c->in.text != NULL ? c->in.text : "{}";
	void *in = arena_zero(&s->arena, 1, struct_size(op->in, op->in_size));
	void *to = arena_zero(&s->arena, 1, struct_size(op->out, op->out_size));
	if (op->in == NULL)
		*(struct json *)in = (struct json){ text };
	else if (json_decode(&s->arena, op->in, text, strlen(text), in, why))
		return err_within(why, "%s: ", c->verb);
	mc->streams = (op->flags & OP_STREAMS) != 0;
	if (op->call(s->module->self, mc, &s->arena, in, to, why) != 0 ||
	    (mc->streams && call_flush(mc, why) != 0))
		return -1;
	*out = out_encode(s, mc, op, to);
	return *out != NULL ? 0 : err_set(why, ERR_BUG, "no answer");
}

static int
call_serve(struct server *s, const struct wire_call *c, struct err *e)
{
	struct muster_call mc = { .fd = s->fd,
		.call = c->call,
		.epoch = c->epoch,
		.verb = c->verb,
		.verify = s->verify,
		.deadline = clock_boot() + c->deadline_ms };
	struct err why = { ERR_NONE, 0, "" };
	const char *out = NULL;
	int rc = op_run(s, &mc, c, &out, &why);

	call_fini(&mc);
	if (rc != 0)
		return failure_send(s, c, &why, e);
	return reply_send(s,
	    &(struct wire_reply){ .call = c->call,
		.epoch = c->epoch,
		.out.text = out },
	    e);
}

void
serve_warm(int fd, const struct module *m)
{
	struct muster_call mc = { .fd = fd,
		.verb = "system.check",
		.deadline = clock_boot() + WARM_LIMIT };
	struct err why = { ERR_NONE, 0, "" };

	if (m->provider->warm == NULL)
		return;
	if (m->provider->warm(m->self, &mc, &why) != 0) {
		serve_clean(why.text);
		log_info("not connected ahead of the first call: %s", why.text);
	}
	call_fini(&mc);
}

static int64_t
ticket_read(int flags)
{
	int64_t t;

	return recv(CHILD_TICKETS, &t, sizeof(t), flags | MSG_DONTWAIT) ==
		(ssize_t)sizeof(t) ?
	    t :
	    0;
}

/* Whether a call that was sent ahead is still this worker's to carry out.  A
   ticket of a later one stays where musterd can take it back. */
static bool
ticket_take(struct server *s, int64_t ticket)
{
	if (s->ticket == 0 && ticket_read(MSG_PEEK) == ticket)
		s->ticket = ticket_read(0);
	if (s->ticket != ticket) /* musterd was quicker */
		return false;
	s->ticket = 0;
	return true;
}

int
serve_calls(int fd, const struct module *m, bool verify, struct err *e)
{
	struct server s = { .fd = fd, .module = m, .verify = verify };
	int rc;

	/* A call may bring a secret, and what is made of it is here too. */
	arena_lock(&s.arena);
	do {
		struct wire_call c = { 0 };
		char *text;
		size_t n;

		arena_reset(&s.arena);
		rc = frame_read(fd, &s.arena, &text, &n, e);
		if (rc == 1 &&
		    json_decode(&s.arena, wire_call_fields, text, n, &c, e) !=
			0)
			rc = -1;
		/* A page of an earlier call was taken: no news. */
		if (rc != 1 || c.more != 0 ||
		    (c.ticket != 0 && !ticket_take(&s, c.ticket)))
			continue;
		if (c.verb == NULL)
			rc = err_set(e, ERR_BUG, "a call without a verb");
		else if (call_serve(&s, &c, e) != 0)
			rc = -1;
	} while (rc == 1);
	arena_fini(&s.arena);
	return rc;
}
