/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of text on standard error for each thing that happened.  Only
 * the owner of a unit of work logs; lower floors return errors.  Values
 * are quoted and control bytes escaped, so a hostile text stays one line.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR
};

/* Who speaks ("musterd", "worker corp"), and from which level on. */
void log_open(const char *who, enum log_level);

void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
