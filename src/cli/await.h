/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for what was begun, and judging what became of it: a run that
 * failed is a failure of whoever waited.
 */
#ifndef CLI_AWAIT_H
#define CLI_AWAIT_H

#include "cli/cli.h"

/* Until no run that the filter ("plan=7") lists goes on.  ERR_REFUSED if any
   failed, and the text names them and what they are of; those of events
   before since do not count.  Neither text is of the arena, which is reset. */
int await_runs(struct cli *, const char *filter, const char *of,
    long long since, struct err *) __attribute__((warn_unused_result));
/* Until the event is applied and what follows for whom it is about is done.
   ERR_REFUSED if it is held, was set aside, or a run of it failed. */
int await_event(struct cli *, long long event, struct err *)
    __attribute__((warn_unused_result));

#endif
