/* SPDX-License-Identifier: Apache-2.0 */
#include "api/listing.h"

#include <stdlib.h>
#include <string.h>

/* "identity/12", as subjects of cases and records say it. */
static int64_t
subject_id(const char *text)
{
	static const char head[] = "identity/";

	if (strncmp(text, head, sizeof(head) - 1) != 0)
		return 0;
	text += sizeof(head) - 1;
	size_t digits = strspn(text, "0123456789");
	return digits == 0 || digits > 18 || text[digits] != '\0' ?
	    0 :
	    strtoll(text, NULL, 10);
}

int
identity_meant(struct store *s, struct arena *a, const char *text, int64_t *id,
    struct err *e)
{
	struct query q = { .find = text };
	struct by_id found;

	if ((*id = subject_id(text)) != 0)
		return 0;
	int ret = store_find(s, a, STMT_API_IDENTITY_MEANT, query_fields, &q,
	    by_id_fields, &found, e);

	if (ret == 0)
		return err_set(e, ERR_GONE,
		    "no identity has the uid, feed "
		    "key or user name \"%.100s\"",
		    text);
	*id = found.id;
	return ret < 0 ? -1 : 0;
}

static const void *
member(const struct field *table, const char *name, const void *row)
{
	const struct field *f = field_find(table, name, strlen(name));

	return f == NULL ? NULL : (const char *)row + f->at;
}

/* Appends the row, with the name of the identity that it is about. */
static int
row_encode(const struct listing *l, struct store *s, struct arena *a,
    const void *row, struct buf *out, struct err *e)
{
	const int64_t *identity = member(l->row, "identity", row);
	struct by_name name = { NULL };

	json_encode(out, l->row, row);
	if (!l->who || identity == NULL || *identity == 0)
		return 0;
	struct query q = { .id = *identity };
	int ret = store_find(s, a, STMT_API_IDENTITY_NAME, query_fields, &q,
	    by_name_fields, &name, e);
	if (ret <= 0 || name.name == NULL)
		return ret < 0 ? -1 : 0;
	out->len--; /* the closing brace */
	buf_str(out, ",\"who\":");
	json_string(out, name.name);
	buf_char(out, '}');
	return 0;
}

/* The "after" that begins behind this row. */
static const char *
row_key(const struct listing *l, struct arena *a, const void *row)
{
	const struct field *f = field_find(l->row, l->key, strlen(l->key));
	const void *at = (const char *)row + f->at;

	if (f->kind == FIELD_INT)
		return arena_printf(a, "%lld", (long long)*(const int64_t *)at);
	return arena_printf(a, "%s/%s", *(const char *const *)at,
	    *(const char *const *)member(l->row, l->key2, row));
}

static int
after_check(const struct listing *l, const struct query *q, struct err *e)
{
	if (q->after == NULL || l->key2 != NULL)
		return 0;
	size_t digits = strspn(q->after, "0123456789");
	if (digits == 0 || digits > 18 || q->after[digits] != '\0')
		return err_set(e, ERR_INPUT,
		    "after: \"%.60s\" is not the next of a page", q->after);
	return 0;
}

static bool
narrowed(const struct listing *l, const struct query *q)
{
	if (l->narrow == NULL)
		return false;
	if (strcmp(l->narrow, "identity") == 0)
		return q->who != 0;
	return *(const int64_t *)member(query_fields, l->narrow, q) != 0;
}

int
listing_page(const struct listing *l, struct store *s, struct arena *a,
    struct query *q, struct buf *out, struct err *e)
{
	struct many rows;

	if (query_ready(q, e) != 0 || after_check(l, q, e) != 0)
		return -1;
	if (q->identity != NULL &&
	    identity_meant(s, a, q->identity, &q->who, e) != 0)
		return -1;
	size_t want = (size_t)q->limit++; /* one more: is there more? */
	if (store_list(s, a, narrowed(l, q) ? l->narrow_page : l->page,
		query_fields, q, l->row, l->size, want + 1, &rows, e) != 0)
		return -1;
	size_t n = rows.n > want ? want : rows.n;
	buf_str(out, "{\"items\":[");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_char(out, ',');
		if (row_encode(l, s, a, (char *)rows.item + i * l->size, out,
			e) != 0)
			return -1;
	}
	buf_char(out, ']');
	if (rows.n > want) {
		buf_str(out, ",\"next\":");
		json_string(out,
		    row_key(l, a, (char *)rows.item + (want - 1) * l->size));
	}
	buf_char(out, '}');
	return 0;
}

static int
id_read(const struct listing *l, struct store *s, struct arena *a,
    const char *text, int64_t *id, struct err *e)
{
	size_t digits = strspn(text, "0123456789");

	if (l->row == listings[0].row)
		return identity_meant(s, a, text, id, e);
	if (l->one == STMT_COUNT || digits == 0 || digits > 18 ||
	    text[digits] != '\0')
		return err_set(e, ERR_GONE, "there is no \"%.60s\" in %s", text,
		    l->path);
	*id = strtoll(text, NULL, 10);
	return 0;
}

int
listing_one(const struct listing *l, struct store *s, struct arena *a,
    const char *text, struct buf *out, struct err *e)
{
	struct query q = { 0 };
	void *row = arena_zero(a, 1, l->size);

	if (id_read(l, s, a, text, &q.id, e) != 0)
		return -1;
	int ret = store_find(s, a, l->one, query_fields, &q, l->row, row, e);
	if (ret == 0)
		return err_set(e, ERR_GONE, "there is no \"%.60s\" in %s", text,
		    l->path);
	return ret < 0 ? -1 : row_encode(l, s, a, row, out, e);
}
