/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/secret.h"

#define MAX_BODY ((size_t)8 << 20)
#define MAX_HEADERS ((size_t)64 << 10)
#define CONNECT_MS 10000

static char *
copy(const char *s)
{
	char *to = s != NULL ? strdup(s) : NULL;

	if (s != NULL && to == NULL)
		abort();
	return to;
}

/* The header line that authenticates, made once. */
static int
auth_make(const struct http_config *c, struct arena *a, const char **line,
    struct err *e)
{
	const char *how = c->auth != NULL ? c->auth : "none";

	*line = NULL;
	if (strcmp(how, "none") == 0)
		return 0;
	if (c->secret == NULL || strpbrk(c->secret, "\r\n") != NULL)
		return err_set(e, ERR_INPUT, "auth.secret: wants one line");
	if (strcmp(how, "bearer") == 0) {
		*line = arena_printf(a, "Authorization: Bearer %s", c->secret);
	} else if (strcmp(how, "header") == 0) {
		if (c->header == NULL || strpbrk(c->header, ": \r\n") != NULL)
			return err_set(e, ERR_INPUT,
			    "auth.header: wants the name of a header");
		*line = arena_printf(a, "%s: %s", c->header, c->secret);
	} else if (strcmp(how, "basic") == 0) {
		if (c->user == NULL || strchr(c->user, ':') != NULL)
			return err_set(e, ERR_INPUT,
			    "auth.user: missing, or with a colon");
		const char *pair = arena_printf(a, "%s:%s", c->user, c->secret);
		*line = arena_printf(a, "Authorization: Basic %s",
		    base64_encode(a, pair, strlen(pair)));
	} else {
		return err_set(e, ERR_INPUT,
		    "auth.type: wants none, basic, bearer or header");
	}
	return 0;
}

/* One request on its way. */
struct transfer {
	struct buf body, headers;
	size_t max_body;
	bool too_large;
};

static size_t
body_take(char *at, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	if (size * n > t->max_body - t->body.len) {
		t->too_large = true;
		return 0;
	}
	buf_add(&t->body, at, size * n);
	return size * n;
}

static size_t
header_take(char *at, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	if (size * n > MAX_HEADERS - t->headers.len) {
		t->too_large = true;
		return 0;
	}
	/* A status line begins an answer: what came before was 100 or so. */
	if (size * n > 5 && memcmp(at, "HTTP/", 5) == 0)
		t->headers.len = 0;
	buf_add(&t->headers, at, size * n);
	return size * n;
}

