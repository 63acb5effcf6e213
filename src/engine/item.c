/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be done about one account and its holdings, and whether it
 * may be: protection, scope, mode, waivers, and what is owed already.
 */
#include <string.h>

#include "engine/attribute.h"
#include "engine/differ.h"
#include "engine/outgoing.h"

static const char *
account_subject(struct making *m, const struct account *a)
{
	return arena_printf(m->e->arena, "%s/%s", a->system,
	    a->name != NULL	  ? a->name :
		a->native != NULL ? a->native :
				    "?");
}

static bool
is_waived(const struct making *m, const struct item *i)
{
	const struct waiver *w = m->waivers.item;
	const char *account = arena_printf(m->e->arena, "%s/%s", i->system,
	    i->name != NULL ? i->name : "");
	const char *holding = i->entitlement == NULL ?
	    account :
	    arena_printf(m->e->arena, "%s/%s", account, i->entitlement);

	for (size_t k = 0; k < m->waivers.n; k++)
		if (strcmp(w[k].scope, account) == 0 ||
		    strcmp(w[k].scope, holding) == 0 ||
		    strcmp(w[k].scope, i->system) == 0)
			return true;
	return false;
}

static int
is_owed(struct making *m, const struct item *i, struct err *err)
{
	struct debt key = { .account = i->account,
		.holding = i->holding,
		.verb = i->verb };
	struct by_id n = { 0 };

	if (store_get(m->e->store, m->e->arena, STMT_DEBT_SAME, debt_fields,
		&key, by_id_fields, &n, err) != 0)
		return -1;
	return n.id > 0;
}

static void
protected_case(struct making *m, const struct item *i)
{
	struct matter_want *w = out_add(m->e->arena, &m->out->matters,
	    sizeof(*w));

	*w = (struct matter_want){ .kind = "protected",
		.identity = m->who->id,
		.subject = m->guarded ?
		    arena_printf(m->e->arena, "identity/%s", m->who->uid) :
		    arena_printf(m->e->arena, "%s/%s", i->system,
			i->name != NULL ? i->name : "?"),
		.what = arena_printf(m->e->arena,
		    "%s of %s on %s is wanted, and "
		    "protection forbids it",
		    i->verb,
		    m->who->display != NULL ? m->who->display : m->who->uid,
		    i->system),
		.why = i->reason,
		.choices = { "{\"close\":\"it stays as it is\"}" } };
}

/* Would it give access again to what a restored store has as working, and
   is not?  Its owner may have left since the backup. */
static bool
gives_back(const struct presence *p, const struct item *i)
{
	return p->row.origin != NULL &&
	    strcmp(p->row.origin, ORIGIN_RESTORED) == 0 &&
	    (strcmp(i->effect, "create") == 0 ||
		strcmp(i->verb, "account.enable") == 0);
}

static void
restored_case(struct making *m, const struct presence *p)
{
	struct matter_want *w = out_add(m->e->arena, &m->out->matters,
	    sizeof(*w));

	*w = (struct matter_want){ .kind = "restore",
		.identity = m->who->id,
		.subject = arena_printf(m->e->arena, "identity/%s",
		    m->who->uid),
		.what = arena_printf(m->e->arena,
		    "%s has access in the restored store, and does not work "
		    "on %s: did its owner leave since the backup?",
		    account_subject(m, &p->row), p->row.system),
		.why = "what was taken away after the backup is not given "
		       "again by itself",
		.choices = {
		    "{\"" RESTORED_GIVE "\":\"its owner is still here: policy "
		    "decides again\",\"close\":\"it stays as it is\"}" } };
}

/* Adds the item if it may be carried out, or only be shown.  repair: it
   mends drift, which a waiver lets stand. */
static int
item_add(struct making *m, const struct presence *p, struct item i, bool repair,
    struct err *err)
{
	bool removes = strcmp(i.effect, "remove") == 0 ||
	    strcmp(i.effect, "disable") == 0 || strcmp(i.effect, "delete") == 0;
	int owed;

	i.identity = m->who->id;
	i.account = p->row.id;
	i.system = p->row.system;
	i.kind = p->row.kind;
	i.name = p->row.name;
	i.basis = m->who->version;
	i.state = "planned";
	if (i.version == 0)
		i.version = p->row.version;
	if (m->guarded ||
	    account_is_protected(m->e, p->def, i.name, p->row.native)) {
		protected_case(m, &i);
		return 0;
	}
	if (m->jumped && strcmp(i.effect, "delete") == 0) {
		making_due(m, m->e->now + 5 * MINUTE);
		return 0;
	}
	if (gives_back(p, &i)) {
		restored_case(m, p);
		return 0;
	}
	if (repair && is_waived(m, &i))
		return 0;
	if (removes && (owed = is_owed(m, &i, err)) != 0)
		return owed < 0 ? -1 : 0;
	i.mode = p->row.outside ? "observe" :
				  engine_mode(m->e, p->def, i.effect);
	if (strcmp(i.kind, "privileged") == 0)
		m->out->privileged = true;
	*(struct item *)out_add(m->e->arena, &m->out->items, sizeof(i)) = i;
	return 0;
}

