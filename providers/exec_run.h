/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one program once: text in, bounded text out, and an end at the
 * call's deadline for it and all that it started.
 */
#ifndef EXEC_RUN_H
#define EXEC_RUN_H

#include <muster/provider.h>

struct exec_program {
	const char *path;
	struct texts args;
	size_t max_output;
};

/* ERR_INPUT unless it is an absolute path of a program. */
int exec_check(const struct exec_program *, struct err *)
    __attribute__((warn_unused_result));

/*
 * What it wrote on standard output, in the arena; NULL with a failure.
 * unsure is the class of one that began and did not end well.
 */
char *exec_run(const struct exec_program *, struct muster_call *,
    struct arena *, const char *input, enum err_class unsure, size_t *n,
    struct err *);

#endif
