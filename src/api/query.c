/* SPDX-License-Identifier: Apache-2.0 */
#include "api/query.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/account.h"
#include "model/event.h"
#include "model/identity.h"
#include "model/matter.h"
#include "model/plan.h"
#include "model/run.h"

#define Q(m, ...) FIELD(struct query, m, __VA_ARGS__)
#define Q_PAGE \
	Q(limit, 0, .help = "rows of a page, at most 1000"), \
	    Q(after, 0, .help = "go on after this row: the next of a page")
#define Q_IDENTITY \
	Q(identity, 0, .help = "uid, feed key or user name of the identity")
#define Q_SYSTEM Q(system, 0, .help = "name of a system")
#define Q_CLASS(...) \
	{ \
		.name = "class", .kind = FIELD_TEXT, \
		.at = offsetof(struct query, class_), __VA_ARGS__ \
	}

const struct field query_fields[] = { Q(limit, 0), Q(after, 0), Q(id, 0),
	Q(who, 0), Q(at, F_TIME), Q(account, 0), Q(run, 0), Q(plan, 0),
	Q(load, 0), Q(scan, 0), Q(hold, 0), Q(event, 0), Q(identity, 0),
	Q(find, 0), Q(state, 0), Q(kind, 0), Q(system, 0), Q(status, 0),
	Q(name, 0), Q(feed, 0), Q(key, 0), Q(source, 0), Q(workflow, 0),
	Q_CLASS(.flags = 0), Q(verb, 0), Q(effect, 0), Q(owner, 0),
	Q(channel, 0), Q(space, 0), Q(subject, 0), Q(entitlement, 0),
	Q(digest, 0), FIELD_END };

static const char *const debt_states[] = { "open", "settled", NULL };

const struct field query_pages[] = { Q_PAGE, FIELD_END };

const struct field query_identities[] = { Q_PAGE,
	Q(state, 0, .words = identity_states, .help = "state"),
	Q(kind, 0, .words = identity_kinds, .help = "kind of identity"),
	Q(find, 0, .help = "uid, key, user name, or part of the name"),
	FIELD_END };

const struct field query_affiliations[] = { Q_PAGE, Q_IDENTITY,
	Q(feed, 0, .help = "name of a feed"),
	Q(key, 0, .help = "key within the feed"), FIELD_END };

const struct field query_accounts[] = { Q_PAGE, Q_IDENTITY, Q_SYSTEM,
	Q(kind, 0, .words = account_kinds, .help = "kind of account"),
	Q(status, 0, .words = account_statuses, .help = "status as seen"),
	Q(name, 0, .help = "login name"), FIELD_END };

const struct field query_holdings[] = { Q_PAGE, Q_IDENTITY, Q_SYSTEM,
	Q(account, 0, .help = "number of an account"),
	Q(entitlement, 0, .help = "group, role or policy"),
	Q(state, 0, .words = holding_states, .help = "state"),
	Q(at, F_TIME, .help = "only what was held at this time"), FIELD_END };

const struct field query_events[] = { Q_PAGE, Q_IDENTITY,
	Q(source, 0, .help = "feed or caller that told it"),
	Q(state, 0, .words = event_states, .help = "state"),
	Q(kind, 0, .words = event_kinds, .help = "kind of event"),
	Q(key, 0, .help = "key within the feed"),
	Q(load, 0, .help = "number of the load that it came in"),
	Q(hold, 0, .help = "number of the hold that keeps it"), FIELD_END };

const struct field query_loads[] = { Q_PAGE,
	Q(feed, 0, .help = "name of a feed"),
	Q(state, 0, .words = load_states, .help = "state"), FIELD_END };

const struct field query_bad_rows[] = { Q_PAGE,
	Q(load, 0, .help = "number of a load"),
	Q(feed, 0, .help = "name of a feed"), FIELD_END };

const struct field query_runs[] = { Q_PAGE, Q_IDENTITY,
	Q(state, 0, .words = run_states, .help = "state"),
	Q_CLASS(.words = run_classes, .help = "class of priority"),
	Q(workflow, 0, .help = "name of a workflow"),
	Q(event, 0, .help = "number of the event that asked for it"),
	Q(plan, 0, .help = "number of the plan that asked for it"), FIELD_END };

const struct field query_steps[] = { Q_PAGE, Q_IDENTITY, Q_SYSTEM,
	Q(run, 0, .help = "number of a run"),
	Q(state, 0, .words = step_states, .help = "state"),
	Q(verb, 0, .help = "operation"), FIELD_END };

const struct field query_cases[] = { Q_PAGE, Q_IDENTITY,
	Q(state, 0, .words = case_states, .help = "state"),
	Q(kind, 0, .help = "kind of case"),
	Q(owner, 0, .help = "whom it waits for"),
	Q(run, 0, .help = "number of a run"), FIELD_END };

const struct field query_holds[] = { Q_PAGE,
	Q(state, 0, .words = hold_states, .help = "state"),
	Q(kind, 0, .help = "snapshot, events or plan"), FIELD_END };

const struct field query_debts[] = { Q_PAGE, Q_IDENTITY, Q_SYSTEM,
	Q(state, 0, .words = debt_states, .help = "open or settled"),
	FIELD_END };

const struct field query_plans[] = { Q_PAGE,
	Q(state, 0, .words = plan_states, .help = "state"),
	Q(digest, 0, .help = "digest of the plan, whole"), FIELD_END };

