/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/schema.h"

#include <string.h>

#include <muster/field.h>
#include <muster/program.h>

#include "base/clock.h"

#define TIMEOUT (20 * SECOND)
#define TEXT_MAX ((size_t)4 << 20)

struct schema {
	struct schema *next;
	const char *provider, *text;
};

static const char *
schema_ask(struct schemas *s, const char *provider, struct err *e)
{
	const char *args[] = { "--describe",
		arena_printf(&s->arena, "%s/%s.so", s->folder, provider) };
	const struct program_def p = { s->worker, { 2, args }, TEXT_MAX };
	size_t n;
	const char *said = program_run(&p, TIMEOUT, &s->arena, "", ERR_INPUT,
	    &n, e);
	const char *text = said == NULL ?
	    NULL :
	    json_member(&s->arena, said, "config");

	if (said == NULL)
		err_set(e, ERR_INPUT,
		    "provider %s: %s cannot load it; \"muster provider list\""
		    " says which there are",
		    provider, s->worker);
	else if (text == NULL)
		err_set(e, ERR_INPUT, "provider %s: does not describe itself",
		    provider);
	return text;
}

const char *
schemas_find(struct schemas *s, const char *provider, struct err *e)
{
	for (const struct schema *k = s->first; k != NULL; k = k->next)
		if (strcmp(k->provider, provider) == 0)
			return k->text;
	const char *text = schema_ask(s, provider, e);
	if (text == NULL)
		return NULL;
	struct schema *k = arena_zero(&s->arena, 1, sizeof(*k));
	*k = (struct schema){ s->first, arena_str(&s->arena, provider), text };
	s->first = k;
	return text;
}

void
schemas_fini(struct schemas *s)
{
	arena_fini(&s->arena);
	s->first = NULL;
}
