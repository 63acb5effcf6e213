/* SPDX-License-Identifier: Apache-2.0 */
/* The one judge of HTTP answers (RFC 9110, 15; RFC 6585). */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sdk/http.h"

struct verdict {
	int status;
	enum err_class cls;
};

/* Statuses that mean something else than their hundred. */
static const struct verdict verdicts[] = {
	{ 401, ERR_DENIED },
	{ 403, ERR_DENIED },
	{ 407, ERR_DENIED },
	{ 404, ERR_GONE },
	{ 410, ERR_GONE },
	{ 408, ERR_BUSY },
	{ 421, ERR_BUSY },
	{ 425, ERR_BUSY },
	{ 429, ERR_BUSY },
	{ 503, ERR_BUSY },
	{ 409, ERR_CONFLICT },
	{ 412, ERR_CONFLICT },
	{ 428, ERR_CONFLICT },
	{ 423, ERR_REFUSED },
	{ 402, ERR_REFUSED },
	{ 451, ERR_REFUSED },
	{ 501, ERR_INPUT },
	{ 505, ERR_INPUT },
};

enum err_class
http_class(int status, enum http_effect effect)
{
	if (status >= 200 && status < 300)
		return ERR_NONE;
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++)
		if (verdicts[i].status == status)
			return verdicts[i].cls;
	/* A server that broke, or a gateway that heard nothing, does not
	   say how far the request came. */
	if (status >= 500)
		return effect == HTTP_ONCE ? ERR_UNKNOWN : ERR_BUSY;
	return ERR_INPUT;
}

int
http_judge(const struct http_request *q, const struct http_reply *r,
    struct err *e)
{
	enum err_class cls = http_class(r->status, q->effect);

	if (cls == ERR_NONE)
		return 0;
	err_set(e, cls, "%s %.200s: HTTP %d%s", q->method, q->path, r->status,
	    r->status >= 300 && r->status < 400 ?
		", and redirects are not followed" :
		"");
	e->after_ms = cls == ERR_BUSY ? r->after_ms : 0;
	return -1;
}

int
http_call(struct http *h, struct muster_call *c, struct arena *a,
    const struct http_request *q, struct http_reply *r, struct err *e)
{
	if (http_send(h, c, a, q, r, e) != 0)
		return -1;
	return http_judge(q, r, e);
}

int64_t
http_retry_after(const char *value, int64_t now_ms)
{
	char *end;

	if (value == NULL)
		return 0;
	long long seconds = strtoll(value, &end, 10);
	int64_t ms = 0;
	if (end != value && *end == '\0') {
		ms = seconds > 86400 ? DAY : seconds < 0 ? 0 : seconds * SECOND;
	} else {
		time_t when = curl_getdate(value, NULL);

		if (when != (time_t)-1)
			ms = (int64_t)when * SECOND - now_ms;
	}
	return ms < 0 ? 0 : ms > DAY ? DAY : ms;
}
