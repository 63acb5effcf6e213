/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One turn of the daemon's loop: what has arrived becomes inputs, a tick
 * decides, and after its commit everything leaves.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/house.h"
#include "daemon/notice.h"

#define INPUTS_MAX 512	  /* in one tick */
#define FULL_PAUSE SECOND /* between two tries on a full disk */
#define PUBLISH_EVERY 200 /* ms, of the numbers for status */
#define HUSH 10		  /* ms that a tick waits for a cut, at most */

struct arrivals { /* inputs of the coming tick */
	struct arena arena;
	struct many inputs; /* struct input */
	size_t room;
};

struct loop {
	struct house *house;
	struct arrivals arrivals;
	struct output out;
	int epoll, signals;
	bool stop, reload, kept; /* kept: arrivals wait for room */
	bool alone;		 /* the last tick had commands only */
	bool hushed;		 /* the next tick waits for a cut's answer */
	int64_t published;
	int quiet; /* ticks in a row without work */
};

static struct input *
input_add(struct arrivals *a)
{
	struct many *m = &a->inputs;

	if (m->n == a->room) {
		void *old = m->item;

		a->room = a->room == 0 ? 16 : 2 * a->room;
		m->item = arena_zero(&a->arena, a->room, sizeof(struct input));
		if (old != NULL)
			memcpy(m->item, old, m->n * sizeof(struct input));
	}
	return (struct input *)m->item + m->n++;
}

static void
deliver(void *ctx, const struct incoming *in)
{
	struct loop *l = ctx;
	struct arrivals *a = &l->arrivals;
	struct input *i;

	if (in->kind == INCOMING_ANSWER && in->call >= ASKS_FIRST) {
		asks_answer(l->house->asks, in);
		return;
	}
	l->hushed &= !in->cut;
	i = input_add(a);
	i->kind = INPUT_INCOMING;
	i->incoming = *in;
	if (in->system != NULL)
		i->incoming.system = arena_str(&a->arena, in->system);
	if (in->out != NULL)
		i->incoming.out = arena_str(&a->arena, in->out);
	if (in->kind == INCOMING_ANSWER)
		l->house->asked--;
}

static void
commands_take(struct loop *l)
{
	struct ticket *t = queue_take(l->house->queue, INPUTS_MAX), *next;

	for (; t != NULL; t = next) {
		struct input *i = input_add(&l->arrivals);

		next = t->next;
		*i = t->input;
		i->cookie = t;
	}
}

/* While the disk is full, who asks is told so at once. */
static void
commands_refuse(struct loop *l)
{
	const struct err why = { ERR_FULL, FULL_PAUSE,
		"the disk is full: "
		"nothing is lost, and work goes on when there is room" };
	struct ticket *t = queue_take(l->house->queue, INPUTS_MAX), *next;

	for (; t != NULL; t = next) {
		next = t->next;
		t->answer(t, &why, NULL);
	}
}

static void
departures_send(struct house *h, const struct output *out)
{
	for (size_t i = 0; i < out->drops.n; i++)
		supervisor_drop(h->supervisor,
		    ((const int64_t *)out->drops.item)[i]);
	for (size_t i = 0; i < out->calls.n; i++)
		supervisor_send(h->supervisor,
		    (const struct outcall *)out->calls.item + i);
	for (size_t i = 0; i < out->questions.n; i++)
		supervisor_ask(h->supervisor,
		    (const struct question *)out->questions.item + i);
	for (size_t i = 0; i < out->more.n; i++)
		supervisor_more(h->supervisor,
		    ((const int64_t *)out->more.item)[i]);
	h->asked += (int64_t)out->questions.n;
}

static void
departures_answer(const struct output *out)
{
	for (size_t i = 0; i < out->replies.n; i++) {
		const struct engine_reply *r = (const struct engine_reply *)
						   out->replies.item +
		    i;
		struct ticket *t = r->cookie;

		t->answer(t, r->why.cls == ERR_NONE ? NULL : &r->why, r->body);
	}
}

