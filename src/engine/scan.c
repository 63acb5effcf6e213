/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/scan.h"

#include <stdlib.h>
#include <string.h>

#include "engine/command.h"
#include "engine/outgoing.h"
#include "engine/pipe.h"
#include "engine/restore.h"

#define SAVE_EVERY 2000 /* rows, for the progress bar */

void
bits_set(struct bits *b, int64_t i)
{
	size_t byte = (size_t)i / 8;

	if (byte >= b->n) {
		size_t n = (byte + 4096) & ~(size_t)4095;
		unsigned char *at = realloc(b->at, n);

		if (at == NULL)
			abort();
		memset(at + b->n, 0, n - b->n);
		b->at = at;
		b->n = n;
	}
	b->at[byte] |= (unsigned char)(1u << (i % 8));
}

bool
bits_has(const struct bits *b, int64_t i)
{
	size_t byte = (size_t)i / 8;

	return byte < b->n && (b->at[byte] >> (i % 8) & 1) != 0;
}

struct scan_memory *
scan_find(struct engine *e, int64_t scan)
{
	struct scan_memory *m = e->scans;

	while (m != NULL && m->row.id != scan)
		m = m->next;
	return m;
}

static void
memory_free(struct scan_memory *m)
{
	free(m->accounts.at);
	free(m->holdings.at);
	free(m->gone.at);
	free(m->lost.at);
	free(m->system);
	free(m);
}

static void
scan_forget(struct engine *e, struct scan_memory *m)
{
	struct scan_memory **at = &e->scans;

	while (*at != NULL && *at != m)
		at = &(*at)->next;
	if (*at == NULL)
		return;
	*at = m->next;
	memory_free(m);
}

void
scan_mark(struct engine *e)
{
	for (struct scan_memory *m = e->scans; m != NULL; m = m->next) {
		m->was = NULL;
		m->was = memcpy(arena_zero(e->arena, 1, sizeof(*m)), m,
		    sizeof(*m));
	}
}

/* Lists stay where they are now.  A bit too many only means that something
   is not called missing before its page is told again. */
static void
memory_back(struct scan_memory *m)
{
	const struct scan_memory now = *m;

	*m = *now.was;
	m->next = now.next;
	m->was = now.was;
	m->accounts = now.accounts;
	m->holdings = now.holdings;
	m->gone = (struct numbers){ now.gone.at, m->gone.n, now.gone.room };
	m->lost = (struct numbers){ now.lost.at, m->lost.n, now.lost.room };
}

void
scan_undo(struct engine *e)
{
	struct scan_memory *next;

	e->scans_known = false; /* some may have been forgotten */
	for (struct scan_memory *m = e->scans; m != NULL; m = next) {
		next = m->next;
		if (m->was == NULL)
			scan_forget(e, m);
		else
			memory_back(m);
	}
}

int64_t
scan_calls(const struct engine *e, const char *system)
{
	int64_t n = 0;

	for (const struct scan_memory *m = e->scans; m != NULL; m = m->next)
		n += m->row.call != 0 && strcmp(m->system, system) == 0;
	return n;
}

void
scan_fini(struct engine *e)
{
	while (e->scans != NULL)
		scan_forget(e, e->scans);
}

/* Where its call still goes on (a page could not be taken), its worker would
   wait for somebody to ask for the next one. */
static void
call_drop(struct engine *e, struct scan_memory *m)
{
	if (m->row.call == 0)
		return;
	*(int64_t *)out_add(e->arena, &e->out->drops,
	    sizeof(int64_t)) = m->row.call;
	m->row.call = 0;
}

/* Texts of the row live in the tick: they are read with it each time. */
static int
row_load(struct engine *e, struct scan_memory *m, struct err *err)
{
	struct by_id key = { m->row.id };
	struct scan row = { 0 };

	if (store_get(e->store, e->arena, STMT_SCAN_BY_ID, by_id_fields, &key,
		scan_fields, &row, err) != 0)
		return err_within(err, "scan %lld: ", (long long)key.id);
	m->row.system = row.system;
	m->row.state = row.state;
	m->row.actor = row.actor;
	m->row.error = row.error;
	m->row.call = row.call;
	return 0;
}

