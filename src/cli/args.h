/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was typed, as members of the action's table.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "cli/cli.h"

/* Options that every action takes. */
struct general {
	const char *socket;
	bool json, wait, all, help, version;
};
extern const struct field general_fields[];

/*
 * Reads options and words into cli: "--dry-run" and "--dry-run=yes" for a
 * boolean, "--state open" and "--state=open" for the rest, "--" before
 * words that begin with a dash.  argv[0] is the program.  ERR_INPUT says
 * what is wrong and what there is.
 */
int args_read(struct cli *, int argc, char **argv, struct general *,
    struct err *) __attribute__((warn_unused_result));

/* "+30d" as the time that is so far from now; NULL with ERR_INPUT. */
const char *time_from_now(struct arena *, const char *, struct err *);

/* "dry-run" for the member dry_run. */
const char *option_name(struct arena *, const struct field *);

#endif
