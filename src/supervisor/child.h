/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One child process and its channel.  A child is started with nothing but
 * its channel, the shared lock and the log, and ends in one way: its
 * process is gone and waited for, and only then is its owner told.  So
 * when a call is reported as unknown, nobody is still carrying it out.
 */
#ifndef SUPERVISOR_CHILD_H
#define SUPERVISOR_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <muster/err.h>

#include "base/frame.h"

struct supervisor;
struct chunk;
struct child;

struct child_owner {
	/* A frame, which may be written over; false: it breaks the
	   rules. */
	bool (*frame)(struct child *, char *text, size_t n);
	/* It is gone.  how says in what way it ended.  Frees it. */
	void (*ended)(struct child *, const char *how);
	bool secrets; /* may be in what it is sent */
};

struct child {		    /* first member of what owns it */
	struct child *next; /* of all that run, or of all that end */
	struct supervisor *sup;
	const struct child_owner *owner;
	pid_t pid;
	int fd;	   /* -1: the channel is closed, it ends */
	bool full; /* waits for room to write */
	bool eof;  /* nothing more will come */
	bool killed;
	int64_t kill_at; /* ending: when patience is over */
	struct frames in;
	struct chunk *out, **out_end;
	const char *fault; /* why it was killed; NULL: it was not */
};

/* Starts program with one argument (or none) and puts it into sup's list.
   It gets tickets (-1: nothing) as CHILD_TICKETS.  ERR_BUSY if the system has
   no room for it. */
int child_start(struct child *, struct supervisor *, const struct child_owner *,
    const char *program, const char *arg, int tickets, struct err *)
    __attribute__((warn_unused_result));

/*
 * Sends one frame made of the pieces.  What does not fit into the socket
 * is kept, wiped when it is written, and sent later.  -1: the child is
 * gone and has seen nothing of it.
 */
int child_send(struct child *, const struct iovec *, size_t pieces)
    __attribute__((warn_unused_result));

/* What epoll said: reads and writes what it can. */
void child_ready(struct child *, unsigned events);
/* Hands frames that have been read to the owner, while there is room for
   deliveries. */
void child_drain(struct child *);

/* Milliseconds of processor time that it has used; 0 if nobody knows. */
int64_t child_used(const struct child *);

/* Ends it at once; fault must live for ever (a literal). */
void child_kill(struct child *, const char *fault);
/* Closes the channel, and gives it a second to end by itself. */
void child_retire(struct child *);
/* Looks whether an ending child is gone; if so, tells its owner. */
bool child_reap(struct child *, int64_t now);
/* Kills and waits, tells nobody; for the end of the daemon. */
void child_destroy(struct child *);

#endif
