/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger has and nobody listed.  All of it is counted before the
 * first row changes: where too much is missing, the listing is the more
 * likely fault, and nothing is changed.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/outgoing.h"
#include "engine/restore.h"
#include "engine/scan.h"
#include "engine/window.h"

#define MISSING_PERCENT 20 /* of the ledger's, unless a guard says less */
#define MISSING_FLOOR 5	   /* so few are believed */
#define SLICE 200

enum { COUNT_ACCOUNTS, COUNT_HOLDINGS, WRITE_ACCOUNTS, WRITE_HOLDINGS, DONE };

static void
number_add(struct numbers *l, int64_t n)
{
	if (l->n == l->room) {
		l->room = l->room == 0 ? 64 : l->room * 2;
		l->at = realloc(l->at, l->room * sizeof(*l->at));
		if (l->at == NULL)
			abort();
	}
	l->at[l->n++] = n;
}

static int
account_ids(struct engine *e, struct scan_memory *m, struct many *rows,
    struct err *err)
{
	struct account key = { .id = m->cursor, .system = m->row.system };

	return store_list(e->store, e->arena, STMT_SCAN_ACCOUNT_IDS,
	    account_fields, &key, by_id_fields, sizeof(struct by_id), 0, rows,
	    err);
}

static int
holding_ids(struct engine *e, struct scan_memory *m, struct many *rows,
    struct err *err)
{
	struct account key = { .id = m->cursor, .system = m->row.system };

	return store_list(e->store, e->arena, STMT_SCAN_HOLDING_IDS,
	    account_fields, &key, by_id_fields, sizeof(struct by_id), 0, rows,
	    err);
}

/* A slice of counting; at its end the next stage. */
static int
count_slice(struct engine *e, struct scan_memory *m, bool accounts,
    struct err *err)
{
	struct many rows = { 0 };
	const struct bits *seen = accounts ? &m->accounts : &m->holdings;
	struct numbers *missing = accounts ? &m->gone : &m->lost;

	if (accounts ? account_ids(e, m, &rows, err) :
		       holding_ids(e, m, &rows, err))
		return -1;
	const struct by_id *ids = rows.item;
	for (size_t i = 0; i < rows.n; i++) {
		m->cursor = ids[i].id;
		if (!bits_has(seen, ids[i].id))
			number_add(missing, ids[i].id);
	}
	if (rows.n == 0) {
		m->cursor = 0;
		m->stage++;
	}
	return 0;
}

static int
trips(struct engine *e, struct scan_memory *m, const char *effect,
    int64_t missing, int64_t of, bool *trip, struct err *err)
{
	struct effect_count c = { effect, m->row.system, missing, of };
	struct texts why = { 0 };
	int guard = missing == 0 ?
	    0 :
	    guard_trips(e, &e->config->settings.guards, &c, 1, &why, err);

	if (guard < 0)
		return -1;
	*trip = guard > 0 ||
	    (missing > MISSING_FLOOR && missing * 100 > of * MISSING_PERCENT);
	return 0;
}

/* 1: too much is missing, and the scan has failed. */
static int
judge(struct engine *e, struct scan_memory *m, struct err *err)
{
	int64_t gone = (int64_t)m->gone.n, lost = (int64_t)m->lost.n;
	struct by_name system = { m->row.system };
	struct by_id accounts = { 0 }, holdings = { 0 };
	bool a = false, h = false;

	if (store_get(e->store, e->arena, STMT_SCAN_EXPECTED, by_name_fields,
		&system, by_id_fields, &accounts, err) != 0 ||
	    store_get(e->store, e->arena, STMT_SCAN_EXPECTED_HOLDINGS,
		by_name_fields, &system, by_id_fields, &holdings, err) != 0)
		return -1;
	if (trips(e, m, "disable", gone, accounts.id, &a, err) != 0 ||
	    trips(e, m, "remove", lost, holdings.id, &h, err) != 0)
		return -1;
	h = h || (m->holdings_read == 0 && lost > 0 && holdings.id > 1);
	if (!a && !h)
		return 0;
	return scan_fail(e, m,
		   arena_printf(e->arena,
		       "%lld of %lld accounts "
		       "and %lld of %lld memberships were not listed: too many to be "
		       "believed",
		       (long long)gone, (long long)accounts.id, (long long)lost,
		       (long long)holdings.id),
		   true, err) != 0 ?
	    -1 :
	    1;
}

