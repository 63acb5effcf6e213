/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The digest of a plan: SHA-256 over the canonical JSON
 *   {"as_of":"...","definitions":"...","items":[...]}
 * whose items hold their action and the versions that they were made from.
 * A large plan is summed in slices, in memory: lost, it begins anew.
 */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "engine/outgoing.h"
#include "engine/plan.h"
#include "engine/verdict.h"

#define SLICE 500

static const char *const counted[] = { "create", "change", "remove", "disable",
	"delete", "rotate", NULL };

struct plan_memory {
	int64_t plan, identity, id;
	struct digest_ctx *digest;
	int64_t count[6], observed;
	bool any;
};

void
plan_forget(struct plan_memory *m)
{
	unsigned char ignored[DIGEST_LEN];

	if (m == NULL)
		return;
	if (m->digest != NULL)
		digest_end(m->digest, ignored);
	free(m);
}

void
plan_sum_undo(struct engine *e)
{
	if (e->verdicts == NULL)
		return;
	plan_forget(e->verdicts->summing);
	e->verdicts->summing = NULL;
}

/* What of an item the digest binds. */
static const struct field bound_fields[] = { FIELD(struct item, account, 0),
	FIELD(struct item, basis, 0), FIELD(struct item, effect, 0),
	FIELD(struct item, entitlement, 0), FIELD(struct item, holding, 0),
	FIELD(struct item, identity, 0), FIELD(struct item, in, 0),
	FIELD(struct item, kind, 0), FIELD(struct item, mode, 0),
	FIELD(struct item, name, 0), FIELD(struct item, system, 0),
	FIELD(struct item, verb, 0), FIELD(struct item, version, 0),
	FIELD_END };

static struct plan_memory *
memory_of(struct engine *e, const struct plan *p)
{
	struct verdict_set *s = verdict_set(e);
	struct plan_memory *m = s->summing;
	char as_of[TIME_TEXT];

	if (m != NULL && m->plan == p->id)
		return m;
	plan_forget(m);
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		abort();
	m->plan = p->id;
	m->digest = digest_begin();
	const char *head = arena_printf(e->arena,
	    "{\"as_of\":\"%s\","
	    "\"definitions\":\"%s\",\"items\":[",
	    time_format(as_of, p->as_of), p->definitions);
	digest_more(m->digest, head, strlen(head));
	s->summing = m;
	return m;
}

static int
item_sum(struct engine *e, struct plan_memory *m, const struct item *i,
    struct err *err)
{
	struct buf b = { .arena = e->arena };
	const char *text;

	json_encode(&b, bound_fields, i);
	text = json_canonical(e->arena, buf_text(&b), b.len, err);
	if (text == NULL)
		return err_within(err, "item %lld: ", (long long)i->id);
	if (m->any)
		digest_more(m->digest, ",", 1);
	digest_more(m->digest, text, strlen(text));
	m->any = true;
	m->identity = i->identity;
	m->id = i->id;
	if (strcmp(i->mode, "observe") == 0) {
		m->observed++;
		return 0;
	}
	for (size_t k = 0; counted[k] != NULL; k++)
		m->count[k] += strcmp(counted[k], i->effect) == 0;
	return 0;
}

static void
sum_end(struct engine *e, struct plan_memory *m, struct plan *p)
{
	unsigned char sum[DIGEST_LEN];
	char *hex = arena_zero(e->arena, DIGEST_HEX, 1);
	struct buf b = { .arena = e->arena };
	const char *missed = json_member(e->arena,
	    p->counts.text != NULL ? p->counts.text : "{}", "no_verdict");

	digest_more(m->digest, "]}", 2);
	digest_end(m->digest, sum);
	m->digest = NULL;
	p->digest = hex_encode(hex, sum, sizeof(sum));
	for (size_t k = 0; counted[k] != NULL; k++)
		if (m->count[k] > 0)
			buf_printf(&b, "%s\"%s\":%lld", b.len > 0 ? "," : "{",
			    counted[k], (long long)m->count[k]);
	if (m->observed > 0)
		buf_printf(&b, "%s\"observe\":%lld", b.len > 0 ? "," : "{",
		    (long long)m->observed);
	if (missed != NULL)
		buf_printf(&b, "%s\"no_verdict\":%s", b.len > 0 ? "," : "{",
		    missed);
	buf_str(&b, b.len > 0 ? "}" : "{}");
	p->counts.text = buf_text(&b);
}

int
plan_sum(struct engine *e, struct plan *p, struct err *err)
{
	struct plan_memory *m = memory_of(e, p);
	struct item key = { .plan = p->id,
		.identity = m->identity,
		.id = m->id };
	struct many rows = { 0 };

	if (store_list(e->store, e->arena, STMT_ITEM_OF_PLAN_AFTER, item_fields,
		&key, item_fields, sizeof(struct item), SLICE, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++)
		if (item_sum(e, m, (const struct item *)rows.item + i, err) !=
		    0)
			return -1;
	if (rows.n == SLICE)
		return 0;
	sum_end(e, m, p);
	plan_forget(m);
	verdict_set(e)->summing = NULL;
	return 1;
}
