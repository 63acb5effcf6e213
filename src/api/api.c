/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/http.h"
#include "api/inside.h"
#include "api/listen.h"
#include "base/clock.h"
#include "base/log.h"
#include "model/config.h"

static const char *
kept(struct api *api, const char *text)
{
	return text == NULL ? NULL : arena_str(&api->arena, text);
}

static struct api *
api_new(const struct api_config *c)
{
	struct api *api = calloc(1, sizeof(*api));

	if (api == NULL)
		abort();
	api->config = *c;
	api->config.socket = kept(api, c->socket);
	api->config.listen = kept(api, c->listen);
	api->config.store = kept(api, c->store);
	api->config.spool = kept(api, c->spool);
	if (c->timeout == 0)
		api->config.timeout = 30 * SECOND;
	if (c->idle == 0)
		api->config.idle = 30;
	if (c->upload_max == 0)
		api->config.upload_max = (size_t)256 << 20;
	api->socket = -1;
	api->opened = clock_wall();
	pthread_mutex_init(&api->lock, NULL);
	api->set = c->config;
	grants_load(&api->grants, &c->config->settings);
	return api;
}

static int
serve(struct api *api, struct err *e)
{
	api->socket = listen_local(api->config.socket,
	    api->config.mode == 0 ? 0660 : api->config.mode, e);
	if (api->socket < 0)
		return -1;
	api->local = http_start(api, api->socket, true, e);
	if (api->local == NULL)
		return -1;
	if (api->config.listen == NULL)
		return 0;
	int fd = listen_loopback(api->config.listen, e);
	if (fd < 0)
		return -1;
	api->loopback = http_start(api, fd, false, e);
	if (api->loopback == NULL)
		close(fd);
	return api->loopback == NULL ? -1 : 0;
}

struct api *
api_open(const struct api_config *c, struct err *e)
{
	struct api *api = api_new(c);
	sigset_t all, before;

	/* Signals are for the daemon's own thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int ret = serve(api, e);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ret == 0)
		return api;
	api_close(api);
	return NULL;
}

void
api_close(struct api *api)
{
	if (api == NULL)
		return;
	pendings_wake(api);
	if (api->local != NULL) {
		unlink(api->config.socket);
		MHD_stop_daemon(api->local); /* and closes the socket */
	} else if (api->socket >= 0) {
		unlink(api->config.socket);
		close(api->socket);
	}
	if (api->loopback != NULL)
		MHD_stop_daemon(api->loopback);
	pendings_forget(api);
	readers_close(api);
	grants_free(&api->grants);
	pthread_mutex_destroy(&api->lock);
	arena_fini(&api->state_arena);
	arena_fini(&api->arena);
	free(api);
}

void
api_publish(struct api *api, const struct api_state *from)
{
	pthread_mutex_lock(&api->lock);
	struct arena *a = &api->state_arena;
	struct api_state *s = &api->state;
	const struct api_system *sys = from->systems.item;

	arena_reset(a);
	*s = *from;
	s->evidence_key = from->evidence_key == NULL ?
	    NULL :
	    arena_str(a, from->evidence_key);
	s->sandbox = from->sandbox == NULL ? NULL : arena_str(a, from->sandbox);
	struct api_system *to = arena_zero(a, from->systems.n, sizeof(*to));
	for (size_t i = 0; i < from->systems.n; i++) {
		to[i] = sys[i];
		to[i].system = arena_str(a, sys[i].system);
	}
	s->systems.item = to;
	pthread_mutex_unlock(&api->lock);
	visits_tidy(api);
}

void
api_configure(struct api *api, const struct config *set)
{
	struct grants grants = { NULL, 0 };

	/* Looking names up may take its time: not under the lock. */
	grants_load(&grants, &set->settings);
	pthread_mutex_lock(&api->lock);
	struct grants old = api->grants;
	api->grants = grants;
	api->set = set;
	pthread_mutex_unlock(&api->lock);
	grants_free(&old);
}
