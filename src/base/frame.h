/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between musterd and its children: a length (4 bytes, little
 * endian) and that many bytes of JSON, on a socketpair.
 */
#ifndef BASE_FRAME_H
#define BASE_FRAME_H

#include <stddef.h>

#include <muster/arena.h>
#include <muster/err.h>

#define FRAME_MAX (1u << 20)

/* Blocking, for the children.  1 read, 0 the other side is gone, -1. */
int frame_read(int fd, struct arena *, char **text, size_t *n, struct err *);
int frame_write(int fd, const char *text, size_t n, struct err *)
    __attribute__((warn_unused_result));

/*
 * Non-blocking, for musterd: bytes as they come.  Memory is the caller's
 * heap, bounded by FRAME_MAX plus one read.
 */
struct frames {
	char *at;
	size_t len, room, used;
};

/* Reads what is there: 1 more may follow in the buffer, 0 end, -1 error. */
int frames_fill(struct frames *, int fd, struct err *);
/* The next whole frame, valid until the next fill; 0 none yet, 1, -1 too
   long. */
int frames_next(struct frames *, const char **text, size_t *n, struct err *);
void frames_fini(struct frames *);

#endif
