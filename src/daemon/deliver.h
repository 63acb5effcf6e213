/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a first password reaches its person: a sealed file that only the
 * daemon's user can read, for somebody to hand over, or a program.
 */
#ifndef DAEMON_DELIVER_H
#define DAEMON_DELIVER_H

#include "base/secret.h"
#include "model/account.h"
#include "model/config.h"

struct letter { /* what the file holds, what the hook reads */
	const char *system, *account, *kind, *purpose;
	const char *secret; /* F_SECRET */
};
extern const struct field letter_fields[];

/* Unseals and delivers; the value is wiped whatever happens. */
int deliver(struct keyring *, const struct secret *, const struct account *,
    const struct role_account *, struct arena *, struct err *)
    __attribute__((warn_unused_result));

#endif
