/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/verdict.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"

#define KEPT_SIZE ((size_t)8192) /* bytes of an answer that is kept */

/* Equal programs share one place. */
static size_t
program_add(struct verdict_set *s, const char *text)
{
	for (size_t i = 1; i < s->programs.n; i++)
		if (strcmp(s->programs.item[i], text) == 0)
			return i;
	s->programs.item[s->programs.n] = text;
	return s->programs.n++;
}

static size_t
programs_at_most(const struct config *c)
{
	size_t n = 2 + c->settings.protected_.n + c->systems.n * 8;

	for (size_t i = 0; i < c->roles.n; i++) {
		const struct role_def *r = (const struct role_def *)
					       c->roles.item +
		    i;

		n++;
		for (size_t k = 0; k < r->account.n; k++)
			n += 1 +
			    ((const struct role_account *)r->account.item)[k]
				.program.n;
	}
	return n;
}

static int
by_role(const void *a, const void *b)
{
	const struct verdict_role *x = a, *y = b;

	return strcmp(x->def->role, y->def->role);
}

static void
account_add(struct verdict_set *s, struct verdict_account *a,
    const struct role_account *def)
{
	a->def = def;
	a->id = def->id != NULL ? program_add(s, def->id) : VERDICT_NONE;
	a->attribute = arena_zero(&s->arena, def->program.n + 1,
	    sizeof(size_t));
	for (size_t i = 0; i < def->program.n; i++)
		a->attribute[i] = program_add(s, def->program.item[i]);
}

static void
roles_add(struct verdict_set *s)
{
	const struct many *roles = &s->config->roles;

	s->role = arena_zero(&s->arena, roles->n + 1, sizeof(*s->role));
	s->roles = roles->n;
	for (size_t i = 0; i < roles->n; i++)
		s->role[i].def = (const struct role_def *)roles->item + i;
	if (s->roles > 0)
		qsort(s->role, s->roles, sizeof(*s->role), by_role);
	for (size_t i = 0; i < s->roles; i++) {
		struct verdict_role *r = &s->role[i];

		r->when = r->def->when != NULL ? program_add(s, r->def->when) :
						 VERDICT_NONE;
		r->account = arena_zero(&s->arena, r->def->account.n + 1,
		    sizeof(*r->account));
		for (size_t k = 0; k < r->def->account.n; k++)
			account_add(s, &r->account[k],
			    (const struct role_account *)r->def->account.item +
				k);
	}
}

static void
protections_add(struct verdict_set *s)
{
	const struct texts *p = &s->config->settings.protected_;

	s->protect = arena_zero(&s->arena, p->n + 1, sizeof(size_t));
	for (size_t i = 0; i < p->n; i++)
		if (config_account_system(p->item[i]) == 0)
			s->protect[s->protects++] = program_add(s, p->item[i]);
}

/* A scope sees the identity and its account there, if it has one. */
static void
scopes_add(struct verdict_set *s)
{
	const struct many *systems = &s->config->systems;

	s->scope = arena_zero(&s->arena, systems->n * 5 + 1, sizeof(*s->scope));
	for (size_t i = 0; i < systems->n; i++) {
		const struct system_def *d = (const struct system_def *)
						 systems->item +
		    i;

		for (const char *const *k = account_kinds;
		     d->scope != NULL && *k != NULL; k++) {
			struct verdict_scope *v = &s->scope[s->scopes++];
			struct buf b = { .arena = &s->arena };

			buf_str(&b,
			    "{identity: ., account: (first(.accounts[]?"
			    " | select(.system == ");
			json_string(&b, d->system);
			buf_printf(&b,
			    " and .kind == \"%s\")) // {system: ", *k);
			json_string(&b, d->system);
			buf_printf(&b, ", kind: \"%s\"})} | (%s\n)", *k,
			    d->scope);
			*v = (struct verdict_scope){ d, *k,
				program_add(s, buf_text(&b)) };
		}
	}
}

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool
verdict_is_dated(const char *program)
{
	static const char *const words[] = { "today", "now" };

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(words[i]);

		for (const char *at = program;
		     (at = strstr(at, words[i])) != NULL; at += n)
			if ((at == program || !is_word(at[-1])) &&
			    !is_word(at[n]))
				return true;
	}
	return false;
}

static void
set_build(struct verdict_set *s, const struct config *c)
{
	struct buf b = { .arena = &s->arena };

	s->config = c;
	s->digest = arena_str(&s->arena, c->digest);
	s->programs.item = arena_zero(&s->arena, programs_at_most(c),
	    sizeof(char *));
	json_string(&b, c->digest);
	s->programs.item[s->programs.n++] = buf_text(&b);
	roles_add(s);
	s->names = c->settings.names.pattern != NULL ?
	    program_add(s, c->settings.names.pattern) :
	    VERDICT_NONE;
	protections_add(s);
	scopes_add(s);
	for (size_t i = 1; i < s->programs.n; i++)
		s->dated |= verdict_is_dated(s->programs.item[i]);
	s->kept = arena_zero(&s->arena, VERDICT_KEPT, sizeof(*s->kept));
}

