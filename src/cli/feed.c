/* SPDX-License-Identifier: Apache-2.0 */
/*
 * muster feed load, muster load show, muster event add.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "api/listing.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json_scan.h"
#include "cli/action.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/await.h"
#include "cli/client.h"
#include "cli/text.h"
#include "model/event.h"

enum { EVENTS_MAX = 900 << 10 }; /* bytes of events in one request */

/* The standard input has no size and cannot be read twice: it is copied. */
static FILE *
file_open(const char *path, struct err *e)
{
	char part[65536];
	struct stat st;
	size_t n;
	FILE *f = strcmp(path, "-") == 0 ? tmpfile() : fopen(path, "rb");

	if (f == NULL)
		return err_set(e, ERR_INPUT, "%s: %s", path, strerror(errno)),
		       NULL;
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		fclose(f);
		return err_set(e, ERR_INPUT, "%s: is a folder, not a file",
			   path),
		       NULL;
	}
	if (strcmp(path, "-") != 0)
		return f;
	while ((n = fread(part, 1, sizeof(part), stdin)) > 0)
		if (fwrite(part, 1, n, f) != n)
			break;
	if (ferror(stdin) != 0 || fflush(f) != 0) {
		err_set(e, ERR_FULL,
		    "the standard input cannot be read "
		    "whole");
		fclose(f);
		return NULL;
	}
	rewind(f);
	return f;
}

/* Its SHA-256, so that the daemon sees what is missing. */
static long long
file_digest(FILE *f, char hex[DIGEST_HEX])
{
	char part[65536];
	unsigned char sum[DIGEST_LEN];
	struct digest_ctx *d = digest_begin();
	long long size = 0;
	size_t n;

	while ((n = fread(part, 1, sizeof(part), f)) > 0) {
		digest_more(d, part, n);
		size += (long long)n;
	}
	digest_end(d, sum);
	hex_encode(hex, sum, sizeof(sum));
	rewind(f);
	return size;
}

static const char *
load_path(struct cli *cli, FILE *f, long long *size)
{
	struct arena *a = &cli->arena;
	const char *file = cli_value(cli, "file"), *name, *dated;
	char hex[DIGEST_HEX], when[TIME_TEXT];
	struct stat st;

	*size = file_digest(f, hex);
	name = cli_value(cli, "name");
	if (name == NULL)
		name = strcmp(file, "-") == 0  ? "stdin" :
		    strrchr(file, '/') == NULL ? file :
						 strrchr(file, '/') + 1;
	dated = cli_value(cli, "dated");
	if (dated == NULL && fstat(fileno(f), &st) == 0)
		dated = time_format(when, (int64_t)st.st_mtime * SECOND);
	return arena_printf(a, "/v1/feeds/%s/load?name=%s&digest=%s%s%s%s",
	    url_quote(a, cli_value(cli, "feed")), url_quote(a, name), hex,
	    dated == NULL ? "" : "&dated=",
	    dated == NULL ? "" : url_quote(a, dated),
	    cli_value(cli, "dry_run") == NULL ? "" : "&dry_run=yes");
}

/* What a load has come to; 1 while it is going on, 0, -1. */
static int
load_look(struct cli *cli, long long id, const char **row, struct err *e)
{
	static const char *const going[] = { "reading", "assessing", NULL };

	*row = client_call(cli, arena_printf(&cli->arena, "/v1/loads/%lld", id),
	    NULL, e);
	if (*row == NULL)
		return -1;
	const char *state = json_member_text(&cli->arena, *row, "state");
	for (const char *const *w = going; state != NULL && *w != NULL; w++)
		if (strcmp(*w, state) == 0)
			return 1;
	return 0;
}

