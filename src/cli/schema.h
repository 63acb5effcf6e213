/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a configuration set, as JSON Schema and as manual text.
 */
#ifndef CLI_SCHEMA_H
#define CLI_SCHEMA_H

#include <muster/field.h>

struct schema {
	const char *name; /* "system": schemas/system.schema.json */
	const char *file; /* what it describes */
	const struct field *table;
	bool open;	   /* takes members that others declare */
	const char *named; /* member that is an object of name to sub */
	const struct field *sub;
	const char *help;
};

extern const struct schema schemas[]; /* ends with a NULL name */

/* The whole text, with a newline at its end. */
const char *schema_text(struct arena *, const struct schema *);

#endif
