/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker's loop: a call in, its reply out, one at a time, until musterd
 * closes the channel.
 */
#ifndef WORKER_SERVE_H
#define WORKER_SERVE_H

#include "worker/module.h"

#define WARM_LIMIT 2000 /* ms */

/* 0 when the channel was closed; -1 when it cannot be used any more. */
int serve_calls(int fd, const struct module *, bool verify, struct err *)
    __attribute__((warn_unused_result));

/* Lets the provider connect, which has WARM_LIMIT for it. */
void serve_warm(int fd, const struct module *);

/* Makes text from outside fit for a frame: valid UTF-8, no controls. */
void serve_clean(char *text);

#endif
