/* SPDX-License-Identifier: Apache-2.0 */
/*
 * muster identity show: somebody, and what they have where.
 */
#include <string.h>

#include "cli/action.h"
#include "cli/ask.h"
#include "cli/client.h"
#include "cli/text.h"
#include "model/account.h"
#include "model/identity.h"

struct estate { /* what one identity has */
	struct rows accounts, holdings;
};

static int
estate_read(struct cli *cli, long long id, struct estate *has, struct err *e)
{
	struct arena *a = &cli->arena;

	if (ask_rows(cli,
		arena_printf(a,
		    "/v1/accounts?limit=1000&identity=identity/%lld", id),
		&has->accounts, e) != 0)
		return -1;
	return ask_rows(cli,
	    arena_printf(a, "/v1/holdings?limit=1000&identity=identity/%lld",
		id),
	    &has->holdings, e);
}

static const char *
account_cell(struct cli *cli, const char *row, const char *name)
{
	return cell_text(&cli->arena, row, account_fields, name);
}

static const char *
holding_cell(struct cli *cli, const char *row, const char *name)
{
	return cell_text(&cli->arena, row, holding_fields, name);
}

/* As it was seen, and what policy wants of it if that is something else. */
static void
account_print(struct cli *cli, const char *row)
{
	const char *seen = account_cell(cli, row, "seen_status");
	const char *want = account_cell(cli, row, "want_status");
	const char *keep = account_cell(cli, row, "keep_until");
	const char *gone = account_cell(cli, row, "delete_after");
	bool differs = *want != '\0' && strcmp(seen, want) != 0;

	fprintf(cli->out, "    %s  %s  %s  %s%s%s%s%s%s%s\n",
	    account_cell(cli, row, "system"), account_cell(cli, row, "kind"),
	    account_cell(cli, row, "name"),
	    *seen == '\0' ? "not seen yet" : seen, differs ? ", wanted " : "",
	    differs ? want : "", *keep == '\0' ? "" : ", kept until ", keep,
	    *gone == '\0' ? "" : ", deleted after ", gone);
}

static void
holding_print(struct cli *cli, const char *row)
{
	const char *until = holding_cell(cli, row, "until");
	const char *keep = holding_cell(cli, row, "keep_until");

	if (strcmp(holding_cell(cli, row, "state"), "closed") == 0)
		return;
	fprintf(cli->out, "        %s  %s%s%s%s%s\n",
	    holding_cell(cli, row, "entitlement"),
	    holding_cell(cli, row, "state"), *until == '\0' ? "" : ", until ",
	    until, *keep == '\0' ? "" : ", kept until ", keep);
}

static void
estate_print(struct cli *cli, const struct estate *has)
{
	const struct rows *h = &has->holdings;

	fputs(has->accounts.n == 0 ? "accounts       none\n" : "accounts\n",
	    cli->out);
	for (size_t i = 0; i < has->accounts.n; i++) {
		long long id = ask_number(cli, has->accounts.item[i], "id");

		account_print(cli, has->accounts.item[i]);
		for (size_t k = 0; k < h->n; k++)
			if (ask_number(cli, h->item[k], "account") == id)
				holding_print(cli, h->item[k]);
	}
}

static void
list_json(struct cli *cli, const char *name, const struct rows *rows)
{
	fprintf(cli->out, ",\"%s\":[", name);
	for (size_t i = 0; i < rows->n; i++)
		fprintf(cli->out, "%s%s", i == 0 ? "" : ",", rows->item[i]);
	fputc(']', cli->out);
}

int
run_identity_show(struct cli *cli, struct err *e)
{
	const char *row = client_call(cli, ask_path(cli, "/v1/identities/{id}"),
	    NULL, e);
	struct estate has = { 0 };

	if (row == NULL ||
	    estate_read(cli, ask_number(cli, row, "id"), &has, e) != 0)
		return -1;
	if (!cli->json) {
		show_object(cli, row, identity_fields);
		estate_print(cli, &has);
		return 0;
	}
	/* The identity's own members, and these behind them. */
	fprintf(cli->out, "%.*s", (int)(strrchr(row, '}') - row), row);
	list_json(cli, "accounts", &has.accounts);
	list_json(cli, "holdings", &has.holdings);
	return fputs("}\n", cli->out) < 0 ? -1 : 0;
}
