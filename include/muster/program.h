/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one program once, without a shell and with an empty environment:
 * text in, bounded text out, and an end at its deadline for it and all that
 * it started.
 */
#ifndef MUSTER_PROGRAM_H
#define MUSTER_PROGRAM_H

#include <muster/field.h>

struct program_def {
	const char *path;
	struct texts args;
	size_t max_output;
};

/* ERR_INPUT unless it is an absolute path of a program. */
int program_check(const struct program_def *, struct err *)
    __attribute__((warn_unused_result));

/*
 * What it wrote on standard output, in the arena; NULL with a failure.
 * deadline: milliseconds from now.  unsure is the class of one that began
 * and did not end well.
 */
char *program_run(const struct program_def *, int64_t deadline, struct arena *,
    const char *input, enum err_class unsure, size_t *n, struct err *);

#endif
