/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/waiting.h"

#include <stdlib.h>
#include <string.h>

#include "base/locked.h"

struct waiting *
waiting_new(const struct outcall *c)
{
	size_t verb = strlen(c->verb) + 1, in = strlen(c->in) + 1;
	size_t size = sizeof(struct waiting) + verb + in;
	struct waiting *w = c->secret ? locked_new(size) : calloc(1, size);

	if (w == NULL)
		abort();
	w->n = verb + in;
	w->call = *c;
	memcpy(w->text, c->verb, verb);
	memcpy(w->text + verb, c->in, in);
	w->call.verb = w->text;
	w->call.in = w->text + verb;
	return w;
}

void
waiting_add(struct waiting **at, struct waiting *w)
{
	while (*at != NULL &&
	    (!(*at)->call.ahead ||
		(w->call.ahead && (*at)->call.call < w->call.call)))
		at = &(*at)->next;
	w->next = *at;
	*at = w;
}

void
waiting_free(struct waiting *w)
{
	if (w == NULL)
		return;
	if (w->call.secret) {
		locked_free(w, sizeof(*w) + w->n);
		return;
	}
	explicit_bzero(w->text, w->n);
	free(w);
}

struct waiting *
waiting_take(struct waiting **at)
{
	struct waiting *w = *at;

	*at = w->next;
	return w;
}

bool
waiting_forget(struct waiting **at, int64_t call)
{
	for (; *at != NULL; at = &(*at)->next)
		if ((*at)->call.call == call) {
			waiting_free(waiting_take(at));
			return true;
		}
	return false;
}
