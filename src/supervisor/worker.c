/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "supervisor/inside.h"
#include "supervisor/pool.h"
#include "supervisor/reply.h"
#include "supervisor/waiting.h"

#define START_LIMIT (20 * SECOND)
#define KEPT_LIMIT (5 * SECOND) /* of one that connects first, too */
/* A provider that keeps to its deadline may still say so itself. */
#define GRACE 250

/* What became of the call that is running. */
static void
give(struct worker *w, enum incoming_kind kind, const char *out,
    const struct err *why)
{
	struct incoming in = { .kind = kind,
		.call = w->queue[0].call,
		.epoch = w->queue[0].epoch,
		.system = pool_system(w->pool),
		.cut = w->queue[0].cut,
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

static void
queue_remove(struct worker *w, int at)
{
	w->calls--;
	memmove(w->queue + at, w->queue + at + 1,
	    (size_t)(w->calls - at) * sizeof(*w->queue));
}

static void
first_drop(struct worker *w)
{
	waiting_free(w->queue[0].kept);
	queue_remove(w, 0);
}

static void
held_watch(struct worker *w)
{
	w->held_at = w->calls > 1 ? w->begun + WORKER_HELD : INT64_MAX;
	supervisor_wake(w->child.sup, w->held_at);
}

/* The first of its queue is running from now on. */
static void
begin(struct worker *w)
{
	w->taken = clock_wall();
	w->begun = clock_boot();
	w->ahead = 0;
	w->due = w->begun + w->queue[0].timeout + GRACE;
	supervisor_wake(w->child.sup, w->due);
	held_watch(w);
}

/* The running call is over, and the next one runs. */
static void
finish(struct worker *w)
{
	pool_over(w->pool);
	first_drop(w);
	if (w->calls > 0)
		begin(w);
}

static bool
reply_take(struct worker *w, char *text, size_t n)
{
	struct reply r;

	if (!reply_read(text, n, &r) || r.call != w->queue[0].call ||
	    r.epoch != w->queue[0].epoch)
		return false;
	if (r.kind == REPLY_ROWS) {
		if (++w->ahead > WIRE_AHEAD)
			return false;
		if (!w->queue[0].silent)
			give(w, INCOMING_ROWS, value_text(text, r.value), NULL);
		return true;
	}
	if (r.kind == REPLY_FAILURE)
		give(w, INCOMING_REPLY, NULL, &r.why);
	else
		give(w, INCOMING_REPLY, value_text(text, r.value), NULL);
	finish(w);
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

	if (!w->ready)
		return greeting_take(w, text, n);
	return w->calls > 0 && reply_take(w, text, n); /* or nobody asked */
}

static void
worker_ended(struct child *c, const char *how)
{
	struct worker *w = (struct worker *)c;
	struct err why = w->why, ended;

	int64_t ran = w->calls > 0 ? w->queue[0].call : 0;

	err_set(&ended, ERR_UNKNOWN, "the worker ended during the call: %s",
	    how);
	worker_recall(w);
	if (w->calls > 0 && w->queue[0].call != ran)
		why.cls = ERR_NONE;
	for (; w->calls > 0; first_drop(w)) {
		if (!w->queue[0].silent)
			give(w, INCOMING_REPLY, NULL,
			    why.cls != ERR_NONE ? &why : &ended);
		/* The others did not overrun a deadline. */
		why.cls = ERR_NONE;
		pool_over(w->pool);
	}
	pool_lost(w->pool, w, how);
	worker_free(w);
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
	buf_printf(&tail, ",\"verify\":%s%s}}", d->verify ? "true" : "false",
	    w->kept ? ",\"warm\":true" : "");
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
    bool kept, struct err *e)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		abort();
	w->tickets[0] = w->tickets[1] = -1;
	if (d->ahead > 1 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, w->tickets) != 0) {
		err_set(e, ERR_BUSY, "socketpair: %s", strerror(errno));
		worker_free(w);
		return NULL;
	}
	if (child_start(&w->child, s, &worker_owner, s->worker, NULL,
		w->tickets[0], e) != 0) {
		worker_free(w);
		return NULL;
	}
	w->pool = p;
	w->held_at = INT64_MAX;
	w->kept = kept;
	w->due = clock_boot() + (kept ? KEPT_LIMIT : START_LIMIT);
	supervisor_wake(s, w->due);
	/* One that is gone already is seen when its channel is read. */
	(void)!start_send(w, d);
	return w;
}