static const char *
because(struct making *m, struct json reasons, const char *otherwise)
{
	if (m->ended)
		return m->who->cause != NULL ?
		    arena_printf(m->e->arena, "the identity left (%s)",
			m->who->cause) :
		    "the identity left";
	return reasons.text != NULL && strcmp(reasons.text, "[]") != 0 ?
	    reasons.text :
	    otherwise;
}

static int
create_item(struct making *m, struct presence *p, struct err *err)
{
	const struct role_account *def = p->want->def;
	bool off = strcmp(p->row.want_status, "disabled") == 0;
	struct item i = { .verb = "account.ensure",
		.effect = "create",
		.reason = because(m, p->row.reasons, NULL),
		.after = p->row.want,
		.secret = def != NULL && def->password != NULL &&
		    strcmp(def->password, "generate") == 0 };

	i.in.text = arena_printf(m->e->arena,
	    "{\"attributes\":%s,"
	    "\"create_only\":true,\"disabled\":%s}",
	    p->row.want.text, off ? "true" : "false");
	return item_add(m, p, i, false, err);
}

int
account_is_doubtful(struct making *m, const struct account *a, const char *verb,
    struct err *err)
{
	struct step key = { .account = a->id, .verb = verb };
	struct by_id n = { 0 };

	if (store_get(m->e->store, m->e->arena, STMT_STEP_HALF_MADE,
		step_fields, &key, by_id_fields, &n, err) != 0)
		return -1;
	return n.id > 0;
}

/* Attributes as they are there; none where a change of unknown outcome may
   have set others, so that all are written once more. */
static int
attributes_known(struct making *m, const struct account *a, const char **known,
    struct err *err)
{
	int doubt = account_is_doubtful(m, a, "account.ensure", err);

	*known = doubt > 0	 ? "{}" :
	    a->seen.text != NULL ? a->seen.text :
				   a->wrote.text;
	return doubt < 0 ? -1 : 0;
}

/* Taking a value away is a removal: where that may not happen, the values
   that are given are still written. */
static int
change_item(struct making *m, struct presence *p, struct err *err)
{
	const struct account *a = &p->row;
	const char *known;
	bool blank = strcmp(engine_mode(m->e, p->def, "remove"),
			 engine_mode(m->e, p->def, "change")) == 0;
	struct attribute_diff d;

	if (attributes_known(m, a, &known, err) != 0)
		return -1;
	if (attribute_diff(m->e->arena, a->want.text, known, a->wrote.text,
		blank, &d, err) != 0)
		return err_within(err, "%s: ", account_subject(m, a));
	if (d.n == 0)
		return 0;
	struct item i = { .verb = "account.ensure",
		.effect = d.blanked > 0 ? "remove" : "change",
		.reason = because(m, a->reasons, NULL),
		.before = d.before,
		.after = d.after };
	i.in.text = arena_printf(m->e->arena, "{\"attributes\":%s}", d.in.text);
	struct attribute_diff own;
	if (attribute_diff(m->e->arena, a->want.text, a->wrote.text,
		a->wrote.text, blank, &own, err) != 0)
		return -1;
	return item_add(m, p, i, own.n == 0, err);
}

static int
rename_item(struct making *m, struct presence *p, struct err *err)
{
	const struct account *a = &p->row;
	struct buf in = { .arena = m->e->arena };
	struct buf before = { .arena = m->e->arena };

	int doubt = 0;

	if (a->seen_name == NULL ||
	    (strcmp(a->seen_name, a->name) == 0 &&
		(doubt = account_is_doubtful(m, a, "account.rename", err)) <=
		    0))
		return doubt;
	buf_str(&in, "{\"name\":");
	json_string(&in, a->name);
	buf_char(&in, '}');
	buf_str(&before, "{\"name\":");
	json_string(&before, a->seen_name);
	buf_char(&before, '}');
	struct item i = { .verb = "account.rename",
		.effect = "change",
		.in = { buf_text(&in) },
		.before = { buf_text(&before) },
		.after = { buf_text(&in) },
		.reason = arena_printf(m->e->arena, "its name should be %s",
		    a->name) };
	return item_add(m, p, i, true, err);
}

