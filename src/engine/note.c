/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/inside.h"

int
note_text(struct engine *e, const char *kind, const char *subject, int64_t run,
    int64_t identity, const char *json, struct err *err)
{
	return evidence_add(e->evidence, kind, subject, run, identity, json,
	    e->now, err);
}

int
note(struct engine *e, const char *kind, const char *subject, int64_t run,
    int64_t identity, const struct field *table, const void *body,
    struct err *err)
{
	const struct record what = { .at = e->now,
		.kind = kind,
		.subject = subject,
		.run = run,
		.identity = identity };

	return evidence_note(e->evidence, &what, table, body, err);
}
