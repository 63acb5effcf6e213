/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena holds what one unit of work allocates (a request, a tick, a
 * call) and frees it at once.  Allocation never answers NULL: out of memory
 * ends the process, and the work goes on from its rows.  Memory is wiped
 * before it goes back.
 */
#ifndef MUSTER_ARENA_H
#define MUSTER_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct arena {
	struct arena_block *head;
	size_t used; /* bytes handed out since the last reset */
};

/* For secrets: what an arena that is still empty hands out from now on is
   locked in memory and left out of core images, until arena_fini. */
void arena_lock(struct arena *);

/* n items of size bytes, zeroed, aligned for any type. */
void *arena_zero(struct arena *, size_t n, size_t size);
char *arena_str(struct arena *, const char *);
char *arena_mem(struct arena *, const void *, size_t n); /* adds a NUL */
char *arena_printf(struct arena *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *, const char *fmt, va_list)
    __attribute__((format(printf, 2, 0)));

/* p with room for want bytes instead of had, in place where it can be; the
   new bytes are zero.  p may be NULL. */
void *arena_grow(struct arena *, void *p, size_t had, size_t want);

/* Wipes all, keeps a block (of a megabyte at most, if there is one) for the
   next unit of work. */
void arena_reset(struct arena *);
/* Wipes and frees all; the arena is then as { NULL }. */
void arena_fini(struct arena *);

/*
 * A growing run of bytes in an arena, always NUL-terminated.  Zeroed with
 * .arena set is empty and ready.
 */
struct buf {
	struct arena *arena;
	char *at; /* NULL until the first byte */
	size_t len, room;
};

void buf_add(struct buf *, const void *, size_t n);
void buf_str(struct buf *, const char *);
void buf_char(struct buf *, char);
void buf_int(struct buf *, int64_t);
void buf_printf(struct buf *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The text so far; never NULL. */
const char *buf_text(struct buf *);

#endif