struct verdict_set *
verdict_set(struct engine *e)
{
	/* Another set may stand where a freed one stood. */
	if (e->verdicts != NULL && e->verdicts->config == e->config &&
	    strcmp(e->verdicts->digest, e->config->digest) == 0)
		return e->verdicts;
	verdict_fini(e);
	e->verdicts = calloc(1, sizeof(*e->verdicts));
	if (e->verdicts == NULL)
		abort();
	set_build(e->verdicts, e->config);
	return e->verdicts;
}

static void
answer_forget(struct verdict_answer *a)
{
	free(a->digest);
	if (a->results != NULL)
		explicit_bzero(a->results, strlen(a->results));
	free(a->results);
	*a = (struct verdict_answer){ 0 };
}

void
verdict_fini(struct engine *e)
{
	if (e->verdicts == NULL)
		return;
	plan_forget(e->verdicts->summing);
	for (size_t i = 0; i < VERDICT_KEPT; i++)
		answer_forget(&e->verdicts->kept[i]);
	arena_fini(&e->verdicts->arena);
	free(e->verdicts);
	e->verdicts = NULL;
}

const char *
verdict_kept(struct engine *e, int64_t identity, const char *digest)
{
	const struct verdict_answer *a = &verdict_set(e)
					      ->kept[identity % VERDICT_KEPT];

	return a->identity == identity && strcmp(a->digest, digest) == 0 ?
	    a->results :
	    NULL;
}

void
verdict_keep(struct engine *e, int64_t identity, const char *digest,
    const char *results)
{
	struct verdict_answer *a = &verdict_set(e)
					->kept[identity % VERDICT_KEPT];

	if (verdict_kept(e, identity, digest) != NULL)
		return;
	answer_forget(a);
	/* An input with the time in it never comes again. */
	if (verdict_set(e)->dated || strlen(results) > KEPT_SIZE)
		return;
	*a = (struct verdict_answer){ identity, strdup(digest),
		strdup(results) };
	if (a->digest == NULL || a->results == NULL)
		abort();
}

static const struct field verdict_fields[] = { FIELD(struct verdict, values, 0),
	FIELD(struct verdict, error, 0), FIELD_END };

struct answer {
	struct many results;
};

static const struct field answer_fields[] = { FIELD_LIST(struct answer, results,
						  F_NEED, struct verdict,
						  verdict_fields),
	FIELD_END };

/* One row for each input, and one input was asked about. */
static const char *
row_of(const char *results)
{
	const char *at = results;

	while (isspace((unsigned char)*at))
		at++;
	if (*at != '[')
		return results;
	for (at++; isspace((unsigned char)*at); at++)
		;
	return *at == '[' ? at : results;
}

struct first {
	const char *value;
};

static int
first_keep(void *ctx, const char *key, const char *value, struct err *e)
{
	struct first *f = ctx;

	(void)key;
	(void)e;
	if (f->value == NULL)
		f->value = value;
	return 0;
}

int
verdict_cells(struct engine *e, const char *results, struct verdicts *out,
    struct err *err)
{
	struct first row = { 0 };
	struct answer a = { 0 };
	const char *text = results == NULL ? "[]" : results;

	if (row_of(text) == text)
		row.value = text;
	else if (json_each(e->arena, text, first_keep, &row, err) != 0) {
		err->cls = ERR_REFUSED;
		return err_within(err, "the evaluator's answer: ");
	}
	text = arena_printf(e->arena, "{\"results\":%s}", row.value);
	if (json_decode(e->arena, answer_fields, text, strlen(text), &a, err) !=
	    0) {
		err->cls = ERR_REFUSED;
		return err_within(err, "the evaluator's answer: ");
	}
	*out = (struct verdicts){ a.results.n, a.results.item };
	return 0;
}

int
verdict_decode(struct engine *e, const char *results, struct verdicts *out,
    struct err *err)
{
	struct verdict_set *s = verdict_set(e);
	struct first mark = { 0 };

	if (verdict_cells(e, results, out, err) != 0)
		return -1;
	if (out->n > 0 && out->item[0].values.text != NULL &&
	    json_each(e->arena, out->item[0].values.text, first_keep, &mark,
		err) != 0)
		return -1;
	if (mark.value == NULL || strcmp(mark.value, s->programs.item[0]) != 0)
		return err_set(err, ERR_CONFLICT,
		    "the configuration changed "
		    "while policy was asked");
	if (out->n < s->programs.n)
		return err_set(err, ERR_REFUSED,
		    "%zu answers to %zu "
		    "programs",
		    out->n, s->programs.n);
	return 0;
}

