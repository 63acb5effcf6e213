/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "supervisor/inside.h"
#include "supervisor/pool.h"
#include "supervisor/reply.h"

#define START_LIMIT (20 * SECOND)
/* A provider that keeps to its deadline may still say so itself. */
#define GRACE 250

static void
give(struct worker *w, enum incoming_kind kind, const char *out,
    const struct err *why)
{
	struct incoming in = { .kind = kind,
		.call = w->call,
		.epoch = w->epoch,
		.system = pool_system(w->pool),
		.out = out,
		.taken = w->taken,
		.answered = clock_wall() };

	if (why != NULL)
		in.why = *why;
	supervisor_give(w->child.sup, &in);
}

/* The value as a C string: the byte behind it is part of the frame, which
   has been read. */
static const char *
value_text(char *frame, struct span value)
{
	char *at = frame + (value.at - frame);

	at[value.n] = '\0';
	return at;
}

static bool
reply_take(struct worker *w, char *text, size_t n)
{
	struct reply r;

	if (!reply_read(text, n, &r) || r.call != w->call ||
	    r.epoch != w->epoch)
		return false;
	if (r.kind == REPLY_ROWS) {
		if (++w->ahead > WIRE_AHEAD)
			return false;
		if (!w->silent)
			give(w, INCOMING_ROWS, value_text(text, r.value), NULL);
		return true;
	}
	w->state = WORKER_IDLE;
	if (r.kind == REPLY_FAILURE)
		give(w, INCOMING_REPLY, NULL, &r.why);
	else
		give(w, INCOMING_REPLY, value_text(text, r.value), NULL);
	pool_freed(w->pool, w);
	return true;
}

static bool
greeting_take(struct worker *w, const char *text, size_t n)
{
	struct arena a = { NULL, 0 };
	struct err why;
	bool ok = ready_read(text, n, &why);

	if (ok)
		pool_started(w->pool, w, arena_mem(&a, text, n), &why);
	arena_fini(&a);
	return ok;
}

static bool
worker_frame(struct child *c, char *text, size_t n)
{
	struct worker *w = (struct worker *)c;

	switch (w->state) {
	case WORKER_STARTING:
		return greeting_take(w, text, n);
	case WORKER_BUSY:
		return reply_take(w, text, n);
	case WORKER_IDLE:
		break;
	}
	return false; /* nobody asked */
}

static void
worker_ended(struct child *c, const char *how)
{
	struct worker *w = (struct worker *)c;

	if (w->state == WORKER_BUSY && !w->silent) {
		if (w->why.cls == ERR_NONE)
			err_set(&w->why, ERR_UNKNOWN,
			    "the worker ended during the call: %s", how);
		give(w, INCOMING_REPLY, NULL, &w->why);
	}
	pool_lost(w->pool, w, how);
	free(w);
}

static const struct child_owner worker_owner = {
	.frame = worker_frame,
	.ended = worker_ended,
	.secrets = true,
};

static int
start_send(struct worker *w, const struct worker_def *d)
{
	struct arena a = { NULL, 0 };
	struct buf head = { .arena = &a }, tail = { .arena = &a };
	const struct supervisor *s = w->child.sup;

	buf_str(&head, "{\"system\":");
	json_string(&head, d->system);
	buf_str(&head, ",\"provider\":");
	json_string(&head, d->provider);
	buf_str(&head, ",\"module\":");
	json_string(&head,
	    arena_printf(&a, "%s/%s.so", s->providers, d->provider));
	buf_str(&head, ",\"config\":");
	buf_str(&tail, ",\"settings\":{\"sandbox\":");
	json_string(&tail, s->sandbox);
	buf_printf(&tail, ",\"verify\":%s}}", d->verify ? "true" : "false");
	const struct iovec v[] = {
		{ head.at, head.len },
		{ (char *)(uintptr_t)d->config, strlen(d->config) },
		{ tail.at, tail.len },
	};
	int ret = child_send(&w->child, v, 3);
	arena_fini(&a);
	return ret;
}

struct worker *
worker_start(struct supervisor *s, struct pool *p, const struct worker_def *d,
    struct err *e)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		abort();
	if (child_start(&w->child, s, &worker_owner, s->worker, NULL, e) != 0) {
		free(w);
		return NULL;
	}
	w->pool = p;
	w->due = clock_boot() + START_LIMIT;
	supervisor_wake(s, w->due);
	/* One that is gone already is seen when its channel is read. */
	(void)!start_send(w, d);
	return w;
}

bool
worker_take(struct worker *w, const struct outcall *o)
{
	char head[160], tail[] = "}";
	int n = snprintf(head, sizeof(head),
	    "{\"call\":%" PRId64 ",\"epoch\":%" PRId64
	    ",\"deadline_ms\":%" PRId64 ",\"verb\":\"",
	    o->call, o->epoch, o->timeout);
	char middle[] = "\",\"in\":";
	const struct iovec v[] = {
		{ head, (size_t)n },
		{ (char *)(uintptr_t)o->verb, strlen(o->verb) },
		{ middle, sizeof(middle) - 1 },
		{ (char *)(uintptr_t)o->in, strlen(o->in) },
		{ tail, 1 },
	};

	if (child_send(&w->child, v, 5) != 0)
		return false;
	w->state = WORKER_BUSY;
	w->call = o->call;
	w->epoch = o->epoch;
	w->taken = clock_wall();
	w->ahead = 0;
	w->silent = false;
	w->due = clock_boot() + o->timeout + GRACE;
	supervisor_wake(w->child.sup, w->due);
	return true;
}

void
worker_more(struct worker *w)
{
	char text[48];
	int n = snprintf(text, sizeof(text), "{\"more\":%" PRId64 "}", w->call);
	const struct iovec v = { text, (size_t)n };

	if (w->ahead == 0)
		return;
	w->ahead--;
	(void)!child_send(&w->child, &v, 1);
}

void
worker_fail(struct worker *w, enum err_class cls, const char *reason)
{
	err_set(&w->why, cls, "%s", reason);
	child_kill(&w->child, reason);
}
