/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an event would do, before anything is done: it is applied in a
 * savepoint that is undone, twice if policy has to be asked in between.
 */
#include <string.h>

#include "engine/careful.h"
#include "engine/converge.h"
#include "engine/outgoing.h"
#include "engine/trial.h"
#include "engine/verdict.h"
#include "engine/window.h"

#define IN_FLIGHT 128	   /* questions at one time */
#define ASKED (-INT64_MAX) /* event.due while a question is out */
#define PAUSE (5 * SECOND) /* after a question that came to nothing */

struct assessing {
	struct identity who; /* as the event would make it; id 0: nobody */
	const char *was;     /* its state before */
	bool created;
};

static int
identity_load(struct engine *e, int64_t id, struct identity *who,
    struct err *err)
{
	struct by_id key = { id };

	return store_get(e->store, e->arena, STMT_POLICY_IDENTITY, by_id_fields,
	    &key, identity_fields, who, err);
}

static int
affiliations(struct engine *e, int64_t identity, struct many *rows,
    struct err *err)
{
	struct by_id key = { identity };

	return store_list(e->store, e->arena, STMT_POLICY_AFFILIATIONS,
	    by_id_fields, &key, affiliation_fields, sizeof(struct affiliation),
	    0, rows, err);
}

/* When whoever has the event's key leaves, as things stand; 0 never soon. */
static int
leaves_before(struct engine *e, const struct event *v, bool *known, int64_t *at,
    struct err *err)
{
	struct affiliation key = { .feed = v->source, .key = v->key },
			   a = { 0 };
	struct identity who = { 0 };
	struct many rows = { 0 };
	int found = store_find(e->store, e->arena, STMT_AFFILIATION_BY_KEY,
	    affiliation_fields, &key, affiliation_fields, &a, err);

	*at = 0;
	*known = found > 0;
	if (found <= 0)
		return found;
	if (identity_load(e, a.identity, &who, err) != 0 ||
	    affiliations(e, a.identity, &rows, err) != 0)
		return -1;
	*at = phase_leaves_at(rows.item, rows.n, &who, &e->config->settings,
	    e->now);
	return 0;
}

/*
 * Applies it, and what time and affiliations then make of the state.  An
 * end that is brought forward takes away now what falls then: it is counted
 * with the file that brings it, for nobody holds it when its day comes.
 */
static int
applied(struct engine *e, const struct event *v, struct assessing *a,
    struct err *err)
{
	struct by_id key = { 0 };
	struct many rows = { 0 };
	struct phase p;
	int64_t before, then;
	bool known;

	if (leaves_before(e, v, &known, &before, err) != 0 ||
	    intake_apply(e, v, &key.id, err) != 0)
		return -1;
	if (key.id == 0)
		return 0;
	if (identity_load(e, key.id, &a->who, err) != 0 ||
	    affiliations(e, key.id, &rows, err) != 0)
		return -1;
	a->was = a->who.state;
	a->created = rows.n == 1 && a->who.version <= 1 &&
	    a->who.created == e->now;
	phase_of(rows.item, rows.n, &a->who, &e->config->settings, e->now, &p);
	then = phase_leaves_at(rows.item, rows.n, &a->who, &e->config->settings,
	    e->now);
	a->who.state = known && then != 0 && (before == 0 || then < before) ?
	    "left" :
	    p.state;
	return store_put(e->store, STMT_POLICY_IDENTITY_STATE, identity_fields,
	    &a->who, err);
}

static int
effects_write(struct engine *e, const struct event *v, const char *said,
    int64_t due, struct err *err)
{
	struct event row = { .id = v->id, .effects = { said }, .due = due };

	return store_put(e->store, STMT_EVENT_EFFECTS, event_fields, &row, err);
}

static void
effect_add(struct buf *b, const char *effect, const char *system, int64_t n)
{
	buf_char(b, b->len == 0 ? '{' : ',');
	json_string(b, arena_printf(b->arena, "%s %s", effect, system));
	buf_printf(b, ":%lld", (long long)n);
}

static int
null_count(void *ctx, const char *key, const char *value, struct err *err)
{
	(void)key, (void)err;
	*(int64_t *)ctx += strcmp(value, "null") == 0;
	return 0;
}