int
scan_save(struct engine *e, struct scan_memory *m, const char *kind,
    struct err *err)
{
	m->saved = m->row.rows;
	if (store_put(e->store, STMT_SCAN_SAVE, scan_fields, &m->row, err) != 0)
		return -1;
	return kind == NULL ?
	    0 :
	    note(e, kind,
		arena_printf(e->arena, "scan/%lld", (long long)m->row.id), 0, 0,
		scan_fields, &m->row, err);
}

/* Its call is given up, and its pipe has room again. */
static int
memory_lose(struct engine *e, struct scan_memory *m, struct err *err)
{
	struct pipe *p;
	struct err gone;

	if (row_load(e, m, &gone) != 0 || m->row.call == 0)
		return 0;
	if ((p = pipe_find(e, m->row.system)) != NULL)
		pipe_gave(e, p);
	call_drop(e, m);
	return scan_save(e, m, NULL, err);
}

int
scan_lose(struct engine *e, struct err *err)
{
	e->scans_known = false;
	while (e->scans != NULL) {
		if (memory_lose(e, e->scans, err) != 0)
			return -1;
		scan_forget(e, e->scans);
	}
	return 0;
}

int
scan_fail(struct engine *e, struct scan_memory *m, const char *why,
    bool open_case, struct err *err)
{
	struct matter_want w = { .kind = "reconcile",
		.subject = arena_printf(e->arena, "system/%s", m->row.system),
		.what = arena_printf(e->arena,
		    "The reconcile of %s was refused: "
		    "nothing was changed",
		    m->row.system),
		.why = why };

	call_drop(e, m);
	m->row.state = "failed";
	m->row.error = why;
	m->row.ended = e->now;
	if (scan_save(e, m, "scan.failed", err) != 0)
		return -1;
	if (m->restored)
		w.what = arena_printf(e->arena,
		    "The reconcile of %s did not succeed: after the restored "
		    "backup it is only observed until one does, or an admin "
		    "resets the system",
		    m->row.system);
	return open_case || m->restored ? matter_open(e, &w, NULL, err) : 0;
}

int
scan_found(struct engine *e, struct scan_memory *m, const struct found *f,
    struct err *err)
{
	struct finding row = { .scan = m->row.id,
		.account = f->account,
		.holding = f->holding,
		.system = m->row.system,
		.kind = f->kind,
		.subject = f->subject,
		.detail = f->detail,
		.at = e->now };

	if (m->findings++ >= FINDINGS_MOST)
		return 0;
	return store_put(e->store, STMT_FINDING_ADD, finding_fields, &row, err);
}

int
scan_repair(struct engine *e, struct scan_memory *m, const struct account *a,
    const char *effect, struct err *err)
{
	const struct system_def *d = config_system(e->config, m->row.system);

	if (!m->row.repair || a->identity == 0)
		return 0;
	if (d != NULL && strcmp(engine_mode(e, d, effect), "enforce") == 0)
		m->row.repaired++;
	return identity_touch(e, a->identity, e->now, err);
}

/* Attributes that policy writes there: the others are nobody's drift. */
static struct json
attributes_wanted(struct engine *e, const struct system_def *d)
{
	const struct many *roles = &e->config->roles;
	struct buf b = { .arena = e->arena };

	for (size_t i = 0; i < d->managed.n; i++) {
		buf_char(&b, b.len == 0 ? '[' : ',');
		json_string(&b, d->managed.item[i]);
	}
	for (size_t i = 0; i < roles->n; i++) {
		const struct role_def *r = (const struct role_def *)
					       roles->item +
		    i;

		for (size_t k = 0; k < r->account.n; k++) {
			const struct role_account *a =
			    (const struct role_account *)r->account.item + k;

			for (size_t n = 0; strcmp(a->system, d->system) == 0 &&
			     n < a->attribute.n;
			     n++) {
				struct buf q = { .arena = e->arena };

				json_string(&q, a->attribute.item[n]);
				if (b.len > 0 &&
				    strstr(buf_text(&b), buf_text(&q)) != NULL)
					continue;
				buf_char(&b, b.len == 0 ? '[' : ',');
				buf_str(&b, buf_text(&q));
			}
		}
	}
	buf_str(&b, b.len == 0 ? "[]" : "]");
	return (struct json){ buf_text(&b) };
}

