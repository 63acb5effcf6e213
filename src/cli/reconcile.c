/* SPDX-License-Identifier: Apache-2.0 */
/*
 * muster reconcile: begins it, watches it, says what it found.
 */
#include <string.h>

#include "cli/action.h"
#include "cli/ask.h"
#include "cli/client.h"
#include "cli/text.h"
#include "model/plan.h"

enum { BAR = 30 };

static void
bar_print(struct cli *cli, const char *row)
{
	long long rows = ask_number(cli, row, "rows");
	long long expected = ask_number(cli, row, "expected");
	int full = expected <= 0 ? 0 :
	    rows >= expected	 ? BAR :
				   (int)(rows * BAR / expected);

	fprintf(stderr, "\r%-12s [%.*s%*s] %lld of %lld",
	    cell_text(&cli->arena, row, scan_fields, "system"), full,
	    "##############################", BAR - full, "", rows, expected);
	fflush(stderr);
}

static int
scan_print(struct cli *cli, long long id, const char *row, struct err *e)
{
	struct rows found = { 0 };

	if (ask_rows(cli,
		arena_printf(&cli->arena, "/v1/findings?limit=1000&scan=%lld",
		    id),
		&found, e) != 0)
		return -1;
	if (cli->json) {
		fprintf(cli->out, "{\"scan\":%s,\"findings\":[", row);
		for (size_t i = 0; i < found.n; i++)
			fprintf(cli->out, "%s%s", i == 0 ? "" : ",",
			    found.item[i]);
		return fputs("]}\n", cli->out) < 0 ? -1 : 0;
	}
	show_heading(cli,
	    arena_printf(&cli->arena,
		"%s: %s: %s "
		"read; drift %lld, missing %lld, unknown %lld, repaired %lld",
		cell_text(&cli->arena, row, scan_fields, "system"),
		cell_text(&cli->arena, row, scan_fields, "state"),
		text_count(&cli->arena, ask_number(cli, row, "rows"), "row",
		    "rows"),
		ask_number(cli, row, "drift"), ask_number(cli, row, "missing"),
		ask_number(cli, row, "unknown"),
		ask_number(cli, row, "repaired")));
	if (found.n > 0)
		show_table(cli, &found, finding_fields, "kind,subject,detail");
	return 0;
}

static int
scan_watch(struct cli *cli, long long id, struct err *e)
{
	for (;;) {
		const char *row = client_call(cli,
		    arena_printf(&cli->arena, "/v1/scans/%lld", id), NULL, e);

		if (row == NULL)
			return -1;
		const char *state = cell_text(&cli->arena, row, scan_fields,
		    "state");
		if (cli->tty && !cli->json)
			bar_print(cli, row);
		if (strcmp(state, "running") != 0) {
			if (cli->tty && !cli->json)
				fputs("\r\033[K", stderr);
			if (scan_print(cli, id, row, e) != 0)
				return -1;
			return strcmp(state, "failed") != 0 ?
			    0 :
			    err_set(e, ERR_BUSY, "%s",
				cell_text(&cli->arena, row, scan_fields,
				    "error"));
		}
		arena_reset(&cli->arena);
		ask_pause();
	}
}

int
run_reconcile(struct cli *cli, struct err *e)
{
	const char *answer = ask_command(cli, "reconcile.start",
	    cli_body(cli, NULL, NULL), e);

	if (answer == NULL)
		return -1;
	/* Every system is told about, even behind one that failed. */
	int n = ask_each(cli, answer, "scans", scan_watch, e);
	if (n == 0)
		fprintf(cli->out, "%s\n", answer);
	return n < 0 ? -1 : 0;
}
