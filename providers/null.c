/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A system that is nothing but a list of accounts in memory, with a
 * settable delay and failures: to try out workflows, and to test what
 * happens when a provider misbehaves.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <muster/provider.h>

#include "null.h"
#include "null_fault.h"

struct config {
	const char *state;
	int64_t delay_ms;
	struct many fail;
	bool unverified;
};

static const struct field config_fields[] = {
	FIELD(struct config, state, 0,
	    .help = "file that keeps the accounts; none: in memory, in each "
		    "worker apart"),
	FIELD(struct config, delay_ms, 0,
	    .help = "milliseconds that each "
		    "call takes"),
	FIELD_LIST(struct config, fail, 0, struct null_fault, null_fault_fields,
	    .help = "what goes wrong, in order"),
	FIELD(struct config, unverified, 0,
	    .help = "never says that it looked again"),
	FIELD_END,
};

static int
null_open(const void *config, void **self, struct err *e)
{
	const struct config *c = config;
	struct null *n = calloc(1, sizeof(*n));

	if (n == NULL)
		abort();
	n->delay_ms = c->delay_ms;
	n->fail = c->fail;
	n->unverified = c->unverified;
	n->store = null_store_open(c->state, e);
	if (n->store == NULL) {
		free(n);
		return -1;
	}
	*self = n;
	return 0;
}

static void
null_close(void *self)
{
	struct null *n = self;

	null_store_close(n->store);
	free(n);
}

/* FNV-1a. */
const char *
null_hash(struct arena *a, const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return arena_printf(a, "%016llx", (unsigned long long)h);
}

void
null_changed(struct null *n, struct muster_call *c,
    const struct null_account *acc, bool now, struct change *out)
{
	out->id = acc->id;
	out->name = acc->name;
	out->changed = now;
	out->verified = !n->unverified && muster_verify(c);
	out->how = out->verified ? "read-back" : NULL;
}

static int
system_check(struct null *n, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	struct check *ch = out;

	(void)c;
	(void)in;
	(void)e;
	ch->ok = true;
	ch->detail = arena_printf(a, "%zu accounts were made here",
	    null_store_count(n->store));
	return 0;
}

static int
null_do(struct null *n, struct muster_call *c, struct arena *a, const void *in,
    void *out, struct err *e)
{
	struct json *o = out;

	(void)n;
	(void)in;
	(void)a;
	(void)e;
	o->text = muster_verify(c) ? "{\"changed\":true,\"verified\":true}" :
				     "{\"changed\":true,\"verified\":false}";
	return 0;
}

struct act {
	const char *verb;
	null_act_fn *act;
};

static const struct act acts[] = {
	{ "system.check", system_check },
	{ "account.list", null_account_list },
	{ "account.read", null_account_read },
	{ "account.ensure", null_account_ensure },
	{ "account.disable", null_account_disable },
	{ "account.enable", null_account_enable },
	{ "account.rename", null_account_rename },
	{ "account.delete", null_account_delete },
	{ "entitlement.list", null_entitlement_list },
	{ "entitlement.grant", null_entitlement_grant },
	{ "entitlement.revoke", null_entitlement_revoke },
	{ "credential.issue", null_credential_issue },
	{ "credential.revoke", null_credential_revoke },
	{ "credential.verify", null_credential_verify },
	{ "session.revoke", null_session_revoke },
	{ "null:do", null_do },
	{ NULL, NULL },
};

static null_act_fn *
act_find(const char *verb)
{
	const struct act *a = acts;

	while (a->verb != NULL && strcmp(a->verb, verb) != 0)
		a++;
	return a->act;
}

/* Every operation: its delay, its faults, and its act under the lock. */
static int
null_call(void *self, struct muster_call *c, struct arena *a, const void *in,
    void *out, struct err *e)
{
	struct null *n = self;
	const char *verb = muster_verb(c);
	const struct null_fault *f = null_fault_due(&n->fail, verb);
	const struct timespec pause = { n->delay_ms / 1000,
		n->delay_ms % 1000 * 1000000 };

	if (n->delay_ms > 0)
		nanosleep(&pause, NULL);
	if (null_fault_before(f, e) != 0 || null_store_hold(n->store, e) != 0)
		return -1;
	int rc = act_find(verb)(n, c, a, in, out, e);
	null_store_release(n->store);
	if (rc == 0)
		null_fault_after(f);
	return rc;
}

#define AS(name) name##_fields, sizeof(struct name)
#define SET OP_REPEATABLE
#define CUT (OP_REPEATABLE | OP_REVOKES)

static const struct op ops[] = {
	{ "system.check", OP_READS, null_call, nothing_fields, 0, AS(check),
	    "Says how many accounts there are" },
	{ "account.list", OP_READS | OP_STREAMS, null_call, AS(list_want),
	    AS(account_state), "All accounts" },
	{ "account.read", OP_READS, null_call, AS(account_ref),
	    AS(account_state), "One account" },
	{ "account.ensure", SET, null_call, AS(account_want), AS(change),
	    "Makes or changes an account" },
	{ "account.disable", CUT, null_call, AS(account_ref), AS(change),
	    "Locks an account" },
	{ "account.enable", SET, null_call, AS(account_ref), AS(change),
	    "Unlocks an account" },
	{ "account.rename", SET, null_call, AS(account_ref), AS(change),
	    "Gives an account another name" },
	{ "account.delete", CUT, null_call, AS(account_ref), AS(change),
	    "Removes an account" },
	{ "entitlement.list", OP_READS | OP_STREAMS, null_call, AS(list_want),
	    AS(membership), "Who holds what" },
	{ "entitlement.grant", SET, null_call, AS(entitlement_ref), AS(change),
	    "Adds an entitlement" },
	{ "entitlement.revoke", CUT, null_call, AS(entitlement_ref), AS(change),
	    "Removes an entitlement" },
	{ "credential.issue", SET, null_call, AS(credential_ref), AS(change),
	    "Sets the password" },
	{ "credential.revoke", CUT, null_call, AS(credential_ref), AS(change),
	    "Removes the password" },
	{ "credential.verify", OP_READS, null_call, AS(credential_ref),
	    AS(check), "Tries the password" },
	{ "session.revoke", CUT, null_call, AS(account_ref), AS(change),
	    "Ends nothing, as there are no sessions" },
	{ "null:do", SET, null_call, NULL, 0, NULL, 0,
	    "Takes its time, and changes nothing" },
	{ NULL, 0, NULL, NULL, 0, NULL, 0, NULL },
};

const struct muster_provider muster_provider = {
	.abi = MUSTER_PROVIDER_ABI,
	.name = "null",
	.help = "A system in memory, with a settable delay and failures",
	.config = config_fields,
	.config_size = sizeof(struct config),
	.open = null_open,
	.close = null_close,
	.ops = ops,
};
