/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "model/config_read.h"
#include "model/run.h"

static const char *const triggers[] = { "joiner", "mover", "leaver", "rehire",
	"leave", "return", NULL };

static const char *const lists[] = { ".accounts[]", ".entitlements[]",
	".revocations[]", ".changes[]", NULL };

static const char *const failures[] = { "stop", "continue", "compensate",
	NULL };

const struct field workflow_step_fields[] = {
	{ .name = "do",
	    .kind = FIELD_OF(struct workflow_step, do_),
	    .at = offsetof(struct workflow_step, do_),
	    .help = "operation" },
	FIELD(struct workflow_step, system, 0,
	    .help = "where it acts, if it is not for each of a list"),
	FIELD(struct workflow_step, for_each, 0, .words = lists,
	    .help = "list whose items it is done for"),
	FIELD(struct workflow_step, after, 0,
	    .help = "steps that must be verified, or be debts, before"),
	FIELD(struct workflow_step, on_failure, 0, .words = failures,
	    .help = "what happens when it fails; absent: stop, and continue "
		    "for leavers"),
	FIELD(struct workflow_step, with, 0,
	    .help = "object of the operation's parameters"),
	FIELD(struct workflow_step, attempts, 0,
	    .help = "instead of the system's"),
	FIELD(struct workflow_step, timeout, F_SPAN,
	    .help = "instead of the system's"),
	FIELD(struct workflow_step, repeatable, 0,
	    .help = "an operation of the provider's own may be sent again "
		    "when its outcome is unknown"),
	FIELD_END
};

const struct field workflow_def_fields[] = { FIELD(struct workflow_def,
						 workflow, F_NEED | F_KEY,
						 .help = "its name"),
	FIELD(struct workflow_def, on, 0, .words = triggers,
	    .help = "what starts it; absent: people"),
	{ .name = "class",
	    .kind = FIELD_OF(struct workflow_def, class_),
	    .at = offsetof(struct workflow_def, class_),
	    .words = run_classes,
	    .help = "what goes first; absent: as on says, else move" },
	FIELD(struct workflow_def, steps, F_NEED,
	    .help = "object: name to step, in order"),
	FIELD(struct workflow_def, retention, F_SPAN,
	    .help = "leaver: accounts are deleted after it; absent: never"),
	FIELD(struct workflow_def, parallel, 0,
	    .help = "runs open at one time; 0: any number"),
	FIELD_END };

/* The standard operations (what a provider may implement); any other one
   is the provider's own and has its name before a colon. */
static const char *const verbs[] = { "system.check", "account.list",
	"account.read", "account.ensure", "account.disable", "account.enable",
	"account.rename", "account.delete", "entitlement.list",
	"entitlement.grant", "entitlement.revoke", "credential.list",
	"credential.issue", "credential.disable", "credential.enable",
	"credential.revoke", "credential.verify", "session.revoke",
	"secret.write", "secret.read", "secret.delete", "ticket.open",
	"ticket.comment", "ticket.close", "message.send", "device.register",
	"device.retire", "endpoint.quarantine", "endpoint.release",
	"mfa.enroll", "mfa.reset", NULL };

/* A standard verb, or one of a provider's own: "acme:reindex". */
static bool
is_verb(const char *verb)
{
	size_t noun = strcspn(verb, ":");

	for (size_t i = 0; verbs[i] != NULL; i++)
		if (strcmp(verbs[i], verb) == 0)
			return true;
	return noun > 0 && verb[noun] == ':' && verb[noun + 1] != '\0' &&
	    strspn(verb, "abcdefghijklmnopqrstuvwxyz0123456789_.:-") ==
	    strlen(verb);
}

/* What policy's difference has items of; a list has nothing for others. */
static const char *const listed[] = { "account.ensure", "account.rename",
	"account.enable", "account.disable", "account.delete",
	"entitlement.grant", "entitlement.revoke", NULL };

static bool
is_listed(const char *verb)
{
	for (size_t i = 0; listed[i] != NULL; i++)
		if (strcmp(listed[i], verb) == 0)
			return true;
	return false;
}

struct in_workflow {
	struct reading *r;
	const struct place *p;
	struct workflow_def *workflow;
};

static void
step_check(struct in_workflow *in, const struct workflow_step *s)
{
	struct reading *r = in->r;

	if (!config_is_name(s->name))
		config_wrong(r, in->p,
		    "steps.%s: wants lower-case letters, "
		    "digits, - and _",
		    s->name);
	if (s->do_ == NULL)
		config_wrong(r, in->p, "steps.%s: wants do", s->name);
	else if (!is_verb(s->do_))
		config_wrong(r, in->p,
		    "steps.%s.do: no operation is called "
		    "'%s'",
		    s->name, s->do_);
	else if (s->for_each != NULL && !is_listed(s->do_))
		config_wrong(r, in->p,
		    "steps.%s.do: %s is not done for each of a list; name a "
		    "system",
		    s->name, s->do_);
	if (s->do_ != NULL && (s->system == NULL) == (s->for_each == NULL))
		config_wrong(r, in->p, "steps.%s: wants system or for_each",
		    s->name);
	if (s->with.text != NULL && s->with.text[0] != '{')
		config_wrong(r, in->p, "steps.%s.with: wants an object",
		    s->name);
	config_between(r, in->p,
	    arena_printf(r->arena, "steps.%s.attempts", s->name), s->attempts,
	    0, 1000);
	config_span(r, in->p,
	    arena_printf(r->arena, "steps.%s.timeout", s->name), s->timeout, 0,
	    HOUR);
}

