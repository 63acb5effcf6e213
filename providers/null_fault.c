/* SPDX-License-Identifier: Apache-2.0 */
#include "null_fault.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHANNEL 3 /* the worker's socket, which no provider may touch */

/* The failures that a provider can answer with, and misbehaviours. */
static const char *const what_words[] = {
	"input",
	"busy",
	"denied",
	"gone",
	"conflict",
	"refused",
	"unknown",
	"crash",
	"hang",
	"garbage",
	"flood",
	"other-call",
	"long-frame",
	"crash-after",
	"hang-after",
	NULL,
};

const struct field null_fault_fields[] = {
	FIELD(struct null_fault, verb, 0, .fallback = "\"*\"",
	    .help = "operation, or * for all"),
	FIELD(struct null_fault, what, F_NEED, .words = what_words,
	    .help = "class of failure, or misbehaviour"),
	FIELD(struct null_fault, times, 0,
	    .help = "how often in one worker; 0 for always"),
	FIELD(struct null_fault, skip, 0, .help = "calls that pass first"),
	FIELD(struct null_fault, after_ms, 0,
	    .help = "milliseconds before which to try again"),
	FIELD_END,
};

const struct null_fault *
null_fault_due(struct many *faults, const char *verb)
{
	struct null_fault *f = faults->item;

	for (size_t i = 0; i < faults->n; i++) {
		if (f[i].verb[0] != '*' && strcmp(f[i].verb, verb) != 0)
			continue;
		if (f[i].skip > 0) {
			f[i].skip--;
			continue;
		}
		if (f[i].times < 0)
			continue;
		if (f[i].times > 0 && --f[i].times == 0)
			f[i].times = -1;
		return &f[i];
	}
	return NULL;
}

static void
channel_write(const void *at, size_t n)
{
	if (write(CHANNEL, at, n) < 0)
		_exit(3);
}

static void
hang(void)
{
	for (;;)
		sleep(60);
}

static void
flood(void)
{
	static const char noise[65536];

	for (;;)
		channel_write(noise, sizeof(noise));
}

static void
frame_write_raw(const char *text)
{
	uint32_t n = (uint32_t)strlen(text);
	unsigned char head[4] = { n & 0xff, n >> 8 & 0xff, n >> 16 & 0xff,
		(unsigned char)(n >> 24) };

	channel_write(head, sizeof(head));
	channel_write(text, n);
}

static int
misbehave(const char *what)
{
	if (strcmp(what, "crash") == 0)
		abort();
	if (strcmp(what, "hang") == 0)
		hang();
	if (strcmp(what, "flood") == 0)
		flood();
	if (strcmp(what, "garbage") == 0)
		frame_write_raw("{\"call\":\xff");
	if (strcmp(what, "long-frame") == 0)
		channel_write("\xff\xff\xff\x7f", 4);
	if (strcmp(what, "other-call") == 0)
		frame_write_raw("{\"call\":9007199254740991,\"epoch\":1,"
				"\"out\":{\"changed\":true}}");
	return 0;
}

int
null_fault_before(const struct null_fault *f, struct err *e)
{
	if (f == NULL)
		return 0;
	enum err_class cls = err_named(f->what);
	if (cls == ERR_BUG || cls == ERR_NONE)
		return misbehave(f->what);
	err_set(e, cls, "a failure was asked for: %s", f->what);
	e->after_ms = f->after_ms;
	return -1;
}

void
null_fault_after(const struct null_fault *f)
{
	if (f == NULL)
		return;
	if (strcmp(f->what, "crash-after") == 0)
		abort();
	if (strcmp(f->what, "hang-after") == 0)
		hang();
}
