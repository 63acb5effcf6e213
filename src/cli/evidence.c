/* SPDX-License-Identifier: Apache-2.0 */
/*
 * muster evidence export, verify, checkpoint, key.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/action.h"
#include "cli/ask.h"
#include "cli/client.h"
#include "cli/text.h"
#include "evidence/bundle.h"
#include "evidence/note.h"

static int
export_file(struct cli *cli, const char *query, const char *path, struct err *e)
{
	/* Evidence names people: for nobody else's eyes. */
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(e, ERR_INPUT, "%s: %s", path, strerror(errno));
	FILE *to = fdopen(fd, "w");
	int ret = client_save(cli, query, to, e);
	if (ret == 0 && (fflush(to) != 0 || fsync(fd) != 0))
		ret = err_set(e, ERR_FULL, "%s: %s", path, strerror(errno));
	fclose(to);
	if (ret != 0)
		unlink(path);
	else
		fprintf(stderr,
		    "muster: \"muster evidence verify %s --key "
		    "KEY\" verifies it anywhere; \"muster evidence key\" is "
		    "the key to compare with\n",
		    path);
	return ret;
}

int
run_export(struct cli *cli, struct err *e)
{
	const char *path = cli_value(cli, "file");
	const char *query = arena_printf(&cli->arena, "/v1/evidence/export%s",
	    cli_query(cli, "file"));

	if (strcmp(path, "-") == 0)
		return client_save(cli, query, cli->out, e);
	return export_file(cli, query, path, e);
}

/* What was typed, or what the file of that name holds.  A verifier key is
   NAME+ID+KEY, and one that was typed is one, whatever files lie about; what
   has no + can only be meant as a file. */
static const char *
key_text(struct cli *cli, const char *given, struct err *e)
{
	struct verifier v;
	struct err ignored;
	char *text = arena_str(&cli->arena, given);
	size_t n;

	if (verifier_parse(&cli->arena, text, &v, &ignored) == 0)
		return text;
	if (strchr(given, '+') == NULL || access(given, R_OK) == 0)
		text = file_read(&cli->arena, given, NOTE_MAX, &n, e);
	if (text == NULL)
		return err_within(e,
			   "--key: no verifier key, and no "
			   "file of one: "),
		       NULL;
	text[strcspn(text, "\r\n")] = '\0';
	if (verifier_parse(&cli->arena, text, &v, e) != 0)
		return err_within(e, "--key: "), NULL;
	return text;
}

struct verdict_row {
	bool good, trusted, selection;
	const char *origin, *vkey;
	int64_t size, from, to, records, erased, unexplained, bad, line;
	const char *what;
};

static const struct field verdict_fields[] = { FIELD(struct verdict_row, good,
						   0),
	FIELD(struct verdict_row, trusted, 0),
	FIELD(struct verdict_row, selection, 0),
	FIELD(struct verdict_row, origin, 0),
	FIELD(struct verdict_row, vkey, 0), FIELD(struct verdict_row, size, 0),
	FIELD(struct verdict_row, from, 0), FIELD(struct verdict_row, to, 0),
	FIELD(struct verdict_row, records, 0),
	FIELD(struct verdict_row, erased, 0),
	FIELD(struct verdict_row, unexplained, 0),
	FIELD(struct verdict_row, bad, 0), FIELD(struct verdict_row, line, 0),
	FIELD(struct verdict_row, what, 0), FIELD_END };

static void
report_json(struct cli *cli, const struct bundle_report *r)
{
	struct buf b = { .arena = &cli->arena };
	struct verdict_row row = { r->good, r->trusted, r->selection, r->origin,
		r->vkey, r->size, r->from, r->to, r->records, r->erased,
		r->unexplained, r->good ? -1 : r->bad, r->line,
		r->good ? NULL : r->what };

	json_encode(&b, verdict_fields, &row);
	fprintf(cli->out, "%s\n", buf_text(&b));
}

static void
report_print(struct cli *cli, const struct bundle_report *r)
{
	struct arena *a = &cli->arena;

	/* Nothing is known of a log whose header was not believed. */
	if (*r->origin != '\0')
		fprintf(cli->out,
		    "%-9s %s\n%-9s %s\n%-9s %lld to %lld of %lld%s\n"
		    "%-9s %lld good, %lld of them erased%s\n",
		    "log", text_plain(a, r->origin), "key",
		    text_plain(a, r->vkey), "records", (long long)r->from,
		    (long long)r->to - 1, (long long)r->size,
		    r->selection ? "; a selection: it says "
				   "nothing of what it leaves out" :
				   "",
		    "seen", (long long)r->records, (long long)r->erased,
		    r->unexplained > 0 ? "; by whose word, this bundle does "
					 "not show for all" :
					 "");
	if (!r->good)
		fprintf(cli->out, "%-9s line %lld: %s\n", "WRONG",
		    (long long)r->line, text_plain(a, r->what));
	else if (!r->trusted)
		fprintf(cli->out,
		    "%-9s consistent, but signed by a key that "
		    "only the bundle names: give --key\n",
		    "verdict");
	else
		fprintf(cli->out, "%-9s verified\n", "verdict");
}

int
run_verify(struct cli *cli, struct err *e)
{
	const char *path = cli_value(cli, "file");
	const char *since = cli_value(cli, "since");
	struct bundle_want want = { NULL, NULL };
	struct bundle_report report = { 0 };
	size_t n;

	if (cli_value(cli, "key") != NULL &&
	    (want.vkey = key_text(cli, cli_value(cli, "key"), e)) == NULL)
		return -1;
	if (since != NULL &&
	    (want.since = file_read(&cli->arena, since, NOTE_MAX, &n, e)) ==
		NULL)
		return -1;
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	if (f == NULL)
		return err_set(e, ERR_INPUT, "%s: %s", path, strerror(errno));
	int ret = bundle_verify(f, &want, &report, e);
	if (f != stdin)
		fclose(f);
	if (ret != 0)
		return err_within(e, "%s: ", path);
	if (cli->json)
		report_json(cli, &report);
	else
		report_print(cli, &report);
	if (report.good)
		return 0;
	if (*report.origin == '\0')
		return err_set(e, ERR_REFUSED, "%s: %s", path, report.what);
	return err_set(e, ERR_REFUSED, "%s: is not what was signed", path);
}

int
run_checkpoint(struct cli *cli, struct err *e)
{
	if (cli_value(cli, "sign") != NULL &&
	    ask_command(cli, "evidence.checkpoint", "{}", e) == NULL)
		return -1;
	const char *row = client_call(cli, "/v1/evidence/checkpoint", NULL, e);
	if (row == NULL)
		return -1;
	const char *note = json_member_text(&cli->arena, row, "note");
	if (cli->json || note == NULL)
		fprintf(cli->out, "%s\n", row);
	else
		fputs(note, cli->out);
	return 0;
}

int
run_key(struct cli *cli, struct err *e)
{
	const char *row = client_call(cli, "/v1/evidence/key", NULL, e);

	if (row == NULL)
		return -1;
	const char *key = json_member_text(&cli->arena, row, "vkey");
	fprintf(cli->out, "%s\n",
	    cli->json || key == NULL ? row : text_plain(&cli->arena, key));
	return 0;
}
