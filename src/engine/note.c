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
	struct buf b = { .arena = e->arena };

	json_encode(&b, table, body);
	return note_text(e, kind, subject, run, identity, buf_text(&b), err);
}
