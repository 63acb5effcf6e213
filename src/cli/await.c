/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/await.h"

#include <string.h>

#include "base/clock.h"
#include "cli/ask.h"
#include "cli/client.h"
#include "cli/text.h"
#include "model/event.h"

static int
runs_in(struct cli *cli, const char *filter, const char *state,
    struct rows *rows, struct err *e)
{
	return ask_rows(cli,
	    arena_printf(&cli->arena, "/v1/runs?limit=1000&%s&state=%s", filter,
		state),
	    rows, e);
}

/* How many go on; -1. */
static int
runs_going(struct cli *cli, const char *filter, struct err *e)
{
	struct rows going = { 0 };

	if (runs_in(cli, filter, "queued", &going, e) != 0 ||
	    runs_in(cli, filter, "open", &going, e) != 0)
		return -1;
	return going.n > 0;
}

static int
runs_judge(struct cli *cli, const char *filter, const char *of, long long since,
    struct err *e)
{
	struct buf names = { .arena = &cli->arena };
	struct rows failed = { 0 };

	if (runs_in(cli, filter, "failed", &failed, e) != 0)
		return -1;
	for (size_t i = 0; i < failed.n; i++)
		if (since == 0 ||
		    ask_number(cli, failed.item[i], "event") >= since)
			buf_printf(&names, " %lld",
			    ask_number(cli, failed.item[i], "id"));
	return names.len == 0 ?
	    0 :
	    err_set(e, ERR_REFUSED,
		"failed runs of %s:%s; \"muster run show\" says why", of,
		buf_text(&names));
}

int
await_runs(struct cli *cli, const char *filter, const char *of, long long since,
    struct err *e)
{
	int going;

	while ((going = runs_going(cli, filter, e)) > 0) {
		arena_reset(&cli->arena);
		ask_pause();
	}
	return going < 0 ? -1 : runs_judge(cli, filter, of, since, e);
}

static const char *
event_cell(struct cli *cli, const char *row, const char *name)
{
	return cell_text(&cli->arena, row, event_fields, name);
}

/* What ends an event without its having changed anybody. */
static int
event_judge(struct cli *cli, const char *row, struct err *e)
{
	const char *state = event_cell(cli, row, "state");
	const char *id = event_cell(cli, row, "id");

	if (strcmp(state, "held") == 0)
		return err_set(e, ERR_REFUSED,
		    "event %s is held by a guard: \"muster hold show %s\"", id,
		    event_cell(cli, row, "hold"));
	if (strcmp(state, "set_aside") == 0)
		return err_set(e, ERR_REFUSED, "event %s was set aside: %s", id,
		    event_cell(cli, row, "error"));
	if (strcmp(state, "rejected") == 0)
		return err_set(e, ERR_REFUSED, "event %s was rejected", id);
	return 0;
}

/* Whether somebody is still to be looked at: 1, 0, -1. */
static int
identity_going(struct cli *cli, long long id, struct err *e)
{
	const char *row = client_call(cli,
	    arena_printf(&cli->arena, "/v1/identities/identity%%2F%lld", id),
	    NULL, e);
	int64_t at;

	if (row == NULL)
		return -1;
	if (ask_number(cli, row, "converging") != 0)
		return 1;
	const char *due = json_member_text(&cli->arena, row, "due");
	if (due == NULL)
		return 0;
	return zone_instant("UTC", due, &at, e) != 0 ? -1 : at <= clock_wall();
}

/* Whether the event itself still waits: 1, 0, -1; row gets it. */
static int
event_going(struct cli *cli, long long id, const char **row, struct err *e)
{
	*row = client_call(cli,
	    arena_printf(&cli->arena, "/v1/events/%lld", id), NULL, e);
	if (*row == NULL)
		return -1;
	const char *state = event_cell(cli, *row, "state");
	return strcmp(state, "assess") == 0 || strcmp(state, "due") == 0;
}

/* The same, and what it means for whom it is about. */
static int
all_going(struct cli *cli, long long id, long long *identity, struct err *e)
{
	const char *row;
	int going = event_going(cli, id, &row, e);

	if (going != 0)
		return going;
	if (event_judge(cli, row, e) != 0)
		return -1;
	*identity = strcmp(event_cell(cli, row, "state"), "applied") != 0 ?
	    0 :
	    ask_number(cli, row, "identity");
	return *identity == 0 ? 0 : identity_going(cli, *identity, e);
}

int
await_event(struct cli *cli, long long event, struct err *e)
{
	char filter[64], of[32];
	long long identity = 0;
	int going;

	while ((going = all_going(cli, event, &identity, e)) > 0) {
		arena_reset(&cli->arena);
		ask_pause();
	}
	if (going < 0 || identity == 0)
		return going;
	snprintf(filter, sizeof(filter), "identity=identity/%lld", identity);
	snprintf(of, sizeof(of), "event %lld", event);
	return await_runs(cli, filter, of, event, e);
}
