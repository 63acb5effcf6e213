/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The invariants, by name.  A schedule fails with the first that breaks.
 *
 *   intent    no call leaves before its step, and the evidence of it, are
 *	       committed
 *   order     a step goes out only when what it comes after is released
 *   lane      one open run for an identity, but for a leaver's
 *   revived   nothing is enabled or created for somebody who left
 *   fence     a late or second reply changes nothing
 *   proof     a step is done only if the system said that it looked again,
 *	       or the row says how else
 *   debt      a removal is done, or owed in the open
 *   frozen    under a freeze or a pause only cuts go out
 *   hold      while people have not decided, nothing held happens
 *   verdict   without a verdict nothing is taken away
 *   evidence  the tree is that of its records; what was done was sent
 *   once      what must not be repeated is done at most once
 * and at rest:
 *   stuck     no step is under way, no run open
 *   cut       who left has no account that works
 *   exposed   nor one that the ledger does not know
 *   single    one account of a kind for an identity on a system
 *   ledger    the ledger says what is there
 *   truth     who works here has what policy says, nobody more
 */
#ifndef TESTS_SIM_CHECK_H
#define TESTS_SIM_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;
struct dweller;
struct parcel;

void check_before(struct sim *);
/* Wall clock of the earliest row that is due; 0: none ever. */
int64_t check_due(struct sim *);
/* Does the ledger know this account? */
bool check_known(struct sim *, const struct dweller *);
/* Over all rows that a reply could change. */
uint64_t check_sum(struct sim *);

#endif
