/* SPDX-License-Identifier: Apache-2.0 */
/* Which URLs the HTTP client goes to, and how texts get into them. */
#include <string.h>
#include <strings.h>

#include "sdk/http.h"

struct origin {
	char *scheme, *host, *port, *user;
};

static void
origin_fini(struct origin *o)
{
	curl_free(o->scheme);
	curl_free(o->host);
	curl_free(o->port);
	curl_free(o->user);
}

static bool
origin_read(const char *url, struct origin *o)
{
	CURLU *u = curl_url();

	*o = (struct origin){ NULL, NULL, NULL, NULL };
	bool ok = u != NULL &&
	    curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_SCHEME, &o->scheme, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &o->host, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, &o->port, CURLU_DEFAULT_PORT) ==
		CURLUE_OK;
	if (ok)
		curl_url_get(u, CURLUPART_USER, &o->user, 0);
	curl_url_cleanup(u);
	if (!ok) {
		origin_fini(o);
		*o = (struct origin){ NULL, NULL, NULL, NULL };
	}
	return ok;
}

static bool
is_loopback(const char *host)
{
	return strcmp(host, "[::1]") == 0 ||
	    (strncmp(host, "127.", 4) == 0 &&
		strspn(host, "0123456789.") == strlen(host));
}

int
http_url_check(const char *url, struct err *e)
{
	struct origin o;
	int rc = 0;

	if (url == NULL || !origin_read(url, &o))
		return err_set(e, ERR_INPUT, "url: not a URL");
	if (o.user != NULL || strpbrk(url, "?#") != NULL)
		rc = err_set(e, ERR_INPUT,
		    "url: wants neither a user nor a query");
	else if (strcmp(o.scheme, "http") == 0 && !is_loopback(o.host))
		rc = err_set(e, ERR_INPUT,
		    "url: http:// shows secrets to "
		    "the network: only for 127.x.x.x and [::1]");
	else if (strcmp(o.scheme, "http") != 0 &&
	    strcmp(o.scheme, "https") != 0)
		rc = err_set(e, ERR_INPUT, "url: wants https://");
	origin_fini(&o);
	return rc;
}

static bool
same_origin(const char *x, const char *y)
{
	struct origin a, b = { NULL, NULL, NULL, NULL };

	bool same = origin_read(x, &a) && origin_read(y, &b) &&
	    a.user == NULL && strcmp(a.scheme, b.scheme) == 0 &&
	    strcasecmp(a.host, b.host) == 0 && strcmp(a.port, b.port) == 0;
	origin_fini(&a);
	origin_fini(&b);
	return same;
}

const char *
http_url(const struct http *h, struct arena *a, const char *path, struct err *e)
{
	if (path[0] == '/')
		return arena_printf(a, "%s%s", h->url, path);
	if (strstr(path, "://") != NULL && same_origin(path, h->url))
		return path;
	err_set(e, ERR_INPUT, "%.100s: not a path, nor a URL of %s", path,
	    h->url);
	return NULL;
}

const char *
http_escape(struct arena *a, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	char *out = arena_zero(a, 3 * strlen(text) + 1, 1), *to = out;

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("-._~", c) != NULL) {
			*to++ = (char)c;
			continue;
		}
		*to++ = '%';
		*to++ = hex[c >> 4];
		*to++ = hex[c & 15];
	}
	return out;
}
