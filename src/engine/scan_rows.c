/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a listing says, compared with the ledger.  Rows are hostile input.
 * A row that the listing read before muster itself wrote is older than the
 * ledger and says nothing.
 */
#include <string.h>

#include <muster/provider.h>

#include "engine/attribute.h"
#include "engine/differ.h"
#include "engine/restore.h"
#include "engine/scan.h"

struct account_page {
	struct many rows;
};
struct member_page {
	struct many rows;
};

static const struct field account_page_fields[] = {
	FIELD_LIST(struct account_page, rows, F_NEED, struct account_state,
	    account_state_fields),
	FIELD_END
};

static const struct field member_page_fields[] = {
	FIELD_LIST(struct member_page, rows, F_NEED, struct membership,
	    membership_fields),
	FIELD_END
};

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static const char *
account_subject(struct engine *e, const struct account *a)
{
	return arena_printf(e->arena, "%s/%s", a->system,
	    a->name != NULL	     ? a->name :
		a->seen_name != NULL ? a->seen_name :
				       a->native);
}

static int
unmatched_report(struct engine *e, struct scan_memory *m,
    const struct account *a, struct err *err)
{
	struct found f = { .kind = "unmatched",
		.account = a->id,
		.subject = account_subject(e, a),
		.detail = "an account that belongs to no identity" };

	if (m->full) /* the first reading told it */
		return 0;
	m->row.unknown++;
	return scan_found(e, m, &f, err);
}

static int
unmatched_add(struct engine *e, struct scan_memory *m,
    const struct account_state *s, struct err *err)
{
	struct account a = { .system = m->row.system,
		.kind = "primary",
		.native = s->id,
		.seen_status = s->status,
		.seen_name = s->name,
		.seen = s->attributes,
		.seen_digest = s->digest,
		.origin = "observed",
		.created = e->now,
		.seen_at = e->now,
		.version = 1 };

	if (store_add(e->store, STMT_POLICY_ACCOUNT_ADD, account_fields, &a,
		&a.id, err) != 0)
		return -1;
	bits_set(&m->accounts, a.id);
	return unmatched_report(e, m, &a, err);
}

/* What differs from what muster last put there, in words. */
static int
drift_of(struct engine *e, const struct account *a,
    const struct account_state *s, const char **detail, struct err *err)
{
	struct attribute_diff d = { 0 };
	struct buf b = { .arena = e->arena };

	*detail = NULL;
	if (a->wrote_status != NULL && s->status != NULL &&
	    !same(a->wrote_status, s->status))
		buf_printf(&b, "it is %s, and muster left it %s", s->status,
		    a->wrote_status);
	if (a->wrote.text != NULL && s->attributes.text != NULL &&
	    attribute_diff(e->arena, a->wrote.text, s->attributes.text, NULL,
		false, &d, err) != 0)
		return -1;
	if (d.n > 0)
		buf_printf(&b, "%sit has %s where muster wrote %s",
		    b.len > 0 ? "; " : "", d.before.text, d.after.text);
	if (b.len > 0)
		*detail = buf_text(&b);
	return 0;
}

static int
drift_report(struct engine *e, struct scan_memory *m, const struct account *a,
    const struct account_state *s, struct err *err)
{
	struct found f = { .kind = "drift",
		.account = a->id,
		.subject = account_subject(e, a) };
	bool renamed = a->name != NULL && s->name != NULL &&
	    strcmp(a->name, s->name) != 0;

	if (drift_of(e, a, s, &f.detail, err) != 0)
		return -1;
	if (f.detail == NULL && !renamed)
		return 0;
	m->row.drift++;
	if (f.detail != NULL && scan_found(e, m, &f, err) != 0)
		return -1;
	if (renamed) {
		f.kind = "renamed";
		f.detail = arena_printf(e->arena,
		    "it is called %s, and "
		    "should be %s",
		    s->name, a->name);
		if (scan_found(e, m, &f, err) != 0)
			return -1;
	}
	return scan_repair(e, m, a, "change", err);
}

