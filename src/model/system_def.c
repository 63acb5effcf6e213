/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/json_scan.h"
#include "model/call.h"
#include "model/config_read.h"

static const char *const mode_words[] = { "observe", "propose", "enforce",
	NULL };

static const char *const yes_no[] = { "yes", "no", NULL };

const struct field modes_fields[] = {
	FIELD(struct modes, create, 0, .words = mode_words,
	    .help = "mode of new accounts and grants"),
	FIELD(struct modes, change, 0, .words = mode_words,
	    .help = "mode of changed attributes, names and enabling"),
	FIELD(struct modes, remove, 0, .words = mode_words,
	    .help = "mode of revoked entitlements and credentials"),
	FIELD(struct modes, disable, 0, .words = mode_words,
	    .help = "mode of disabled accounts"),
	{ .name = "delete",
	    .kind = FIELD_OF(struct modes, delete_),
	    .at = offsetof(struct modes, delete_),
	    .words = mode_words,
	    .help = "mode of deleted accounts" },
	FIELD(struct modes, rotate, 0, .words = mode_words,
	    .help = "mode of rotated credentials"),
	FIELD_END
};

const struct field system_def_fields[] = {
	FIELD(struct system_def, system, F_NEED | F_KEY, .help = "its name"),
	FIELD(struct system_def, provider, F_NEED,
	    .help = "what speaks its protocol"),
	FIELD(struct system_def, mode, 0, .words = mode_words,
	    .fallback = "\"observe\"",
	    .help = "what may be done: nothing, what a person released, or "
		    "what policy says"),
	FIELD_SUB(struct system_def, modes, 0, modes_fields,
	    .help = "where a class of effects differs from mode"),
	FIELD(struct system_def, scope, 0,
	    .help = "jq boolean over {identity, account}: outside of it "
		    "nothing is done"),
	FIELD(struct system_def, config, 0,
	    .help = "the provider's own members; they may as well stand "
		    "beside these"),
	FIELD(struct system_def, verify, 0, .words = yes_no,
	    .fallback = "\"yes\"",
	    .help = "whether each change is looked at again"),
	FIELD(struct system_def, concurrency, 0, .fallback = "4",
	    .help = "calls at one time"),
	FIELD(struct system_def, ahead, 0, .fallback = "1",
	    .help = "repeatable calls that one worker is given at a time: "
		    "more than 1 for a quick system with many calls"),
	{ .name = "rate",
	    .kind = FIELD_OF(struct system_def, rate_text),
	    .at = offsetof(struct system_def, rate_text),
	    .help = "calls in a time, such as 200/s; absent: no limit" },
	FIELD(struct system_def, timeout, F_SPAN, .fallback = "\"30s\"",
	    .help = "how long one call may take"),
	FIELD(struct system_def, settle, F_SPAN, .fallback = "\"10s\"",
	    .help = "how long a change may take to be seen everywhere"),
	FIELD(struct system_def, idle, F_SPAN, .fallback = "\"60s\"",
	    .help = "a worker with nothing to do ends after it"),
	FIELD(struct system_def, attempts, 0, .fallback = "8",
	    .help = "attempts before a person must look"),
	FIELD(struct system_def, backoff, F_SPAN, .fallback = "\"1s\"",
	    .help = "longest pause after the first failure"),
	FIELD(struct system_def, backoff_max, F_SPAN, .fallback = "\"5m\"",
	    .help = "longest pause after any"),
	FIELD(struct system_def, breaker, 0, .fallback = "5",
	    .help = "failures in a row after which calls pause"),
	FIELD(struct system_def, breaker_pause, F_SPAN, .fallback = "\"30s\"",
	    .help = "for how long"),
	FIELD(struct system_def, fed_by, 0,
	    .help = "system that its accounts come from"),
	{ .name = "protected",
	    .kind = FIELD_OF(struct system_def, protected_),
	    .at = offsetof(struct system_def, protected_),
	    .help = "native names that nothing touches" },
	FIELD(struct system_def, managed, 0,
	    .help = "attributes that muster writes; absent: those of the "
		    "roles"),
	FIELD_END
};

const char *
system_mode(const struct system_def *s, const char *effect)
{
	const struct {
		const char *effect, *mode;
	} classes[] = { { "create", s->modes.create },
		{ "change", s->modes.change }, { "remove", s->modes.remove },
		{ "disable", s->modes.disable }, { "delete", s->modes.delete_ },
		{ "rotate", s->modes.rotate } };

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (classes[i].mode != NULL &&
		    strcmp(classes[i].effect, effect) == 0)
			return classes[i].mode;
	return s->mode;
}

