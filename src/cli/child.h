/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs of muster that the command line runs for what only they know:
 * the worker knows providers, the evaluator jq.
 */
#ifndef CLI_CHILD_H
#define CLI_CHILD_H

#include <stddef.h>

#include <muster/arena.h>
#include <muster/err.h>

struct child {
	const char *program;   /* "muster-worker" */
	const char *args[4];   /* behind its name; ends with NULL */
	const char *input;     /* on its standard input; NULL: nothing */
	const char *secret;    /* on descriptor 3, which never is a file;
				   "/dev/fd/3" names it; NULL: none */
	int status;	       /* exit status; 128 + signal */
	const char *out, *err; /* what it wrote, in the arena */
};

/* Runs it to its end; -1 only if it cannot be started. */
int child_run(struct child *, struct arena *, struct err *)
    __attribute__((warn_unused_result));
/* Folder of provider modules: MUSTER_PROVIDERDIR, or as installed. */
const char *child_providers(void);

#endif