static int
call_begin(struct engine *e, struct scan_memory *m, struct err *err)
{
	const struct system_def *d = config_system(e->config, m->row.system);
	const char *in = "{}";

	if (d == NULL)
		return scan_fail(e, m, "the system is no longer configured",
		    false, err);
	if (m->row.phase == 0)
		in = arena_printf(e->arena,
		    "{\"digests\":%s,"
		    "\"attributes\":%s}",
		    m->full ? "false" : "true", attributes_wanted(e, d).text);
	if (scan_call(e, m->row.system,
		m->row.phase == 0 ? "account.list" : "entitlement.list", in,
		&m->row.call, err) != 0)
		return -1;
	return scan_save(e, m, NULL, err);
}

static bool
is_restored(struct engine *e, const char *system)
{
	const struct pipe *p = pipe_find(e, system);

	return p != NULL && p->state.restored;
}

static int
memory_begin(struct engine *e, const struct scan *row, struct err *err)
{
	struct scan_memory *m = calloc(1, sizeof(*m));
	struct by_id key = { row->id };
	struct by_name system = { row->system };
	struct by_id accounts = { 0 }, holdings = { 0 };

	if (m == NULL)
		abort();
	m->row = *row;
	if ((m->system = strdup(row->system)) == NULL)
		abort();
	m->restored = is_restored(e, row->system);
	m->next = e->scans;
	e->scans = m;
	if (store_get(e->store, e->arena, STMT_SCAN_EXPECTED, by_name_fields,
		&system, by_id_fields, &accounts, err) != 0 ||
	    store_get(e->store, e->arena, STMT_SCAN_EXPECTED_HOLDINGS,
		by_name_fields, &system, by_id_fields, &holdings, err) != 0 ||
	    store_put(e->store, STMT_FINDING_DROP, by_id_fields, &key, err) !=
		0)
		return -1;
	call_drop(e, m); /* of a reading that nobody remembers */
	m->row.phase = m->row.rows = m->row.drift = 0;
	m->row.missing = m->row.unknown = m->row.repaired = 0;
	m->row.began = e->now;
	m->row.expected = accounts.id + holdings.id;
	if (row->call != 0 &&
	    (scan_save(e, m, NULL, err) != 0 || pipe_recount(e, err) != 0))
		return -1;
	return call_begin(e, m, err);
}

static int
scan_done(struct engine *e, struct scan_memory *m, struct err *err)
{
	struct pipe *p = pipe_find(e, m->row.system);

	m->row.state = "done";
	m->row.ended = e->now;
	m->row.call = 0;
	if (scan_save(e, m, "scan.done", err) != 0)
		return -1;
	if (m->restored && p != NULL && p->state.restored &&
	    restore_end(e, p, "system.reconciled", err) != 0)
		return -1;
	return matter_settle(e, "reconcile",
	    arena_printf(e->arena, "system/%s", m->row.system),
	    "a later reconcile was whole", err);
}

static int
absent_due(struct engine *e, struct scan_memory *m, struct err *err)
{
	int done;

	if (row_load(e, m, err) != 0 || (done = scan_absent(e, m, err)) < 0)
		return -1;
	if (!done) {
		e->out->again = true;
		return 0;
	}
	if (strcmp(m->row.state, "running") == 0 && scan_done(e, m, err) != 0)
		return -1;
	scan_forget(e, m);
	return 0;
}

int
scan_due(struct engine *e, struct err *err)
{
	struct many rows = { 0 };
	struct by_id none = { 0 };

	if (e->scans_known && e->scans == NULL)
		return 0;
	if (store_list(e->store, e->arena, STMT_SCAN_RUNNING, by_id_fields,
		&none, scan_fields, sizeof(struct scan), 0, &rows, err) != 0)
		return -1;
	e->scans_known = true;
	for (size_t i = 0; i < rows.n; i++) {
		const struct scan *row = (const struct scan *)rows.item + i;
		struct scan_memory *m = scan_find(e, row->id);

		if (m != NULL && m->row.phase != 2)
			continue; /* it waits for pages; nothing is loaded */
		if (m == NULL ? memory_begin(e, row, err) != 0 :
				absent_due(e, m, err) != 0)
			return -1;
		m = scan_find(e, row->id);
		if (m != NULL && strcmp(m->row.state, "failed") == 0)
			scan_forget(e, m);
	}
	return 0;
}

int
scan_rows(struct engine *e, int64_t scan, const char *rows, struct err *err)
{
	struct scan_memory *m = scan_find(e, scan);

	if (m == NULL)
		return 0;
	if (row_load(e, m, err) != 0)
		return -1;
	if (strcmp(m->row.state, "running") != 0)
		return 0;
	if (m->row.phase == 0 ? scan_accounts(e, m, rows, err) :
				scan_members(e, m, rows, err))
		return -1;
	return m->row.rows - m->saved >= SAVE_EVERY ?
	    scan_save(e, m, NULL, err) :
	    0;
}

