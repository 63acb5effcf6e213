/* SPDX-License-Identifier: Apache-2.0 */
#include <muster/field.h>

#include <ctype.h>
#include <string.h>

const struct field *
field_find(const struct field *f, const char *name, size_t len)
{
	for (; f->name != NULL; f++)
		if (strncmp(f->name, name, len) == 0 && f->name[len] == '\0')
			return f;
	return NULL;
}

static void
percent_add(struct buf *b, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c < 0x80 && isalnum(c)) || strchr("-._~", c) != NULL) {
			buf_char(b, (char)c);
			continue;
		}
		buf_char(b, '%');
		buf_char(b, hex[c >> 4]);
		buf_char(b, hex[c & 15]);
	}
}

/* The member's value goes in.  A dot segment would move up the path. */
static int
member_add(struct buf *b, const struct field *f, const void *p, struct err *e)
{
	if ((f->flags & F_SECRET) != 0)
		return err_set(e, ERR_INPUT, "%s: a secret in a path", f->name);
	if (f->kind == FIELD_INT) {
		buf_int(b, *(const int64_t *)p);
		return 0;
	}
	if (f->kind != FIELD_TEXT)
		return err_set(e, ERR_INPUT, "%s: no text for a path", f->name);
	const char *s = *(const char *const *)p;
	if (s == NULL || *s == '\0')
		return err_set(e, ERR_INPUT, "%s: empty in a path", f->name);
	if (strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
		return err_set(e, ERR_INPUT, "%s: '%s' in a path", f->name, s);
	percent_add(b, s);
	return 0;
}

const char *
path_expand(struct arena *a, const char *tmpl, const struct field *table,
    const void *in, struct err *e)
{
	struct buf b = { .arena = a };

	for (const char *open; (open = strchr(tmpl, '{')) != NULL;) {
		const char *shut = strchr(open, '}');

		if (shut == NULL)
			return err_set(e, ERR_INPUT, "'%s': no }", open), NULL;
		int n = (int)(shut - open - 1);
		const struct field *f = field_find(table, open + 1, (size_t)n);
		if (f == NULL)
			return err_set(e, ERR_INPUT, "%.*s: no such member", n,
				   open + 1),
			       NULL;
		buf_add(&b, tmpl, (size_t)(open - tmpl));
		if (member_add(&b, f, (const char *)in + f->at, e) != 0)
			return NULL;
		tmpl = shut + 1;
	}
	buf_str(&b, tmpl);
	return buf_text(&b);
}
