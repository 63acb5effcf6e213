/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people say about one identity, and the waivers that let a finding
 * stay.
 */
#ifndef ENGINE_IDENTITY_H
#define ENGINE_IDENTITY_H

#include "engine/policy.h"

/* The one identity with this uid, key or user name; ERR_GONE, ERR_CONFLICT.
   Wherever people name somebody to the engine. */
int identity_named(struct engine *, const char *name, struct identity *,
    struct err *) __attribute__((warn_unused_result));

#endif
