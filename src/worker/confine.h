/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker keeps when it gives up the rest: what its provider declared
 * and what every client of a network needs (libraries, resolver, CA files).
 */
#ifndef WORKER_CONFINE_H
#define WORKER_CONFINE_H

#include "base/sandbox.h"
#include "worker/module.h"

int confine_enter(const struct module *, struct arena *, const char *mode,
    struct sandbox_report *, struct err *) __attribute__((warn_unused_result));

#endif
