/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "engine/step.h"
#include "engine/steprow.h"
#include "engine/verb.h"

/* The verb and input that bring back what was before. */
static const char *
undo_verb(struct engine *e, const struct step *s, struct json *in)
{
	const struct verb *v = verb_find(s->verb);
	const char *before = s->before.text, *attributes, *name;

	in->text = "{}";
	if (v == NULL || v->undo == NULL || s->undo == NULL)
		return NULL;
	if (strncmp(s->verb, "entitlement.", 12) == 0) {
		*in = s->in;
		return v->undo;
	}
	if (strcmp(s->verb, "account.rename") == 0) {
		name = before != NULL ?
		    json_member_text(e->arena, before, "name") :
		    NULL;
		if (name == NULL)
			return NULL;
		struct buf b = { .arena = e->arena };
		buf_str(&b, "{\"name\":");
		json_string(&b, name);
		buf_char(&b, '}');
		in->text = buf_text(&b);
		return v->undo;
	}
	if (strcmp(s->verb, "account.ensure") != 0 || before == NULL ||
	    strcmp(before, "null") == 0)
		return v->undo;
	attributes = json_member(e->arena, before, "attributes");
	in->text = arena_printf(e->arena, "{\"attributes\":%s}",
	    attributes != NULL ? attributes : before);
	return "account.ensure";
}

int
compensate(struct engine *e, struct run *r, const struct step *steps, size_t n,
    struct err *err)
{
	const char *after = "";

	for (size_t i = n; i-- > 0;) {
		const struct step *s = &steps[i];
		const struct verb *v;
		struct step u = *s;

		if (strcmp(s->state, "done") != 0 ||
		    (u.verb = undo_verb(e, s, &u.in)) == NULL)
			continue;
		v = verb_find(u.verb);
		u.id = 0;
		u.name = arena_printf(e->arena, "undo %s %lld", s->name,
		    (long long)s->id);
		u.after = after;
		u.on_failure = "stop";
		u.state = *after == '\0' ? "waiting" : "blocked";
		u.due = *after == '\0' ? e->now : 0;
		u.removes = v->removes;
		u.repeatable = v->repeatable;
		u.secret = u.tries = u.gone = u.call = u.unsure = 0;
		u.phase = "act";
		u.undo = u.failure = u.error = u.how = NULL;
		u.before.text = u.result.text = NULL;
		u.requested = u.acknowledged = u.verified = 0;
		if (steprow_add(e, &u, err) != 0)
			return -1;
		r->steps++;
		after = u.name;
	}
	e->steps_at = 0; /* the first of them is due now */
	return note(e, "run.compensated",
	    arena_printf(e->arena, "run/%lld", (long long)r->id), r->id,
	    r->identity, run_fields, r, err);
}
