/* SPDX-License-Identifier: Apache-2.0 */
#include "api/http.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "api/inside.h"
#include "api/listing.h"
#include "base/clock.h"
#include "base/json_scan.h"
#include "base/log.h"

/* How long the body of a command and of a feed file may take to arrive. */
enum { BODY_SECONDS = 30, UPLOAD_SECONDS = 900 };

static struct MHD_Response *
response_new(struct request *r)
{
	if (r->file < 0)
		return MHD_create_response_from_buffer(r->reply.len,
		    (void *)(uintptr_t)buf_text(&r->reply),
		    MHD_RESPMEM_MUST_COPY);
	off_t size = lseek(r->file, 0, SEEK_END);
	struct MHD_Response *out =
	    MHD_create_response_from_fd64((uint64_t)(size < 0 ? 0 : size),
		r->file);
	r->file = -1; /* closed with the response */
	return out;
}

static enum MHD_Result
reply_send(struct request *r, int status)
{
	struct MHD_Response *out = response_new(r);

	if (out == NULL)
		return MHD_NO;
	MHD_add_response_header(out, "Content-Type",
	    r->type == NULL ? "application/json" : r->type);
	MHD_add_response_header(out, "Cache-Control", "no-store");
	MHD_add_response_header(out, "X-Content-Type-Options", "nosniff");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED && r->method != NULL)
		MHD_add_response_header(out, "Allow", r->method);
	enum MHD_Result ret = MHD_queue_response(r->connection,
	    (unsigned)status, out);
	MHD_destroy_response(out);
	return ret;
}

/* Makes the error the reply; only what is nobody's fault but ours is
   logged. */
static void
reply_error(struct request *r, const struct err *e)
{
	if (e->cls == ERR_BUG)
		log_error("api: %s", e->text);
	r->reply = (struct buf){ .arena = &r->arena };
	r->type = NULL;
	if (r->file >= 0)
		close(r->file);
	r->file = -1;
	buf_str(&r->reply, "{\"failure\":");
	json_string(&r->reply, err_meanings[e->cls].word);
	buf_str(&r->reply, ",\"error\":");
	json_string(&r->reply, e->text);
	buf_str(&r->reply, "}");
}

static int
refuse(struct request *r, int status, enum err_class cls, const char *text)
{
	struct err e;

	err_set(&e, cls, "%s", text);
	reply_error(r, &e);
	r->status = status;
	return -1;
}

static int
peer_find(struct request *r)
{
	struct api *api = r->api;
	struct peer peer;
	struct err e;

	if (!r->local)
		return 0;
	const union MHD_ConnectionInfo
	    *info = MHD_get_connection_info(r->connection,
		MHD_CONNECTION_INFO_CONNECTION_FD);
	if (info == NULL || peer_read(info->connect_fd, &peer, &e) != 0)
		return refuse(r, 401, ERR_DENIED, "nobody can say who you are");
	pthread_mutex_lock(&api->lock);
	r->actor.roles = peer_roles(&peer, &api->grants, api->config.private_);
	pthread_mutex_unlock(&api->lock);
	r->actor.name = arena_str(&r->arena, peer.name);
	return 0;
}

/* 401: you have no role at all; 403: not this one. */
static int
role_check(struct request *r)
{
	unsigned roles = route_roles(r->route, r->rest);

	if ((r->route->flags & (ROUTE_OPEN | ROUTE_ANYONE)) != 0 ||
	    (r->actor.roles & roles) != 0)
		return 0;
	bool none = r->actor.roles == 0;
	return refuse(r, none ? 401 : 403, ERR_DENIED,
	    arena_printf(&r->arena, "you are %s with %s: this needs %s%s",
		r->actor.name,
		none ? "no role" :
		       arena_printf(&r->arena, "the role %s",
			   roles_text(&r->arena, r->actor.roles)),
		roles_text(&r->arena, roles),
		none ?
		    "; \"access\" in muster.json gives roles to uids and gids" :
		    ""));
}

