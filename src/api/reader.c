/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "api/inside.h"
#include "store/store.h"

enum { READERS_KEPT = 8 };

struct store *
reader_take(struct api *api, struct err *e)
{
	pthread_mutex_lock(&api->lock);
	struct reader *r = api->readers;
	if (r != NULL) {
		api->readers = r->next;
		api->reader_count--;
	}
	pthread_mutex_unlock(&api->lock);
	if (r == NULL)
		return store_reader(api->config.store, e);
	struct store *s = r->store;
	free(r);
	return s;
}

void
reader_give(struct api *api, struct store *s)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	r->store = s;
	pthread_mutex_lock(&api->lock);
	bool keep = api->reader_count < READERS_KEPT;
	if (keep) {
		r->next = api->readers;
		api->readers = r;
		api->reader_count++;
	}
	pthread_mutex_unlock(&api->lock);
	if (keep)
		return;
	free(r);
	store_close(s);
}

/* After the last connection has ended. */
void
readers_close(struct api *api)
{
	while (api->readers != NULL) {
		struct reader *r = api->readers;

		api->readers = r->next;
		store_close(r->store);
		free(r);
	}
}
