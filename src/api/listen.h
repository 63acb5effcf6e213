/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sockets that the API listens on.
 */
#ifndef API_LISTEN_H
#define API_LISTEN_H

#include <sys/types.h>

#include <muster/err.h>

/* A Unix socket with this mode.  One that nobody answers on is replaced;
   ERR_CONFLICT if somebody does.  -1 on failure. */
int listen_local(const char *path, mode_t, struct err *);
/* "127.0.0.1:9469" or "[::1]:9469"; anything but loopback is ERR_INPUT. */
int listen_loopback(const char *where, struct err *);

#endif
