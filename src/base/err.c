/* SPDX-License-Identifier: Apache-2.0 */
#include <muster/err.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What the analyser is told about them must not hide them here. */
#undef err_set
#undef err_within

/* clang-format off */
const struct err_meaning err_meanings[ERR_CLASSES] = {
	/*                word       http exit retry */
	[ERR_NONE]     = { "none",     200,  0, 0 },
	[ERR_INPUT]    = { "input",    400,  2, 0 },
	[ERR_BUSY]     = { "busy",     503, 75, 1 },
	[ERR_DENIED]   = { "denied",   403, 77, 0 },
	[ERR_GONE]     = { "gone",     404,  3, 0 },
	[ERR_CONFLICT] = { "conflict", 409,  4, 0 },
	[ERR_REFUSED]  = { "refused",  422,  5, 0 },
	[ERR_UNKNOWN]  = { "unknown",  504,  6, 0 },
	[ERR_FULL]     = { "full",     507,  7, 1 },
	[ERR_BUG]      = { "bug",      500, 70, 0 },
};
/* clang-format on */

enum err_class
err_named(const char *word)
{
	for (int c = 0; word != NULL && c < ERR_CLASSES; c++)
		if (strcmp(err_meanings[c].word, word) == 0)
			return (enum err_class)c;
	return ERR_BUG;
}

/* A text that was cut must not end inside a UTF-8 character. */
static void
text_trim(char *text, size_t size)
{
	size_t n = strlen(text), back = 0;

	if (n + 1 < size)
		return;
	while (back < 4 && back < n && (text[n - 1 - back] & 0xc0) == 0x80)
		back++;
	if (back < n && (text[n - 1 - back] & 0x80) != 0)
		text[n - 1 - back] = '\0';
}

int
err_set(struct err *e, enum err_class cls, const char *fmt, ...)
{
	char text[sizeof(e->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_trim(text, sizeof(text));
	memcpy(e->text, text, sizeof(text));
	e->cls = cls;
	e->after_ms = 0;
	return -1;
}

int
err_within(struct err *e, const char *fmt, ...)
{
	char text[sizeof(e->text)];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(text))
		snprintf(text + n, sizeof(text) - (size_t)n, "%s", e->text);
	text_trim(text, sizeof(text));
	memcpy(e->text, text, sizeof(text));
	return -1;
}
