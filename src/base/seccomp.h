/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which system calls this process may still make (through libseccomp).
 * Only sandbox.c uses it.
 */
#ifndef BASE_SECCOMP_H
#define BASE_SECCOMP_H

#include <muster/err.h>

struct sandbox_rules;

/* ERR_REFUSED if the kernel has no filters. */
int seccomp_enter(const struct sandbox_rules *, struct err *)
    __attribute__((warn_unused_result));

#endif
