/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a child may send: bytes become frames, and each frame is read as
 * every message that it could be.  A first byte says in which pieces the
 * bytes arrive.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/frame.h"
#include "supervisor/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static bool
is_json(const char *text, size_t n)
{
	struct err e;

	return json_check(text, n, &e) == 0;
}

static void
replies_read(const char *text, size_t n)
{
	struct reply r;
	struct verdicts v;
	struct err why;

	if (reply_read(text, n, &r)) {
		if (!is_json(text, n) || r.call < 0)
			abort();
		if (r.kind != REPLY_FAILURE &&
		    (r.value.at < text || r.value.n > n ||
			r.value.at + r.value.n > text + n))
			abort();
	}
	if (ready_read(text, n, &why) && !is_json(text, n))
		abort();
	for (size_t programs = 0; programs < 3; programs++)
		if (verdicts_read(text, n, programs, &v) && !is_json(text, n))
			abort();
}

/* What was taken can be said again, and is taken again. */
static void
again(struct arena *a, const struct field *table, size_t size, const char *text,
    size_t n)
{
	void *first = arena_zero(a, 1, size), *second = arena_zero(a, 1, size);
	struct buf out = { .arena = a };
	struct err e;

	if (json_decode(a, table, text, n, first, &e) != 0)
		return;
	json_encode_clear(&out, table, first);
	if (json_decode(a, table, buf_text(&out), out.len, second, &e) != 0)
		abort();
}

static void
canonical(struct arena *a, const char *text, size_t n)
{
	struct err e;
	const char *once = json_canonical(a, text, n, &e), *twice;

	if (once == NULL)
		return;
	twice = json_canonical(a, once, strlen(once), &e);
	if (!is_json(text, n) || twice == NULL || strcmp(once, twice) != 0)
		abort();
}

static void
message_read(const char *text, size_t n)
{
	struct arena a = { 0 };

	replies_read(text, n);
	canonical(&a, text, n);
	again(&a, wire_start_fields, sizeof(struct wire_start), text, n);
	again(&a, wire_ready_fields, sizeof(struct wire_ready), text, n);
	again(&a, wire_call_fields, sizeof(struct wire_call), text, n);
	again(&a, wire_reply_fields, sizeof(struct wire_reply), text, n);
	arena_fini(&a);
}

static void
frames_read(const uint8_t *data, size_t n, size_t piece)
{
	struct frames f = { 0 };
	const char *text;
	size_t len;
	struct err e;
	int fd[2], got = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) != 0)
		abort();
	for (size_t at = 0; at < n && got >= 0; at += piece) {
		size_t more = n - at < piece ? n - at : piece;

		if (write(fd[1], data + at, more) != (ssize_t)more ||
		    frames_fill(&f, fd[0], &e) != 1)
			abort();
		while ((got = frames_next(&f, &text, &len, &e)) == 1)
			message_read(text, len);
	}
	frames_fini(&f);
	close(fd[0]);
	close(fd[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n < 2 || n > 64 << 10)
		return 0;
	/* Long inputs in few pieces: a socket holds only so many. */
	frames_read(data + 1, n - 1, (size_t)data[0] + 1 + n / 64);
	/* And the bytes as a message of their own, without a length. */
	message_read((const char *)data + 1, n - 1);
	return 0;
}
