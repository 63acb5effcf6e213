/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/schema.h"

#include <string.h>

#include "base/file.h"
#include "cli/action.h"
#include "cli/cli.h"
#include "model/config.h"
#include "model/event.h"

const struct schema schemas[] = {
	{ "muster", "muster.json", settings_fields,
	    .help = "the instance: who may do what, guards, channels" },
	{ "system", "systems/NAME.json", system_def_fields, .open = true,
	    .help = "a system; the provider's own members stand beside "
		    "these" },
	{ "role", "roles/NAME.json", role_def_fields, .named = "accounts",
	    .sub = role_account_fields,
	    .help = "what identities of a kind should hold" },
	{ "workflow", "workflows/NAME.json", workflow_def_fields,
	    .named = "steps", .sub = workflow_step_fields,
	    .help = "what is done, in which order" },
	{ "feed", "feeds/NAME.json", feed_def_fields,
	    .help = "a source of events or snapshots" },
	{ "person", "what a feed's map makes of a row", person_fields,
	    .help = "one row, one event" },
	{ NULL }
};

static const char any[] = "\"type\": [\"object\", \"array\", \"string\","
			  " \"number\", \"boolean\", \"null\"]";

/* The text with the first piece behind a place replaced. */
static const char *
replaced(struct arena *a, const char *text, const char *behind,
    const char *piece, const char *with)
{
	const char *at = strstr(text, behind);
	const char *from = at == NULL ? NULL : strstr(at, piece);

	if (from == NULL)
		return text;
	return arena_printf(a, "%.*s%s%s", (int)(from - text), text, with,
	    from + strlen(piece));
}

const char *
schema_text(struct arena *a, const struct schema *s)
{
	struct buf b = { .arena = a }, sub = { .arena = a };

	field_schema(&b, s->table, 0);
	buf_char(&b, '\n');
	const char *text = buf_text(&b);
	if (s->open)
		text = replaced(a, text, "{", "\"additionalProperties\": false",
		    "\"additionalProperties\": true");
	if (s->named == NULL)
		return text;
	field_schema(&sub, s->sub, 6);
	return replaced(a, text, arena_printf(a, "\"%s\": {", s->named), any,
	    arena_printf(a,
		"\"type\": \"object\", "
		"\"additionalProperties\": %s",
		buf_text(&sub)));
}

static int
schema_save(struct cli *cli, const struct schema *s, const char *dir,
    struct err *e)
{
	const char *text = schema_text(&cli->arena, s);

	return file_replace(arena_printf(&cli->arena, "%s/%s.schema.json", dir,
				s->name),
	    text, strlen(text), 0644, e);
}

int
run_schema(struct cli *cli, struct err *e)
{
	const char *name = cli_value(cli, "name");
	const char *dir = cli_value(cli, "dir");

	for (const struct schema *s = schemas; s->name != NULL; s++) {
		if (name != NULL && strcmp(name, s->name) != 0)
			continue;
		if (dir != NULL && schema_save(cli, s, dir, e) != 0)
			return -1;
		if (dir == NULL && name == NULL)
			fprintf(cli->out, "%-10s %-20s %s\n", s->name, s->file,
			    s->help);
		else if (dir == NULL)
			fputs(schema_text(&cli->arena, s), cli->out);
		if (name != NULL)
			return 0;
	}
	return name == NULL ? 0 :
			      err_set(e, ERR_GONE,
				  "%s: no such schema; "
				  "\"muster schema\" lists them",
				  name);
}
