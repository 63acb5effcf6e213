/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child that does what the test wants instead of what it should.  As a
 * worker, the configuration says how it starts, and the verb of a call how
 * it answers; as an evaluator, the only argument says how.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <muster/field.h>

#include "base/frame.h"
#include "base/sandbox.h"
#include "base/wire.h"

static bool warm; /* it was told to connect first */

static void
crash(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
	_exit(99);
}

static void
hang(void)
{
	for (;;)
		pause();
}

static void
say(const char *text)
{
	struct err e;

	if (frame_write(CHILD_CHANNEL, text, strlen(text), &e) != 0)
		_exit(1);
}

static void
bytes(const void *at, size_t n)
{
	if (write(CHILD_CHANNEL, at, n) != (ssize_t)n)
		_exit(1);
}

/* Writes a length beyond FRAME_MAX and goes on for ever. */
static void
flood(void)
{
	static char piece[65536];

	memset(piece, 0xff, sizeof(piece));
	for (;;)
		bytes(piece, sizeof(piece));
}

static void
reply(struct arena *a, int64_t call, int64_t epoch, const char *rest)
{
	say(arena_printf(a, "{\"call\":%" PRId64 ",\"epoch\":%" PRId64 ",%s}",
	    call, epoch, rest));
}

/* One byte after the other, with a pause after each frame's half. */
static void
reply_slowly(struct arena *a, const struct wire_call *c)
{
	const struct timespec pause = { .tv_nsec = 1000 * 1000 };
	const char *text = arena_printf(a,
	    "{\"call\":%" PRId64 ",\"epoch\":%" PRId64
	    ",\"out\":{\"slow\":true}}",
	    c->call, c->epoch);
	size_t n = strlen(text);
	unsigned char head[4] = { (unsigned char)n };

	for (size_t i = 0; i < 4; i++)
		bytes(&head[i], 1);
	for (size_t i = 0; i < n; i++) {
		bytes(text + i, 1);
		nanosleep(&pause, NULL);
	}
}

/* Ten pages; waits for the acknowledgement as it should, or not at all. */
static void
stream(struct arena *a, const struct wire_call *c, bool polite)
{
	int ahead = 0;

	for (int i = 0; i < 10; i++) {
		struct err e;
		char *text;
		size_t n;

		reply(a, c->call, c->epoch,
		    arena_printf(a, "\"rows\":[{\"n\":%d}]", i));
		if (polite && ++ahead == WIRE_AHEAD) {
			if (frame_read(CHILD_CHANNEL, a, &text, &n, &e) != 1)
				_exit(1);
			ahead--;
		}
	}
	reply(a, c->call, c->epoch, "\"out\":{\"rows\":10}");
	/* Late acknowledgements are read, and ignored, by the main loop. */
}

static void
facts(struct arena *a, const struct wire_call *c)
{
	int fds = 0;

	for (int fd = 0; fd < 256; fd++)
		if (dup2(fd, fd) >= 0)
			fds++;
	extern char **environ;
	int vars = 0;
	while (environ[vars] != NULL)
		vars++;
	reply(a, c->call, c->epoch,
	    arena_printf(a,
		"\"out\":{\"fds\":%d,"
		"\"environment\":%d,\"group\":%s,\"pid\":%d}",
		fds, vars, getpgrp() == getpid() ? "true" : "false",
		(int)getpid()));
}

/* Rows that say nothing but how a reply is broken. */
static const struct {
	const char *verb, *text;
} broken[] = { { "no-json", "{\"call\":" }, { "no-object", "[1]" },
	{ "no-out", "{\"call\":%c,\"epoch\":%e}" },
	{ "other-call", "{\"call\":77,\"epoch\":%e,\"out\":{}}" },
	{ "other-epoch", "{\"call\":%c,\"epoch\":78,\"out\":{}}" },
	{ "two-values", "{\"call\":%c,\"epoch\":%e,\"out\":{},\"out\":1}" },
	{ "odd-member", "{\"call\":%c,\"epoch\":%e,\"out\":{},\"x\":1}" },
	{ "odd-failure", "{\"call\":%c,\"epoch\":%e,\"failure\":\"bad\"}" },
	{ "both",
	    "{\"call\":%c,\"epoch\":%e,\"out\":{},"
	    "\"failure\":\"busy\",\"text\":\"x\"}" },
	{ "no-list", "{\"call\":%c,\"epoch\":%e,\"rows\":{}}" },
	{ "no-utf8", "{\"call\":%c,\"epoch\":%e,\"out\":\"\xff\"}" },
	{ "nul", "{\"call\":%c,\"epoch\":%e,\"out\":\"\\u0000\"}" },
	{ "tail", "{\"call\":%c,\"epoch\":%e,\"out\":{}} {}" },
	{ "fraction", "{\"call\":%c.0,\"epoch\":%e,\"out\":{}}" },
	{ "empty", "" }, { NULL, NULL } };

