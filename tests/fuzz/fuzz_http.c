/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests: a line "METHOD PATH?ARGUMENTS", then a body.  What the API does
 * with them before it asks the store or the engine.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "api/inside.h"
#include "api/listing.h"
#include "base/json_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* "a=b&c" as the server would hand it over. */
static void
arguments(struct arena *a, char *text, const struct field *table)
{
	struct query q = { 0 };
	struct err e;
	char *save = NULL;

	for (char *p = strtok_r(text, "&", &save); p != NULL;
	     p = strtok_r(NULL, "&", &save)) {
		char *value = strchr(p, '=');

		if (value != NULL)
			*value++ = '\0';
		if (query_take(a, table, p, value, &q, &e) != 0)
			return;
	}
	if (query_ready(&q, &e) == 0 && (q.limit < 1 || q.limit > 1000))
		__builtin_trap();
}

static void
body(struct arena *a, const char *verb, const char *text, size_t n)
{
	const struct command *c = command_served(verb);
	struct buf out = { .arena = a };
	struct err e;

	if (c == NULL || json_check(text, n, &e) != 0)
		return;
	void *in = arena_zero(a, 1, c->in_size + 1);
	if (json_decode(a, c->in, text, n, in, &e) != 0)
		return;
	/* What was taken can be said again, and is the same. */
	json_encode(&out, c->in, in);
	if (json_check(buf_text(&out), out.len, &e) != 0)
		__builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = { NULL, 0 };
	char *text = arena_mem(&a, data, n);
	char *rest = strchr(text, '\n'), *path = strchr(text, ' ');
	const char *behind, *other;

	if (path != NULL && rest != NULL && path < rest) {
		*path++ = '\0';
		*rest++ = '\0';
		char *args = strchr(path, '?');
		if (args != NULL)
			*args++ = '\0';
		const struct route *r = route_find(text, path, &behind, &other);
		const struct listing *l = r == NULL ?
		    NULL :
		    listing_find(behind, strcspn(behind, "/"));
		if (r != NULL && route_roles(r, behind) == 0)
			__builtin_trap();
		if (args != NULL)
			arguments(&a, args,
			    l != NULL ? l->filters :
				r != NULL && r->arguments != NULL ?
					r->arguments :
					query_none);
		if (r != NULL && r->answer == answer_command)
			body(&a, behind, rest, n - (size_t)(rest - text));
	}
	arena_fini(&a);
	return 0;
}
