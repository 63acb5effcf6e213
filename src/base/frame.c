/* SPDX-License-Identifier: Apache-2.0 */
#include "base/frame.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/file.h"

#define HEAD 4
#define PIECE ((size_t)65536)
#define ROOM_MAX (FRAME_MAX + HEAD + PIECE)

static uint32_t
length_get(const char *at)
{
	const unsigned char *p = (const unsigned char *)at;

	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static int
too_long(struct err *e, size_t n)
{
	return err_set(e, ERR_INPUT, "a frame of %zu bytes", n);
}

static int
broken(struct err *e, const char *what)
{
	return err_set(e, ERR_BUSY, "%s: %s", what, strerror(errno));
}

int
frame_read(int fd, struct arena *a, char **text, size_t *n, struct err *e)
{
	char head[HEAD];
	int got = fd_read(fd, head, sizeof(head));

	if (got < 0)
		return broken(e, "frame");
	if (got == 0)
		return 0;
	*n = length_get(head);
	if (*n > FRAME_MAX)
		return too_long(e, *n);
	*text = arena_zero(a, *n + 1, 1);
	if (*n == 0)
		return 1;
	got = fd_read(fd, *text, *n);
	if (got == 0)
		errno = EBADMSG;
	return got > 0 ? 1 : broken(e, "frame");
}

int
frame_write(int fd, const char *text, size_t n, struct err *e)
{
	unsigned char head[HEAD] = { (unsigned char)n, (unsigned char)(n >> 8),
		(unsigned char)(n >> 16), (unsigned char)(n >> 24) };
	struct iovec v[] = { { head, HEAD }, { (void *)(uintptr_t)text, n } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };

	if (n > FRAME_MAX)
		return too_long(e, n);
	while (v[0].iov_len + v[1].iov_len > 0) {
		ssize_t done = sendmsg(fd, &m, MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return broken(e, "frame");
		for (int i = 0; i < 2; i++) {
			size_t part = (size_t)done < v[i].iov_len ?
			    (size_t)done :
			    v[i].iov_len;

			v[i].iov_base = (char *)v[i].iov_base + part;
			v[i].iov_len -= part;
			done -= (ssize_t)part;
		}
	}
	return 0;
}

/* Moves what is unread to the front and wipes what it leaves. */
static void
frames_compact(struct frames *f)
{
	size_t left = f->len - f->used;

	if (f->used == 0)
		return;
	memmove(f->at, f->at + f->used, left);
	explicit_bzero(f->at + left, f->len - left);
	f->len = left;
	f->used = 0;
}

/* A new buffer instead of realloc: what was in the old one is wiped. */
static void
frames_grow(struct frames *f)
{
	size_t room = f->room == 0 ? PIECE : 2 * f->room;

	if (room > ROOM_MAX)
		room = ROOM_MAX;
	char *at = malloc(room);
	if (at == NULL)
		abort();
	if (f->len > 0)
		memcpy(at, f->at, f->len);
	if (f->at != NULL)
		explicit_bzero(f->at, f->len);
	free(f->at);
	f->at = at;
	f->room = room;
}

int
frames_fill(struct frames *f, int fd, struct err *e)
{
	frames_compact(f);
	if (f->len >= FRAME_MAX + HEAD)
		return 1;
	if (f->room - f->len < PIECE / 2)
		frames_grow(f);
	ssize_t got = recv(fd, f->at + f->len, f->room - f->len, MSG_DONTWAIT);
	if (got == 0)
		return 0;
	if (got > 0)
		f->len += (size_t)got;
	else if (errno == ECONNRESET)
		return 0;
	else if (errno != EINTR && errno != EAGAIN)
		return broken(e, "frame");
	return 1;
}

int
frames_next(struct frames *f, const char **text, size_t *n, struct err *e)
{
	if (f->len - f->used < HEAD)
		return 0;
	size_t len = length_get(f->at + f->used);
	if (len > FRAME_MAX)
		return too_long(e, len);
	if (f->len - f->used - HEAD < len)
		return 0;
	*text = f->at + f->used + HEAD;
	*n = len;
	f->used += HEAD + len;
	return 1;
}

void
frames_fini(struct frames *f)
{
	if (f->at != NULL)
		explicit_bzero(f->at, f->len);
	free(f->at);
	*f = (struct frames){ NULL, 0, 0, 0 };
}
