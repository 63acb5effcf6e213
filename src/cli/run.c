/* SPDX-License-Identifier: Apache-2.0 */
/*
 * muster run show and start: one run as a timeline.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/action.h"
#include "cli/ask.h"
#include "cli/client.h"
#include "cli/text.h"
#include "model/account.h"
#include "model/event.h"
#include "model/run.h"

enum { SEEN_MAX = 4096 };

struct timeline {
	struct rows steps, accounts; /* of the run; of its identity */
};

struct seen { /* the state of a step when it was printed */
	long long id;
	char state[16];
};

static const char *
run_cell(struct cli *cli, const char *row, const char *name)
{
	return cell_text(&cli->arena, row, run_fields, name);
}

static const char *
step_cell(struct cli *cli, const char *row, const char *name)
{
	return cell_text(&cli->arena, row, step_fields, name);
}

static void
run_head(struct cli *cli, const char *row)
{
	const char *who = run_cell(cli, row, "who");
	const char *cause = run_cell(cli, row, "cause");
	const char *ended = run_cell(cli, row, "ended");

	show_heading(cli,
	    arena_printf(&cli->arena, "run %s: %s%s%s: %s",
		run_cell(cli, row, "id"), run_cell(cli, row, "workflow"),
		*who == '\0' ? "" : " of ", who, run_cell(cli, row, "state")));
	fprintf(cli->out, "asked    %s by %s%s%s\n",
	    run_cell(cli, row, "requested"), run_cell(cli, row, "actor"),
	    *cause == '\0' ? "" : ": ", cause);
	if (*run_cell(cli, row, "started") != '\0')
		fprintf(cli->out, "started  %s\n",
		    run_cell(cli, row, "started"));
	if (*ended != '\0')
		fprintf(cli->out, "ended    %s\n", ended);
}

static const char *
event_cell(struct cli *cli, const char *row, const char *name)
{
	return cell_text(&cli->arena, row, event_fields, name);
}

/* What was told of whom the run is about, by which file or caller.  It is
   why somebody came or left; others move when rules change, too. */
static int
run_event(struct cli *cli, const char *row, struct err *e)
{
	struct arena *a = &cli->arena;
	long long event = ask_number(cli, row, "event");
	const char *class = run_cell(cli, row, "class");
	bool cause = strcmp(class, "leave") == 0 || strcmp(class, "join") == 0;

	if (event == 0)
		return 0;
	const char *told = client_call(cli,
	    arena_printf(a, "/v1/events/%lld", event), NULL, e);
	if (told == NULL)
		return -1;
	const char *place = event_cell(cli, told, "place");
	const char *load = event_cell(cli, told, "snapshot");
	bool loaded = *load != '\0' && strcmp(load, "0") != 0;
	fprintf(cli->out,
	    "%-8s event %lld: %s of key %s, feed %s%s%s%s%s, "
	    "told by %s, true from %s\n",
	    cause ? "because" : "newest", event, event_cell(cli, told, "kind"),
	    event_cell(cli, told, "key"), event_cell(cli, told, "source"),
	    *place == '\0' ? "" : ", ", place, loaded ? ", load " : "",
	    loaded ? load : "", event_cell(cli, told, "actor"),
	    event_cell(cli, told, "effective"));
	return 0;
}

/* The moment that says most about a step. */
static const char *
step_time(struct cli *cli, const char *row)
{
	static const char *const times[] = { "verified", "acknowledged",
		"requested" };

	for (size_t i = 0; i < 3; i++) {
		const char *t = step_cell(cli, row, times[i]);

		if (*t != '\0')
			return t;
	}
	return "-";
}