/* An attribute that is blanked is something taken away. */
static int
blanked(struct engine *e, const struct item *i, int64_t *n, struct err *err)
{
	const char *attributes = i->in.text == NULL ?
	    NULL :
	    json_member(e->arena, i->in.text, "attributes");

	*n = 0;
	if (attributes == NULL || attributes[0] != '{')
		return 0;
	return json_each(e->arena, attributes, null_count, n, err);
}

/* Only what would be carried out counts: now, or when an overlap ends. */
static int
effects_of(struct engine *e, const struct difference *d, struct buf *b,
    struct err *err)
{
	struct many items = difference_items(e, d, "enforce"), counts = { 0 };
	const struct item *i = items.item;
	const struct effect_count *later = d->later.item;

	effects_count(e, i, items.n, &counts);
	for (size_t k = 0; k < items.n; k++) {
		struct item gone = { .effect = "remove",
			.system = i[k].system };
		int64_t n;

		if (blanked(e, &i[k], &n, err) != 0)
			return -1;
		for (; n > 0; n--)
			effects_count(e, &gone, 1, &counts);
	}
	for (size_t k = 0; k < d->later.n; k++) {
		struct item gone = { .effect = later[k].effect,
			.system = later[k].system };

		for (int64_t n = later[k].n; n > 0; n--)
			effects_count(e, &gone, 1, &counts);
	}
	const struct effect_count *c = counts.item;
	for (size_t k = 0; k < counts.n; k++)
		effect_add(b, c[k].effect, c[k].system, c[k].n);
	return 0;
}

static bool
is_cut(const char *state)
{
	return strcmp(state, "left") == 0 || strcmp(state, "suspended") == 0;
}

static int
effects_make(struct engine *e, const struct assessing *a,
    const struct desired *d, struct buf *b, struct err *err)
{
	struct difference diff;

	if ((a->who.protected_ || a->who.guarded || d->protected_) &&
	    is_cut(a->who.state) && !is_cut(a->was))
		effect_add(b, "protected", "*", 1);
	if (difference_make(e, &a->who, d, &diff, err) != 0)
		return -1;
	return effects_of(e, &diff, b, err);
}

/* Somebody new has nothing to lose: policy is asked only where a guard
   counts what is given. */
static bool
counts_gifts(const struct engine *e, const struct event *v)
{
	const struct feed_def *d = config_feed(e->config, v->source);
	const struct many *guards = d != NULL && d->guards.n > 0 ?
	    &d->guards :
	    &e->config->settings.guards;
	const struct guard *g = guards->item;

	for (size_t i = 0; i < guards->n; i++)
		if (!effect_removes(g[i].effect))
			return true;
	return false;
}

/* 1: the event's key is new, and its feed does not say who has others. */
static int
is_stranger(struct engine *e, const struct event *v, struct err *err)
{
	const struct feed_def *d = config_feed(e->config, v->source);
	struct affiliation key = { .feed = v->source, .key = v->key };
	int found;

	if (d == NULL || (d->match != NULL && strcmp(d->match, "yes") == 0))
		return 0;
	found = store_find(e->store, e->arena, STMT_AFFILIATION_BY_KEY,
	    affiliation_fields, &key, affiliation_fields, &key, err);
	return found < 0 ? -1 : found == 0;
}

/* What is known without a question: effects, or NULL and the question. */
static int
look(struct engine *e, const struct event *v, const char **said,
    const char **input, struct err *err)
{
	struct assessing a = { 0 };
	struct desired none = { 0 };
	struct buf b = { .arena = e->arena };
	int stranger = counts_gifts(e, v) ? 0 : is_stranger(e, v, err);

	*said = "{}";
	if (stranger != 0)
		return stranger < 0 ? -1 : 0;
	if (applied(e, v, &a, err) != 0)
		return -1;
	if (a.who.id == 0 || (a.created && !counts_gifts(e, v)))
		return 0;
	if (strcmp(a.who.state, "left") != 0) {
		*said = NULL;
		return document_make(e, a.who.id, NULL, input, err);
	}
	if (effects_make(e, &a, &none, &b, err) != 0)
		return -1;
	buf_str(&b, b.len == 0 ? "{}" : "}");
	*said = buf_text(&b);
	return 0;
}

