/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks in a chain, the newest first.  What lies beyond a block's used
 * bytes is always zero: blocks come zeroed, and are wiped before reuse.
 */
#include <muster/arena.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/locked.h"

#define FIRST_BLOCK ((size_t)4096)
#define FIRST_LOCKED ((size_t)64 << 10) /* a call seldom needs another */
#define LARGEST_STEP ((size_t)1 << 20)
#define ALIGN _Alignof(max_align_t)

struct arena_block {
	struct arena_block *next; /* older */
	size_t size, used;
	bool locked;
	max_align_t data[];
};

static _Noreturn void
memory_out(void)
{
	fputs("muster: out of memory\n", stderr);
	abort();
}

static size_t
round_up(size_t n)
{
	return (n + ALIGN - 1) & ~(ALIGN - 1);
}

static struct arena_block *
block_new(size_t size, bool locked)
{
	struct arena_block *b = locked ? locked_new(sizeof(*b) + size) :
					 calloc(1, sizeof(*b) + size);

	if (b == NULL)
		memory_out();
	b->size = size;
	b->locked = locked;
	return b;
}

static void
block_free(struct arena_block *b)
{
	if (b != NULL && b->locked)
		locked_free(b, sizeof(*b) + b->size);
	else
		free(b);
}

/* As the first block is locked or not, so are those that follow it. */
static struct arena_block *
block_add(struct arena *a, size_t need)
{
	size_t size = FIRST_BLOCK - sizeof(struct arena_block);

	if (a->head != NULL)
		size = a->head->size < LARGEST_STEP / 2 ? 2 * a->head->size :
							  LARGEST_STEP;
	size = round_up(size < need ? need : size);
	struct arena_block *b = block_new(size,
	    a->head != NULL && a->head->locked);
	b->next = a->head;
	a->head = b;
	return b;
}

/* n bytes, zeroed; n is rounded up to keep the next ones aligned. */
static void *
take(struct arena *a, size_t n)
{
	struct arena_block *b = a->head;

	if (n > SIZE_MAX / 4)
		memory_out();
	n = round_up(n == 0 ? 1 : n);
	if (b == NULL || b->size - b->used < n)
		b = block_add(a, n);
	void *p = (char *)b->data + b->used;
	b->used += n;
	a->used += n;
	return p;
}

void
arena_lock(struct arena *a)
{
	if (a->head == NULL)
		a->head = block_new(FIRST_LOCKED - sizeof(struct arena_block),
		    true);
}

void *
arena_zero(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		memory_out();
	return take(a, bytes);
}

void *
arena_grow(struct arena *a, void *p, size_t had, size_t want)
{
	struct arena_block *b = a->head;
	size_t old = round_up(had == 0 ? 1 : had);

	if (want > SIZE_MAX / 4)
		memory_out();
	size_t more = round_up(want) > old ? round_up(want) - old : 0;
	if (p == NULL)
		return take(a, want);
	if (more == 0)
		return p;
	if ((char *)p + old == (char *)b->data + b->used &&
	    b->size - b->used >= more) {
		b->used += more;
		a->used += more;
		return p;
	}
	return memcpy(take(a, want), p, had);
}

char *
arena_mem(struct arena *a, const void *from, size_t n)
{
	char *to = take(a, n + 1);

	if (n != 0)
		memcpy(to, from, n);
	return to;
}

char *
arena_str(struct arena *a, const char *s)
{
	return arena_mem(a, s, strlen(s));
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	char small[256];
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(small, sizeof(small), fmt, ap);
	if (n < 0)
		memory_out();
	char *s = take(a, (size_t)n + 1);
	if ((size_t)n < sizeof(small))
		memcpy(s, small, (size_t)n);
	else
		vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	explicit_bzero(small, sizeof(small));
	return s;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

/* The newest block is the largest; one that was made for a single large
   thing is not kept. */
void
arena_reset(struct arena *a)
{
	struct arena_block *kept = NULL, *older;

	for (struct arena_block *b = a->head; b != NULL; b = older) {
		older = b->next;
		explicit_bzero(b->data, b->used);
		b->used = 0;
		b->next = NULL;
		if (kept == NULL && (b->size <= LARGEST_STEP || older == NULL))
			kept = b;
		else
			block_free(b);
	}
	a->head = kept;
	a->used = 0;
}

void
arena_fini(struct arena *a)
{
	arena_reset(a);
	block_free(a->head);
	a->head = NULL;
}
