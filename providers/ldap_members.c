/* SPDX-License-Identifier: Apache-2.0 */
#include "ldap_members.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <muster/arena.h>

struct member {
	const char *key, *id, *name; /* key NULL: a free place */
};

struct members {
	struct arena arena;
	size_t n, room; /* room is a power of two */
	struct member *at;
};

struct members *
members_new(void)
{
	struct members *m = calloc(1, sizeof(*m));

	if (m == NULL)
		abort();
	m->room = 1024;
	m->at = calloc(m->room, sizeof(*m->at));
	if (m->at == NULL)
		abort();
	return m;
}

void
members_free(struct members *m)
{
	arena_fini(&m->arena);
	free(m->at);
	free(m);
}

/* FNV-1a. */
static uint64_t
hash(const char *key)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * UINT64_C(1099511628211);
	return h;
}

/* The place of a key, or the free one where it would stand. */
static struct member *
place(struct member *at, size_t room, const char *key)
{
	size_t i = hash(key) & (room - 1);

	while (at[i].key != NULL && strcmp(at[i].key, key) != 0)
		i = (i + 1) & (room - 1);
	return &at[i];
}

static void
grow(struct members *m)
{
	size_t room = 2 * m->room;
	struct member *at = calloc(room, sizeof(*at));

	if (at == NULL)
		abort();
	for (size_t i = 0; i < m->room; i++)
		if (m->at[i].key != NULL)
			*place(at, room, m->at[i].key) = m->at[i];
	free(m->at);
	m->at = at;
	m->room = room;
}

void
members_add(struct members *m, const char *key, const char *id,
    const char *name)
{
	if (2 * m->n >= m->room)
		grow(m);
	struct member *at = place(m->at, m->room, key);
	if (at->key != NULL)
		return;
	*at = (struct member){ arena_str(&m->arena, key),
		arena_str(&m->arena, id), arena_str(&m->arena, name) };
	m->n++;
}

bool
members_find(const struct members *m, const char *key, const char **id,
    const char **name)
{
	const struct member *at = place(m->at, m->room, key);

	if (at->key == NULL)
		return false;
	*id = at->id;
	*name = at->name;
	return true;
}
