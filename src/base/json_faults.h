/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding that goes on after a mistake, for texts that a person wrote: all
 * of them are told at once.
 */
#ifndef BASE_JSON_FAULTS_H
#define BASE_JSON_FAULTS_H

#include <muster/field.h>

/* One mistake; its text begins with the path. */
typedef void json_fault_fn(void *ctx, const struct err *);

/*
 * As json_decode(), but -1 only at the end, after each was called for every
 * member that is wrong, unknown or missing.  What could be read is in out.
 */
int json_decode_faults(struct arena *, const struct field *, const char *text,
    size_t n, void *out, json_fault_fn *each, void *ctx)
    __attribute__((warn_unused_result));

#endif
