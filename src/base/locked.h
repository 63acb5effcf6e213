/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages for secrets: locked, so that they are never swapped out, left out
 * of core images, and wiped before they go back.
 */
#ifndef BASE_LOCKED_H
#define BASE_LOCKED_H

#include <stddef.h>

/* n bytes, zeroed, on pages of their own; NULL if there is no memory.  What
   may not be locked (the memlock limit) is told in the log once, and is
   given all the same. */
void *locked_new(size_t n);
/* n as it was asked for. */
void locked_free(void *, size_t n);

#endif
