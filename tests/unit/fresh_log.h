/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder with a store and an evidence log in it, for one test.
 */
#ifndef TESTS_FRESH_LOG_H
#define TESTS_FRESH_LOG_H

#include <stdio.h>

#include "fresh_dir.h"

#include "base/file.h"
#include "evidence/evidence.h"
#include "store/store.h"

#define NOW INT64_C(1796000000123)

struct log {
	struct arena arena; /* of the paths and whatever the test makes */
	char dir[sizeof(DIR_TEMPLATE)];
	const char *db, *key, *note; /* files in it */
	struct store *store;
	struct evidence *evidence;
	bool rolled_back;
	struct err err;
};

static inline void
log_open_again(struct log *l)
{
	const struct evidence_config c = { "a.example/log", l->key, l->note };

	l->err = (struct err){ 0 };
	l->store = store_open(l->db, &l->err);
	if (l->store == NULL)
		fail_msg("%s", l->err.text);
	l->evidence = evidence_open(l->store, &c, NOW, &l->rolled_back,
	    &l->err);
}

static inline void
log_shut(struct log *l)
{
	evidence_close(l->evidence);
	store_close(l->store);
	l->evidence = NULL;
	l->store = NULL;
}

static inline void
log_init(struct log *l)
{
	*l = (struct log){ 0 };
	dir_make(l->dir);
	l->db = arena_printf(&l->arena, "%s/db", l->dir);
	l->key = arena_printf(&l->arena, "%s/key.pem", l->dir);
	l->note = arena_printf(&l->arena, "%s/checkpoint", l->dir);
	log_open_again(l);
	if (l->evidence == NULL)
		fail_msg("%s", l->err.text);
}

static inline void
log_fini(struct log *l)
{
	log_shut(l);
	dir_remove(l->dir);
	arena_fini(&l->arena);
}

static inline void
must(int rc, const struct err *e)
{
	if (rc != 0)
		fail_msg("%s", e->text);
}

/* n records in the transaction that is open. */
static inline void
log_add(struct log *l, int n)
{
	struct err *e = &l->err;

	for (int i = 0; i < n; i++) {
		int64_t seq = evidence_size(l->evidence);
		struct arena a = { 0 };
		const char *body = arena_printf(&a,
		    "{ \"what\": \"caf\\u00e9"
		    " \\\"%lld\\\"\", \"n\": %lld }",
		    (long long)seq, (long long)seq);

		must(evidence_add(l->evidence,
			 seq % 3 == 0 ? "step.sent" : "step.done",
			 seq % 2 == 0 ? "run/7" : "", seq % 5, seq % 7, body,
			 NOW + seq, e),
		    e);
		arena_fini(&a);
	}
}

/* A transaction of n records and a checkpoint, published. */
static inline void
log_grow(struct log *l, int n)
{
	struct err *e = &l->err;

	must(store_begin(l->store, e), e);
	log_add(l, n);
	must(evidence_checkpoint(l->evidence, NOW, e), e);
	must(store_commit(l->store, e), e);
	must(evidence_publish(l->evidence, e), e);
}

/* Names in the folder; the first one's text replaces the other's. */
static inline void
log_copy(struct log *l, const char *from, const char *to)
{
	struct arena a = { 0 };
	size_t n;
	char *text = file_read(&a, arena_printf(&a, "%s/%s", l->dir, from),
	    64 << 20, &n, &l->err);

	if (text == NULL)
		fail_msg("%s", l->err.text);
	must(file_replace(arena_printf(&a, "%s/%s", l->dir, to), text, n, 0600,
		 &l->err),
	    &l->err);
	arena_fini(&a);
}

#endif
