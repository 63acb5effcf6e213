/* SPDX-License-Identifier: Apache-2.0 */
#include "base/wire.h"

static const char *const sandbox_words[] = {
	"required",
	"best-effort",
	"off",
	NULL,
};

static const struct field settings_fields[] = {
	FIELD(struct wire_settings, sandbox, 0, .words = sandbox_words,
	    .fallback = "\"required\""),
	FIELD(struct wire_settings, verify, 0, .fallback = "true"),
	FIELD(struct wire_settings, warm, 0),
	FIELD_END,
};

const struct field wire_start_fields[] = {
	FIELD(struct wire_start, system, F_NEED),
	FIELD(struct wire_start, provider, F_NEED),
	FIELD(struct wire_start, module, F_NEED),
	FIELD(struct wire_start, config, F_NEED),
	FIELD_SUB(struct wire_start, settings, F_NEED, settings_fields),
	FIELD_END,
};

static const struct field op_fields[] = {
	FIELD(struct wire_op, verb, F_NEED),
	FIELD(struct wire_op, flags, F_NEED),
	FIELD_END,
};

const struct field wire_ready_fields[] = {
	FIELD(struct wire_ready, ready, F_NEED),
	FIELD(struct wire_ready, abi, 0),
	FIELD(struct wire_ready, provider, 0),
	FIELD_LIST(struct wire_ready, ops, 0, struct wire_op, op_fields),
	FIELD(struct wire_ready, sandbox, 0),
	FIELD(struct wire_ready, failure, 0),
	FIELD(struct wire_ready, text, 0),
	FIELD(struct wire_ready, after_ms, 0),
	FIELD_END,
};

const struct field wire_call_fields[] = {
	FIELD(struct wire_call, call, 0),
	FIELD(struct wire_call, epoch, 0),
	FIELD(struct wire_call, verb, 0),
	FIELD(struct wire_call, deadline_ms, 0),
	FIELD(struct wire_call, in, 0),
	FIELD(struct wire_call, more, 0),
	FIELD(struct wire_call, ticket, 0),
	FIELD_END,
};

const struct field wire_reply_fields[] = {
	FIELD(struct wire_reply, call, F_NEED),
	FIELD(struct wire_reply, epoch, F_NEED),
	FIELD(struct wire_reply, rows, 0),
	FIELD(struct wire_reply, out, 0),
	FIELD(struct wire_reply, failure, 0),
	FIELD(struct wire_reply, text, 0),
	FIELD(struct wire_reply, after_ms, 0),
	FIELD_END,
};
