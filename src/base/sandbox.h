/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a child of musterd gives up what it does not need, in two moves:
 * sandbox_begin() at the top of main, before anything is read, and
 * sandbox_enter() when all that needs more has been done (libraries
 * loaded, files opened).  What is given up never comes back.
 *
 * Landlock bounds the paths, seccomp the system calls.  The Unix socket of
 * musterd, its store and its key file are out of reach of every child: no
 * child may make a Unix socket, and no list of paths may name them.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <muster/err.h>

/* The descriptors that a child is started with. */
#define CHILD_CHANNEL 3 /* socketpair to musterd, base/frame.h */
#define CHILD_LOCK 4	/* shared lock, held and never touched */
#define CHILD_TICKETS 5 /* of calls sent ahead: base/wire.h */
#define CHILD_FDS 6	/* all from here on are closed */

enum sandbox_mode {
	SANDBOX_REQUIRED,    /* what cannot be enforced is a failure */
	SANDBOX_BEST_EFFORT, /* ... is told in the report */
	SANDBOX_OFF
};

/* Lists end with NULL; a NULL list is empty; a path that does not exist is
   left out.  A folder stands for all that is in it. */
struct sandbox_rules {
	const char *const *read;  /* may be opened for reading */
	const char *const *write; /* ... and for writing, made, removed */
	const char *const *exec;  /* ... and run (with read) */
	bool network;		  /* IPv4 and IPv6, connect only */
};

struct sandbox_report {
	int landlock; /* its ABI version; 0: not enforced */
	bool seccomp;
	char text[64]; /* "landlock 5, seccomp"; "none" */
};

/* The mode called so ("required", "best-effort", "off"); ERR_INPUT. */
int sandbox_mode_named(const char *word, enum sandbox_mode *, struct err *)
    __attribute__((warn_unused_result));

/*
 * No new privileges, no dumps, dies with its parent, no descriptor beyond
 * the first fds, and the channel, if it is among them, not for programs
 * that are run.  Call it from the main thread.  A parent that died before
 * this call is seen by the end of the channel.
 */
int sandbox_begin(int fds, struct err *) __attribute__((warn_unused_result));

/* A sanitizer's shadow needs terabytes of address space, so there it is not
   bounded. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_BOUNDS_MEMORY 0
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANDBOX_BOUNDS_MEMORY 0
#endif
#ifndef SANDBOX_BOUNDS_MEMORY
#define SANDBOX_BOUNDS_MEMORY 1
#endif

/* An upper bound for the address space and, if not 0, for the processor
   time. */
int sandbox_limit(uint64_t bytes, uint64_t cpu_seconds, struct err *)
    __attribute__((warn_unused_result));

/*
 * Enters Landlock and seccomp.  Without any path list no file can be
 * opened at all; without network no socket can be made.  A child that may
 * run programs gets a list of forbidden system calls, any other one a list
 * of allowed ones; trying to trace, mount, load code into the kernel or run
 * a program without the right ends the process.
 * ERR_REFUSED if the mode is SANDBOX_REQUIRED and the kernel cannot.
 */
int sandbox_enter(const struct sandbox_rules *, enum sandbox_mode,
    struct sandbox_report *, struct err *) __attribute__((warn_unused_result));

#endif
