/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file of a feed, from its first byte to the engine's answer.
 */
#ifndef FEEDS_FILE_H
#define FEEDS_FILE_H

#include "feeds/feeds.h"

struct feed_file {
	const struct feeds_env *env;
	const struct feed_def *def;
	const char *path, *name;
	int64_t dated; /* 0: the file's modification time */
	const struct actor *actor;
	bool dry_run;
};

/*
 * Reads it whole.  0: handed over, reply says what became of it (JSON, in
 * the arena).  ERR_INPUT: it was refused whole, and the engine knows;
 * ERR_BUSY: later (it is being written, the evaluator or the disk is not
 * ready).
 */
int feed_file_read(const struct feed_file *, struct arena *, const char **reply,
    struct err *) __attribute__((warn_unused_result));

/* Tells the engine of what cannot even be opened: it is a refused load. */
void feed_file_refuse(const struct feed_file *, const struct err *why);

/* SHA-256 in hex of a file's bytes, and its time; ERR_GONE if it is not
   there, ERR_INPUT if it is no regular file. */
int feed_file_digest(const char *path, char hex[65], int64_t *dated,
    struct err *) __attribute__((warn_unused_result));

#endif
