/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workers of one system, and the calls that wait for one of them.  A
 * call is with at most one worker, and is delivered exactly once: with what
 * the worker answered, or as failed.
 */
#ifndef SUPERVISOR_POOL_H
#define SUPERVISOR_POOL_H

#include "supervisor/supervisor.h"

struct pool;
struct waiting;
struct worker;

struct pool *pool_new(struct supervisor *, const struct worker_def *);
const char *pool_system(const struct pool *);
/* From here on workers are started so; those that idle are replaced. */
void pool_define(struct pool *, const struct worker_def *);
/* No further calls: those that wait are failed. */
void pool_shut(struct pool *);
bool pool_is_shut(const struct pool *);
/* No call and no worker is left of one that was shut. */
bool pool_is_over(const struct pool *);
/* Destroys what is left of its workers. */
void pool_free(struct pool *);

void pool_send(struct pool *, const struct outcall *);
/* False: the pool does not know the call. */
bool pool_drop(struct pool *, int64_t call);
bool pool_more(struct pool *, int64_t call);
/* Deadlines, idle workers, starts that had to wait. */
void pool_tick(struct pool *, int64_t now);
/* Adds its counters. */
void pool_counts(const struct pool *, struct supervisor_counts *);

/* A call of a worker is over. */
void pool_over(struct pool *);
/* A call that a worker had not taken waits again. */
void pool_regain(struct pool *, struct waiting *);

/* What a worker tells: its greeting (why: ERR_NONE when it is ready), that it
   has room for a call again, that it is gone. */
void pool_started(struct pool *, struct worker *, const char *greeting,
    const struct err *why);
void pool_freed(struct pool *, struct worker *);
void pool_lost(struct pool *, struct worker *, const char *how);

#endif
