/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/cache.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "eval/compile.h"
#include "eval/program.h"

struct entry {		    /* one program that has been compiled */
	struct entry *next; /* of the same slot */
	struct set *set;
	size_t index;
	char text[];
};

struct set {
	struct set *next;
	jq_state *jq;
	size_t programs;
	unsigned long used; /* number of the question that used it last */
};

struct whole { /* a list of programs in one */
	struct whole *next;
	jq_state *jq; /* NULL: they do not go together */
	size_t n, bytes;
	unsigned long used;
	char texts[]; /* each with its NUL */
};

#define SLOTS 1024

struct cache {
	struct entry *slots[SLOTS];
	struct set *sets;
	struct whole *wholes;
	size_t programs, nsets, nwholes, bytes;
	unsigned long question;
};

static void *
alloc_zero(size_t n)
{
	void *p = calloc(1, n);

	if (p == NULL)
		abort();
	return p;
}

struct cache *
cache_open(void)
{
	return alloc_zero(sizeof(struct cache));
}

static struct entry **
slot_of(struct cache *c, const char *text)
{
	size_t h = 5381;

	for (; *text != '\0'; text++)
		h = h * 33 + (unsigned char)*text;
	return &c->slots[h % SLOTS];
}

static struct entry *
entry_find(struct cache *c, const char *text)
{
	struct entry *n = *slot_of(c, text);

	while (n != NULL && strcmp(n->text, text) != 0)
		n = n->next;
	return n;
}

static void
entry_add(struct cache *c, const char *text, struct set *set, size_t index)
{
	struct entry **slot = slot_of(c, text);
	size_t n = strlen(text) + 1;
	struct entry *new = alloc_zero(sizeof(*new) + n);

	memcpy(new->text, text, n);
	new->set = set;
	new->index = index;
	new->next = *slot;
	*slot = new;
	set->programs++;
	c->programs++;
}

static void
set_drop(struct cache *c, struct set *set)
{
	struct set **at = &c->sets;

	for (size_t i = 0; i < SLOTS; i++)
		for (struct entry **n = &c->slots[i]; *n != NULL;) {
			struct entry *old = *n;

			if (old->set != set) {
				n = &old->next;
				continue;
			}
			*n = old->next;
			free(old);
		}
	while (*at != set)
		at = &(*at)->next;
	*at = set->next;
	c->programs -= set->programs;
	c->nsets--;
	jq_teardown(&set->jq);
	free(set);
}

/* Makes room for a set of n programs; what this question uses stays. */
static void
cache_trim(struct cache *c, size_t n)
{
	while (c->nsets >= CACHE_SETS || c->programs + n > CACHE_PROGRAMS) {
		struct set *oldest = NULL;

		for (struct set *s = c->sets; s != NULL; s = s->next)
			if (s->used != c->question &&
			    (oldest == NULL || s->used < oldest->used))
				oldest = s;
		if (oldest == NULL)
			return;
		set_drop(c, oldest);
	}
}

static void
whole_drop(struct cache *c, struct whole *w)
{
	struct whole **at = &c->wholes;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	c->nwholes--;
	c->bytes -= w->bytes;
	if (w->jq != NULL)
		jq_teardown(&w->jq);
	free(w);
}

void
cache_close(struct cache *c)
{
	while (c->wholes != NULL)
		whole_drop(c, c->wholes);
	while (c->sets != NULL)
		set_drop(c, c->sets);
	free(c);
}

static struct set *
set_add(struct cache *c, jq_state *jq)
{
	struct set *s = alloc_zero(sizeof(*s));

	s->jq = jq;
	s->used = c->question;
	s->next = c->sets;
	c->sets = s;
	c->nsets++;
	return s;
}

static bool
is_among(const char *const *list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], text) == 0)
			return true;
	return false;
}

/* Finds the programs that do not compile, by halves. */
static void
bad_find(struct arena *a, const char *const *programs, size_t n,
    const char **errors)
{
	const char *error = NULL;
	jq_state *jq = compile_choice(a, programs, n, &error);

	if (jq != NULL) {
		jq_teardown(&jq);
	} else if (n == 1) {
		errors[0] = error;
	} else {
		bad_find(a, programs, n / 2, errors);
		bad_find(a, programs + n / 2, n - n / 2, errors + n / 2);
	}
}