static int
route_check(struct request *r, const char *method, const char *path)
{
	const char *other;

	r->route = route_find(method, path, &r->rest, &other);
	if (r->route != NULL && !r->local &&
	    (r->route->flags & ROUTE_OPEN) == 0)
		return refuse(r, 404, ERR_GONE,
		    "only /metrics and /healthz are served here");
	if (r->route != NULL) {
		r->rest = arena_str(&r->arena, r->rest);
		return 0;
	}
	r->method = other;
	if (other != NULL)
		return refuse(r, 405, ERR_INPUT,
		    arena_printf(&r->arena, "%.20s: this path takes %s", method,
			other));
	return refuse(r, 404, ERR_GONE,
	    arena_printf(&r->arena, "%.100s: there is no such path", path));
}

struct taking {
	struct request *r;
	const struct field *table;
	struct err why;
	int failed;
};

static enum MHD_Result
argument_take(void *ctx, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	struct taking *t = ctx;

	(void)kind;
	t->failed = query_take(&t->r->arena, t->table, name, value,
	    &t->r->query, &t->why);
	return t->failed == 0 ? MHD_YES : MHD_NO;
}

static int
arguments_check(struct request *r)
{
	struct taking t = { .r = r, .table = r->route->arguments };

	if (r->route->answer == answer_list) {
		const struct listing *l = listing_find(r->rest,
		    strlen(r->rest));

		t.table = l == NULL ? NULL : l->filters;
	}
	if (t.table == NULL)
		t.table = query_none;
	MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND,
	    argument_take, &t);
	return t.failed == 0 ? 0 : refuse(r, 400, ERR_INPUT, t.why.text);
}

