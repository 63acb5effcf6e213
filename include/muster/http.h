/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP client for every provider: connections are kept, certificates
 * always verified (TLS 1.2 and later), redirects never followed, and
 * answers bounded.  http:// is taken only for a loopback address.  No
 * call waits beyond its deadline.
 */
#ifndef MUSTER_HTTP_H
#define MUSTER_HTTP_H

#include <muster/provider.h>

struct http;

struct http_config {
	const char *url;    /* of the API; paths are put behind it */
	const char *ca;	    /* file of certificates; NULL: the system's */
	const char *auth;   /* none, basic, bearer, header; NULL: none */
	const char *user;   /* basic */
	const char *header; /* header: its name */
	const char *secret;
	int64_t max_body; /* bytes of an answer; 0: 8 MiB */
};

/* Checks the configuration and copies it; connects to nobody yet. */
int http_open(const struct http_config *, struct http **, struct err *)
    __attribute__((warn_unused_result));
void http_close(struct http *);

/* What a request does over there, and so what its loss means. */
enum http_effect {
	HTTP_READS,	 /* nothing: ask again */
	HTTP_REPEATABLE, /* a second one does no harm */
	HTTP_ONCE	 /* a second one may do harm */
};

struct http_request {
	const char *method;
	const char *path;     /* "/users?x=1", or a URL of the same origin */
	struct texts headers; /* "Name: value" */
	const char *type;     /* of the body; NULL: application/json */
	const char *body;     /* NULL: none */
	size_t n;
	enum http_effect effect;
};

struct http_reply {
	int status;
	const char *body; /* never NULL; in the arena */
	size_t n;
	const char *headers; /* lines as they came; in the arena */
	int64_t after_ms;    /* what Retry-After says; 0: nothing */
};

/*
 * Sends and waits.  0 when an answer came, whatever its status.  A change
 * that may have reached the other side without an answer is ERR_UNKNOWN;
 * one that cannot have is ERR_BUSY.
 */
int http_send(struct http *, struct muster_call *, struct arena *,
    const struct http_request *, struct http_reply *, struct err *)
    __attribute__((warn_unused_result));

/* The value of a header (the first of that name) in the arena, or NULL. */
const char *http_header(struct arena *, const struct http_reply *,
    const char *name);

/* The one judge of a status. */
enum err_class http_class(int status, enum http_effect);
/* Records what an answer means by that judge; -1 unless it is a success. */
int http_judge(const struct http_request *, const struct http_reply *,
    struct err *) __attribute__((warn_unused_result));
/* http_send() and http_judge(). */
int http_call(struct http *, struct muster_call *, struct arena *,
    const struct http_request *, struct http_reply *, struct err *)
    __attribute__((warn_unused_result));

/* Milliseconds from now that a Retry-After names: seconds, or a date
   (RFC 9110, 10.2.3); 0 if it is neither, a day at most. */
int64_t http_retry_after(const char *value, int64_t now_ms);

/* A text percent-encoded for one place in a path or a query. */
const char *http_escape(struct arena *, const char *);

/* How a listing goes on. */
struct http_pages {
	const char *style;	/* none, cursor, offset, page, link, next */
	const char *param;	/* query parameter of cursor, offset, page */
	const char *size_param; /* of the page's size; NULL: not sent */
	int64_t size;		/* items of a page */
	int64_t start;		/* first offset or page number */
	const char *total;	/* offset, page: number of all items, if told */
	const char *next;	/* cursor, next: path of members in the body,
				   "meta.next" */
};

extern const struct field http_pages_fields[];

/* Handles one page, and says how many items were in it. */
typedef int http_page_fn(void *ctx, struct arena *, const struct http_reply *,
    size_t *items, struct err *);

/*
 * Asks for all pages of a listing, one after another.  What the answers
 * name as next must be of the same origin.  An answer that repeats itself
 * is ERR_INPUT, so no server can keep the loop going for ever.
 */
int http_each_page(struct http *, struct muster_call *,
    const struct http_request *first, const struct http_pages *, http_page_fn *,
    void *ctx, struct err *) __attribute__((warn_unused_result));

#endif
