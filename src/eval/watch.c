/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/watch.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define TICK_MS 20

/* The handlers read this at any moment: run changes last in begin. */
static struct {
	int channel;
	volatile int64_t question, budget;
	volatile size_t program, input;
	volatile sig_atomic_t runs; /* odd: within a run */
	sig_atomic_t seen, ticks;   /* of the handler alone */
} watch;

struct text {
	char at[160];
	size_t n;
};

static void
text_add(struct text *t, const char *s)
{
	while (*s != '\0' && t->n < sizeof(t->at))
		t->at[t->n++] = *s++;
}

static void
number_add(struct text *t, uint64_t v)
{
	char digits[24];
	size_t i = sizeof(digits) - 1;

	digits[i] = '\0';
	do
		digits[--i] = (char)('0' + v % 10);
	while ((v /= 10) != 0);
	text_add(t, digits + i);
}

/* Only what a signal handler may do: the frame is built by hand and is
   small enough to be written whole. */
static _Noreturn void
say_and_end(const char *why)
{
	struct text t = { .n = 4 };

	if ((watch.runs & 1) == 0)
		_exit(2);
	text_add(&t, "{\"id\":");
	number_add(&t, (uint64_t)watch.question);
	text_add(&t, ",\"stuck\":\"");
	text_add(&t, why);
	text_add(&t, "\",\"program\":");
	number_add(&t, watch.program);
	text_add(&t, ",\"input\":");
	number_add(&t, watch.input);
	text_add(&t, "}");
	size_t body = t.n - 4;
	for (int i = 0; i < 4; i++)
		t.at[i] = (char)(body >> (8 * i) & 0xff);
	while (write(watch.channel, t.at, t.n) < 0 && errno == EINTR)
		;
	_exit(2);
}

static void
on_tick(int signal)
{
	(void)signal;
	if ((watch.runs & 1) == 0 || watch.runs != watch.seen) {
		watch.seen = watch.runs;
		watch.ticks = 0;
		return;
	}
	if (++watch.ticks * TICK_MS >= watch.budget)
		say_and_end("takes too long");
}

static void
on_fault(int signal)
{
	say_and_end(signal == SIGABRT ? "needs too much memory" :
					"overflows the stack");
}

static int
handle(int signal, void (*handler)(int), int flags, struct err *e)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	sigfillset(&sa.sa_mask);
	if (sigaction(signal, &sa, NULL) != 0)
		return err_set(e, ERR_BUG, "sigaction: %s", strerror(errno));
	return 0;
}

int
watch_open(int channel, struct err *e)
{
	static char stack[32768];
	const stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	const struct itimerval tick = {
		.it_interval.tv_usec = TICK_MS * 1000,
		.it_value.tv_usec = TICK_MS * 1000,
	};

	watch.channel = channel;
	if (sigaltstack(&alternate, NULL) != 0 ||
	    setitimer(ITIMER_PROF, &tick, NULL) != 0)
		return err_set(e, ERR_BUG, "watch: %s", strerror(errno));
	if (handle(SIGPROF, on_tick, SA_RESTART, e) != 0 ||
	    handle(SIGABRT, on_fault, SA_ONSTACK, e) != 0 ||
	    handle(SIGSEGV, on_fault, SA_ONSTACK, e) != 0 ||
	    handle(SIGBUS, on_fault, SA_ONSTACK, e) != 0 ||
	    handle(SIGFPE, on_fault, SA_ONSTACK, e) != 0)
		return -1;
	return 0;
}

void
watch_begin(int64_t question, size_t program, size_t input, int64_t budget)
{
	watch.question = question;
	watch.program = program;
	watch.input = input;
	watch.budget = budget;
	/* Even to odd; 29 bits, so that it never overflows. */
	watch.runs = (watch.runs + 1) & 0x1fffffff;
}

void
watch_end(void)
{
	watch.runs = (watch.runs + 1) & 0x1fffffff;
}
