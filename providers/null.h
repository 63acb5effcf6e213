/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The null provider's parts: what it was opened with, and what each
 * operation does while the store is held.
 */
#ifndef NULL_H
#define NULL_H

#include <muster/provider.h>

#include "null_store.h"

struct null {
	struct null_store *store;
	int64_t delay_ms;
	struct many fail; /* struct null_fault */
	bool unverified;
};

/* What one operation does, within the delay, the faults and the lock. */
typedef int null_act_fn(struct null *, struct muster_call *, struct arena *,
    const void *in, void *out, struct err *);

extern null_act_fn null_account_list, null_account_read, null_account_ensure,
    null_account_disable, null_account_enable, null_account_rename,
    null_account_delete, null_entitlement_list, null_entitlement_grant,
    null_entitlement_revoke, null_credential_issue, null_credential_revoke,
    null_credential_verify, null_session_revoke;

/* Nothing secret belongs here, but nothing stands here in clear. */
const char *null_hash(struct arena *, const char *);
/* Says that an account was changed, or was so before. */
void null_changed(struct null *, struct muster_call *,
    const struct null_account *, bool now, struct change *);

#endif