static int
load_print(struct cli *cli, const char *row, struct err *e)
{
	struct arena *a = &cli->arena;
	const char *state = json_member_text(a, row, "state");
	const char *hold = json_member_text(a, row, "hold");

	if (cli->json)
		fprintf(cli->out, "%s\n", row);
	else
		fprintf(cli->out,
		    "load %s of %s: %s: %s, %s bad, "
		    "%s left out, %s\n",
		    cell_text(a, row, load_fields, "id"),
		    cell_text(a, row, load_fields, "feed"),
		    state == NULL ? "?" : state,
		    text_count(a, ask_number(cli, row, "rows"), "row", "rows"),
		    cell_text(a, row, load_fields, "bad"),
		    cell_text(a, row, load_fields, "skipped"),
		    text_count(a, ask_number(cli, row, "events"), "change",
			"changes"));
	if (!cli->json && state != NULL && strcmp(state, "accepted") == 0 &&
	    ask_number(cli, row, "events") > 0)
		fputs("what follows goes on: \"muster run list\"\n", cli->out);
	if (state != NULL && strcmp(state, "refused") == 0)
		return err_set(e, ERR_REFUSED, "refused whole: %s",
		    cell_text(a, row, load_fields, "error"));
	if (state != NULL && strcmp(state, "held") == 0)
		return err_set(e, ERR_REFUSED,
		    "held by a guard, nothing was "
		    "applied: \"muster hold show %s\"",
		    hold == NULL ? "?" : hold);
	return 0;
}

/* Until its effects are counted: what became of it then. */
static int
load_await(struct cli *cli, long long id, struct err *e)
{
	const char *row;
	int going;

	while ((going = load_look(cli, id, &row, e)) == 1) {
		arena_reset(&cli->arena);
		ask_pause();
	}
	return going < 0 ? -1 : load_print(cli, row, e);
}

/* A file that was only checked: each bad row, as load errors lists them. */
static int
check_print(struct cli *cli, const char *answer, struct err *e)
{
	struct arena *a = &cli->arena;
	const char *list = json_member(a, answer, "bad_rows"), *next;
	struct rows bad = { 0 };
	long long n = ask_number(cli, answer, "bad");

	if (cli->json)
		fprintf(cli->out, "%s\n", answer);
	else if (n > 0) {
		if (rows_add(cli, &bad, arena_printf(a, "{\"items\":%s}", list),
			&next, e) != 0)
			return -1;
		show_table(cli, &bad, bad_row_fields, "place,key,reason");
		if ((size_t)n > bad.n)
			fprintf(cli->out, "and %lld more\n",
			    n - (long long)bad.n);
	}
	if (!cli->json)
		fprintf(cli->out,
		    "checked, and nothing changed: %s, %lld bad, "
		    "%lld left out\n",
		    text_count(a, ask_number(cli, answer, "rows"), "row",
			"rows"),
		    n, ask_number(cli, answer, "skipped"));
	return n == 0 ? 0 :
			err_set(e, ERR_INPUT, "%s",
			    text_count(a, n, "bad row", "bad rows"));
}

int
run_feed_load(struct cli *cli, struct err *e)
{
	FILE *f = file_open(cli_value(cli, "file"), e);
	long long size;

	if (f == NULL)
		return -1;
	const char *path = load_path(cli, f, &size);
	const char *answer = client_send(cli, path, f, size, e);
	fclose(f);
	if (answer == NULL)
		return -1;
	long long id = ask_number(cli, answer, "id");
	long long same = ask_number(cli, answer, "same_as");
	if (id != 0)
		return cli->wait ? load_await(cli, id, e) :
				   load_print(cli, answer, e);
	if (cli_value(cli, "dry_run") != NULL)
		return check_print(cli, answer, e);
	if (cli->json)
		fprintf(cli->out, "%s\n", answer);
	else if (same != 0)
		fprintf(cli->out,
		    "the same file as load %lld, which was "
		    "accepted: nothing to do\n",
		    same);
	else
		show_object(cli, answer, NULL);
	return 0;
}

int
run_load_show(struct cli *cli, struct err *e)
{
	const char *row = client_call(cli, ask_path(cli, "/v1/loads/{id}"),
	    NULL, e);
	struct rows bad = { 0 };

	if (row == NULL)
		return -1;
	if (cli->json)
		return fprintf(cli->out, "%s\n", row) < 0 ? -1 : 0;
	show_object(cli, row, load_fields);
	if (ask_number(cli, row, "bad") == 0)
		return 0;
	if (ask_rows(cli, ask_path(cli, "/v1/bad_rows?load={id}"), &bad, e) !=
	    0)
		return -1;
	fputc('\n', cli->out);
	show_table(cli, &bad, bad_row_fields, "place,key,reason");
	return 0;
}

/* "+14d" counts from now; other times stay as typed, since the feed's zone
   says what they mean. */