int
account_is_unsure(struct making *m, const struct account *a, struct err *err)
{
	struct by_id key = { a->id }, n = { 0 };

	if (store_get(m->e->store, m->e->arena, STMT_STEP_UNSURE, by_id_fields,
		&key, by_id_fields, &n, err) != 0)
		return -1;
	return n.id > 0;
}

static int
status_item(struct making *m, struct presence *p, const char *is,
    struct err *err)
{
	const char *want = p->row.want_status;
	bool on = strcmp(want, "active") == 0;
	int unsure = 0;
	struct item i = { .verb = on ? "account.enable" : "account.disable",
		.effect = on ? "change" : "disable",
		.before = { on ? "{\"status\":\"disabled\"}" :
				 "{\"status\":\"active\"}" },
		.after = { on ? "{\"status\":\"active\"}" :
				"{\"status\":\"disabled\"}" } };
	bool known = p->row.seen_status == NULL ||
	    strcmp(p->row.seen_status, "unknown") != 0;

	if (is != NULL && strcmp(is, on ? "active" : "disabled") == 0 &&
	    known && (on || (unsure = account_is_unsure(m, &p->row, err)) <= 0))
		return unsure;
	i.reason = because(m, p->row.reasons,
	    m->paused ? "the identity is away" : "no role gives it any longer");
	return item_add(m, p, i, false, err);
}

static int
delete_item(struct making *m, struct presence *p, struct err *err)
{
	struct item i = { .verb = "account.delete",
		.effect = "delete",
		.before = { p->row.seen.text },
		.reason = "its retention is over" };

	return item_add(m, p, i, false, err);
}

static int
holding_item(struct making *m, struct presence *p, const struct holding *h,
    struct err *err)
{
	struct buf in = { .arena = m->e->arena };
	struct item i = { .holding = h->id,
		.entitlement = h->entitlement,
		.version = h->version };

	if (strcmp(h->state, "closed") == 0 || (h->want && h->seen) ||
	    (!h->want && strcmp(h->state, "unexplained") == 0 && !m->ended))
		return 0;
	if (m->paused || (!h->want && h->keep_until > m->e->now))
		return 0;
	buf_str(&in, "{\"entitlement\":");
	json_string(&in, h->entitlement);
	buf_char(&in, '}');
	i.in.text = buf_text(&in);
	if (h->want) {
		i.verb = "entitlement.grant";
		i.effect = "create";
		i.after.text = i.in.text;
		i.reason = because(m, h->reasons, NULL);
		return item_add(m, p, i, strcmp(h->state, "held") == 0, err);
	}
	i.verb = "entitlement.revoke";
	i.effect = "remove";
	i.before.text = i.in.text;
	i.reason = m->ended    ? because(m, h->reasons, NULL) :
	    h->keep_until != 0 ? "its overlap is over" :
				 "no role gives it any longer";
	return item_add(m, p, i,
	    h->reasons.text != NULL &&
		strstr(h->reasons.text, HOLDING_EXCESS) != NULL,
	    err);
}

static int
wanted_items(struct making *m, struct presence *p, struct err *err)
{
	const char *is = presence_status(&p->row);

	if (is == NULL || p->gone)
		return create_item(m, p, err);
	if (change_item(m, p, err) != 0 || rename_item(m, p, err) != 0)
		return -1;
	return status_item(m, p, is, err);
}

static int
unwanted_items(struct making *m, struct presence *p, struct err *err)
{
	if (p->kept || p->gone)
		return 0;
	if (strcmp(p->row.want_status, "absent") == 0)
		return delete_item(m, p, err);
	return status_item(m, p, presence_status(&p->row), err);
}

/* An account of a system that is configured no longer is a person's work:
   nothing can be sent there. */
static void
lost_case(struct making *m, const struct presence *p)
{
	struct matter_want *w;

	if (!m->ended || p->gone)
		return;
	w = out_add(m->e->arena, &m->out->matters, sizeof(*w));
	*w = (struct matter_want){ .kind = "system",
		.identity = m->who->id,
		.subject = account_subject(m, &p->row),
		.what = arena_printf(m->e->arena,
		    "%s left, and %s is no longer "
		    "configured: its account there must be disabled by hand",
		    m->who->display != NULL ? m->who->display : m->who->uid,
		    p->row.system),
		.choices = { "{\"done\":\"it was disabled by hand\"}" } };
}

int
items_of(struct making *m, struct presence *p, struct err *err)
{
	if (p->def == NULL) {
		lost_case(m, p);
		return 0;
	}
	if (p->want != NULL ? wanted_items(m, p, err) :
			      unwanted_items(m, p, err))
		return -1;
	if (p->gone && p->want == NULL)
		return 0;
	for (size_t i = 0; i < p->holdings.n; i++)
		if (holding_item(m, p,
			(const struct holding *)p->holdings.item + i, err) != 0)
			return -1;
	return 0;
}
