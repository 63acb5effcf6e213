/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only source of chance: splitmix64 (Steele, Lea and Flood, OOPSLA
 * 2014), so that a seed says all.
 */
#ifndef TESTS_SIM_CHANCE_H
#define TESTS_SIM_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chance {
	uint64_t state;
};

static inline uint64_t
chance_next(struct chance *c)
{
	uint64_t z = (c->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* [low, high] */
static inline int64_t
chance_in(struct chance *c, int64_t low, int64_t high)
{
	return low + (int64_t)(chance_next(c) % (uint64_t)(high - low + 1));
}

static inline bool
chance_of(struct chance *c, double p)
{
	return (double)(chance_next(c) >> 11) < p * 9007199254740992.0;
}

/* Short times are as likely as long ones. */
static inline int64_t
chance_span(struct chance *c, int64_t low, int64_t high)
{
	int64_t top = low;

	while (top < high && chance_of(c, 0.75))
		top *= 2;
	return chance_in(c, low, top < high ? top : high);
}

/* The engine's random source. */
static inline void
chance_fill(void *ctx, void *to, size_t n)
{
	unsigned char *p = to;

	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(chance_next(ctx) >> 32);
}

#endif
