/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files read and written whole.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include <muster/arena.h>
#include <muster/err.h>

/* The whole file in the arena, NUL-terminated; ERR_INPUT beyond max bytes,
   ERR_GONE if it is not there.  Errors begin with the path. */
char *file_read(struct arena *, const char *path, size_t max, size_t *n,
    struct err *);

/*
 * Replaces path atomically: a new file beside it, written, synced, renamed,
 * and the folder synced.  A crash leaves the old file or the new one.
 */
int file_replace(const char *path, const void *, size_t n, mode_t, struct err *)
    __attribute__((warn_unused_result));

/* ERR_INPUT, with the reason, if the path cannot be read. */
int file_readable(const char *path, struct err *)
    __attribute__((warn_unused_result));

/* Sorted names in a folder that end with suffix; hidden ones left out. */
int file_list(struct arena *, const char *dir, const char *suffix,
    const char ***names, size_t *n, struct err *)
    __attribute__((warn_unused_result));

/* Writes or reads exactly n bytes, whatever signals come; -1 with errno. */
int fd_write(int fd, const void *, size_t n);
int fd_read(int fd, void *, size_t n); /* 0 at a clean end, 1 when read */

#endif