static void
published(struct loop *l)
{
	struct house *h = l->house;
	int64_t now = clock_boot();

	/* Who gave a command may look at once what came of it. */
	if (now - l->published < PUBLISH_EVERY && l->published != 0 &&
	    !l->alone)
		return;
	l->published = now;
	house_publish(h);
}

static int
departed(struct loop *l, struct err *err)
{
	struct house *h = l->house;

	departures_send(h, &l->out);
	departures_answer(&l->out);
	asks_send(h->asks, h->supervisor);
	if (l->out.checkpoint && evidence_publish(h->evidence, err) != 0)
		return -1;
	if (h->notices != NULL && l->out.notices)
		notices_wake(h->notices);
	return 0;
}

/* Nothing of the tick was committed: who asked is told why.  What workers
   said is left. */
static void
arrivals_refuse(struct arrivals *a, const struct err *why)
{
	struct input *in = a->inputs.item;
	size_t kept = 0;

	for (size_t i = 0; i < a->inputs.n; i++) {
		struct ticket *t = in[i].cookie;

		if (in[i].kind == INPUT_COMMAND)
			t->answer(t, why, NULL);
		else
			in[kept++] = in[i];
	}
	a->inputs.n = kept;
}

/* A full disk: commands are told so, answers of workers are kept. */
static void
keep(struct loop *l, const struct err *why)
{
	if (!l->house->roomless)
		log_error("the disk is full: new work waits: %s", why->text);
	l->house->roomless = l->kept = true;
	arrivals_refuse(&l->arrivals, why);
}

static int
turn(struct loop *l, struct err *err)
{
	struct house *h = l->house;
	struct arrivals *a = &l->arrivals;
	size_t n = a->inputs.n;

	if (engine_tick(h->engine, a->inputs.item, n, clock_wall(),
		clock_boot(), &l->out, err) != 0) {
		if (err->cls != ERR_FULL) {
			/* Feeds and notices wait for it, and musterd for
			   them. */
			arrivals_refuse(a, err);
			return -1;
		}
		keep(l, err);
		return 0;
	}
	if (h->roomless)
		log_info("there is room on the disk again: work goes on");
	h->roomless = l->kept = false;
	if (departed(l, err) != 0) {
		if (err->cls != ERR_FULL)
			return -1;
		log_error("%s", err->text);
	}
	a->inputs = (struct many){ 0 };
	a->room = 0;
	arena_reset(&a->arena);
	l->quiet = n == 0 && l->out.calls.n == 0 && l->out.questions.n == 0 &&
		!l->out.again ?
	    l->quiet + 1 :
	    0;
	return 0;
}

static int64_t
pause_for(const struct loop *l)
{
	int64_t wait, child;

	if (l->kept)
		return FULL_PAUSE;
	if (l->out.again)
		return 0;
	wait = l->out.due - clock_wall();
	child = supervisor_due(l->house->supervisor);
	if (child != 0 && child - clock_boot() < wait)
		wait = child - clock_boot();
	return wait < 0 ? 0 : wait > 1000 ? 1000 : wait;
}

static void
signal_take(struct loop *l)
{
	struct signalfd_siginfo si;

	while (read(l->signals, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGHUP)
			l->reload = true;
		else
			l->stop = true;
	}
}

/* With --once: nothing is in flight, asked, queued or due. */
static bool
all_done(struct loop *l)
{
	struct house *h = l->house;
	struct engine_counts c;

	engine_counts(h->engine, &c);
	return h->options.once && c.in_flight == 0 && h->asked == 0 &&
	    l->quiet > 3 && (h->feeds == NULL || feeds_idle(h->feeds)) &&
	    (h->notices == NULL || notices_idle(h->notices));
}