static const char *
subject_of(struct engine *e, const struct account *a)
{
	return arena_printf(e->arena, "%s/%s", a->system,
	    a->name != NULL	     ? a->name :
		a->seen_name != NULL ? a->seen_name :
				       "?");
}

static int
account_absent(struct engine *e, struct account *a, struct err *err)
{
	a->seen_status = "absent";
	a->seen_digest = NULL;
	a->seen_at = e->now;
	a->version++;
	return store_put(e->store, STMT_SCAN_ACCOUNT_SAVE, account_fields, a,
	    err);
}

/* One that an earlier scan missed already is told, and repaired, again. */
static int
account_gone(struct engine *e, struct scan_memory *m, int64_t id,
    struct err *err)
{
	struct by_id key = { id };
	struct account a = { 0 };
	struct found f = { .kind = "missing",
		.account = id,
		.detail = "it was not listed" };
	int found = store_find(e->store, e->arena, STMT_POLICY_ACCOUNT,
	    by_id_fields, &key, account_fields, &a, err);

	if (found <= 0 || a.seen_at >= m->row.began)
		return found < 0 ? -1 : 0;
	if (strcmp(a.seen_status, "absent") != 0 &&
	    account_absent(e, &a, err) != 0)
		return -1;
	if (a.identity == 0)
		return 0;
	if (m->restored && restore_doubt(e, &a, "absent", err) != 0)
		return -1;
	f.subject = subject_of(e, &a);
	m->row.missing++;
	if (scan_found(e, m, &f, err) != 0)
		return -1;
	return scan_repair(e, m, &a, "create", err);
}

static int
holding_absent(struct engine *e, struct holding *h, struct err *err)
{
	h->seen = false;
	h->version++;
	if (!h->want) {
		h->state = "closed";
		h->until = h->closed = e->now;
	}
	return store_put(e->store, STMT_POLICY_HOLDING_SAVE, holding_fields, h,
	    err);
}

static int
holding_lost(struct engine *e, struct scan_memory *m, int64_t id,
    struct err *err)
{
	struct by_id key = { id }, verified = { 0 };
	struct holding h = { 0 };
	struct account a = { 0 };
	int found = store_find(e->store, e->arena, STMT_POLICY_HOLDING,
	    by_id_fields, &key, holding_fields, &h, err);

	if (found <= 0)
		return found;
	if (store_get(e->store, e->arena, STMT_SCAN_HOLDING_VERIFIED,
		by_id_fields, &key, by_id_fields, &verified, err) != 0)
		return -1;
	if (verified.id >= m->row.began || (!h.seen && !h.want))
		return 0;
	key.id = h.account;
	if (store_get(e->store, e->arena, STMT_POLICY_ACCOUNT, by_id_fields,
		&key, account_fields, &a, err) != 0 ||
	    (h.seen && holding_absent(e, &h, err) != 0))
		return -1;
	if (!h.want)
		return 0;
	struct found f = { .kind = "missing",
		.account = a.id,
		.holding = h.id,
		.detail = "it was not listed",
		.subject = arena_printf(e->arena, "%s/%s", subject_of(e, &a),
		    h.entitlement) };
	m->row.missing++;
	if (scan_found(e, m, &f, err) != 0)
		return -1;
	return scan_repair(e, m, &a, "create", err);
}

static int
write_slice(struct engine *e, struct scan_memory *m, bool accounts,
    struct err *err)
{
	const struct numbers *l = accounts ? &m->gone : &m->lost;

	for (size_t i = 0; i < SLICE && m->done < l->n; i++, m->done++)
		if (accounts ? account_gone(e, m, l->at[m->done], err) :
			       holding_lost(e, m, l->at[m->done], err))
			return -1;
	if (m->done == l->n) {
		m->done = 0;
		m->stage++;
	}
	return 0;
}

int
scan_absent(struct engine *e, struct scan_memory *m, struct err *err)
{
	switch (m->stage) {
	case COUNT_ACCOUNTS:
		return count_slice(e, m, true, err);
	case COUNT_HOLDINGS:
		if (m->no_holdings)
			m->stage++;
		else if (count_slice(e, m, false, err) != 0)
			return -1;
		return m->stage == COUNT_HOLDINGS ? 0 : judge(e, m, err);
	case WRITE_ACCOUNTS:
		return write_slice(e, m, true, err);
	case WRITE_HOLDINGS:
		return write_slice(e, m, false, err);
	}
	return 1;
}
