/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: one call of "muster", from its arguments to its exit
 * status.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdio.h>

#include <muster/field.h>

struct action;

struct given { /* one argument, as the table names it */
	const struct field *field;
	const char *value;
};

struct cli {
	struct arena arena;
	const struct action *action;
	const char *group; /* help was asked for this noun, without a verb */
	struct given given[48];
	size_t n;
	const char *socket;
	bool json;	 /* print what the API said, as it is */
	bool wait;	 /* until what was begun has ended */
	bool all;	 /* every page */
	bool color, tty; /* of the standard output */
	int width;	 /* of the terminal; 0: do not cut */
	FILE *out;	 /* standard output, but in tests */
};

/* The value that was given for a member; NULL: none.  That of a time is the
   arena's. */
const char *cli_value(const struct cli *, const char *name);
/* A JSON object of what was given, but for the members that leave names
   (comma separated; may be NULL); fixed members ("\"on\":true") go in
   front. */
const char *cli_body(struct cli *, const char *fixed, const char *leave);
/* "?state=open&limit=10" of what was given, or "". */
const char *cli_query(struct cli *, const char *leave);

#endif
