/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tables say about themselves: usage, manual pages, completion.
 */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "cli/cli.h"

void manual_usage(struct cli *, const struct action *);
/* The verbs of a noun, one line each. */
void manual_group(struct cli *, const char *noun);
void manual_overview(struct cli *);
/* muster.1 and muster.json.5 as mdoc-free man(7); ERR_GONE for another. */
int manual_page(struct cli *, const char *name, struct err *)
    __attribute__((warn_unused_result));
void manual_completion(struct cli *);

#endif