static bool
type_is(const char *type, const char *wanted)
{
	size_t n = strlen(wanted);

	return type != NULL && strncasecmp(type, wanted, n) == 0 &&
	    (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

/* The body's type and announced length, before any of it is read. */
static int
body_check(struct request *r)
{
	unsigned flags = r->route->flags;
	const char *type = MHD_lookup_connection_value(r->connection,
	    MHD_HEADER_KIND, "Content-Type");
	const char *length = MHD_lookup_connection_value(r->connection,
	    MHD_HEADER_KIND, "Content-Length");
	size_t max = (flags & ROUTE_UPLOAD) != 0 ? r->api->config.upload_max :
						   API_BODY;

	if ((flags & ROUTE_BODY) != 0 && !type_is(type, "application/json"))
		return refuse(r, 415, ERR_INPUT,
		    "Content-Type: wants application/json");
	if ((flags & ROUTE_UPLOAD) != 0 &&
	    !type_is(type, "application/octet-stream"))
		return refuse(r, 415, ERR_INPUT,
		    "Content-Type: wants application/octet-stream");
	if (length != NULL && strtoumax(length, NULL, 10) > max)
		return refuse(r, 413, ERR_INPUT,
		    arena_printf(&r->arena, "the body is larger than %zu bytes",
			max));
	r->deadline = clock_boot() +
	    SECOND *
		((flags & ROUTE_UPLOAD) != 0 ? UPLOAD_SECONDS : BODY_SECONDS);
	return 0;
}

static int
upload_check(struct request *r)
{
	struct err e;

	if ((r->route->flags & ROUTE_UPLOAD) == 0 || upload_begin(r, &e) == 0)
		return 0;
	return refuse(r, err_meanings[e.cls].http, e.cls, e.text);
}

/* All that can be judged from the line and the headers. */
static enum MHD_Result
request_begin(struct request *r, const char *method, const char *path)
{
	if (peer_find(r) == 0 && route_check(r, method, path) == 0 &&
	    role_check(r) == 0 && arguments_check(r) == 0 &&
	    body_check(r) == 0 && upload_check(r) == 0)
		return MHD_YES;
	return reply_send(r, r->status);
}

/* A piece of the body.  What is too much is read and forgotten, up to a
   point; who goes on then, or takes too long, is cut off. */
static enum MHD_Result
body_more(struct request *r, const char *data, size_t n)
{
	struct err e;

	if (clock_boot() > r->deadline)
		return MHD_NO;
	if (r->status != 0) {
		r->body.len += n;
		return r->body.len > 2 * API_BODY ? MHD_NO : MHD_YES;
	}
	if (r->upload != NULL) {
		if (upload_more(r, data, n, &e) != 0)
			refuse(r,
			    e.cls == ERR_INPUT ? 413 : err_meanings[e.cls].http,
			    e.cls, e.text);
		return MHD_YES;
	}
	if ((r->route->flags & ROUTE_BODY) == 0)
		refuse(r, 400, ERR_INPUT, "this path takes no body");
	else if (r->body.len + n > API_BODY)
		refuse(r, 413, ERR_INPUT,
		    "the body is larger than 1048576 bytes");
	else
		buf_add(&r->body, data, n);
	return MHD_YES;
}

static enum MHD_Result
request_end(struct request *r)
{
	struct err e = { ERR_NONE };

	if (r->status != 0)
		return reply_send(r, r->status);
	if ((r->route->flags & ROUTE_BODY) != 0 &&
	    json_check(buf_text(&r->body), r->body.len, &e) != 0) {
		err_within(&e, "body: ");
		reply_error(r, &e);
		return reply_send(r, 400);
	}
	/* While an answer is made the connection is not idle; setting its
	   limit again makes the time count from now. */
	MHD_set_connection_option(r->connection, MHD_CONNECTION_OPTION_TIMEOUT,
	    0u);
	int ret = r->route->answer(r, &e);
	MHD_set_connection_option(r->connection, MHD_CONNECTION_OPTION_TIMEOUT,
	    (unsigned)r->api->config.idle);
	if (ret == 0)
		return reply_send(r, r->status == 0 ? 200 : r->status);
	reply_error(r, &e);
	return reply_send(r, err_meanings[e.cls].http);
}

static struct request *
request_new(struct api *api, struct MHD_Connection *connection, bool local)
{
	struct request *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	r->api = api;
	r->connection = connection;
	r->local = local;
	r->file = -1;
	r->actor.name = "nobody";
	r->body.arena = r->reply.arena = &r->arena;
	return r;
}

static enum MHD_Result
handle(struct api *api, bool local, struct MHD_Connection *connection,
    const char *path, const char *method, const char *data, size_t *n,
    void **state)
{
	struct request *r = *state;

	if (r == NULL) {
		*state = r = request_new(api, connection, local);
		visit_wait(api, connection, false);
		return request_begin(r, method, path);
	}
	if (*n == 0)
		return request_end(r);
	enum MHD_Result ret = body_more(r, data, *n);
	*n = 0;
	return ret;
}

static enum MHD_Result
handle_local(void *api, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *data, size_t *n,
    void **state)
{
	(void)version;
	return handle(api, true, connection, path, method, data, n, state);
}

static enum MHD_Result
handle_loopback(void *api, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *data, size_t *n,
    void **state)
{
	(void)version;
	return handle(api, false, connection, path, method, data, n, state);
}

static void
finished(void *api, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct request *r = *state;

	(void)why;
	if (r == NULL)
		return;
	visit_wait(api, connection, true);
	upload_drop(r->upload);
	if (r->file >= 0)
		close(r->file);
	arena_fini(&r->arena);
	free(r);
	*state = NULL;
}

static void
complain(void *api, const char *fmt, va_list ap)
{
	char text[256];

	(void)api;
	vsnprintf(text, sizeof(text), fmt, ap);
	log_debug("api: %s", text);
}

struct MHD_Daemon *
http_start(struct api *api, int fd, bool local, struct err *e)
{
	struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION |
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC |
		MHD_USE_ERROR_LOG,
	    0, NULL, NULL, local ? handle_local : handle_loopback, api,
	    MHD_OPTION_EXTERNAL_LOGGER, complain, NULL,
	    MHD_OPTION_LISTEN_SOCKET, (MHD_socket)fd,
	    MHD_OPTION_NOTIFY_COMPLETED, finished, api,
	    MHD_OPTION_NOTIFY_CONNECTION, visit_notice, api,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)API_CONNECTIONS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)API_MEMORY,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)api->config.idle,
	    MHD_OPTION_THREAD_STACK_SIZE, (size_t)API_STACK,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);

	if (d == NULL)
		err_set(e, ERR_BUG, "the HTTP server cannot start");
	return d;
}