static bool
reply_broken(struct arena *a, const struct wire_call *c)
{
	size_t i = 0;

	while (broken[i].verb != NULL && strcmp(broken[i].verb, c->verb) != 0)
		i++;
	if (broken[i].verb == NULL)
		return false;
	struct buf b = { .arena = a };
	for (const char *s = broken[i].text; *s != '\0'; s++)
		if (*s == '%' && s[1] == 'c')
			s++, buf_printf(&b, "%" PRId64, c->call);
		else if (*s == '%' && s[1] == 'e')
			s++, buf_printf(&b, "%" PRId64, c->epoch);
		else
			buf_char(&b, *s);
	say(buf_text(&b));
	return true;
}

static void
child_leave_behind(struct arena *a, const struct wire_call *c)
{
	pid_t pid = fork();

	if (pid == 0) {
		close(CHILD_CHANNEL);
		hang();
	}
	reply(a, c->call, c->epoch,
	    arena_printf(a, "\"out\":{\"left\":%d}", (int)pid));
}

static void
serve(struct arena *a, const struct wire_call *c)
{
	const char *verb = c->verb;

	if (strcmp(verb, "crash") == 0)
		crash();
	else if (strcmp(verb, "leave") == 0)
		_exit(7);
	else if (strcmp(verb, "shut") == 0)
		close(CHILD_CHANNEL), hang();
	else if (strcmp(verb, "hang") == 0)
		hang();
	else if (strcmp(verb, "flood") == 0)
		flood();
	else if (strcmp(verb, "slow") == 0)
		reply_slowly(a, c);
	else if (strcmp(verb, "slow-twice") == 0)
		usleep(100000), reply_slowly(a, c), usleep(20000);
	else if (strcmp(verb, "stream") == 0)
		stream(a, c, true);
	else if (strcmp(verb, "stream-rude") == 0)
		stream(a, c, false);
	else if (strcmp(verb, "facts") == 0)
		facts(a, c);
	else if (strcmp(verb, "block") == 0)
		fcntl(CHILD_TICKETS, F_SETFL, 0),
		    reply(a, c->call, c->epoch, "\"out\":{}");
	else if (strcmp(verb, "warm") == 0)
		reply(a, c->call, c->epoch,
		    warm ? "\"out\":{\"warm\":true}" :
			   "\"out\":{\"warm\":false}");
	else if (strcmp(verb, "fork") == 0)
		child_leave_behind(a, c);
	else if (strcmp(verb, "busy") == 0)
		reply(a, c->call, c->epoch,
		    "\"failure\":\"busy\","
		    "\"text\":\"come back\",\"after_ms\":1234");
	else if (strcmp(verb, "twice") == 0)
		reply(a, c->call, c->epoch, "\"out\":{}"),
		    reply(a, c->call, c->epoch, "\"out\":{}");
	else if (!reply_broken(a, c))
		reply(a, c->call, c->epoch,
		    arena_printf(a, "\"out\":{\"echo\":%s}", c->in.text));
}

/* What goes wrong only with the worker that is kept for cuts. */
static bool
starts_warm_only(const char *how)
{
	static const char *const all[] = { "cold", "stuck", "brief", "odd" };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (strcmp(how, all[i]) == 0)
			return true;
	return false;
}

static void
greet(struct arena *a, const char *how)
{
	if (how != NULL && !warm && starts_warm_only(how))
		how = NULL;
	if (how == NULL || strcmp(how, "brief") == 0 || strcmp(how, "odd") == 0)
		say("{\"ready\":true,\"abi\":1,\"provider\":\"fake\","
		    "\"ops\":[],\"sandbox\":\"none\"}");
	else if (strcmp(how, "crash") == 0)
		crash();
	else if (strcmp(how, "hang") == 0 || strcmp(how, "stuck") == 0)
		hang();
	else if (strcmp(how, "garbage") == 0)
		say("{\"ready\":\"perhaps\"}");
	else if (strcmp(how, "denied") == 0)
		say("{\"ready\":false,\"failure\":\"denied\","
		    "\"text\":\"wrong password\",\"after_ms\":0}");
	else
		say(arena_printf(a,
		    "{\"ready\":false,\"failure\":\"busy\","
		    "\"text\":\"%s\",\"after_ms\":5000}",
		    how));
}

