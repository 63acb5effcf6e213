/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What providers say of their configuration.  musterd loads no provider, so
 * muster-worker is asked, once for each.
 */
#ifndef DAEMON_SCHEMA_H
#define DAEMON_SCHEMA_H

#include <muster/arena.h>
#include <muster/err.h>

struct schemas {
	const char *worker; /* program muster-worker */
	const char *folder; /* of NAME.so */
	struct arena arena;
	struct schema *first;
};

/* JSON Schema of the provider's configuration; lives as long as schemas.
   NULL if it cannot be loaded, with the reason. */
const char *schemas_find(struct schemas *, const char *provider, struct err *);
void schemas_fini(struct schemas *);

#endif