static int
observe(struct engine *e, struct account *a, const struct account_state *s,
    struct err *err)
{
	bool changed = !same(a->seen_status, s->status) ||
	    !same(a->seen_name, s->name) ||
	    !same(a->seen.text, s->attributes.text);

	if (!changed && same(a->seen_digest, s->digest))
		return 0;
	if (s->status != NULL)
		a->seen_status = s->status;
	a->seen_name = s->name;
	a->seen = s->attributes;
	a->seen_digest = s->digest;
	a->seen_at = e->now;
	a->version += changed;
	return store_put(e->store, STMT_SCAN_ACCOUNT_SAVE, account_fields, a,
	    err);
}

/* A create of ours may be under way: its account has no native id yet. */
static int
half_made(struct engine *e, struct scan_memory *m,
    const struct account_state *s, struct err *err)
{
	struct account key = { .system = m->row.system, .name = s->name };
	struct account a = { 0 };
	struct by_id id, tries = { 0 };
	int found = s->name == NULL ?
	    0 :
	    store_find(e->store, e->arena, STMT_SCAN_ACCOUNT_NAMED,
		account_fields, &key, account_fields, &a, err);

	if (found <= 0)
		return found;
	id.id = a.id;
	if (store_get(e->store, e->arena, STMT_POLICY_ACCOUNT_TRIED,
		by_id_fields, &id, by_id_fields, &tries, err) != 0)
		return -1;
	return tries.id > 0;
}

static int
account_row(struct engine *e, struct scan_memory *m,
    const struct account_state *s, struct err *err)
{
	struct account key = { .system = m->row.system, .native = s->id };
	struct account a = { 0 };
	int found;

	if (s->id == NULL || *s->id == '\0')
		return err_set(err, ERR_INPUT, "a row without an id");
	if ((found = store_find(e->store, e->arena, STMT_SCAN_ACCOUNT,
		 account_fields, &key, account_fields, &a, err)) < 0)
		return -1;
	if (found == 0) {
		if ((found = half_made(e, m, s, err)) != 0)
			return found < 0 ? -1 : 0;
		if (s->attributes.text == NULL)
			m->fresh = true;
		return unmatched_add(e, m, s, err);
	}
	bits_set(&m->accounts, a.id);
	if (a.seen_at >= m->row.began && a.identity != 0)
		return 0;
	if (a.identity == 0 && unmatched_report(e, m, &a, err) != 0)
		return -1;
	if (m->restored && restore_doubt(e, &a, s->status, err) != 0)
		return -1;
	bool known = s->digest != NULL && same(a.seen_digest, s->digest) &&
	    same(a.seen_status, s->status) && same(a.seen_name, s->name);
	if (!known && s->attributes.text == NULL) {
		m->fresh = true;
		return 0;
	}
	struct account_state as = *s;
	if (as.attributes.text == NULL)
		as.attributes = a.seen;
	if (a.identity != 0 && !(known && m->full) &&
	    drift_report(e, m, &a, &as, err) != 0)
		return -1;
	return known ? 0 : observe(e, &a, &as, err);
}

int
scan_accounts(struct engine *e, struct scan_memory *m, const char *rows,
    struct err *err)
{
	struct account_page page = { { 0 } };
	const char *text = arena_printf(e->arena, "{\"rows\":%s}",
	    rows != NULL ? rows : "[]");

	if (json_decode(e->arena, account_page_fields, text, strlen(text),
		&page, err) != 0)
		return -1;
	for (size_t i = 0; i < page.rows.n; i++)
		if (account_row(e, m,
			(const struct account_state *)page.rows.item + i,
			err) != 0)
			return -1;
	m->row.rows += (int64_t)page.rows.n;
	if (!m->full)
		m->accounts_read += (int64_t)page.rows.n;
	return 0;
}

static int
member_account(struct engine *e, struct scan_memory *m,
    const struct membership *s, struct account *a, struct err *err)
{
	struct account key = { .system = m->row.system,
		.native = s->id,
		.name = s->name };

	if (s->id != NULL)
		return store_find(e->store, e->arena, STMT_SCAN_ACCOUNT,
		    account_fields, &key, account_fields, a, err);
	if (s->name == NULL)
		return 0;
	return store_find(e->store, e->arena, STMT_SCAN_ACCOUNT_BY_NAME,
	    account_fields, &key, account_fields, a, err);
}

