/* SPDX-License-Identifier: Apache-2.0 */
/*
 * muster status.
 */
#include <string.h>

#include "api/status.h"
#include "base/clock.h"
#include "cli/action.h"
#include "cli/client.h"
#include "cli/text.h"

/* "3 hours" of a time that lies so far back. */
static const char *
ago(struct arena *a, int64_t now, int64_t since)
{
	int64_t ms = now > since ? now - since : 0;

	if (ms >= 2 * DAY)
		return text_count(a, ms / DAY, "day", "days");
	if (ms >= 2 * HOUR)
		return text_count(a, ms / HOUR, "hour", "hours");
	if (ms >= 2 * MINUTE)
		return text_count(a, ms / MINUTE, "minute", "minutes");
	return text_count(a, ms / SECOND, "second", "seconds");
}

static void
tally_print(struct cli *cli, const struct status *st, const char *what,
    const struct tally *t, const char *look)
{
	if (t->n == 0)
		fprintf(cli->out, "%-10s none\n", what);
	else
		fprintf(cli->out, "%-10s %lld, the oldest for %s%s%s\n", what,
		    (long long)t->n, ago(&cli->arena, st->now, t->oldest),
		    *look == '\0' ? "" : ": ", look);
}

static void
tallies_print(struct cli *cli, const char *what, const struct many *all)
{
	const struct tally *t = all->item;

	fprintf(cli->out, "%-10s", what);
	for (size_t i = 0; i < all->n; i++)
		fprintf(cli->out, "%s %lld %s", i == 0 ? "" : ",",
		    (long long)t[i].n, t[i].word);
	fputs(all->n == 0 ? " none\n" : "\n", cli->out);
}

static void
instance_print(struct cli *cli, const struct status *st)
{
	struct arena *a = &cli->arena;

	fprintf(cli->out, "%-10s %s, musterd %s, for %s%s\n", "instance",
	    text_plain(a, st->instance), st->version,
	    ago(a, st->now, st->since),
	    st->private_ ? "; PRIVATE: its own user may do everything" : "");
	if (cli->color && strcmp(st->state, "ok") != 0)
		fprintf(cli->out, "%-10s \033[1;31m%s\033[0m\n", "state",
		    st->state);
	else
		fprintf(cli->out, "%-10s %s\n", "state", st->state);
	fprintf(cli->out, "%-10s %s\n", "sandbox", text_plain(a, st->sandbox));
	fprintf(cli->out, "%-10s %.16s\n", "policy",
	    st->definitions == NULL ? "none" : st->definitions);
	fprintf(cli->out, "%-10s %lld MiB free; %s\n", "store",
	    (long long)(st->room >> 20),
	    text_count(a, st->evidence, "evidence record", "evidence records"));
}

static const char *
counted(struct arena *a, const char *before, const struct tally *t,
    const char *one, const char *many)
{
	return t->n == 0 ?
	    before :
	    arena_printf(a, "%s%s%s", before, *before == '\0' ? "" : ", ",
		text_count(a, t->n, one, many));
}

/* In one line: does anything want a person? */
static void
needs_print(struct cli *cli, const struct status *st)
{
	struct arena *a = &cli->arena;
	const char *text = counted(a, "", &st->failed, "failed run",
	    "failed runs");

	text = counted(a, text, &st->cases, "open case", "open cases");
	text = counted(a, text, &st->holds, "open hold", "open holds");
	text = counted(a, text, &st->debts, "debt", "debts");
	if (*text != '\0' && cli->color)
		fprintf(cli->out, "%-10s \033[1;33m%s\033[0m\n", "look at",
		    text);
	else
		fprintf(cli->out, "%-10s %s\n", "look at",
		    *text == '\0' ? "nothing" : text);
}

int
run_status(struct cli *cli, struct err *e)
{
	struct status st = { 0 };
	const char *text = client_call(cli, "/v1/status", NULL, e);

	if (text == NULL)
		return -1;
	if (cli->json)
		return fprintf(cli->out, "%s\n", text) < 0 ? -1 : 0;
	if (json_decode(&cli->arena, status_fields, text, strlen(text), &st,
		e) != 0)
		return err_within(e, "the answer of another version: ");
	instance_print(cli, &st);
	needs_print(cli, &st);
	tally_print(cli, &st, "failed", &st.failed,
	    "muster run list --state failed");
	tally_print(cli, &st, "debts", &st.debts, "muster debt list");
	tally_print(cli, &st, "holds", &st.holds,
	    "muster hold list --state open");
	tally_print(cli, &st, "cases", &st.cases,
	    "muster case list --state open");
	tally_print(cli, &st, "events", &st.events, "");
	tally_print(cli, &st, "notices", &st.notices, "");
	tallies_print(cli, "runs", &st.runs);
	tallies_print(cli, "steps", &st.steps);
	tallies_print(cli, "identities", &st.identities);
	for (size_t i = 0; i < st.troubled.n; i++)
		fprintf(cli->out, "%-10s %s\n", "system",
		    text_plain(&cli->arena, st.troubled.item[i]));
	return 0;
}
