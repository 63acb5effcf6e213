/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/outgoing.h"

const struct field ask_fields[] = {
	FIELD(struct ask, id, F_KEY, .help = "number of the question"),
	FIELD(struct ask, kind, 0, .help = "what the answer is for"),
	FIELD(struct ask, subject, 0, .help = "identity, event or plan"),
	FIELD(struct ask, identity, 0, .help = "whom it is about"),
	FIELD(struct ask, digest, 0, .help = "of programs and input"),
	FIELD(struct ask, asked, F_TIME, .help = "when it was asked"), FIELD_END
};

/* Programs are the same for thousands of questions: their digest is the
   caller's business, so only the input is digested here. */
int
ask(struct engine *e, enum ask_kind kind, int64_t subject, int64_t identity,
    const struct texts *programs, const char *input, struct err *err)
{
	struct ask row = { .kind = kind,
		.subject = subject,
		.identity = identity,
		.asked = e->now,
		.digest = digest_text(e->arena, input) };
	struct question *q;

	if (store_add(e->store, STMT_ASK_ADD, ask_fields, &row, &row.id, err) !=
	    0)
		return -1;
	q = out_add(e->arena, &e->out->questions, sizeof(*q));
	q->id = row.id;
	q->programs = *programs;
	q->inputs.n = 1;
	q->inputs.item = arena_zero(e->arena, 1, sizeof(char *));
	q->inputs.item[0] = arena_str(e->arena, input);
	return 0;
}

int
ask_answer(struct engine *e, const struct incoming *in, struct err *err)
{
	struct by_id key = { in->call };
	struct ask row = { 0 };
	int found = store_find(e->store, e->arena, STMT_ASK_BY_ID, by_id_fields,
	    &key, ask_fields, &row, err);

	if (found <= 0)
		return found;
	if (store_put(e->store, STMT_ASK_DROP, by_id_fields, &key, err) != 0)
		return -1;
	return policy_answer(e, &row, in->out, &in->why, err);
}

/*
 * Questions are asked of a process that is gone with the last daemon: each
 * is answered as "busy", and whoever asked asks again.
 */
int
ask_recover(struct engine *e, struct err *err)
{
	struct many rows = { 0 };
	struct by_id none = { 0 };
	const struct err busy = { ERR_BUSY, 1, "the daemon was restarted" };

	if (store_list(e->store, e->arena, STMT_ASK_ALL, by_id_fields, &none,
		ask_fields, sizeof(struct ask), 0, &rows, err) != 0)
		return -1;
	for (size_t i = 0; i < rows.n; i++) {
		const struct ask *row = (const struct ask *)rows.item + i;
		struct by_id key = { row->id };

		if (store_put(e->store, STMT_ASK_DROP, by_id_fields, &key,
			err) != 0 ||
		    policy_answer(e, row, NULL, &busy, err) != 0)
			return -1;
	}
	return 0;
}