/* Whether others than children want something. */
static bool
wait_some(struct loop *l, int64_t ms)
{
	struct epoll_event ev[8];
	int n = epoll_wait(l->epoll, ev, 8, (int)ms);
	bool others = false;

	for (int i = 0; i < n; i++) {
		if (ev[i].data.fd == l->signals)
			signal_take(l);
		others |= ev[i].data.fd != supervisor_fd(l->house->supervisor);
	}
	return others;
}

static bool
cuts_went(const struct output *out)
{
	const struct outcall *c = out->calls.item;

	for (size_t i = 0; i < out->calls.n; i++)
		if (c[i].cut)
			return true;
	return false;
}

/*
 * A cut has just gone out: a tick about a crowd would take processor and
 * disk from it, and its answer would wait for the end of that tick.  What
 * children say meanwhile is heard and waits; an answer to any cut ends the
 * wait, and so does a command or a signal, which is then true.
 */
static bool
hush(struct loop *l)
{
	const struct supervisor *s = l->house->supervisor;
	int64_t until = clock_boot() + HUSH;
	bool others = false;

	l->hushed = !l->kept && !l->out.leavers && cuts_went(&l->out);
	while (l->hushed && !others && clock_boot() < until) {
		int64_t due = supervisor_due(s), now = clock_boot();
		int64_t left = (due < until ? due : until) - now;

		others = wait_some(l, left < 0 ? 0 : left);
		supervisor_poll(l->house->supervisor, INPUTS_MAX, deliver, l);
		l->alone = false; /* children were asked */
	}
	l->hushed = false;
	return others;
}

/* Nobody can tell a signal to come again: it waits until the last change
   was taken up. */
static void
reload(struct loop *l)
{
	struct err err = { 0 };

	doors_tidy(l->house);
	if (l->house->old != NULL)
		return;
	l->reload = false;
	if (house_reload(l->house, &err) != 0)
		log_error("the old configuration holds: %s", err.text);
}

/*
 * Somebody waits for a command, and it may be a cut: it gets a short tick
 * of its own, before what children have to say, but never two in a row, nor
 * before what was heard of them already.
 */
static void
arrivals_take(struct loop *l)
{
	if (l->arrivals.inputs.n > 0) {
		l->alone = false;
		return;
	}
	if (!l->alone)
		commands_take(l);
	l->alone = l->arrivals.inputs.n > 0;
	if (!l->alone)
		supervisor_poll(l->house->supervisor, INPUTS_MAX, deliver, l);
}

static int
loop_run(struct loop *l, struct err *err)
{
	struct house *h = l->house;

	while (!l->stop && !all_done(l)) {
		if (l->kept)
			commands_refuse(l);
		else
			arrivals_take(l);
		asks_send(h->asks, h->supervisor);
		if (turn(l, err) != 0)
			return -1;
		published(l);
		if (l->reload)
			reload(l);
		doors_reload(h);
		doors_tidy(h);
		if (!hush(l) && (l->arrivals.inputs.n == 0 || l->kept))
			wait_some(l, pause_for(l));
	}
	return 0;
}

static int
watch(struct loop *l, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev);
}

int
house_run(struct house *h)
{
	struct loop l = { .house = h, .epoll = epoll_create1(EPOLL_CLOEXEC) };
	struct err err = { 0 };
	sigset_t set;
	int status = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	l.signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (l.epoll < 0 || l.signals < 0 || watch(&l, l.signals) != 0 ||
	    watch(&l, queue_fd(h->queue)) != 0 ||
	    watch(&l, supervisor_fd(h->supervisor)) != 0) {
		log_error("epoll: %s", strerror(errno));
		status = err_meanings[ERR_BUG].exit;
	} else if (loop_run(&l, &err) != 0) {
		log_error("musterd ends: %s", err.text);
		status = err_meanings[err.cls].exit;
	}
	close(l.signals);
	close(l.epoll);
	arena_fini(&l.arrivals.arena);
	return status;
}
