/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mkbundle FOLDER RECORDS: makes a store with an evidence log of so many
 * records in an empty folder, and a bundle of all of them beside it
 * (FOLDER/bundle), without a daemon.  Prints the verifier key.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "evidence/bundle.h"
#include "evidence/evidence.h"
#include "store/store.h"

#define BATCH 10000

static int
die(const struct err *e)
{
	fprintf(stderr, "mkbundle: %s\n", e->text);
	return 1;
}

/* A record of the size that a step's have. */
static int
add(struct evidence *ev, struct arena *a, int64_t i, struct err *e)
{
	const char *body = arena_printf(a,
	    "{\"account\":\"cn=user%lld,"
	    "ou=people,dc=acme\",\"after\":{\"status\":\"disabled\"},"
	    "\"before\":{\"status\":\"active\"},\"attempt\":1,\"call\":%lld,"
	    "\"policy\":\"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d0"
	    "8286a2e846f6be03\",\"verified\":\"read-back\",\"step\":\"cut\","
	    "\"system\":\"corp\",\"verb\":\"account.disable\"}",
	    (long long)i, (long long)i * 7);

	return evidence_add(ev, "step.done",
	    arena_printf(a, "run/%lld", (long long)(i / 5)), i / 5, i / 50,
	    body, 1796000000000 + i * 13, e);
}

static int
batch_add(struct store *s, struct evidence *ev, int64_t from, int64_t to,
    struct err *e)
{
	struct arena a = { 0 };
	int ret = store_begin(s, e);

	for (int64_t i = from; ret == 0 && i < to; i++) {
		ret = add(ev, &a, i, e);
		arena_reset(&a);
	}
	if (ret == 0)
		ret = evidence_checkpoint(ev, 1796000000000 + to * 13, e);
	if (ret == 0)
		ret = store_commit(s, e);
	arena_fini(&a);
	return ret == 0 ? evidence_publish(ev, e) : -1;
}

static int
bundle_write(const char *db, const char *path, struct err *e)
{
	struct bundle_filter everything = { 0 };
	struct store *reader = store_reader(db, e);
	FILE *out = fopen(path, "w");

	if (reader == NULL || out == NULL)
		return reader == NULL ?
		    -1 :
		    err_set(e, ERR_INPUT, "%s: cannot be written", path);
	int ret = bundle_export(reader, &everything, out, e);
	store_close(reader);
	return fclose(out) == 0 ? ret : -1;
}

int
main(int argc, char **argv)
{
	struct arena a = { 0 };
	struct err e = { 0 };
	bool rolled_back;

	if (argc != 3)
		return fprintf(stderr, "mkbundle FOLDER RECORDS\n"), 2;
	int64_t n = strtoll(argv[2], NULL, 10);
	const char *db = arena_printf(&a, "%s/db", argv[1]);
	struct evidence_config c = { "muster.example/bench",
		arena_printf(&a, "%s/key.pem", argv[1]),
		arena_printf(&a, "%s/checkpoint", argv[1]) };
	struct store *s = store_open(db, &e);
	struct evidence *ev = s == NULL ?
	    NULL :
	    evidence_open(s, &c, 1, &rolled_back, &e);
	int ret = ev == NULL ? -1 : 0;
	int64_t began = clock_micros();

	for (int64_t at = 0; ret == 0 && at < n; at += BATCH)
		ret = batch_add(s, ev, at, at + BATCH < n ? at + BATCH : n, &e);
	int64_t added = clock_micros();
	if (ret == 0)
		ret = bundle_write(db, arena_printf(&a, "%s/bundle", argv[1]),
		    &e);
	if (ret != 0)
		return die(&e);
	fprintf(stderr,
	    "mkbundle: %.2f us to add a record, %.2f to export "
	    "one\n",
	    (double)(added - began) / (double)n,
	    (double)(clock_micros() - added) / (double)n);
	printf("%s\n", evidence_key(ev, &a));
	evidence_close(ev);
	store_close(s);
	arena_fini(&a);
	return 0;
}
