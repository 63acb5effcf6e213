/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A REST system described by one JSON document: for each operation the
 * request, what statuses mean, how a listing goes on, and how answers
 * become ours.  It is read once, when the system is opened, and everything
 * in it that can be wrong is found then.
 */
#ifndef HTTP_DESCRIPTION_H
#define HTTP_DESCRIPTION_H

#include <muster/http.h>

#include "http_program.h"
#include "http_template.h"

enum status_meaning { STATUS_OK, STATUS_ALREADY, STATUS_FAILURE };

struct status {
	int code;
	enum status_meaning meaning;
	enum err_class cls; /* STATUS_FAILURE */
};

struct named_template {
	const char *name;
	struct template value;
};

struct request {
	bool is; /* false: there is none */
	const char *method;
	struct template path;
	struct named_template *query, *header;
	size_t queries, headers, statuses;
	bool has_body;
	struct template body;
	int body_program; /* -1: none, here and below */
	struct status *status;
};

struct operation {
	const char *verb;
	const struct shape *shape; /* NULL: not a standard verb */
	enum http_effect effect;
	struct request request;
	struct request find; /* looks first: take gives members or null */
	int take;
	struct request found; /* sent instead of request then */
	int reply, rows;
	struct http_pages paging;
	struct request verify;
	int holds;
	bool expect_gone; /* verify wants that it is not there */
};

struct description {
	struct operation *op;
	struct op *ops; /* in the same order, and an end */
	size_t n;
	struct programs *programs;
};

/* Reads a description into the arena, whose life is the description's. */
int description_read(struct arena *, const char *json, op_fn *call,
    struct description *, struct err *) __attribute__((warn_unused_result));
void description_fini(struct description *);

struct operation *description_find(const struct description *,
    const char *verb);

#endif