static int
holding_report(struct engine *e, struct scan_memory *m, const struct account *a,
    const struct holding *h, const char *kind, const char *detail,
    struct err *err)
{
	struct found f = { .kind = kind,
		.account = a->id,
		.holding = h->id,
		.subject = arena_printf(e->arena, "%s/%s",
		    account_subject(e, a), h->entitlement),
		.detail = detail };

	return scan_found(e, m, &f, err);
}

/* Somebody put it there.  What muster once took away is excess, anything
   else unexplained: that is never taken away by itself. */
static int
holding_extra(struct engine *e, struct scan_memory *m, const struct account *a,
    const char *entitlement, struct err *err)
{
	struct holding h = { .account = a->id,
		.entitlement = entitlement,
		.from = e->now,
		.seen = true,
		.version = 1,
		.state = "unexplained",
		.reasons = { "[]" } };
	struct by_id closed = { 0 };
	bool excess;

	if (store_get(e->store, e->arena, STMT_SCAN_HOLDING_CLOSED,
		holding_fields, &h, by_id_fields, &closed, err) != 0)
		return -1;
	if (closed.id >= m->row.began)
		return 0;
	excess = closed.id != 0;
	if (excess) {
		h.state = "revoking";
		h.reasons.text = "[\"" HOLDING_EXCESS "\"]";
	}
	if (store_add(e->store, STMT_POLICY_HOLDING_ADD, holding_fields, &h,
		&h.id, err) != 0)
		return -1;
	bits_set(&m->holdings, h.id);
	m->row.drift++;
	if (holding_report(e, m, a, &h, excess ? "excess" : "unexplained",
		excess ? HOLDING_EXCESS : "no rule and no grant gives it",
		err) != 0)
		return -1;
	return scan_repair(e, m, a, excess ? "remove" : "none", err);
}

static int
holding_known(struct engine *e, struct scan_memory *m, const struct account *a,
    struct holding *h, struct err *err)
{
	bits_set(&m->holdings, h->id);
	if (strcmp(h->state, "unexplained") == 0 &&
	    holding_report(e, m, a, h, "unexplained",
		"no rule and no grant gives it", err) != 0)
		return -1;
	if (h->seen)
		return 0;
	h->seen = true;
	h->version++;
	if (h->want)
		h->state = "held";
	return store_put(e->store, STMT_POLICY_HOLDING_SAVE, holding_fields, h,
	    err);
}

static int
member_row(struct engine *e, struct scan_memory *m, const struct membership *s,
    struct err *err)
{
	struct account a = { 0 };
	struct holding h = { 0 };
	int found;

	if (s->entitlement == NULL || *s->entitlement == '\0')
		return err_set(err, ERR_INPUT, "a row without an entitlement");
	if ((found = member_account(e, m, s, &a, err)) <= 0 || a.identity == 0)
		return found < 0 ? -1 : 0;
	struct holding key = { .account = a.id, .entitlement = s->entitlement };
	if ((found = store_find(e->store, e->arena, STMT_SCAN_HOLDING,
		 holding_fields, &key, holding_fields, &h, err)) < 0)
		return -1;
	return found > 0 ? holding_known(e, m, &a, &h, err) :
			   holding_extra(e, m, &a, s->entitlement, err);
}

int
scan_members(struct engine *e, struct scan_memory *m, const char *rows,
    struct err *err)
{
	struct member_page page = { { 0 } };
	const char *text = arena_printf(e->arena, "{\"rows\":%s}",
	    rows != NULL ? rows : "[]");

	if (json_decode(e->arena, member_page_fields, text, strlen(text), &page,
		err) != 0)
		return -1;
	for (size_t i = 0; i < page.rows.n; i++)
		if (member_row(e, m,
			(const struct membership *)page.rows.item + i,
			err) != 0)
			return -1;
	m->row.rows += (int64_t)page.rows.n;
	m->holdings_read += (int64_t)page.rows.n;
	return 0;
}