/* What is the same for all requests. */
static int
handle_make(struct http *h, struct err *e)
{
	h->curl = curl_easy_init();
	if (h->curl == NULL)
		return err_set(e, ERR_BUSY, "libcurl does not start");
	curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h->curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h->curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(h->curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(h->curl, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2);
	if (h->ca != NULL)
		curl_easy_setopt(h->curl, CURLOPT_CAINFO, h->ca);
	curl_easy_setopt(h->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(h->curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(h->curl, CURLOPT_USERAGENT, "muster");
	curl_easy_setopt(h->curl, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, body_take);
	curl_easy_setopt(h->curl, CURLOPT_HEADERFUNCTION, header_take);
	return 0;
}

int
http_open(const struct http_config *c, struct http **out, struct err *e)
{
	struct arena a = { NULL, 0 };
	const char *auth;

	if (http_url_check(c->url, e) != 0)
		return -1;
	if (c->max_body < 0)
		return err_set(e, ERR_INPUT, "max_body: below 0");
	if (c->ca != NULL && file_readable(c->ca, e) != 0)
		return err_within(e, "ca: ");
	arena_lock(&a);
	if (auth_make(c, &a, &auth, e) != 0) {
		arena_fini(&a);
		return -1;
	}
	struct http *h = calloc(1, sizeof(*h));
	if (h == NULL)
		abort();
	h->url = copy(c->url);
	while (h->url[0] != '\0' && h->url[strlen(h->url) - 1] == '/')
		h->url[strlen(h->url) - 1] = '\0';
	h->ca = copy(c->ca);
	h->auth = secret_copy(auth);
	h->max_body = c->max_body != 0 ? (size_t)c->max_body : MAX_BODY;
	arena_fini(&a);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (handle_make(h, e) != 0) {
		http_close(h);
		return -1;
	}
	*out = h;
	return 0;
}

void
http_close(struct http *h)
{
	curl_easy_cleanup(h->curl);
	secret_free(h->auth);
	free(h->url);
	free(h->ca);
	free(h);
}

/* libcurl only reads the list, so it may live in the arena. */
static struct curl_slist *
header_add(struct arena *a, struct curl_slist *next, const char *line)
{
	struct curl_slist *one = arena_zero(a, 1, sizeof(*one));

	*one = (struct curl_slist){ (char *)line, next };
	return one;
}

static struct curl_slist *
headers_make(const struct http *h, struct arena *a,
    const struct http_request *q)
{
	struct curl_slist *list = NULL;

	if (h->auth != NULL)
		list = header_add(a, list, h->auth);
	for (size_t i = 0; i < q->headers.n; i++)
		list = header_add(a, list, q->headers.item[i]);
	if (q->body == NULL)
		return list;
	list = header_add(a, list, "Expect:");
	return header_add(a, list,
	    q->type == NULL ? "Content-Type: application/json" :
			      arena_printf(a, "Content-Type: %s", q->type));
}

static void
request_prepare(struct http *h, const struct muster_call *c,
    const struct http_request *q, const char *url, struct curl_slist *list,
    struct transfer *t)
{
	long left = (long)muster_left(c);

	if (q->body != NULL) {
		curl_easy_setopt(h->curl, CURLOPT_POST, 1L);
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)q->n);
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, q->body);
	} else {
		curl_easy_setopt(h->curl, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(h->curl, CURLOPT_CUSTOMREQUEST, q->method);
	curl_easy_setopt(h->curl, CURLOPT_NOBODY,
	    strcmp(q->method, "HEAD") == 0 ? 1L : 0L);
	curl_easy_setopt(h->curl, CURLOPT_URL, url);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, left > 0 ? left : 1L);
	curl_easy_setopt(h->curl, CURLOPT_CONNECTTIMEOUT_MS,
	    left > CONNECT_MS ? (long)CONNECT_MS :
		left > 0      ? left :
				1L);
	/* On a kept connection that dies libcurl sends a second time. */
	curl_easy_setopt(h->curl, CURLOPT_FRESH_CONNECT,
	    q->effect == HTTP_ONCE ? 1L : 0L);
	curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(h->curl, CURLOPT_HEADERDATA, t);
}

/* No answer: whether the request may have been seen decides. */
static int
lost(struct http *h, const struct http_request *q, const struct transfer *t,
    CURLcode rc, struct err *e)
{
	long sent = 0;

	curl_easy_getinfo(h->curl, CURLINFO_REQUEST_SIZE, &sent);
	bool unknown = sent > 0 && q->effect != HTTP_READS;
	if (t->too_large)
		return err_set(e, unknown ? ERR_UNKNOWN : ERR_INPUT,
		    "%s %.200s: answer of more than %zu bytes", q->method,
		    q->path, h->max_body);
	return err_set(e, unknown ? ERR_UNKNOWN : ERR_BUSY, "%s %.200s: %s",
	    q->method, q->path, curl_easy_strerror(rc));
}

int
http_send(struct http *h, struct muster_call *c, struct arena *a,
    const struct http_request *q, struct http_reply *r, struct err *e)
{
	struct transfer t = { .body.arena = a,
		.headers.arena = a,
		.max_body = h->max_body };
	const char *url = http_url(h, a, q->path, e);
	long status = 0;

	if (url == NULL)
		return -1;
	request_prepare(h, c, q, url, headers_make(h, a, q), &t);
	CURLcode rc = curl_easy_perform(h->curl);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
	if (rc != CURLE_OK)
		return lost(h, q, &t, rc, e);
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	*r = (struct http_reply){ .status = (int)status,
		.body = buf_text(&t.body),
		.n = t.body.len,
		.headers = buf_text(&t.headers) };
	if (status >= 400)
		r->after_ms = http_retry_after(http_header(a, r, "Retry-After"),
		    clock_wall());
	return 0;
}

const char *
http_header(struct arena *a, const struct http_reply *r, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = r->headers; *at != '\0';) {
		size_t len = strcspn(at, "\r\n");

		if (len > n && at[n] == ':' && strncasecmp(at, name, n) == 0) {
			const char *v = at + n + 1;
			v += strspn(v, " \t");
			return arena_mem(a, v, len - (size_t)(v - at));
		}
		at += len + strspn(at + len, "\r\n");
	}
	return NULL;
}