static bool
set_compile(struct cache *c, struct arena *a, const char *const *new, size_t n)
{
	const char *error;
	jq_state *jq;

	if (n == 0)
		return true;
	cache_trim(c, n);
	jq = compile_choice(a, new, n, &error);
	if (jq == NULL)
		return false;
	struct set *set = set_add(c, jq);
	for (size_t i = 0; i < n; i++)
		entry_add(c, new[i], set, i);
	return true;
}

/* Compiles what is new as one set, without those that are bad. */
static void
new_compile(struct cache *c, struct arena *a, const char *const *new, size_t n,
    const char **errors)
{
	const char **good = arena_zero(a, n + 1, sizeof(*good));
	size_t count = 0;

	if (set_compile(c, a, new, n))
		return;
	bad_find(a, new, n, errors);
	for (size_t i = 0; i < n; i++)
		if (errors[i] == NULL)
			good[count++] = new[i];
	(void)set_compile(c, a, good, count);
}

static void
compiled_fill(struct cache *c, const char *text, struct compiled *out)
{
	struct entry *n = entry_find(c, text);

	if (n == NULL)
		return;
	n->set->used = c->question;
	*out = (struct compiled){ n->set, n->index, NULL };
}

void
cache_find(struct cache *c, struct arena *a, const char *const *programs,
    size_t n, struct compiled *out)
{
	const char **new = arena_zero(a, n + 1, sizeof(*new));
	const char **errors = arena_zero(a, n + 1, sizeof(*errors));
	size_t count = 0;
	struct err e;

	c->question++;
	for (size_t i = 0; i < n; i++) {
		out[i] = (struct compiled){ NULL, 0, NULL };
		compiled_fill(c, programs[i], &out[i]);
		if (out[i].set != NULL)
			continue;
		if (program_vet(programs[i], &e) != 0)
			out[i].error = arena_str(a, e.text);
		else if (!is_among(new, count, programs[i]))
			new[count++] = programs[i];
	}
	new_compile(c, a, new, count, errors);
	for (size_t i = 0; i < n; i++) {
		compiled_fill(c, programs[i], &out[i]);
		for (size_t k = 0; k < count && out[i].set == NULL; k++)
			if (strcmp(new[k], programs[i]) == 0)
				out[i].error = errors[k];
		if (out[i].set == NULL && out[i].error == NULL)
			out[i].error = "does not compile with the others";
	}
}

jq_state *
set_jq(struct set *s)
{
	return s->jq;
}

static void
wholes_trim(struct cache *c, size_t bytes)
{
	while (c->wholes != NULL &&
	    (c->nwholes >= CACHE_WHOLES || c->bytes + bytes > CACHE_BYTES)) {
		struct whole *oldest = c->wholes;

		for (struct whole *w = c->wholes; w != NULL; w = w->next)
			if (w->used < oldest->used)
				oldest = w;
		whole_drop(c, oldest);
	}
}

static struct whole *
whole_add(struct cache *c, const struct buf *texts, size_t n)
{
	wholes_trim(c, texts->len);
	struct whole *w = alloc_zero(sizeof(*w) + texts->len);
	memcpy(w->texts, texts->at, texts->len);
	w->n = n;
	w->bytes = texts->len;
	w->next = c->wholes;
	c->wholes = w;
	c->nwholes++;
	c->bytes += w->bytes;
	return w;
}

static struct whole *
whole_find(struct cache *c, const struct buf *texts, size_t n)
{
	struct whole *w = c->wholes;

	while (w != NULL &&
	    (w->n != n || w->bytes != texts->len ||
		memcmp(w->texts, texts->at, texts->len) != 0))
		w = w->next;
	return w;
}

jq_state *
cache_whole(struct cache *c, struct arena *a, const char *const *programs,
    size_t n)
{
	struct buf texts = { .arena = a };
	const char *error;
	bool fine = true;
	struct err e;

	if (n == 0)
		return NULL;
	for (size_t i = 0; i < n; i++)
		buf_add(&texts, programs[i], strlen(programs[i]) + 1);
	struct whole *w = whole_find(c, &texts, n);
	if (w == NULL) {
		w = whole_add(c, &texts, n);
		for (size_t i = 0; i < n && fine; i++)
			fine = program_vet(programs[i], &e) == 0;
		if (fine)
			w->jq = compile_all(a, programs, n, &error);
	}
	w->used = ++c->question;
	return w->jq;
}
