/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The call that a worker is carrying out: its deadline, and the rows of a
 * streaming operation on their way out.  Rows leave in frames of bounded
 * size, and no more than WIRE_AHEAD of them before musterd has taken one,
 * so a listing of any length needs the memory of a few pages.
 */
#ifndef SDK_CALL_H
#define SDK_CALL_H

#include <muster/provider.h>

struct muster_call {
	int fd; /* the channel to musterd */
	int64_t call, epoch;
	int64_t deadline; /* clock_boot */
	const char *verb;
	bool verify, streams;
	struct arena arena;  /* one frame at a time */
	struct buf page;     /* "[row,row", in arena */
	int64_t rows, total; /* in the page; in all */
	int ahead;	     /* frames that musterd has not taken */
};

/* Sends what is left of the rows. */
int call_flush(struct muster_call *, struct err *)
    __attribute__((warn_unused_result));
void call_fini(struct muster_call *);

#endif
