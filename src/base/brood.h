/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that the programs of a worker have started.  A program may start
 * others that leave its process group and session and that outlive it; all
 * of them come back to the worker as its own children (it is their
 * "subreaper"), and end with the call.  Where the worker itself is killed,
 * a keeper, a process that does nothing else, ends the program's group.
 *
 * What is left: who left the group is not found when the worker is killed.
 */
#ifndef BASE_BROOD_H
#define BASE_BROOD_H

#include <stdbool.h>

#include <muster/err.h>

/* From here on.  Call it once, from the main thread of a process without
   others, after sandbox_begin() and before there is a secret in memory: the
   keeper is a copy of it, which holds the shared lock as long as it lives. */
int brood_begin(struct err *) __attribute__((warn_unused_result));
/* No program is going to be run: the keeper ends. */
void brood_drop(void);

/* In the new process that becomes a program: the keeper knows its group from
   here on.  Does nothing where nobody called brood_begin(). */
void brood_add(void);
/* After the program was waited for: kills, and waits for, all that is left
   of it.  False if something does not end, or if the keeper was killed: then
   this process should end itself. */
bool brood_end(void);

#endif
