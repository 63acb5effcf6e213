/* SPDX-License-Identifier: Apache-2.0 */
#include "feeds/reader.h"

#include <string.h>

#include "base/json_scan.h"

void
reader_fini(struct reader *r)
{
	arena_fini(&r->header);
	arena_fini(&r->row);
	r->columns = (struct texts){ 0 };
}

/* One line without its end: 1, 0 at the end of the file; *whole is false
   when it ended without a newline, -1 when it is too long. */
static int
line_read(struct reader *r, struct arena *a, char **out, size_t *n, bool *whole,
    struct err *err)
{
	struct buf b = { .arena = a };
	int c = EOF;

	while (
	    b.len <= ROW_MAX && (c = getc_unlocked(r->in)) != EOF && c != '\n')
		buf_char(&b, (char)c);
	if (b.len > ROW_MAX)
		return err_set(err, ERR_INPUT,
		    "%s:%lld: a line of more than "
		    "%u bytes",
		    r->name, (long long)r->next_line, ROW_MAX);
	if (ferror(r->in))
		return err_set(err, ERR_BUSY, "%s: cannot be read", r->name);
	*whole = c == '\n';
	if (c == EOF && b.len == 0)
		return 0;
	if (b.len > 0 && b.at[b.len - 1] == '\r')
		b.at[--b.len] = '\0';
	*out = b.at != NULL ? b.at : arena_str(a, "");
	*n = b.len;
	return 1;
}

static bool
blank(const char *s, size_t n)
{
	return strspn(s, " \t") == n;
}

int
jsonl_row(struct reader *r, struct arena *a, const char **row,
    enum row_kind *kind, struct err *err)
{
	char *line = NULL;
	size_t n = 0;
	bool whole = true;
	int got;

	do {
		r->line = r->next_line = r->next_line + 1;
		arena_reset(&r->row);
		if ((got = line_read(r, &r->row, &line, &n, &whole, err)) < 0)
			return -1;
		if (got == 0) {
			*kind = ROW_END;
			return 0;
		}
	} while (blank(line, n));
	*kind = ROW_GOOD;
	size_t skip = strspn(line, " \t");
	bool json = json_check(line, n, err) == 0;
	if (json && line[skip] == '{') {
		*row = arena_mem(a, line + skip, n - skip);
		return 0;
	}
	if (!whole)
		return err_set(err, ERR_INPUT,
		    "%s:%lld: the file ends in the "
		    "middle of a row: it is truncated",
		    r->name, (long long)r->line);
	*kind = ROW_BAD;
	if (json)
		err_set(err, ERR_INPUT, "not an object");
	return 0;
}
