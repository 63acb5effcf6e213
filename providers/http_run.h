/* SPDX-License-Identifier: Apache-2.0 */
/* Carries out one described operation. */
#ifndef HTTP_RUN_H
#define HTTP_RUN_H

#include "http_description.h"

struct http_system {
	struct http *http;
	struct description description;
	struct arena arena; /* of the description */
};

/* self is a struct http_system; in and out are struct json. */
extern op_fn http_run;

#endif
