/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The target systems: directories with accounts that are known by an
 * immutable id, named uniquely, active or disabled, and in groups.  They do
 * what they are asked; what goes wrong on the way is the wire's.
 */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include <muster/err.h>

#include <stdbool.h>
#include <stdint.h>

struct sim;
struct flight;

#define WORLD_SYSTEMS 3
#define WORLD_ACCOUNTS 96
#define WORLD_BADGES 32

extern const char *const world_systems[WORLD_SYSTEMS + 1];
extern const char *const world_groups[];

struct dweller { /* an account of a system */
	int64_t id;
	int system;
	char name[32], kind[16];
	char cn[32], department[16];
	bool active, gone;
	unsigned groups;
	int64_t identity; /* who it was made for, as the engine's row says */
	int64_t account;  /* and for which row */
};

struct world {
	struct dweller dweller[WORLD_ACCOUNTS];
	int n;
	int badges[WORLD_BADGES];	  /* how often each was made */
	int64_t out_until[WORLD_SYSTEMS]; /* of an outage */
};

int world_system(const char *name);
unsigned world_group(const char *name);
struct dweller *world_find(struct world *, int system, int64_t id);
/* Carries the call out; what it would answer is left in the flight. */
void world_do(struct sim *, struct flight *);

#endif
