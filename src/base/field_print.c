/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a field table says to readers: a JSON Schema for editors, and text
 * for manuals.
 */
#include <string.h>

#include <muster/field.h>

#define WIDTH 78
#define SPAN_PATTERN "^([0-9]+(ms|s|m|h|d)|P[0-9WDTHMS]+)$"

static void
line(struct buf *b, int indent)
{
	buf_printf(b, "\n%*s", indent, "");
}

/* A text, or one of some words. */
static void
schema_text(struct buf *b, const char *const *w)
{
	buf_str(b, "\"type\": \"string\"");
	if (w == NULL)
		return;
	buf_str(b, ", \"enum\": [");
	for (size_t i = 0; w[i] != NULL; i++) {
		buf_str(b, i > 0 ? ", " : "");
		json_string(b, w[i]);
	}
	buf_char(b, ']');
}

static void
schema_type(struct buf *b, const struct field *f, int indent)
{
	line(b, indent);
	switch (f->kind) {
	case FIELD_TEXT:
		schema_text(b, f->words);
		break;
	case FIELD_INT:
		if ((f->flags & F_TIME) != 0)
			buf_str(b,
			    "\"type\": \"string\","
			    " \"format\": \"date-time\"");
		else if ((f->flags & F_SPAN) != 0)
			buf_str(b,
			    "\"type\": \"string\","
			    " \"pattern\": \"" SPAN_PATTERN "\"");
		else
			buf_str(b, "\"type\": \"integer\"");
		break;
	case FIELD_BOOL:
		buf_str(b, "\"type\": \"boolean\"");
		break;
	case FIELD_JSON:
		buf_str(b,
		    "\"type\": [\"object\", \"array\", \"string\","
		    " \"number\", \"boolean\", \"null\"]");
		break;
	case FIELD_TEXTS:
		buf_str(b, "\"type\": \"array\", \"items\": { ");
		schema_text(b, f->words);
		buf_str(b, " }");
		break;
	case FIELD_ONE:
		buf_str(b, "\"allOf\": [");
		field_schema(b, f->sub, indent + 2);
		buf_char(b, ']');
		break;
	case FIELD_MANY:
		buf_str(b, "\"type\": \"array\", \"items\": ");
		field_schema(b, f->sub, indent + 2);
		break;
	}
}

static void
schema_member(struct buf *b, const struct field *f, int indent)
{
	json_string(b, f->name);
	buf_str(b, ": {");
	if (f->help != NULL) {
		line(b, indent + 2);
		buf_str(b, "\"description\": ");
		json_string(b, f->help);
		buf_char(b, ',');
	}
	if (f->fallback != NULL) {
		line(b, indent + 2);
		buf_printf(b, "\"default\": %s,", f->fallback);
	}
	if ((f->flags & F_SECRET) != 0) {
		line(b, indent + 2);
		buf_str(b, "\"writeOnly\": true,");
	}
	schema_type(b, f, indent + 2);
	line(b, indent);
	buf_char(b, '}');
}

static void
schema_required(struct buf *b, const struct field *table, int indent)
{
	const char *before = "";

	line(b, indent);
	buf_str(b, "\"required\": [");
	for (const struct field *f = table; f->name != NULL; f++) {
		if ((f->flags & F_NEED) == 0)
			continue;
		buf_str(b, before);
		json_string(b, f->name);
		before = ", ";
	}
	buf_str(b, "],");
}

void
field_schema(struct buf *b, const struct field *table, int indent)
{
	const char *before = "";

	buf_char(b, '{');
	if (indent == 0) {
		line(b, 2);
		buf_str(b,
		    "\"$schema\":"
		    " \"https://json-schema.org/draft/2020-12/schema\",");
	}
	line(b, indent + 2);
	buf_str(b, "\"type\": \"object\",");
	line(b, indent + 2);
	buf_str(b, "\"additionalProperties\": false,");
	schema_required(b, table, indent + 2);
	line(b, indent + 2);
	buf_str(b, "\"properties\": {");
	if (indent == 0) {
		line(b, 4);
		buf_str(b, "\"$schema\": { \"type\": \"string\" }");
		before = ",";
	}
	for (const struct field *f = table; f->name != NULL; f++) {
		buf_str(b, before);
		line(b, indent + 4);
		schema_member(b, f, indent + 4);
		before = ",";
	}
	line(b, indent + 2);
	buf_char(b, '}');
	line(b, indent);
	buf_char(b, '}');
}

static const char *
kind_word(const struct field *f)
{
	static const char *const words[] = {
		[FIELD_TEXT] = "text",
		[FIELD_INT] = "integer",
		[FIELD_BOOL] = "true or false",
		[FIELD_JSON] = "any JSON",
		[FIELD_TEXTS] = "list of texts",
		[FIELD_ONE] = "object",
		[FIELD_MANY] = "list of objects",
	};

	if ((f->flags & F_TIME) != 0)
		return "time (RFC 3339)";
	if ((f->flags & F_SPAN) != 0)
		return "span (200ms, 5s, 3m, 2h, 14d or ISO 8601)";
	return words[f->kind];
}

/* The sentence, broken between words. */
static void
wrapped(struct buf *b, const char *text, int indent)
{
	int column = WIDTH;

	while (*text != '\0') {
		int n = (int)strcspn(text, " ");

		if (column + 1 + n > WIDTH) {
			line(b, indent);
			column = indent;
		} else {
			buf_char(b, ' ');
			column++;
		}
		buf_add(b, text, (size_t)n);
		column += n;
		text += n;
		text += strspn(text, " ");
	}
}

static void
manual_member(struct buf *b, const struct field *f, int indent)
{
	buf_printf(b, "%*s%s: %s", indent, "", f->name, kind_word(f));
	if (f->words != NULL) {
		buf_str(b, ", one of");
		for (size_t i = 0; f->words[i] != NULL; i++)
			buf_printf(b, " %s", f->words[i]);
	}
	if ((f->flags & F_NEED) != 0)
		buf_str(b, ", needed");
	if ((f->flags & F_SECRET) != 0)
		buf_str(b, ", secret");
	if (f->fallback != NULL)
		buf_printf(b, "; without it %s", f->fallback);
	if (f->help != NULL) {
		wrapped(b, f->help, indent + 4);
		buf_char(b, '.');
	}
	buf_char(b, '\n');
}

void
field_manual(struct buf *b, const struct field *table, int indent)
{
	for (const struct field *f = table; f->name != NULL; f++) {
		manual_member(b, f, indent);
		if (f->sub != NULL)
			field_manual(b, f->sub, indent + 4);
	}
}
