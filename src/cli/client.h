/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to musterd over its Unix socket.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <stdio.h>

#include "cli/cli.h"

/*
 * One request; the answer's text in the arena, or NULL.  An error of the
 * API comes back with the class that the API gave it; one of the connection
 * says what to do about it.  body NULL: GET.
 */
const char *client_call(struct cli *, const char *path, const char *body,
    struct err *);
/* GET into a file; what came before an error is to be thrown away. */
int client_save(struct cli *, const char *path, FILE *to, struct err *)
    __attribute__((warn_unused_result));
/* POST of a file of size bytes. */
const char *client_send(struct cli *, const char *path, FILE *from,
    long long size, struct err *);
/* Percent-encodes all but unreserved characters (RFC 3986 2.3). */
const char *url_quote(struct arena *, const char *);

#endif
