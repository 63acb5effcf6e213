/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds: opened here, decided here.  What a released or rejected hold
 * means for a load, an identity or a plan is read from the hold's state by
 * whoever waits for it.
 */
#include <string.h>

#include "engine/command.h"
#include "engine/policy.h"

static const char *
hold_subject(struct engine *e, const struct hold *h)
{
	return arena_printf(e->arena, "hold/%lld", (long long)h->id);
}

/* Evidence, and word to the people who must decide. */
static int
hold_tell(struct engine *e, const struct hold *h, const char *kind,
    struct err *err)
{
	struct buf b = { .arena = e->arena };

	json_encode(&b, hold_fields, h);
	if (note_text(e, kind, hold_subject(e, h), 0, 0, buf_text(&b), err) !=
	    0)
		return -1;
	return notice_queue(e, kind, hold_subject(e, h), buf_text(&b), err);
}

static int
hold_save(struct engine *e, const struct hold *h, const char *kind,
    struct err *err)
{
	if (store_put(e->store, STMT_HOLD_SAVE, hold_fields, h, err) != 0)
		return -1;
	return hold_tell(e, h, kind, err);
}

int
hold_open(struct engine *e, const struct hold_want *w, int64_t *id,
    struct err *err)
{
	const struct settings *s = &e->config->settings;
	struct hold h = { .kind = w->kind,
		.subject = w->subject,
		.state = "open",
		.reason = w->reason,
		.loaded_by = w->loaded_by,
		.owner = s->case_owner,
		.counts = w->counts,
		.trips = w->trips,
		.need = w->need > 0 ? w->need : 1,
		.releases = { "[]" },
		.load = w->load,
		.opened = e->now,
		.deadline = s->case_deadline > 0 ? e->now + s->case_deadline :
						   0 };

	if (store_add(e->store, STMT_HOLD_ADD, hold_fields, &h, &h.id, err) !=
	    0)
		return -1;
	if (id != NULL)
		*id = h.id;
	return hold_tell(e, &h, "hold.opened", err);
}

int
hold_supersede(struct engine *e, int64_t id, const char *why, struct err *err)
{
	struct by_id key = { id };
	struct hold h = { 0 };

	if (store_get(e->store, e->arena, STMT_HOLD_BY_ID, by_id_fields, &key,
		hold_fields, &h, err) != 0)
		return err_within(err, "hold %lld: ", (long long)id);
	if (strcmp(h.state, "open") != 0)
		return 0;
	h.state = "superseded";
	h.note = why;
	h.closed = e->now;
	return hold_save(e, &h, "hold.superseded", err);
}

int
hold_unrelease(struct engine *e, int64_t id, struct err *err)
{
	struct by_id key = { id };
	struct hold h = { 0 };
	int found = store_find(e->store, e->arena, STMT_HOLD_BY_ID,
	    by_id_fields, &key, hold_fields, &h, err);

	if (found <= 0 || strcmp(h.state, "open") != 0)
		return found < 0 ? -1 : 0;
	h.releases.text = "[]";
	return store_put(e->store, STMT_HOLD_SAVE, hold_fields, &h, err);
}

int
hold_due(struct engine *e, struct err *err)
{
	struct many rows = { 0 };
	struct event key = { .due = e->now };

	if (store_list(e->store, e->arena, STMT_HOLD_LATE, event_fields, &key,
		hold_fields, sizeof(struct hold), 0, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		struct hold *h = (struct hold *)rows.item + i;

		h->reminded = e->now;
		if (hold_save(e, h, "hold.late", err) != 0)
			return -1;
	}
	return 0;
}

/* People who released it, as texts. */
struct people {
	struct engine *e;
	struct texts names;
};

static int
person_add(void *ctx, const char *key, const char *value, struct err *err)
{
	struct people *p = ctx;
	const char *one = arena_printf(p->e->arena, "{\"n\":%s}", value);
	const char *name = json_member_text(p->e->arena, one, "n");

	(void)key, (void)err;
	if (p->names.n < 16 && name != NULL)
		p->names.item[p->names.n++] = name;
	return 0;
}

/* Adds the actor to those who released it; ERR_REFUSED if he may not. */
static int
release_add(struct engine *e, struct hold *h, const char *actor, size_t *n,
    struct err *err)
{
	struct people p = { e,
		{ 0, arena_zero(e->arena, 17, sizeof(char *)) } };
	struct buf b = { .arena = e->arena };

	if (h->loaded_by != NULL && strcmp(h->loaded_by, actor) == 0)
		return err_set(err, ERR_REFUSED,
		    "hold %lld: %s brought this "
		    "change, so somebody else must release it",
		    (long long)h->id, actor);
	if (h->releases.text != NULL &&
	    json_each(e->arena, h->releases.text, person_add, &p, err) != 0)
		return -1;
	for (size_t i = 0; i < p.names.n; i++)
		if (strcmp(p.names.item[i], actor) == 0)
			return err_set(err, ERR_REFUSED,
			    "hold %lld: %s has "
			    "released it already; %lld people must",
			    (long long)h->id, actor, (long long)h->need);
	p.names.item[p.names.n++] = actor;
	for (size_t i = 0; i < p.names.n; i++) {
		buf_char(&b, i == 0 ? '[' : ',');
		json_string(&b, p.names.item[i]);
	}
	buf_char(&b, ']');
	h->releases.text = buf_text(&b);
	*n = p.names.n;
	return 0;
}

static int
hold_release(struct engine *e, struct hold *h, const struct input *in,
    struct err *err)
{
	size_t n = 0;

	if (release_add(e, h, in->actor.name, &n, err) != 0)
		return -1;
	if ((int64_t)n < h->need)
		return hold_save(e, h, "hold.approved", err);
	h->state = "released";
	h->closed = e->now;
	return hold_save(e, h, "hold.released", err);
}

int
hold_command(struct engine *e, const struct input *in, struct buf *reply,
    struct err *err)
{
	const char *body = in->body != NULL ? in->body : "{}";
	bool release = strcmp(in->verb, "hold.release") == 0;
	struct by_number by = { 0 };
	struct hold h = { 0 };

	if (!release && strcmp(in->verb, "hold.reject") != 0)
		return 0;
	if (json_decode(e->arena, by_number_fields, body, strlen(body), &by,
		err) != 0)
		return -1;
	struct by_id key = { by.id };
	if (store_get(e->store, e->arena, STMT_HOLD_BY_ID, by_id_fields, &key,
		hold_fields, &h, err) != 0)
		return err_within(err, "hold %lld: ", (long long)by.id);
	if (strcmp(h.state, "open") != 0)
		return err_set(err, ERR_CONFLICT, "hold %lld is %s already",
		    (long long)by.id, h.state);
	h.actor = in->actor.name;
	h.note = by.note;
	if (release) {
		if (hold_release(e, &h, in, err) != 0)
			return -1;
	} else {
		h.state = "rejected";
		h.closed = e->now;
		if (hold_save(e, &h, "hold.rejected", err) != 0)
			return -1;
	}
	json_encode(reply, hold_fields, &h);
	return 1;
}
