/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/listing.h"
#include "engine/command.h"
#include "evidence/evidence.h"
#include "model/account.h"
#include "model/event.h"
#include "model/identity.h"
#include "model/matter.h"
#include "model/plan.h"
#include "model/run.h"

#define ROWS(table, T) .row = table, .size = sizeof(T)

const struct listing listings[] = {
	{ "identities", 0, STMT_API_IDENTITIES, STMT_API_IDENTITY_ONE,
	    .filters = query_identities, ROWS(identity_fields, struct identity),
	    .key = "id",
	    .help = "persons, services, workloads, devices and agents" },
	{ "affiliations", 0, STMT_API_AFFILIATIONS, STMT_API_AFFILIATION_ONE,
	    STMT_API_AFFILIATIONS_OF, "identity", query_affiliations,
	    ROWS(affiliation_fields, struct affiliation), .key = "id",
	    .who = true, .help = "ties of identities to the organisation" },
	{ "accounts", 0, STMT_API_ACCOUNTS, STMT_API_ACCOUNT_ONE,
	    STMT_API_ACCOUNTS_OF, "identity", query_accounts,
	    ROWS(account_fields, struct account), .key = "id", .who = true,
	    .help = "accounts in the systems: desired, written, observed" },
	{ "holdings", 0, STMT_API_HOLDINGS, STMT_API_HOLDING_ONE,
	    STMT_API_HOLDINGS_OF, "identity", query_holdings,
	    ROWS(holding_fields, struct holding), .key = "id",
	    .help = "entitlements on accounts, with their reasons" },
	{ "events", ROLE_FEED, STMT_API_EVENTS, STMT_API_EVENT_ONE,
	    .filters = query_events, ROWS(event_fields, struct event),
	    .key = "id", .who = true, .help = "what happened outside" },
	{ "loads", ROLE_FEED, STMT_API_LOADS, STMT_API_LOAD_ONE,
	    .filters = query_loads, ROWS(load_fields, struct load), .key = "id",
	    .help = "readings of feed files" },
	{ "bad_rows", ROLE_FEED, STMT_API_BAD_ROWS, STMT_API_BAD_ROW_ONE,
	    .filters = query_bad_rows, ROWS(bad_row_fields, struct bad_row),
	    .key = "id", .help = "rows of feed files that were set aside" },
	{ "runs", 0, STMT_API_RUNS, STMT_API_RUN_ONE, STMT_API_RUNS_OF,
	    "identity", query_runs, ROWS(run_fields, struct run), .key = "id",
	    .who = true, .help = "executions of workflows" },
	{ "steps", 0, STMT_API_STEPS, STMT_API_STEP_ONE, STMT_API_STEPS_OF,
	    "run", query_steps, ROWS(step_fields, struct step), .key = "id",
	    .who = true, .help = "durable units of runs" },
	{ "cases", 0, STMT_API_CASES, STMT_API_CASE_ONE, .filters = query_cases,
	    ROWS(matter_fields, struct matter), .key = "id", .who = true,
	    .help = "what waits for a person" },
	{ "holds", ROLE_FEED, STMT_API_HOLDS, STMT_API_HOLD_ONE,
	    .filters = query_holds, ROWS(hold_fields, struct hold), .key = "id",
	    .help = "whole changes that a guard stopped" },
	{ "debts", 0, STMT_API_DEBTS, STMT_API_DEBT_ONE, .filters = query_debts,
	    ROWS(debt_fields, struct debt), .key = "id", .who = true,
	    .help = "removals that are decided and not yet verified" },
	{ "plans", 0, STMT_API_PLANS, STMT_API_PLAN_ONE, .filters = query_plans,
	    ROWS(plan_fields, struct plan), .key = "id",
	    .help = "differences of desired and observed" },
	{ "items", 0, STMT_API_ITEMS, STMT_API_ITEM_ONE, STMT_API_ITEMS_OF,
	    "plan", query_items, ROWS(item_fields, struct item), .key = "id",
	    .who = true, .help = "changes that plans are made of" },
	{ "scans", 0, STMT_API_SCANS, STMT_API_SCAN_ONE, .filters = query_scans,
	    ROWS(scan_fields, struct scan), .key = "id",
	    .help = "readings of systems by reconcile" },
	{ "findings", 0, STMT_API_FINDINGS, STMT_API_FINDING_ONE,
	    .filters = query_findings, ROWS(finding_fields, struct finding),
	    .key = "id", .help = "what reconcile found" },
	{ "notices", 0, STMT_API_NOTICES, STMT_API_NOTICE_ONE,
	    .filters = query_notices, ROWS(notice_fields, struct notice),
	    .key = "id", .help = "messages to people" },
	{ "names", 0, STMT_API_NAMES, STMT_COUNT, .filters = query_names,
	    ROWS(name_fields, struct name), .key = "space", .key2 = "name",
	    .who = true,
	    .help = "login names that are used, reserved or at rest" },
	{ "records", ROLE_AUDITOR, STMT_API_RECORDS, STMT_API_RECORD_ONE,
	    .filters = query_records, ROWS(record_fields, struct record),
	    .key = "seq", .who = true, .help = "the evidence" },
	{ "checkpoints", ROLE_AUDITOR, STMT_API_CHECKPOINTS,
	    STMT_API_CHECKPOINT_ONE, .filters = query_pages,
	    ROWS(checkpoint_row_fields, struct checkpoint_row), .key = "size",
	    .help = "signed states of the evidence" },
	{ "waivers", 0, STMT_API_WAIVERS, STMT_API_WAIVER_ONE,
	    .filters = query_pages, ROWS(waiver_fields, struct waiver),
	    .key = "id", .help = "findings that may stay" },
	{ NULL }
};

const struct listing *
listing_find(const char *path, size_t n)
{
	for (const struct listing *l = listings; l->path != NULL; l++)
		if (strlen(l->path) == n && memcmp(l->path, path, n) == 0)
			return l;
	return NULL;
}