const struct field query_items[] = { Q_PAGE, Q_IDENTITY, Q_SYSTEM,
	Q(plan, 0, .help = "number of a plan"),
	Q(effect, 0, .words = effects, .help = "class of effect"),
	Q(state, 0, .words = item_states, .help = "state"), FIELD_END };

const struct field query_scans[] = { Q_PAGE, Q_SYSTEM,
	Q(state, 0, .words = scan_states, .help = "state"), FIELD_END };

const struct field query_findings[] = { Q_PAGE, Q_SYSTEM,
	Q(scan, 0, .help = "number of a scan"),
	Q(kind, 0, .help = "kind of finding"), FIELD_END };

const struct field query_notices[] = { Q_PAGE,
	Q(state, 0, .words = notice_states, .help = "state"),
	Q(kind, 0, .help = "kind of notice"),
	Q(channel, 0, .help = "name of a channel"), FIELD_END };

const struct field query_names[] = { Q_PAGE, Q_IDENTITY,
	Q(space, 0, .help = "system, or * for all"),
	Q(state, 0, .words = name_states, .help = "state"), FIELD_END };

const struct field query_records[] = { Q_PAGE, Q_IDENTITY,
	Q(kind, 0, .help = "kind of record, as in step.sent"),
	Q(subject, 0, .help = "what it is about, as in run/7"),
	Q(run, 0, .help = "number of a run"), FIELD_END };

const struct field query_export[] = { Q_IDENTITY,
	Q(from, 0, .help = "first record"),
	Q(to, 0, .help = "record behind the last one"),
	Q(run, 0, .help = "only records of this run"),
	Q(kind, 0, .help = "only of this kind, or all that begin with kind."),
	Q(since, 0, .help = "size of an older checkpoint to prove from"),
	FIELD_END };

static const char *const yes_no[] = { "yes", "no", NULL };

const struct field query_upload[] = {
	Q(name, 0, .help = "the file's name, for messages"),
	Q(digest, 0, .help = "SHA-256 of the file in hex: else it is refused"),
	Q(dated, F_TIME, .help = "the file's own time"),
	Q(dry_run, 0, .words = yes_no, .help = "only say what it would do"),
	FIELD_END
};

const struct field query_none[] = { FIELD_END };

static int
name_unknown(struct arena *a, const struct field *table, const char *name,
    struct err *e)
{
	struct buf known = { .arena = a };

	for (const struct field *f = table; f->name != NULL; f++)
		buf_printf(&known, "%s%s", f == table ? "" : ", ", f->name);
	if (known.len == 0)
		return err_set(e, ERR_INPUT,
		    "%.60s: no argument is taken "
		    "here",
		    name);
	return err_set(e, ERR_INPUT, "%.60s: no such filter; there are %s",
	    name, buf_text(&known));
}

static int
word_take(struct arena *a, const struct field *f, const char *value,
    const char **to, struct err *e)
{
	struct buf known = { .arena = a };

	for (const char *const *w = f->words; w != NULL && *w != NULL; w++) {
		if (strcmp(*w, value) == 0)
			return *to = *w, 0;
		buf_printf(&known, "%s%s", w == f->words ? "" : ", ", *w);
	}
	if (f->words != NULL)
		return err_set(e, ERR_INPUT,
		    "%s: there is no \"%.60s\"; one of %s", f->name, value,
		    buf_text(&known));
	*to = arena_str(a, value);
	return 0;
}

static int
number_take(const struct field *f, const char *value, int64_t *to,
    struct err *e)
{
	size_t digits = strspn(value, "0123456789");

	if (digits == 0 || digits > 18 || value[digits] != '\0' ||
	    strtoll(value, NULL, 10) == 0)
		return err_set(e, ERR_INPUT,
		    "%s: \"%.60s\" is not a number above 0", f->name, value);
	*to = strtoll(value, NULL, 10);
	return 0;
}

/* Whether the member was given before: no legal value is NULL or 0. */
static bool
taken(const struct field *f, const void *at)
{
	if (f->kind == FIELD_TEXT)
		return *(const char *const *)at != NULL;
	return *(const int64_t *)at != 0;
}

int
query_take(struct arena *a, const struct field *table, const char *name,
    const char *value, struct query *q, struct err *e)
{
	const struct field *f = field_find(table, name, strlen(name));

	if (f == NULL)
		return name_unknown(a, table, name, e);
	void *at = (char *)q + f->at;
	if (taken(f, at))
		return err_set(e, ERR_INPUT, "%s: given twice", f->name);
	if (value == NULL || *value == '\0')
		return err_set(e, ERR_INPUT, "%s: is empty", f->name);
	if (f->kind == FIELD_TEXT)
		return word_take(a, f, value, at, e);
	if ((f->flags & F_TIME) == 0)
		return number_take(f, value, at, e);
	if (zone_instant("UTC", value, at, e) != 0)
		return err_within(e, "%s: ", f->name);
	return 0;
}

int
query_ready(struct query *q, struct err *e)
{
	if (q->limit == 0)
		q->limit = 100;
	if (q->limit > QUERY_LIMIT_MAX)
		return err_set(e, ERR_INPUT, "limit: at most %d",
		    QUERY_LIMIT_MAX);
	return 0;
}
