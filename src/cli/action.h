/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that "muster" can do, one row each.  Arguments, usage, the
 * manual page, completion and output all come from the row.
 */
#ifndef CLI_ACTION_H
#define CLI_ACTION_H

#include "cli/cli.h"

struct listing;

struct action {
	const char *noun, *name; /* name NULL: the noun stands alone */
	const char *words;	 /* positional members: "id", "feed file",
				   "system?" may be left out */
	const struct field *in;	 /* members; NULL: of the listing or command */
	const char *path;	 /* of the API; {member} is filled in */
	const char *command;	 /* or: POST /v1/commands/COMMAND */
	const char *fixed;	 /* members that are always sent */
	const char *columns;	 /* of a list: "id,who,state" */
	const struct field *row; /* of the answer; NULL: of the listing */
	const char *says;	 /* after a command: "run {id} has begun" */
	int (*run)(struct cli *, struct err *); /* NULL: as path or command
						   says */
	const char *help;
};

extern const struct action actions[]; /* ends with a NULL noun */

/* The members that it takes. */
const struct field *action_in(const struct action *);
/* Whether the member may be given: it is not one that is always sent. */
bool action_takes(const struct action *, const struct field *);
/* Whether the member is one of the words. */
bool action_has_word(const struct action *, const struct field *);
/* The rows that it answers; NULL: none. */
const struct field *action_row(const struct action *);
/* By noun and name; *used gets how many words they were.  NULL: unknown. */
const struct action *action_find(int argc, char **argv, int *used);
/* The words, one by one: calls each(ctx, name, optional). */
void action_words(const struct action *,
    void (*each)(void *ctx, const char *name, size_t n, bool optional),
    void *ctx);

/* Actions that are more than one request. */
int run_status(struct cli *, struct err *);
int run_identity_show(struct cli *, struct err *);
int run_event_add(struct cli *, struct err *);
int run_feed_load(struct cli *, struct err *);
int run_load_show(struct cli *, struct err *);
int run_run_show(struct cli *, struct err *);
int run_run_start(struct cli *, struct err *);
int run_plan(struct cli *, struct err *);
int run_plan_show(struct cli *, struct err *);
int run_apply(struct cli *, struct err *);
int run_reconcile(struct cli *, struct err *);
int run_export(struct cli *, struct err *);
int run_verify(struct cli *, struct err *);
int run_checkpoint(struct cli *, struct err *);
int run_key(struct cli *, struct err *);
int run_provider_list(struct cli *, struct err *);
int run_provider_show(struct cli *, struct err *);
int run_check(struct cli *, struct err *);
int run_schema(struct cli *, struct err *);
int run_help(struct cli *, struct err *);

/* The two that most are: a request that reads, a command that changes. */
int run_read(struct cli *, struct err *);
int run_tell(struct cli *, struct err *);

#endif
