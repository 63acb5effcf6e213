/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/cache.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

#define SLOTS 1024

struct cache {
	struct entry *slots[SLOTS];
	struct set *sets;
	size_t programs, nsets;
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

void
cache_close(struct cache *c)
{
	while (c->sets != NULL)
		set_drop(c, c->sets);
	free(c);
}

/* libjq says "jq: error: REASON at <top-level>, line N:" and the source,
   then how many errors there are: keeps the first reason and its line. */
static void
message_take(void *ctx, jv message)
{
	struct buf *out = ctx;
	jv text = jq_format_error(message);

	if (out->len == 0) {
		const char *s = jv_string_value(text);
		const char *at = strstr(s, " at <top-level>, ");
		const char *shell = strstr(s, " (Unix shell quoting");

		if (strncmp(s, "jq: error: ", 11) == 0)
			s += 11;
		size_t n = at == NULL ? strcspn(s, "\n") : (size_t)(at - s);
		if (shell != NULL && shell > s && shell < s + n)
			n = (size_t)(shell - s);
		buf_add(out, s, n);
		if (at != NULL)
			buf_printf(out, ", %.*s", (int)strcspn(at + 17, ":\n"),
			    at + 17);
	}
	jv_free(text);
}

/* Writes a search by halves, so that any of n programs is near. */
static void
branch_write(struct buf *b, const char *const *programs, size_t from, size_t to)
{
	if (to - from == 1) {
		buf_printf(b, "(%s\n)", programs[from]);
		return;
	}
	size_t mid = from + (to - from) / 2;
	buf_printf(b, "if $" PROGRAM_OURS "_i < %zu then ", mid);
	branch_write(b, programs, from, mid);
	buf_str(b, " else ");
	branch_write(b, programs, mid, to);
	buf_str(b, " end");
}

/* A reason that lies behind the last line of a program is its end, not the
   bracket that this file put there. */
static const char *
message_end(struct arena *a, const char *message, const char *program)
{
	const char *at = strrchr(message, ' ');
	int lines = 1;

	for (; *program != '\0'; program++)
		lines += *program == '\n';
	if (at == NULL || atoi(at + 1) <= lines)
		return message;
	return arena_printf(a, "syntax error, unexpected end, line %d", lines);
}

/* NULL and a message in error if the programs do not compile together. */
static jq_state *
programs_compile(struct arena *a, const char *const *programs, size_t n,
    const char **error)
{
	struct buf text = { .arena = a }, message = { .arena = a };
	jq_state *jq = jq_init();

	if (jq == NULL)
		abort();
	/* No folder is searched for modules, should one ever be asked for. */
	jq_set_attr(jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
	jq_set_error_cb(jq, message_take, &message);
	buf_str(&text,
	    ". as [$" PROGRAM_OURS "_v, $" PROGRAM_OURS "_i, $now] "
	    "| $" PROGRAM_OURS "_v | ");
	branch_write(&text, programs, 0, n);
	int ok = jq_compile_args(jq, buf_text(&text), jv_array());
	jq_set_error_cb(jq, NULL, NULL);
	if (ok)
		return jq;
	jq_teardown(&jq);
	*error = message.len == 0 ?
	    "does not compile" :
	    message_end(a, buf_text(&message), programs[n - 1]);
	return NULL;
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
	jq_state *jq = programs_compile(a, programs, n, &error);

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
	jq = programs_compile(a, new, n, &error);
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

jv
program_input(jv value, size_t index)
{
	jv now = jv_null();

	if (jv_get_kind(value) == JV_KIND_OBJECT) {
		now = jv_object_get(jv_copy(value), jv_string("now"));
		if (!jv_is_valid(now)) {
			jv_free(now);
			now = jv_null();
		}
	}
	jv in = jv_array_append(jv_array_sized(3), value);
	in = jv_array_append(in, jv_number((double)index));
	return jv_array_append(in, now);
}
