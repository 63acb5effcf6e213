/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A musterd that dies where it is told to: its calls into the store and the
 * supervisor pass through here (the linker's --wrap), so that not a line of
 * the real one is another.
 *
 *	MUSTER_FAULT=PLACE:N	SIGKILL at the Nth time:
 *		before-commit	decided, not yet durable
 *		after-commit	durable, and nothing has left
 *		after-send	a call is with its worker
 *	MUSTER_FAULT=break-commit:N	the Nth commit fails, and all later
 *	MUSTER_FAULT_COUNTS=FILE  at a good end: "commits sends"
 *
 * Only commits of transactions that wrote something count.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"
#include "supervisor/supervisor.h"

int __real_store_begin(struct store *, struct err *);
int __wrap_store_begin(struct store *, struct err *);
int __real_store_commit(struct store *, struct err *);
int __wrap_store_commit(struct store *, struct err *);
int __real_store_put(struct store *, enum stmt, const struct field *,
    const void *, struct err *);
int __wrap_store_put(struct store *, enum stmt, const struct field *,
    const void *, struct err *);
int __real_store_add(struct store *, enum stmt, const struct field *,
    const void *, int64_t *, struct err *);
int __wrap_store_add(struct store *, enum stmt, const struct field *,
    const void *, int64_t *, struct err *);
void __real_supervisor_send(struct supervisor *, const struct outcall *);
void __wrap_supervisor_send(struct supervisor *, const struct outcall *);

static _Thread_local bool wrote;
static long commits, sends;

/* The number that the fault names for this place; 0: it is not this one. */
static long
fault_at(const char *place)
{
	const char *fault = getenv("MUSTER_FAULT");
	size_t len = strlen(place);

	if (fault == NULL || strncmp(fault, place, len) != 0 ||
	    fault[len] != ':')
		return 0;
	return strtol(fault + len + 1, NULL, 10);
}

static void
die_at(const char *place, long n)
{
	if (fault_at(place) == n)
		raise(SIGKILL);
}

static bool
is_broken(void)
{
	long n = fault_at("break-commit");

	return n != 0 && commits >= n;
}

int
__wrap_store_begin(struct store *s, struct err *e)
{
	wrote = false;
	return __real_store_begin(s, e);
}

int
__wrap_store_put(struct store *s, enum stmt id, const struct field *table,
    const void *key, struct err *e)
{
	wrote = true;
	return __real_store_put(s, id, table, key, e);
}

int
__wrap_store_add(struct store *s, enum stmt id, const struct field *table,
    const void *key, int64_t *row, struct err *e)
{
	wrote = true;
	return __real_store_add(s, id, table, key, row, e);
}

int
__wrap_store_commit(struct store *s, struct err *e)
{
	if (!wrote)
		return __real_store_commit(s, e);
	die_at("before-commit", ++commits);
	if (is_broken())
		return err_set(e, ERR_BUG, "broken on purpose");
	if (__real_store_commit(s, e) != 0)
		return -1;
	die_at("after-commit", commits);
	return 0;
}

void
__wrap_supervisor_send(struct supervisor *s, const struct outcall *call)
{
	__real_supervisor_send(s, call);
	die_at("after-send", ++sends);
}

static void
counts_write(void)
{
	const char *path = getenv("MUSTER_FAULT_COUNTS");
	FILE *f = path == NULL ? NULL : fopen(path, "we");

	if (f == NULL)
		return;
	fprintf(f, "%ld %ld\n", commits, sends);
	fclose(f);
}

__attribute__((constructor)) static void
begin(void)
{
	atexit(counts_write);
}
