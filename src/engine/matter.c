/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/inside.h"

#include <string.h>

#define DEBT_ALARM (24 * HOUR)

static bool
takes(const struct channel *c, const char *kind)
{
	for (size_t i = 0; i < c->kinds.n; i++)
		if (strcmp(c->kinds.item[i], kind) == 0)
			return true;
	return c->kinds.n == 0;
}

int
notice_queue(struct engine *e, const char *kind, const char *subject,
    const char *body, struct err *err)
{
	const struct many *channels = &e->config->settings.channels;

	for (size_t i = 0; i < channels->n; i++) {
		const struct channel *c = (const struct channel *)
					      channels->item +
		    i;
		struct notice n = { .channel = c->name,
			.kind = kind,
			.subject = subject,
			.body = { body },
			.state = "queued",
			.created = e->now,
			.due = e->now };

		if (!takes(c, kind))
			continue;
		if (store_put(e->store, STMT_NOTICE_ADD, notice_fields, &n,
			err) != 0)
			return -1;
		e->out->notices = true;
	}
	return 0;
}

static int
matter_find(struct engine *e, const char *kind, const char *subject,
    struct matter *out, struct err *err)
{
	struct matter key = { .kind = kind, .subject = subject };

	return store_find(e->store, e->arena, STMT_MATTER_FIND, matter_fields,
	    &key, matter_fields, out, err);
}

static int
matter_tell(struct engine *e, const struct matter *m, const char *kind,
    struct err *err)
{
	struct buf b = { .arena = e->arena };
	const char *subject = arena_printf(e->arena, "case/%lld",
	    (long long)m->id);

	json_encode(&b, matter_fields, m);
	if (note_text(e, kind, subject, m->run, m->identity, buf_text(&b),
		err) != 0)
		return -1;
	return notice_queue(e, kind, subject, buf_text(&b), err);
}

int
matter_open(struct engine *e, const struct matter_want *w, int64_t *id,
    struct err *err)
{
	const struct settings *s = &e->config->settings;
	struct matter m = { 0 };
	int found = matter_find(e, w->kind, w->subject, &m, err);

	if (found != 0) {
		if (id != NULL)
			*id = m.id;
		return found < 0 ? -1 : 0;
	}
	m = (struct matter){ .kind = w->kind,
		.subject = w->subject,
		.what = w->what,
		.why = w->why,
		.owner = s->case_owner,
		.state = "open",
		.choices = w->choices,
		.run = w->run,
		.step = w->step,
		.identity = w->identity,
		.opened = e->now,
		.deadline = s->case_deadline > 0 ? e->now + s->case_deadline :
						   0 };
	if (store_add(e->store, STMT_MATTER_ADD, matter_fields, &m, &m.id,
		err) != 0)
		return -1;
	if (id != NULL)
		*id = m.id;
	return matter_tell(e, &m, "case.opened", err);
}

static int
matter_end(struct engine *e, struct matter *m, const char *answer,
    const char *text, struct err *err)
{
	m->state = "closed";
	m->answer = answer;
	m->note = text;
	m->actor = e->actor;
	m->closed = e->now;
	if (store_put(e->store, STMT_MATTER_SAVE, matter_fields, m, err) != 0)
		return -1;
	return matter_tell(e, m, "case.closed", err);
}

int
matter_close(struct engine *e, int64_t id, const char *answer, const char *text,
    struct err *err)
{
	struct by_id key = { id };
	struct matter m = { 0 };

	if (store_get(e->store, e->arena, STMT_MATTER_BY_ID, by_id_fields, &key,
		matter_fields, &m, err) != 0)
		return err_within(err, "case %lld: ", (long long)id);
	if (strcmp(m.state, "open") != 0)
		return err_set(err, ERR_CONFLICT, "case %lld is closed: %s",
		    (long long)id, m.answer != NULL ? m.answer : "");
	return matter_end(e, &m, answer, text, err);
}

int
matter_settle(struct engine *e, const char *kind, const char *subject,
    const char *why, struct err *err)
{
	struct matter m = { 0 };
	int found = matter_find(e, kind, subject, &m, err);

	if (found <= 0)
		return found;
	return matter_end(e, &m, "settled", why, err);
}

/* Deadlines that passed and debts that grew old are told once more. */
static int
matters_late(struct engine *e, struct err *err)
{
	struct many rows = { 0 };
	struct step key = { .due = e->now };

	if (store_list(e->store, e->arena, STMT_MATTER_LATE, step_fields, &key,
		matter_fields, sizeof(struct matter), 0, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		struct matter *m = (struct matter *)rows.item + i;

		m->reminded = e->now;
		if (store_put(e->store, STMT_MATTER_SAVE, matter_fields, m,
			err) != 0 ||
		    matter_tell(e, m, "case.late", err) != 0)
			return -1;
	}
	return 0;
}

static int
debts_aged(struct engine *e, struct err *err)
{
	struct many rows = { 0 };
	struct step key = { .due = e->now - DEBT_ALARM };

	if (store_list(e->store, e->arena, STMT_DEBT_AGED, step_fields, &key,
		debt_fields, sizeof(struct debt), 0, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		struct debt *d = (struct debt *)rows.item + i;
		struct buf b = { .arena = e->arena };
		const char *subject = arena_printf(e->arena, "debt/%lld",
		    (long long)d->id);

		d->alarmed = e->now;
		json_encode(&b, debt_fields, d);
		if (store_put(e->store, STMT_DEBT_SAVE, debt_fields, d, err) !=
			0 ||
		    note_text(e, "debt.aged", subject, 0, d->identity,
			buf_text(&b), err) != 0 ||
		    notice_queue(e, "debt.aged", subject, buf_text(&b), err) !=
			0)
			return -1;
	}
	return 0;
}

int
matter_due(struct engine *e, struct err *err)
{
	return matters_late(e, err) != 0 ? -1 : debts_aged(e, err);
}
