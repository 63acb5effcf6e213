/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests as libmicrohttpd hands them over, and answers on their way out.
 */
#ifndef API_HTTP_H
#define API_HTTP_H

#include <stdbool.h>

struct MHD_Daemon;
struct api;
struct err;

/* Serves a listening socket, which is the server's from then on; local:
   its peers can be known. */
struct MHD_Daemon *http_start(struct api *, int fd, bool local, struct err *);

#endif