struct value_list {
	struct arena *arena;
	struct texts list;
	size_t room;
};

static int
value_add(void *ctx, const char *key, const char *value, struct err *e)
{
	struct value_list *v = ctx;

	(void)key;
	(void)e;
	if (v->list.n == v->room) {
		const char **old = v->list.item;

		v->room = v->room == 0 ? 8 : v->room * 2;
		v->list.item = arena_zero(v->arena, v->room, sizeof(char *));
		for (size_t i = 0; i < v->list.n; i++)
			v->list.item[i] = old[i];
	}
	v->list.item[v->list.n++] = arena_str(v->arena, value);
	return 0;
}

/* The values that the program gave, as JSON texts. */
static int
values_of(struct engine *e, const struct verdicts *vs, size_t at,
    const char *where, struct texts *out, struct err *err)
{
	struct value_list v = { .arena = e->arena };

	if (at >= vs->n)
		return err_set(err, ERR_REFUSED, "%s: no answer", where);
	if (vs->item[at].error != NULL)
		return err_set(err, ERR_REFUSED, "%s: %s", where,
		    vs->item[at].error);
	if (vs->item[at].values.text == NULL)
		return err_set(err, ERR_REFUSED, "%s: no value", where);
	if (json_each(e->arena, vs->item[at].values.text, value_add, &v, err) !=
	    0)
		return err_within(err, "%s: ", where);
	*out = v.list;
	return 0;
}

int
verdict_bool(struct engine *e, const struct verdicts *vs, size_t at,
    const char *where, bool *out, struct err *err)
{
	struct texts v = { 0 };

	if (values_of(e, vs, at, where, &v, err) != 0)
		return -1;
	if (v.n != 1)
		return err_set(err, ERR_REFUSED,
		    "%s: %zu values instead of "
		    "true or false",
		    where, v.n);
	*out = strcmp(v.item[0], "true") == 0;
	if (!*out && strcmp(v.item[0], "false") != 0)
		return err_set(err, ERR_REFUSED, "%s: neither true nor false",
		    where);
	return 0;
}

/* A JSON scalar as a plain text; NULL for null and ""; ERR_REFUSED for others. */
static int
scalar(struct engine *e, const char *value, const char *where, const char **out,
    struct err *err)
{
	*out = NULL;
	if (strcmp(value, "null") == 0)
		return 0;
	if (value[0] == '{' || value[0] == '[')
		return err_set(err, ERR_REFUSED,
		    "%s: a list or an object "
		    "where a text is wanted",
		    where);
	if (value[0] != '"') {
		*out = arena_str(e->arena, value);
		return 0;
	}
	*out = json_scalar(e->arena, value);
	if (*out != NULL && **out == '\0')
		*out = NULL;
	return 0;
}

int
verdict_texts(struct engine *e, const struct verdicts *vs, size_t at,
    const char *where, struct texts *out, struct err *err)
{
	struct texts v = { 0 };
	struct value_list flat = { .arena = e->arena };

	if (values_of(e, vs, at, where, &v, err) != 0)
		return -1;
	if (v.n == 1 && v.item[0][0] == '[') {
		if (json_each(e->arena, v.item[0], value_add, &flat, err) != 0)
			return err_within(err, "%s: ", where);
		v = flat.list;
	}
	out->item = arena_zero(e->arena, v.n + 1, sizeof(char *));
	for (size_t i = 0; i < v.n; i++) {
		const char *text;

		if (scalar(e, v.item[i], where, &text, err) != 0)
			return -1;
		if (text != NULL)
			out->item[out->n++] = text;
	}
	return 0;
}

int
verdict_attribute(struct engine *e, const struct verdicts *vs, size_t at,
    const char *where, const char **out, struct err *err)
{
	struct texts v = { 0 };
	struct buf b = { .arena = e->arena };

	*out = NULL;
	if (values_of(e, vs, at, where, &v, err) != 0)
		return -1;
	if (v.n == 0)
		return 0;
	bool list = v.n > 1 || v.item[0][0] == '[';
	struct texts texts = { 0 };
	if (verdict_texts(e, vs, at, where, &texts, err) != 0)
		return -1;
	if (texts.n == 0)
		return 0;
	for (size_t i = 0; i < texts.n; i++) {
		buf_str(&b, i > 0 ? "," : list ? "[" : "");
		json_string(&b, texts.item[i]);
	}
	if (list)
		buf_char(&b, ']');
	*out = buf_text(&b);
	return 0;
}
