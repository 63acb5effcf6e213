/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

/* Where the digest stands, or would. */
static struct key_slot *
slot_of(struct key_slot *slot, size_t room, uint64_t digest)
{
	size_t i = (size_t)digest & (room - 1);

	while (slot[i].line != 0 && slot[i].digest != digest)
		i = (i + 1) & (room - 1);
	return &slot[i];
}

static void
grow(struct keys *k)
{
	size_t room = k->room == 0 ? 1024 : 2 * k->room;
	struct key_slot *slot = calloc(room, sizeof(*slot));

	if (slot == NULL)
		abort();
	for (size_t i = 0; i < k->room; i++)
		if (k->slot[i].line != 0)
			*slot_of(slot, room, k->slot[i].digest) = k->slot[i];
	free(k->slot);
	k->slot = slot;
	k->room = room;
}

int64_t
keys_add(struct keys *k, const char *key, int64_t line)
{
	unsigned char sum[DIGEST_LEN];
	struct key_slot *s;
	uint64_t d;

	digest(sum, key, strlen(key));
	memcpy(&d, sum, sizeof(d));
	if (2 * (k->n + 1) > k->room)
		grow(k);
	s = slot_of(k->slot, k->room, d);
	if (s->line != 0)
		return s->line;
	*s = (struct key_slot){ d, line };
	k->n++;
	return 0;
}

void
keys_fini(struct keys *k)
{
	free(k->slot);
	*k = (struct keys){ 0 };
}