void
worker_free(struct worker *w)
{
	while (w->calls > 0)
		first_drop(w);
	for (int i = 0; i < 2; i++)
		if (w->tickets[i] >= 0)
			close(w->tickets[i]);
	free(w);
}

static int
call_send(struct worker *w, const struct outcall *o, int64_t ticket)
{
	char head[192], tail[] = "}";
	int n = snprintf(head, sizeof(head),
	    "{\"call\":%" PRId64 ",\"epoch\":%" PRId64
	    ",\"deadline_ms\":%" PRId64 ",\"ticket\":%" PRId64 ",\"verb\":\"",
	    o->call, o->epoch, o->timeout, ticket);
	char middle[] = "\",\"in\":";
	const struct iovec v[] = {
		{ head, (size_t)n },
		{ (char *)(uintptr_t)o->verb, strlen(o->verb) },
		{ middle, sizeof(middle) - 1 },
		{ (char *)(uintptr_t)o->in, strlen(o->in) },
		{ tail, 1 },
	};

	return child_send(&w->child, v, 5);
}

static void
queue_add(struct worker *w, const struct outcall *o, int64_t ticket,
    struct waiting *kept)
{
	w->kept = false;
	w->queue[w->calls++] = (struct given){ .call = o->call,
		.epoch = o->epoch,
		.timeout = o->timeout,
		.cut = o->cut,
		.ahead = o->ahead,
		.ticket = ticket,
		.kept = kept };
}

bool
worker_take(struct worker *w, const struct outcall *o)
{
	if (call_send(w, o, 0) != 0)
		return false;
	queue_add(w, o, 0, NULL);
	begin(w);
	return true;
}

/* The ticket goes first: a frame without one was called back. */
bool
worker_queue(struct worker *w, const struct outcall *o, struct waiting *kept)
{
	int64_t ticket = ++w->ticket;

	if (w->calls == CALL_AHEAD_MOST ||
	    send(w->tickets[1], &ticket, sizeof(ticket),
		MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)sizeof(ticket) ||
	    call_send(w, o, ticket) != 0)
		return false;
	queue_add(w, o, ticket, kept);
	held_watch(w);
	return true;
}

/* Which of its calls has the ticket; -1: none. */
static int
ticket_find(const struct worker *w, int64_t ticket)
{
	for (int i = 0; i < w->calls; i++)
		if (w->queue[i].ticket == ticket)
			return i;
	return -1;
}

int
worker_find(const struct worker *w, int64_t call)
{
	for (int i = 0; i < w->calls; i++)
		if (w->queue[i].call == call)
			return i;
	return -1;
}

void
worker_recall(struct worker *w)
{
	int64_t ticket;
	bool first = false;

	/* What the worker made of the descriptor that it shares does not
	   matter: this never blocks, and nobody else writes to that end. */
	while (w->tickets[0] >= 0 &&
	    recv(w->tickets[0], &ticket, sizeof(ticket), MSG_DONTWAIT) ==
		(ssize_t)sizeof(ticket)) {
		int at = ticket_find(w, ticket);

		if (at < 0)
			continue;
		if (w->queue[at].silent)
			waiting_free(w->queue[at].kept);
		else
			pool_regain(w->pool, w->queue[at].kept);
		queue_remove(w, at);
		first |= at == 0;
	}
	/* It had not begun the one that seemed to run. */
	if (first && w->calls > 0 && worker_is_live(w))
		begin(w);
}

void
worker_more(struct worker *w)
{
	char text[48];
	int n = snprintf(text, sizeof(text), "{\"more\":%" PRId64 "}",
	    w->queue[0].call);
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