/* An event that cannot be applied has no effects; it is set aside when its
   turn comes. */
int
assess_one(struct engine *e, const struct event *v, struct err *err)
{
	const char *said = NULL, *input = NULL;
	struct trial t;
	struct err why = { 0 };

	if (trial_begin(e, &t, err) != 0)
		return -1;
	int ret = look(e, v, &said, &input, &why);
	if (ret != 0 && trial_is_fatal(&why)) {
		*err = why;
		return -1;
	}
	if (trial_undo(e, &t, err) != 0)
		return -1;
	if (ret != 0 || said != NULL)
		return effects_write(e, v, ret != 0 ? "{}" : said, 0, err);
	if (effects_write(e, v, NULL, ASKED, err) != 0)
		return -1;
	return ask(e, ASK_ASSESS, v->id, 0, &verdict_set(e)->programs, input,
	    err);
}

int
assess_due(struct engine *e, struct err *err)
{
	struct ask kind = { .kind = ASK_ASSESS };
	struct event key = { .due = -e->now };
	struct by_id out = { 0 };
	struct many rows = { 0 };

	if (store_get(e->store, e->arena, STMT_EVENT_ASKED, ask_fields, &kind,
		by_id_fields, &out, err) != 0)
		return -1;
	if (out.id >= IN_FLIGHT)
		return 0;
	if (store_list(e->store, e->arena, STMT_EVENT_UNASSESSED, event_fields,
		&key, event_fields, sizeof(struct event), 0, &rows, err) != 0)
		return -1;
	if (rows.n > 0 && e->careful > 0)
		return careful_take(e, &rows, err);
	for (size_t i = 0; i < rows.n; i++)
		if (assess_one(e, (const struct event *)rows.item + i, err) !=
		    0)
			return -1;
	if (rows.n > 0)
		e->out->again = true;
	return 0;
}

/* 0 counted, 1 policy must be asked anew, -1. */
static int
count(struct engine *e, const struct event *v, const char *results,
    struct buf *b, struct err *err)
{
	struct assessing a = { 0 };
	struct desired d;

	if (applied(e, v, &a, err) != 0)
		return -1;
	if (a.who.id == 0)
		return 0;
	if (desired_read(e, &a.who, results, &d, err) != 0)
		return err->cls == ERR_CONFLICT ? 1 : -1;
	if (username_settle(e, &a.who, &d, err) < 0)
		return -1;
	return effects_make(e, &a, &d, b, err);
}

/* No verdict: nothing will be removed because of it, so nothing counts. */
static int
answered(struct engine *e, const struct event *v, const char *results,
    struct err *err)
{
	struct buf b = { .arena = e->arena };
	struct trial t;
	struct err why = { 0 };

	if (trial_begin(e, &t, err) != 0)
		return -1;
	int ret = count(e, v, results, &b, &why);
	if (ret < 0 && trial_is_fatal(&why)) {
		*err = why;
		return -1;
	}
	if (trial_undo(e, &t, err) != 0)
		return -1;
	if (ret > 0)
		return effects_write(e, v, NULL, 0, err);
	buf_str(&b, b.len == 0 ? "{}" : "}");
	return effects_write(e, v, ret < 0 ? "{}" : buf_text(&b), 0, err);
}

int
assess_answer(struct engine *e, int64_t event, const char *results,
    const struct err *why, struct err *err)
{
	struct by_id key = { event };
	struct event v = { 0 };
	int found = store_find(e->store, e->arena, STMT_EVENT_BY_ID,
	    by_id_fields, &key, event_fields, &v, err);

	if (found <= 0 || strcmp(v.state, "assess") != 0 ||
	    v.effects.text != NULL)
		return found < 0 ? -1 : 0;
	e->out->again = true;
	if (why->cls == ERR_NONE)
		return answered(e, &v, results, err);
	if (why->cls == ERR_BUSY || why->cls == ERR_UNKNOWN)
		return effects_write(e, &v, NULL, -(e->now + PAUSE), err);
	return effects_write(e, &v, "{}", 0, err);
}
