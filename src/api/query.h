/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a caller may ask of a list: one struct for all lists, from which each
 * takes the members that mean something to it.  All statements of
 * store/api.def are bound from query_fields.
 */
#ifndef API_QUERY_H
#define API_QUERY_H

#include <muster/field.h>

#define QUERY_LIMIT_MAX 1000

struct query {
	int64_t limit;	   /* rows of a page, 1 to QUERY_LIMIT_MAX */
	const char *after; /* the "next" of the page before */
	int64_t id;	   /* of a single row */
	int64_t who;	   /* row of the identity that is meant */
	int64_t at;	   /* a moment */
	int64_t account, run, plan, load, scan, hold, event;
	int64_t from, to, since; /* of an export, in records */
	int64_t dated;		 /* a feed file's own time */
	const char *dry_run;	 /* yes, no */
	const char *identity;	 /* uid, feed key or user name */
	const char *find;
	const char *state, *kind, *system, *status, *name, *feed, *key;
	const char *source, *workflow, *class_, *verb, *effect, *owner;
	const char *channel, *space, *subject, *entitlement, *digest;
};

/* Everything, for statements. */
extern const struct field query_fields[];

/* What each list understands, with the legal words. */
extern const struct field query_identities[], query_affiliations[],
    query_accounts[], query_holdings[], query_events[], query_loads[],
    query_bad_rows[], query_runs[], query_steps[], query_cases[], query_holds[],
    query_debts[], query_plans[], query_items[], query_scans[],
    query_findings[], query_notices[], query_names[], query_records[],
    query_pages[], query_export[], query_upload[], query_none[];

/*
 * Reads one argument of a request path (already unescaped) into q.
 * ERR_INPUT for a name or word that the table does not list (the text lists
 * what it does), for one given twice, and for an empty value.
 */
int query_take(struct arena *, const struct field *table, const char *name,
    const char *value, struct query *q, struct err *)
    __attribute__((warn_unused_result));
/* The default page size, and the check that needs all arguments. */
int query_ready(struct query *, struct err *)
    __attribute__((warn_unused_result));

#endif
