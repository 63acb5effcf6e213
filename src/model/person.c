/* SPDX-License-Identifier: Apache-2.0 */
#include "model/person.h"

#include <string.h>

#define BODY_MAX (64 * 1024) /* bytes of one body */
#define KEY_MAX 255

struct rewriting {
	struct buf b;
	bool nulls; /* leave them out; else write them */
};

static int
member_write(void *ctx, const char *key, const char *value, struct err *e)
{
	struct rewriting *w = ctx;
	bool blank = strcmp(value, "null") == 0 || strcmp(value, "\"\"") == 0;

	(void)e;
	if (blank && w->nulls)
		return 0;
	buf_char(&w->b, w->b.len == 0 ? '{' : ',');
	json_string(&w->b, key);
	buf_char(&w->b, ':');
	buf_str(&w->b, blank ? "null" : value);
	return 0;
}

static const char *
rewrite(struct arena *a, const char *body, bool nulls, struct err *e)
{
	struct rewriting w = { { .arena = a }, nulls };

	if (body == NULL || strspn(body, " \t\r\n{") == strspn(body, " \t\r\n"))
		return err_set(e, ERR_INPUT, "wants an object"), NULL;
	if (json_each(a, body, member_write, &w, e) != 0)
		return NULL;
	buf_str(&w.b, w.b.len == 0 ? "{}" : "}");
	return buf_text(&w.b);
}

const char *
person_normal(struct arena *a, const char *body, struct err *e)
{
	const char *text = rewrite(a, body, false, e);

	if (text == NULL)
		return NULL;
	if (strlen(text) > BODY_MAX)
		return err_set(e, ERR_INPUT, "more than %d bytes", BODY_MAX),
		       NULL;
	return json_canonical(a, text, strlen(text), e);
}

int
person_decode(struct arena *a, const char *body, struct person *p,
    struct err *e)
{
	const char *text = rewrite(a, body, true, e);

	memset(p, 0, sizeof(*p));
	if (text == NULL ||
	    json_decode(a, person_fields, text, strlen(text), p, e) != 0)
		return -1;
	if (strlen(p->key) > KEY_MAX)
		return err_set(e, ERR_INPUT, "key: more than %d bytes",
		    KEY_MAX);
	if (p->attributes.text != NULL && p->attributes.text[0] != '{')
		return err_set(e, ERR_INPUT, "attributes: wants an object");
	return 0;
}

bool
person_blanks(struct arena *a, const char *body, const char *member)
{
	/* Most bodies take nothing away. */
	const char *value = strstr(body, "null") != NULL ?
	    json_member(a, body, member) :
	    NULL;

	return value != NULL && strcmp(value, "null") == 0;
}