static int
step_add(void *ctx, const char *key, const char *value, struct err *e)
{
	struct in_workflow *in = ctx;
	struct many *list = &in->workflow->step;
	struct workflow_step *s;

	(void)e;
	list->item = arena_grow(in->r->arena, list->item, list->n * sizeof(*s),
	    (list->n + 1) * sizeof(*s));
	s = (struct workflow_step *)list->item + list->n++;
	s->name = key;
	if (json_member(in->r->arena, value, "run") != NULL) {
		config_wrong(in->r, in->p,
		    "steps.%s.run: a step cannot start a workflow; name an "
		    "operation with do",
		    key);
		return 0;
	}
	if (!config_decode_text(in->r, in->p,
		arena_printf(in->r->arena, "steps.%s.", key),
		workflow_step_fields, value, s))
		return 0;
	if (s->on_failure == NULL)
		s->on_failure = in->workflow->on != NULL &&
			strcmp(in->workflow->on, "leaver") == 0 ?
		    "continue" :
		    "stop";
	step_check(in, s);
	return 0;
}

static const struct workflow_step *
step_find(const struct workflow_def *d, const char *name)
{
	const struct workflow_step *s = d->step.item;

	for (size_t i = 0; i < d->step.n; i++)
		if (strcmp(s[i].name, name) == 0)
			return &s[i];
	return NULL;
}

/* Whether what has to come before s leads back to it; seen has a mark for
   each step that was looked at. */
static bool
comes_before(const struct workflow_def *d, const struct workflow_step *s,
    const struct workflow_step *target, bool *seen)
{
	const struct workflow_step *all = d->step.item;

	for (size_t i = 0; i < s->after.n; i++) {
		const struct workflow_step *b = step_find(d, s->after.item[i]);

		if (b == target)
			return true;
		if (b == NULL || seen[b - all])
			continue;
		seen[b - all] = true;
		if (comes_before(d, b, target, seen))
			return true;
	}
	return false;
}

static void
order_check(struct reading *r, const struct place *p,
    const struct workflow_def *d)
{
	const struct workflow_step *s = d->step.item;

	for (size_t i = 0; i < d->step.n; i++) {
		bool *seen = arena_zero(r->arena, d->step.n, sizeof(*seen));

		for (size_t k = 0; k < s[i].after.n; k++)
			if (step_find(d, s[i].after.item[k]) == NULL)
				config_wrong(r, p,
				    "steps.%s.after[%zu]: no "
				    "step is called '%s'",
				    s[i].name, k, s[i].after.item[k]);
		if (comes_before(d, &s[i], &s[i], seen))
			config_wrong(r, p,
			    "steps.%s.after: it would wait for "
			    "itself",
			    s[i].name);
	}
}

static const char *
class_of(const char *on)
{
	static const struct {
		const char *on, *class_;
	} classes[] = {
		{ "joiner", "join" },
		{ "rehire", "join" },
		{ "return", "join" },
		{ "mover", "move" },
		{ "leaver", "leave" },
		{ "leave", "leave" },
	};

	for (size_t i = 0; on != NULL && i < sizeof(classes) / sizeof(*classes);
	     i++)
		if (strcmp(classes[i].on, on) == 0)
			return classes[i].class_;
	return "move";
}

#define STEPS_MAX 200

void
config_workflow_read(struct reading *r, const struct place *p)
{
	struct workflow_def *d = config_def(r, &r->workflows, p);
	struct in_workflow in = { r, p, d };
	struct err e = { 0 };

	d->file = p->file;
	if (!config_decode(r, p, workflow_def_fields, d))
		return;
	if (!config_is_name(d->workflow))
		config_wrong(r, p,
		    "workflow: wants lower-case letters, "
		    "digits, - and _");
	if (d->class_ == NULL)
		d->class_ = class_of(d->on);
	config_between(r, p, "parallel", d->parallel, 0, 100000);
	config_span(r, p, "retention", d->retention, 0, 36500 * DAY);
	if (d->steps.text[0] != '{') {
		config_wrong(r, p, "steps: wants an object");
		return;
	}
	if (json_each(r->arena, d->steps.text, step_add, &in, &e) != 0)
		config_wrong(r, p, "steps: %s", e.text);
	if (d->step.n > STEPS_MAX)
		config_wrong(r, p, "steps: more than %d", STEPS_MAX);
	else
		order_check(r, p, d);
}