/* What an evaluator says of question 5, which has one program. */
static const struct {
	const char *mode, *text;
} said[] = { { "garbage", "{\"id\":" },
	{ "other-id", "{\"id\":6,\"results\":[[{\"values\":[1]}]]}" },
	{ "no-rows", "{\"id\":5,\"results\":[]}" },
	{ "many-rows",
	    "{\"id\":5,\"results\":[[{\"values\":[1]}],"
	    "[{\"values\":[1]}]]}" },
	{ "no-cells", "{\"id\":5,\"results\":[[]]}" },
	{ "odd-cell", "{\"id\":5,\"results\":[[{\"value\":1}]]}" },
	{ "stuck-elsewhere",
	    "{\"id\":5,\"stuck\":\"x\",\"program\":0,"
	    "\"input\":1}" },
	{ "stuck-beyond",
	    "{\"id\":5,\"stuck\":\"x\",\"program\":1,"
	    "\"input\":0}" },
	{ "stuck",
	    "{\"id\":5,\"stuck\":\"x\",\"program\":0,"
	    "\"input\":0}" },
	{ "good", "{\"id\":5,\"results\":[[{\"values\":[1]}]]}" },
	{ "starved", "{\"id\":5,\"results\":[[{\"values\":[1]}]]}" },
	{ NULL, NULL } };

/* Uses processor time: so much of each 25 ms, for that long. */
static void
work_on(clock_t each, int ms)
{
	for (int i = 0; i < ms / 25; i++) {
		clock_t until = clock() + each;

		usleep(20000);
		while (clock() < until)
			;
	}
}

static int
evaluate(struct arena *a, const char *mode)
{
	struct err e;
	char *text;
	size_t n, i = 0;

	if (strcmp(mode, "no-start") == 0)
		crash();
	say(strcmp(mode, "refuses") == 0 ?
		"{\"ready\":false}" :
		"{\"ready\":true,\"sandbox\":\"none\"}");
	while (frame_read(CHILD_CHANNEL, a, &text, &n, &e) == 1) {
		while (said[i].mode != NULL && strcmp(said[i].mode, mode) != 0)
			i++;
		if (strcmp(mode, "hang") == 0)
			hang();
		if (strcmp(mode, "starved") == 0)
			work_on(CLOCKS_PER_SEC / 200, 1000);
		if (strcmp(mode, "burns") == 0)
			work_on(CLOCKS_PER_SEC, INT_MAX);
		if (said[i].mode == NULL)
			crash();
		say(said[i].text);
	}
	return 0;
}

static int64_t
ticket_read(int flags)
{
	int64_t t;

	return recv(CHILD_TICKETS, &t, sizeof(t), flags) == sizeof(t) ? t : 0;
}

static bool hoards; /* tickets: it never reads one */

/* Whether a call that was sent ahead has not been called back. */
static bool
is_mine(const struct wire_call *c)
{
	static int64_t ticket;

	if (c->ticket == 0 || hoards)
		return true;
	if (ticket == 0 && ticket_read(MSG_PEEK) == c->ticket)
		ticket = ticket_read(0);
	bool mine = ticket == c->ticket;
	ticket = mine ? 0 : ticket;
	return mine;
}

static int
work(struct arena *a)
{
	struct wire_start start = { 0 };
	struct err e;
	char *text;
	size_t n;

	if (frame_read(CHILD_CHANNEL, a, &text, &n, &e) != 1 ||
	    json_decode(a, wire_start_fields, text, n, &start, &e) != 0)
		return 1;
	hoards = json_member(a, start.config.text, "hoards") != NULL;
	warm = start.settings.warm;
	const char *how = json_member_text(a, start.config.text, "start");
	greet(a, how);
	if (warm && how != NULL && strcmp(how, "brief") == 0)
		return 0;
	if (warm && how != NULL && strcmp(how, "odd") == 0)
		say("{}");
	while (frame_read(CHILD_CHANNEL, a, &text, &n, &e) == 1) {
		struct wire_call c = { 0 };

		if (json_decode(a, wire_call_fields, text, n, &c, &e) != 0)
			return 1;
		if (c.verb != NULL && is_mine(&c))
			serve(a, &c);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct arena a = { NULL, 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int ret = argc > 1 ? evaluate(&a, argv[1]) : work(&a);
	arena_fini(&a);
	return ret;
}
