/* SPDX-License-Identifier: Apache-2.0 */
/* How a listing over HTTP goes from page to page. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sdk/http.h"

#define MAX_PAGES 100000

static const char *const style_words[] = {
	"none",
	"cursor",
	"offset",
	"page",
	"link",
	"next",
	NULL,
};

const struct field http_pages_fields[] = {
	FIELD(struct http_pages, style, 0, .words = style_words,
	    .fallback = "\"none\"", .help = "how a listing goes on"),
	FIELD(struct http_pages, param, 0,
	    .help = "query parameter of cursor, offset or page"),
	FIELD(struct http_pages, size_param, 0,
	    .help = "query parameter of the page's size"),
	FIELD(struct http_pages, size, 0, .fallback = "100",
	    .help = "items of a page"),
	FIELD(struct http_pages, start, 0,
	    .help = "first offset or page number"),
	FIELD(struct http_pages, total, 0,
	    .help = "of offset and page: members of the answer that hold "
		    "the number of all items; none: ends with an empty page"),
	FIELD(struct http_pages, next, 0,
	    .help = "members of the answer that hold the next cursor or "
		    "URL, as meta.next"),
	FIELD_END,
};

/* Between two pages: what the next request asks for. */
struct paging {
	const struct http_pages *p;
	const char *path; /* of the first request */
	int64_t at;	  /* offset or page number */
	int64_t seen;	  /* items so far */
	char *next;	  /* cursor, or whole path; NULL: none */
};

static const char *
query_add(struct arena *a, const char *path, const char *name,
    const char *value)
{
	return arena_printf(a, "%s%c%s=%s", path,
	    strchr(path, '?') != NULL ? '&' : '?', http_escape(a, name),
	    http_escape(a, value));
}

static bool
is(const struct paging *g, const char *style)
{
	return strcmp(g->p->style, style) == 0;
}

static const char *
page_path(const struct paging *g, struct arena *a)
{
	const struct http_pages *p = g->p;
	const char *path = g->path;

	if (g->next != NULL && (is(g, "link") || is(g, "next")))
		return arena_str(a, g->next);
	if (p->size_param != NULL)
		path = query_add(a, path, p->size_param,
		    arena_printf(a, "%lld", (long long)p->size));
	if (is(g, "offset") || is(g, "page"))
		path = query_add(a, path, p->param,
		    arena_printf(a, "%lld", (long long)g->at));
	if (g->next != NULL)
		path = query_add(a, path, p->param, g->next);
	return path;
}

/* The text under "a.b.c" of a JSON object, or NULL. */
static const char *
body_text(struct arena *a, const char *json, const char *path)
{
	for (const char *dot; (dot = strchr(path, '.')) != NULL;
	     path = dot + 1) {
		json = json_member(a, json,
		    arena_mem(a, path, (size_t)(dot - path)));
		if (json == NULL)
			return NULL;
	}
	return json_member_text(a, json, path);
}

/* The target of rel="next" in a Link header (RFC 8288), or NULL. */
static const char *
link_next(struct arena *a, const struct http_reply *r)
{
	const char *v = http_header(a, r, "Link");

	while (v != NULL && (v = strchr(v, '<')) != NULL) {
		const char *end = strchr(v, '>');

		if (end == NULL)
			return NULL;
		size_t n = strcspn(end, "<");
		const char *params = arena_mem(a, end, n);
		if (strcasestr(params, "rel=\"next\"") != NULL ||
		    strcasestr(params, "rel=next") != NULL)
			return arena_mem(a, v + 1, (size_t)(end - v - 1));
		v = end;
	}
	return NULL;
}

/*
 * Counts on.  A page may be shorter than asked for, so only an empty one or
 * the number of all items says that there is no more.
 */
static bool
count_turn(struct paging *g, struct arena *a, const struct http_reply *r,
    size_t items)
{
	const char *total = NULL;

	g->seen += (int64_t)items;
	g->at += is(g, "page") ? 1 : (int64_t)items;
	if (g->p->total != NULL)
		total = body_text(a, r->body, g->p->total);
	return items != 0 &&
	    (total == NULL || strtoll(total, NULL, 10) > g->seen);
}

/* Takes what the answer says of the next page; false if there is none. */
static bool
page_turn(struct paging *g, struct arena *a, const struct http_reply *r,
    size_t items)
{
	const char *next = NULL;

	if (is(g, "none"))
		return false;
	if (is(g, "offset") || is(g, "page"))
		return count_turn(g, a, r, items);
	next = is(g, "link") ? link_next(a, r) :
			       body_text(a, r->body, g->p->next);
	if (next == NULL || next[0] == '\0')
		return false;
	free(g->next);
	g->next = strdup(next);
	if (g->next == NULL)
		abort();
	return true;
}

static int
pages_check(const struct http_pages *p, struct err *e)
{
	bool link = strcmp(p->style, "link") == 0;
	bool none = strcmp(p->style, "none") == 0;
	bool body = strcmp(p->style, "cursor") == 0 ||
	    strcmp(p->style, "next") == 0;

	if (body && p->next == NULL)
		return err_set(e, ERR_INPUT, "paging.next: missing");
	if (!link && !none && strcmp(p->style, "next") != 0 && p->param == NULL)
		return err_set(e, ERR_INPUT, "paging.param: missing");
	if (p->size < 1 || p->size > 10000)
		return err_set(e, ERR_INPUT, "paging.size: wants 1 to 10000");
	return 0;
}

int
http_each_page(struct http *h, struct muster_call *c,
    const struct http_request *first, const struct http_pages *p,
    http_page_fn *each, void *ctx, struct err *e)
{
	struct paging g = { .p = p, .path = first->path, .at = p->start };
	struct arena a = { NULL, 0 };
	bool more = true;
	int rc = pages_check(p, e);

	for (int n = 0; rc == 0 && more; n++) {
		struct http_request q = *first;
		struct http_reply r;
		size_t items = 0;

		arena_reset(&a);
		if (n >= MAX_PAGES) {
			rc = err_set(e, ERR_INPUT, "more than %d pages", n);
			break;
		}
		q.path = page_path(&g, &a);
		rc = http_call(h, c, &a, &q, &r, e);
		if (rc == 0)
			rc = each(ctx, &a, &r, &items, e);
		if (rc != 0)
			break;
		more = page_turn(&g, &a, &r, items);
		if (more && strcmp(q.path, page_path(&g, &a)) == 0)
			rc = err_set(e, ERR_INPUT,
			    "%.200s: names itself as the next page", q.path);
	}
	free(g.next);
	arena_fini(&a);
	return rc;
}
