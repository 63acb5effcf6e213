/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_scan.h"

#define LINE 2048

static struct {
	char who[64];
	enum log_level from;
} log_state = { "muster", LOG_LEVEL_INFO };

void
log_open(const char *who, enum log_level from)
{
	snprintf(log_state.who, sizeof(log_state.who), "%s", who);
	log_state.from = from;
}

/* Whether the character of n bytes at p may stand in a line as it is: no
   control character of ASCII or of Latin-1 (C2 80 to C2 9F). */
static bool
is_plain(const char *p, size_t n)
{
	unsigned char c = (unsigned char)*p;

	if (n == 1)
		return c >= 0x20 && c != 0x7f;
	return n > 1 && !(c == 0xc2 && (unsigned char)p[1] < 0xa0);
}

static size_t
escape(char *to, size_t room, const char *text, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	const char *end = text + n;
	size_t len = 0;

	while (text < end && len + 5 < room) {
		size_t c = utf8_length(text, end);

		if (is_plain(text, c)) {
			memcpy(to + len, text, c);
			len += c;
			text += c;
			continue;
		}
		unsigned char b = (unsigned char)*text++;
		to[len++] = '\\';
		if (b == '\n') {
			to[len++] = 'n';
			continue;
		}
		to[len++] = 'x';
		to[len++] = hex[b >> 4];
		to[len++] = hex[b & 15];
	}
	return len;
}

static void log_line(enum log_level, const char *fmt, va_list)
    __attribute__((format(printf, 2, 0)));

/* One write for each line, so that lines of several threads and processes
   do not mix. */
static void
log_line(enum log_level level, const char *fmt, va_list ap)
{
	static const char *const words[] = { "debug", "info", "warn", "error" };
	char text[LINE], line[LINE + 128], when[TIME_TEXT];

	if (level < log_state.from)
		return;
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	if (n < 0)
		return;
	size_t len = (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
	int head = snprintf(line, 128,
	    "%s %s %s: ", time_format(when, clock_wall()), log_state.who,
	    words[level]);
	len = (size_t)head +
	    escape(line + head, sizeof(line) - (size_t)head - 1, text, len);
	line[len++] = '\n';
	ssize_t unused = write(STDERR_FILENO, line, len);
	(void)unused;
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_INFO, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_WARN, fmt, ap);
	va_end(ap);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
}
