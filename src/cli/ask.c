/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ask.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/action.h"
#include "cli/client.h"
#include "cli/text.h"

#define NUMBERS_MAX 1000 /* events of one command, as the engine bounds them */

const char *
ask_path(struct cli *cli, const char *path)
{
	struct buf b = { .arena = &cli->arena };

	while (*path != '\0') {
		size_t n = strcspn(path, "{");

		buf_add(&b, path, n);
		path += n;
		if (*path == '\0')
			break;
		n = strcspn(path, "}");
		const char *value = cli_value(cli,
		    arena_mem(&cli->arena, path + 1, n - 1));
		buf_str(&b, url_quote(&cli->arena, value == NULL ? "" : value));
		path += n + 1;
	}
	return buf_text(&b);
}

int
ask_rows(struct cli *cli, const char *path, struct rows *rows, struct err *e)
{
	const char *next = NULL;

	do {
		const char *page = client_call(cli,
		    next == NULL ?
			path :
			arena_printf(&cli->arena, "%s%cafter=%s", path,
			    strchr(path, '?') == NULL ? '?' : '&',
			    url_quote(&cli->arena, next)),
		    NULL, e);

		if (page == NULL || rows_add(cli, rows, page, &next, e) != 0)
			return -1;
	} while (next != NULL);
	return 0;
}

const char *
ask_command(struct cli *cli, const char *command, const char *body,
    struct err *e)
{
	return client_call(cli,
	    arena_printf(&cli->arena, "/v1/commands/%s", command), body, e);
}

long long
ask_number(struct cli *cli, const char *answer, const char *name)
{
	const char *text = json_member_text(&cli->arena, answer, name);

	return text == NULL ? 0 : strtoll(text, NULL, 10);
}

/* In memory that outlives the arena. */
struct numbers {
	long long at[NUMBERS_MAX];
	size_t n;
};

static int
number_take(void *ctx, const char *key, const char *value, struct err *e)
{
	struct numbers *l = ctx;

	(void)key;
	if (l->n == NUMBERS_MAX)
		return err_set(e, ERR_BUG, "more than one command begins");
	l->at[l->n++] = strtoll(value, NULL, 10);
	return 0;
}

int
ask_each(struct cli *cli, const char *answer, const char *list,
    int (*each)(struct cli *, long long, struct err *), struct err *e)
{
	const char *text = json_member(&cli->arena, answer, list);
	struct numbers l = { .n = 0 };
	struct err one;
	bool failed = false;

	if (text != NULL &&
	    json_each(&cli->arena, text, number_take, &l, e) != 0)
		return -1;
	for (size_t i = 0; i < l.n; i++) {
		if (each(cli, l.at[i], &one) == 0)
			continue;
		*e = one;
		failed = true;
	}
	return failed ? -1 : (int)l.n;
}

void
ask_pause(void)
{
	nanosleep(&(struct timespec){ 0, 250000000 }, NULL);
}

static int
list_print(struct cli *cli, const char *path, struct err *e)
{
	const struct action *a = cli->action;
	struct rows rows = { 0 };
	const char *next = NULL, *page;

	if (cli->all && ask_rows(cli, path, &rows, e) != 0)
		return -1;
	if (!cli->all) {
		page = client_call(cli, path, NULL, e);
		if (page == NULL)
			return -1;
		if (cli->json)
			return fprintf(cli->out, "%s\n", page) < 0 ? -1 : 0;
		if (rows_add(cli, &rows, page, &next, e) != 0)
			return -1;
	}
	if (cli->json) {
		for (size_t i = 0; i < rows.n; i++)
			fprintf(cli->out, "%s%s\n",
			    i == 0 ? "{\"items\":[" : ",", rows.item[i]);
		fputs(rows.n == 0 ? "{\"items\":[]}\n" : "]}\n", cli->out);
		return 0;
	}
	show_table(cli, &rows, action_row(a), a->columns);
	if (next != NULL)
		fprintf(stderr,
		    "muster: there are more: --after %s goes on, "
		    "--all prints everything\n",
		    next);
	return 0;
}

int
run_read(struct cli *cli, struct err *e)
{
	const struct action *a = cli->action;
	const char *path = ask_path(cli, a->path);

	if (a->columns != NULL)
		return list_print(cli,
		    arena_printf(&cli->arena, "%s%s", path,
			cli_query(cli, NULL)),
		    e);
	const char *row = client_call(cli, path, NULL, e);
	if (row == NULL)
		return -1;
	if (cli->json)
		fprintf(cli->out, "%s\n", row);
	else
		show_object(cli, row, action_row(a));
	return 0;
}

/* The sentence with {member} from the answer or from what was given; NULL
   if there is a member that neither knows. */
static const char *
sentence(struct cli *cli, const char *says, const char *answer)
{
	struct buf b = { .arena = &cli->arena };

	while (says != NULL && *says != '\0') {
		size_t n = strcspn(says, "{");

		buf_add(&b, says, n);
		says += n;
		if (*says == '\0')
			return buf_text(&b);
		n = strcspn(says, "}");
		char *name = arena_mem(&cli->arena, says + 1, n - 1);
		const char *value = json_member_text(&cli->arena, answer, name);
		if (value == NULL)
			value = cli_value(cli, name);
		if (value == NULL)
			return NULL;
		buf_str(&b, text_plain(&cli->arena, value));
		says += n + 1;
	}
	return says == NULL ? NULL : buf_text(&b);
}

int
run_tell(struct cli *cli, struct err *e)
{
	const struct action *a = cli->action;
	const char *body = cli_body(cli, a->fixed, NULL);
	const char *answer = a->command != NULL ?
	    ask_command(cli, a->command, body, e) :
	    client_call(cli, a->path, body, e);

	if (answer == NULL)
		return -1;
	const char *says = sentence(cli, a->says, answer);
	if (cli->json)
		fprintf(cli->out, "%s\n", answer);
	else if (says != NULL)
		fprintf(cli->out, "%s\n", says);
	else if (strcmp(answer, "{}") == 0)
		fputs("done\n", cli->out);
	else
		show_object(cli, answer, NULL);
	return 0;
}
