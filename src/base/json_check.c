/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check that every text from outside passes first: one value, and no
 * object with a key twice.  Keys are compared as decoded; many keys are
 * sorted, so that the worst text costs n log n.
 */
#include "base/json_scan.h"

#include <stdlib.h>
#include <string.h>

#define FEW 12

struct keys {		    /* of all objects being walked, innermost last */
	struct arena arena; /* keys with escapes, and the list if long */
	struct span few[64];
	struct span *at;
	size_t n, room;
};

static void
keys_add(struct keys *k, struct span key)
{
	if (k->n == k->room) {
		struct span *more = arena_zero(&k->arena, 2 * k->room,
		    sizeof(*more));

		memcpy(more, k->at, k->n * sizeof(*more));
		k->at = more;
		k->room *= 2;
	}
	k->at[k->n++] = key;
}

static int
key_order(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return x->n == 0 ? 0 : memcmp(x->at, y->at, x->n);
}

static bool
keys_twice(struct span *key, size_t n)
{
	if (n > FEW) {
		qsort(key, n, sizeof(*key), key_order);
		for (size_t i = 1; i < n; i++)
			if (key_order(&key[i - 1], &key[i]) == 0)
				return true;
		return false;
	}
	for (size_t i = 1; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (key_order(&key[i], &key[j]) == 0)
				return true;
	return false;
}

static bool
check(struct json_scan *s, struct keys *k)
{
	struct json_walk w;
	struct span key;
	size_t first = k->n;
	enum json_kind kind = json_peek(s);

	if (kind != JSON_OBJECT && kind != JSON_ARRAY)
		return json_skip(s, NULL);
	if (!json_walk_begin(&w, s))
		return false;
	while (json_walk_next(&w, &k->arena, &key)) {
		if (kind == JSON_OBJECT)
			keys_add(k, key);
		if (!check(s, k))
			return false;
	}
	if (s->fault == NULL && keys_twice(k->at + first, k->n - first))
		s->fault = "an object has a key twice";
	k->n = first;
	return s->fault == NULL;
}

int
json_check(const char *text, size_t n, struct err *e)
{
	struct json_scan s = { .at = text, .end = text + n };
	struct keys k;

	k.arena = (struct arena){ NULL, 0 };
	k.at = k.few;
	k.n = 0;
	k.room = sizeof(k.few) / sizeof(*k.few);
	bool ok = check(&s, &k) && json_scan_end(&s);
	arena_fini(&k.arena);
	return ok ? 0 : json_fault(&s, text, e);
}
