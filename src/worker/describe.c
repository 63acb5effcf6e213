/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/describe.h"

#include <string.h>

struct flag {
	unsigned bit;
	const char *word;
};

static const struct flag op_words[] = {
	{ OP_READS, "reads" },
	{ OP_REPEATABLE, "repeatable" },
	{ OP_STREAMS, "streams" },
	{ OP_REVOKES, "revokes" },
	{ OP_UNVERIFIED, "unverified" },
	{ 0, NULL },
};

static const struct flag need_words[] = {
	{ NEED_NETWORK, "network" },
	{ NEED_EXEC, "exec" },
	{ 0, NULL },
};

static void
flags_write(struct buf *b, unsigned flags, const struct flag *words)
{
	const char *comma = "";

	buf_char(b, '[');
	for (; words->bit != 0; words++)
		if (flags & words->bit) {
			buf_printf(b, "%s\"%s\"", comma, words->word);
			comma = ", ";
		}
	buf_char(b, ']');
}

static void
text_write(struct buf *b, const char *text)
{
	if (text == NULL)
		buf_str(b, "null");
	else
		json_string(b, text);
}

static void
schema_write(struct buf *b, const struct field *table, int indent)
{
	if (table == NULL)
		buf_str(b, "{ \"type\": \"object\" }");
	else
		field_schema(b, table, indent);
}

static void
op_write(struct buf *b, const struct op *op)
{
	buf_str(b, "    {\n      \"verb\": ");
	text_write(b, op->verb);
	buf_str(b, ",\n      \"help\": ");
	text_write(b, op->help);
	buf_str(b, ",\n      \"flags\": ");
	flags_write(b, op->flags, op_words);
	buf_str(b, ",\n      \"in\": ");
	schema_write(b, op->in, 6);
	buf_printf(b,
	    ",\n      \"%s\": ", op->flags & OP_STREAMS ? "row" : "out");
	schema_write(b, op->out, 6);
	buf_str(b, "\n    }");
}

void
describe_provider(struct buf *b, const struct muster_provider *p)
{
	buf_str(b, "{\n  \"provider\": ");
	text_write(b, p->name);
	buf_str(b, ",\n  \"help\": ");
	text_write(b, p->help);
	buf_printf(b, ",\n  \"abi\": %d,\n  \"needs\": ", p->abi);
	flags_write(b, p->needs, need_words);
	buf_str(b, ",\n  \"config\": ");
	schema_write(b, p->config != NULL ? p->config : nothing_fields, 2);
	buf_str(b, ",\n  \"operations\": [");
	for (const struct op *op = p->ops; op->verb != NULL; op++) {
		buf_str(b, op == p->ops ? "\n" : ",\n");
		op_write(b, op);
	}
	buf_str(b, p->ops->verb != NULL ? "\n  ],\n" : "],\n");
	buf_printf(b, "  \"more_operations\": %s\n}\n",
	    p->more_ops != NULL ? "true" : "false");
}
