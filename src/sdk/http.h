/* SPDX-License-Identifier: Apache-2.0 */
/* Between the parts of the HTTP client; providers see muster/http.h. */
#ifndef SDK_HTTP_H
#define SDK_HTTP_H

#include <curl/curl.h>

#include <muster/http.h>

struct http {
	char *url;	 /* without a slash at its end */
	char *ca, *auth; /* auth: the whole header line, or NULL */
	size_t max_body;
	CURL *curl;
};

/* ERR_INPUT unless it is https, or http to a loopback address. */
int http_url_check(const char *url, struct err *)
    __attribute__((warn_unused_result));
/* The whole URL of a request's path; ERR_INPUT for another origin. */
const char *http_url(const struct http *, struct arena *, const char *path,
    struct err *);

#endif
