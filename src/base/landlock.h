/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock (Linux 5.13 and later): which paths this process may still
 * reach.  Only sandbox.c uses it.
 */
#ifndef BASE_LANDLOCK_H
#define BASE_LANDLOCK_H

#include <muster/err.h>

struct sandbox_rules;

/* The kernel's ABI version; 0 if it has none or does not use it. */
int landlock_version(void);
/* Enters it with as much as that version knows.  ERR_REFUSED if a step of
   it fails. */
int landlock_enter(int version, const struct sandbox_rules *, struct err *)
    __attribute__((warn_unused_result));

#endif