/* What the step acts on: an account, and an entitlement of it. */
static const char *
step_object(struct cli *cli, const struct timeline *t, const char *row)
{
	struct arena *a = &cli->arena;
	const char *in = json_member(a, row, "in"), *name = "";
	const char *entitlement = in == NULL || *in != '{' ?
	    NULL :
	    json_member_text(a, in, "entitlement");
	long long account = ask_number(cli, row, "account");

	for (size_t i = 0; account != 0 && i < t->accounts.n; i++)
		if (ask_number(cli, t->accounts.item[i], "id") == account)
			name = cell_text(a, t->accounts.item[i], account_fields,
			    "name");
	if (entitlement == NULL)
		return *name == '\0' ? "" : arena_printf(a, " %s", name);
	return arena_printf(a, " %s %s", name, text_plain(a, entitlement));
}

static void
step_print(struct cli *cli, const struct timeline *t, const char *row)
{
	const char *system = step_cell(cli, row, "system");
	const char *state = step_cell(cli, row, "state");
	const char *how = step_cell(cli, row, "how");
	const char *tries = step_cell(cli, row, "tries");
	const char *error = step_cell(cli, row, "error");
	const char *failure = step_cell(cli, row, "failure");
	bool waits = strcmp(state, "waiting") == 0 ||
	    strcmp(state, "debt") == 0; /* the time is that of the next try */
	const char *what = arena_printf(&cli->arena, "%s%s%s%s",
	    step_cell(cli, row, "verb"), *system == '\0' ? "" : " @ ", system,
	    step_object(cli, t, row));

	fprintf(cli->out, "%-20s  %-12s  %-52s  %-9s%s%s%s\n",
	    step_time(cli, row), step_cell(cli, row, "name"), what, state,
	    strtol(tries, NULL, 10) > 1 ? arena_printf(&cli->arena, " %stry %s",
					      waits ? "after " : "", tries) :
					  "",
	    *how == '\0' ? "" : "  ", how);
	if (*error != '\0' && strcmp(state, "done") != 0)
		fprintf(cli->out, "%-20s  %s%s%s\n", "", failure,
		    *failure == '\0' ? "" : ": ", error);
}

static int
timeline_read(struct cli *cli, const char *id, const char *row,
    struct timeline *t, struct err *e)
{
	struct arena *a = &cli->arena;
	long long identity = ask_number(cli, row, "identity");

	if (ask_rows(cli, arena_printf(a, "/v1/steps?limit=1000&run=%s", id),
		&t->steps, e) != 0)
		return -1;
	return identity == 0 || cli->json ?
	    0 :
	    ask_rows(cli,
		arena_printf(a,
		    "/v1/accounts?limit=1000&identity=identity/%lld", identity),
		&t->accounts, e);
}

static int
run_json(struct cli *cli, const char *row, const struct rows *steps)
{
	fprintf(cli->out, "{\"run\":%s,\"steps\":[", row);
	for (size_t i = 0; i < steps->n; i++)
		fprintf(cli->out, "%s%s", i == 0 ? "" : ",", steps->item[i]);
	return fputs("]}\n", cli->out) < 0 ? -1 : 0;
}

static bool
run_going(struct cli *cli, const char *row)
{
	const char *state = run_cell(cli, row, "state");

	return strcmp(state, "queued") == 0 || strcmp(state, "open") == 0;
}

/* A run that failed is a failure of whoever waited for it. */
static int
run_judge(struct cli *cli, const char *row, struct err *e)
{
	const char *state = run_cell(cli, row, "state");

	if (strcmp(state, "failed") != 0)
		return 0;
	return err_set(e, ERR_REFUSED,
	    "run %s failed; \"muster case list "
	    "--run %s\" says what waits for you",
	    run_cell(cli, row, "id"), run_cell(cli, row, "id"));
}

/* Prints the steps that moved since they were printed last. */
static void
steps_moved(struct cli *cli, const struct timeline *t, struct seen *seen)
{
	const struct rows *steps = &t->steps;

	for (size_t i = 0; i < steps->n && i < SEEN_MAX; i++) {
		const char *state = step_cell(cli, steps->item[i], "state");

		if (strcmp(seen[i].state, state) == 0)
			continue;
		snprintf(seen[i].state, sizeof(seen[i].state), "%s", state);
		step_print(cli, t, steps->item[i]);
	}
	fflush(cli->out);
}