static int
times_settle(struct cli *cli, struct err *e)
{
	static const char *const times[] = { "effective", "start", "end" };

	for (size_t i = 0; i < 3 * cli->n; i++) {
		struct given *g = &cli->given[i / 3];

		if (strcmp(g->field->name, times[i % 3]) != 0 ||
		    *g->value != '+')
			continue;
		g->value = time_from_now(&cli->arena, g->value, e);
		if (g->value == NULL)
			return err_within(e, "--%s: ", g->field->name);
	}
	return 0;
}

/* One event from options; NULL if none was given. */
static const char *
event_typed(struct cli *cli, struct err *e)
{
	const char *set = cli_value(cli, "set");

	if (times_settle(cli, e) != 0)
		return NULL;
	const char *body = cli_body(cli, NULL, "feed,file,set,dry_run");
	if (set == NULL)
		return body;
	body = json_merge(&cli->arena, body, set, e);
	return body != NULL ? body : (err_within(e, "--set: "), NULL);
}

/* Whether only blanks are left; they are passed. */
static bool
ended(struct json_scan *s)
{
	while (s->at < s->end && strchr(" \t\r\n", *s->at) != NULL)
		s->at++;
	return s->at == s->end;
}

/* A JSON array, or JSON values one after another, as one array. */
static const char *
events_read(struct cli *cli, const char *path, struct err *e)
{
	struct buf b = { .arena = &cli->arena };
	FILE *f = file_open(path, e);
	char part[65536];
	size_t n;

	if (f == NULL)
		return NULL;
	while ((n = fread(part, 1, sizeof(part), f)) > 0 && b.len <= EVENTS_MAX)
		buf_add(&b, part, n);
	fclose(f);
	if (b.len > EVENTS_MAX)
		return err_set(e, ERR_INPUT,
			   "%s: more than one request may "
			   "have; define a feed and use \"muster feed load\"",
			   path),
		       NULL;
	struct json_scan s = { .at = buf_text(&b), .end = b.at + b.len };
	if (!ended(&s) && *s.at == '[')
		return buf_text(&b);
	struct buf all = { .arena = &cli->arena };
	struct span piece;
	while (!ended(&s) && json_skip(&s, &piece)) {
		buf_char(&all, all.len == 0 ? '[' : ',');
		buf_add(&all, piece.at, piece.n);
	}
	buf_str(&all, all.len == 0 ? "[]" : "]");
	if (s.fault == NULL)
		return buf_text(&all);
	json_fault(&s, buf_text(&b), e);
	err_within(e, "%s: ", path);
	return NULL;
}

/* What was taken, and yet changes nobody for now. */
static void
added_print(struct cli *cli, const char *answer)
{
	long long held = ask_number(cli, answer, "held");
	long long unknown = ask_number(cli, answer, "unknown_keys");

	if (held > 0)
		fprintf(cli->out,
		    "%s by a guard: \"muster hold list\" says which\n",
		    text_count(&cli->arena, held, "is held", "are held"));
	if (unknown > 0)
		fprintf(cli->out,
		    "%s that nobody of feed %s has: nothing changes until "
		    "somebody does\n",
		    text_count(&cli->arena, unknown, "names a key",
			"name a key"),
		    cli_value(cli, "feed"));
}

int
run_event_add(struct cli *cli, struct err *e)
{
	const char *file = cli_value(cli, "file"), *events;
	struct buf body = { .arena = &cli->arena };

	if (file == NULL && cli_value(cli, "key") == NULL)
		return err_set(e, ERR_INPUT,
		    "give a file of events, or "
		    "--key and --event");
	if (file != NULL)
		events = events_read(cli, file, e);
	else if ((events = event_typed(cli, e)) != NULL)
		events = arena_printf(&cli->arena, "[%s]", events);
	if (events == NULL)
		return -1;
	buf_str(&body, "{\"feed\":");
	json_string(&body, cli_value(cli, "feed"));
	buf_printf(&body, ",\"events\":%s%s}", events,
	    cli_value(cli, "dry_run") == NULL ? "" : ",\"dry_run\":true");
	const char *answer = ask_command(cli, "event.add", buf_text(&body), e);
	if (answer == NULL)
		return -1;
	if (cli->json)
		fprintf(cli->out, "%s\n", answer);
	else {
		show_object(cli, answer, NULL);
		added_print(cli, answer);
	}
	fflush(cli->out);
	if (!cli->wait || ask_each(cli, answer, "events", await_event, e) >= 0)
		return 0;
	if (e->cls == ERR_DENIED)
		err_within(e, "it was handed in; to wait for it: ");
	return -1;
}
