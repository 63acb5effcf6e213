/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any REST system, by a description in JSON: most systems need no C.
 * doc/PROVIDERS explains how to write one; contrib/http has some.
 */
#include <stdlib.h>
#include <string.h>

#include "http_run.h"

struct auth {
	const char *type, *user, *header, *secret;
};

struct config {
	const char *url, *ca;
	struct auth auth;
	struct json description;
	int64_t max_body;
};

static const char *const auth_words[] = {
	"none",
	"basic",
	"bearer",
	"header",
	NULL,
};

static const struct field auth_fields[] = {
	FIELD(struct auth, type, 0, .words = auth_words, .fallback = "\"none\"",
	    .help = "how requests authenticate"),
	FIELD(struct auth, user, 0, .help = "basic: the user"),
	FIELD(struct auth, header, 0, .help = "header: its name"),
	FIELD(struct auth, secret, F_SECRET,
	    .help = "password, token, or value of the header"),
	FIELD_END,
};

static const struct field config_fields[] = {
	FIELD(struct config, url, F_NEED,
	    .help = "of the API; http:// only to a loopback address"),
	FIELD(struct config, ca, 0,
	    .help = "file of CA certificates; none: the system's"),
	FIELD_SUB(struct config, auth, 0, auth_fields),
	FIELD(struct config, description, F_NEED,
	    .help = "the operations: an object, or {\"file\": path}"),
	FIELD(struct config, max_body, 0, .fallback = "8388608",
	    .help = "bytes of an answer"),
	FIELD_END,
};

/* A description that came from a file may still be a text. */
static const char *
description_text(struct arena *a, const char *json)
{
	if (json[0] != '"')
		return json;
	return json_scalar(a, json);
}

static int
system_open(const void *config, void **self, struct err *e)
{
	const struct config *k = config;
	const struct http_config h = { .url = k->url,
		.ca = k->ca,
		.auth = k->auth.type,
		.user = k->auth.user,
		.header = k->auth.header,
		.secret = k->auth.secret,
		.max_body = k->max_body };
	struct http_system *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	const char *text = description_text(&s->arena, k->description.text);
	int rc = description_read(&s->arena, text, http_run, &s->description,
	    e);
	if (rc != 0)
		err_within(e, "description: ");
	else if ((rc = http_open(&h, &s->http, e)) != 0)
		description_fini(&s->description);
	if (rc != 0) {
		arena_fini(&s->arena);
		free(s);
		return -1;
	}
	*self = s;
	return 0;
}

static void
system_close(void *self)
{
	struct http_system *s = self;

	http_close(s->http);
	description_fini(&s->description);
	arena_fini(&s->arena);
	free(s);
}

static const struct op *
more_ops(void *self, const char *verb)
{
	const struct description *d = &((struct http_system *)self)
					   ->description;

	if (verb == NULL)
		return d->ops;
	const struct operation *o = description_find(d, verb);
	return o != NULL ? &d->ops[o - d->op] : NULL;
}

static const char *const read_paths[] = { "ca", NULL };
static const struct op none[] = { { .verb = NULL } };

const struct muster_provider muster_provider = {
	.abi = MUSTER_PROVIDER_ABI,
	.name = "http",
	.help = "Any REST system, by a description in JSON",
	.needs = NEED_NETWORK,
	.config = config_fields,
	.config_size = sizeof(struct config),
	.open = system_open,
	.close = system_close,
	.ops = none,
	.read_paths = read_paths,
	.more_ops = more_ops,
};