/* A listing that succeeded and holds nothing is no proof that everything
   is gone. */
static int
accounts_end(struct engine *e, struct scan_memory *m, struct err *err)
{
	struct by_name system = { m->row.system };
	struct by_id expected = { 0 };

	if (store_get(e->store, e->arena, STMT_SCAN_EXPECTED, by_name_fields,
		&system, by_id_fields, &expected, err) != 0)
		return -1;
	if (m->accounts_read == 0 && expected.id > 0)
		return scan_fail(e, m,
		    arena_printf(e->arena,
			"the listing "
			"succeeded and was empty; the ledger has %lld accounts",
			(long long)expected.id),
		    true, err);
	if (m->fresh && !m->full) {
		m->full = true;
		m->row.expected += m->accounts_read;
	} else {
		m->row.phase = 1;
	}
	return call_begin(e, m, err);
}

static int
members_end(struct engine *e, struct scan_memory *m, struct err *err)
{
	m->row.phase = 2;
	m->row.call = 0;
	e->out->again = true;
	return scan_save(e, m, NULL, err);
}

int
scan_end(struct engine *e, int64_t scan, const struct err *why, struct err *err)
{
	struct scan_memory *m = scan_find(e, scan);
	int failed;

	if (m == NULL)
		return 0;
	if (row_load(e, m, err) != 0)
		return -1;
	if (strcmp(m->row.state, "running") != 0)
		return 0;
	if (why->cls == ERR_INPUT && m->row.phase == 1) {
		m->no_holdings = true; /* it cannot list them */
		return members_end(e, m, err);
	}
	if (why->cls != ERR_NONE)
		failed = scan_fail(e, m, arena_str(e->arena, why->text), false,
		    err);
	else
		failed = m->row.phase == 0 ? accounts_end(e, m, err) :
					     members_end(e, m, err);
	if (failed)
		return -1;
	if (strcmp(m->row.state, "running") != 0)
		scan_forget(e, m);
	return 0;
}

static int
system_begin(struct engine *e, const struct input *in, const char *system,
    const struct scan_begin *b, struct buf *reply, struct err *err)
{
	struct by_name key = { system };
	struct scan row = { 0 };
	int found = store_find(e->store, e->arena, STMT_SCAN_OF_SYSTEM,
	    by_name_fields, &key, scan_fields, &row, err);

	if (found < 0)
		return -1;
	if (found > 0 && b->system != NULL)
		return err_set(err, ERR_CONFLICT,
		    "%s: reconcile %lld is "
		    "under way",
		    system, (long long)row.id);
	if (found == 0) {
		row = (struct scan){ .system = system,
			.state = "running",
			.actor = in->actor.name,
			.repair = b->repair,
			.began = e->now };
		if (store_add(e->store, STMT_SCAN_ADD, scan_fields, &row,
			&row.id, err) != 0 ||
		    note(e, "scan.started",
			arena_printf(e->arena, "scan/%lld", (long long)row.id),
			0, 0, scan_fields, &row, err) != 0)
			return -1;
	}
	buf_printf(reply, "%s%lld",
	    reply->len > 0 && reply->at[reply->len - 1] != '[' ? "," : "",
	    (long long)row.id);
	return 0;
}

int
scan_command(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	const char *body = in->body != NULL ? in->body : "{}";
	const struct many *systems = &e->config->systems;
	struct scan_begin b = { 0 };

	if (strcmp(in->verb, "reconcile.start") != 0)
		return 0;
	if (json_decode(e->arena, scan_begin_fields, body, strlen(body), &b,
		err) != 0)
		return -1;
	if (b.system != NULL && config_system(e->config, b.system) == NULL)
		return err_set(err, ERR_GONE, "%s: no such system", b.system);
	buf_str(reply, "{\"scans\":[");
	for (size_t i = 0; i < systems->n; i++) {
		const struct system_def *d = (const struct system_def *)
						 systems->item +
		    i;

		if ((b.system == NULL || strcmp(b.system, d->system) == 0) &&
		    system_begin(e, in, d->system, &b, reply, err) != 0)
			return -1;
	}
	buf_str(reply, "]}");
	e->scans_known = false;
	return 1;
}
