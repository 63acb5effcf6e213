/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question or one command to the API, as an action describes it.
 */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "cli/cli.h"
#include "cli/show.h"

/* The path with every {member} filled in from what was given. */
const char *ask_path(struct cli *, const char *path);
/* All rows of a list, page by page; path has no "after" yet. */
int ask_rows(struct cli *, const char *path, struct rows *, struct err *)
    __attribute__((warn_unused_result));
/* Gives a command; the answer. */
const char *ask_command(struct cli *, const char *command, const char *body,
    struct err *);
/* The number that an answer has under this name, 0 if none. */
long long ask_number(struct cli *, const char *answer, const char *name);
/* Calls each with every number of this list of an answer, even behind one
   that failed: -1 then, with the last error; else how many there are.  Each
   may reset the arena, with the answer in it. */
int ask_each(struct cli *, const char *answer, const char *list,
    int (*each)(struct cli *, long long, struct err *), struct err *)
    __attribute__((warn_unused_result));
/* Waits between two looks at something that is going on. */
void ask_pause(void);

#endif