/* Until the run has ended; 0, or -1. */
static int
run_follow(struct cli *cli, const char *id, struct seen *seen, struct err *e)
{
	for (bool first = true;; first = false) {
		struct timeline t = { 0 };
		const char *row = client_call(cli,
		    arena_printf(&cli->arena, "/v1/runs/%s", id), NULL, e);

		if (row == NULL || timeline_read(cli, id, row, &t, e) != 0)
			return -1;
		bool going = run_going(cli, row);
		if (cli->json && !going)
			run_json(cli, row, &t.steps);
		if (!cli->json && (first || !going))
			run_head(cli, row);
		if (!cli->json && first && run_event(cli, row, e) != 0)
			return -1;
		if (!cli->json)
			steps_moved(cli, &t, seen);
		if (!going)
			return run_judge(cli, row, e);
		arena_reset(&cli->arena);
		ask_pause();
	}
}

static int
follow(struct cli *cli, const char *id, struct err *e)
{
	struct seen *seen = calloc(SEEN_MAX, sizeof(*seen));
	char number[24];

	if (seen == NULL)
		abort();
	snprintf(number, sizeof(number), "%s", id);
	int ret = run_follow(cli, number, seen, e);
	free(seen);
	return ret;
}

int
run_run_show(struct cli *cli, struct err *e)
{
	const char *id = url_quote(&cli->arena, cli_value(cli, "id"));
	struct timeline t = { 0 };

	if (cli_value(cli, "follow") != NULL || cli->wait)
		return follow(cli, id, e);
	const char *row = client_call(cli,
	    arena_printf(&cli->arena, "/v1/runs/%s", id), NULL, e);
	if (row == NULL || timeline_read(cli, id, row, &t, e) != 0)
		return -1;
	if (cli->json)
		return run_json(cli, row, &t.steps);
	run_head(cli, row);
	if (run_event(cli, row, e) != 0)
		return -1;
	for (size_t i = 0; i < t.steps.n; i++)
		step_print(cli, &t, t.steps.item[i]);
	return 0;
}

/* Until all of them have ended; how many failed, and which first. */
static int
runs_follow(struct cli *cli, long long first, long long last, struct err *e)
{
	long long failed = 0, which = 0, id = first;

	while (id <= last) {
		const char *row = client_call(cli,
		    arena_printf(&cli->arena, "/v1/runs/%lld", id), NULL, e);

		if (row == NULL)
			return -1;
		if (run_going(cli, row))
			ask_pause();
		else {
			if (strcmp(run_cell(cli, row, "state"), "failed") ==
				0 &&
			    failed++ == 0)
				which = id;
			id++;
		}
		arena_reset(&cli->arena);
	}
	return failed == 0 ?
	    0 :
	    err_set(e, ERR_REFUSED,
		"%lld of %lld runs failed, the first is run %lld", failed,
		last - first + 1, which);
}

int
run_run_start(struct cli *cli, struct err *e)
{
	const char *answer = ask_command(cli, "run.start",
	    cli_body(cli, NULL, NULL), e);

	if (answer == NULL)
		return -1;
	long long first = ask_number(cli, answer, "run");
	long long last = ask_number(cli, answer, "last");
	if (cli->wait && last <= first)
		return follow(cli, arena_printf(&cli->arena, "%lld", first), e);
	if (cli->json)
		fprintf(cli->out, "%s\n", answer);
	else if (last > first)
		fprintf(cli->out, "runs %lld to %lld have begun\n", first,
		    last);
	else
		fprintf(cli->out,
		    "run %lld has begun: \"muster run show "
		    "%lld --follow\"\n",
		    first, first);
	fflush(cli->out);
	return cli->wait ? runs_follow(cli, first, last, e) : 0;
}