/* "200/s", "10/m" or "5/10s": calls, and in what time. */
static bool
rate_parse(const char *text, struct rate *out)
{
	size_t n = strspn(text, "0123456789");
	const char *per = text + n + 1;
	struct err e;

	if (n == 0 || n > 6 || text[n] != '/')
		return false;
	for (size_t i = 0; i < n; i++)
		out->calls = out->calls * 10 + (text[i] - '0');
	if (strcmp(per, "s") == 0)
		out->per = SECOND;
	else if (strcmp(per, "m") == 0)
		out->per = MINUTE;
	else if (strcmp(per, "h") == 0)
		out->per = HOUR;
	else if (span_parse(per, &out->per, &e) != 0)
		return false;
	return out->calls > 0 && out->per > 0;
}

static void
member_add(struct buf *b, struct span key, struct span value)
{
	buf_char(b, b->len == 0 ? '{' : ',');
	json_quote(b, key.at, key.n);
	buf_char(b, ':');
	buf_add(b, value.at, value.n);
}

/* What the table does not name is the provider's. */
static void
members_split(struct reading *r, const struct place *p, struct buf *own,
    struct buf *rest)
{
	struct json_scan s = { .at = p->text, .end = p->text + p->n };
	struct json_walk w;
	struct span key, value;

	json_walk_begin(&w, &s);
	while (json_walk_next(&w, r->arena, &key)) {
		bool ours = field_find(system_def_fields, key.at, key.n) !=
			NULL ||
		    (key.n == 7 && memcmp(key.at, "$schema", 7) == 0);

		json_peek(&s);
		json_skip(&s, &value);
		member_add(ours ? own : rest, key, value);
	}
	buf_str(own, own->len == 0 ? "{}" : "}");
	buf_str(rest, rest->len == 0 ? "{}" : "}");
}

/* The provider's configuration: both places that it may stand in. */
static void
config_join(struct reading *r, const struct place *p, struct system_def *d,
    const char *rest)
{
	struct buf b = { .arena = r->arena };
	struct json_scan s = { .at = rest, .end = rest + strlen(rest) };
	struct err e = { 0 };

	if (d->config.text == NULL)
		d->config.text = "{}";
	if (d->config.text[0] != '{') {
		config_wrong(r, p, "config: wants an object");
		return;
	}
	json_compact(&s, &b);
	d->config.text = json_merge(r->arena, d->config.text, buf_text(&b), &e);
	if (d->config.text == NULL)
		config_wrong(r, p, "config: %s", e.text);
}

static void
limits_check(struct reading *r, const struct place *p,
    const struct system_def *d)
{
	config_between(r, p, "concurrency", d->concurrency, 1, 64);
	config_between(r, p, "ahead", d->ahead, 1, CALL_AHEAD_MOST);
	if (d->ahead > 1 && d->concurrency == 1)
		config_wrong(r, p, "ahead: wants a concurrency of 2 or more");
	config_between(r, p, "attempts", d->attempts, 1, 1000);
	config_between(r, p, "breaker", d->breaker, 1, 1000);
	config_span(r, p, "timeout", d->timeout, 10, HOUR);
	config_span(r, p, "settle", d->settle, 0, DAY);
	config_span(r, p, "idle", d->idle, 0, DAY);
	config_span(r, p, "backoff", d->backoff, 1, HOUR);
	config_span(r, p, "backoff_max", d->backoff_max, d->backoff, DAY);
	config_span(r, p, "breaker_pause", d->breaker_pause, 1, DAY);
}

void
config_system_read(struct reading *r, const struct place *p)
{
	struct buf own = { .arena = r->arena }, rest = { .arena = r->arena };
	struct system_def *d = config_def(r, &r->systems, p);

	d->file = p->file;
	members_split(r, p, &own, &rest);
	if (!config_decode_text(r, p, "", system_def_fields, buf_text(&own), d))
		return;
	config_join(r, p, d, buf_text(&rest));
	if (!config_is_name(d->system))
		config_wrong(r, p,
		    "system: wants lower-case letters, digits,"
		    " - and _");
	if (!config_is_name(d->provider))
		config_wrong(r, p, "provider: wants the name of a provider");
	if (d->rate_text != NULL && !rate_parse(d->rate_text, &d->rate))
		config_wrong(r, p,
		    "rate: wants calls and a time, such as "
		    "200/s");
	limits_check(r, p, d);
}
