/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is connected.  Nobody gets more than his part of the connections, and
 * none is kept by whoever sends headers byte after byte: libmicrohttpd
 * counts only how long a connection says nothing at all.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include "api/inside.h"
#include "base/clock.h"

struct visit {
	struct visit *next;
	uid_t uid;
	int fd;
	int64_t due; /* boot clock: headers must be there; 0: they are */
};

static int
fd_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_CONNECTION_FD);

	return info == NULL ? -1 : info->connect_fd;
}

/* Ends what waits too long for headers; answers how many the user has. */
static int
visits_look(struct api *api, uid_t uid)
{
	int64_t now = clock_boot();
	int same = 0;

	for (struct visit *v = api->visits; v != NULL; v = v->next) {
		same += v->uid == uid;
		if (v->due != 0 && v->due < now)
			shutdown(v->fd, SHUT_RDWR);
	}
	return same;
}

static void
visit_begin(struct api *api, struct MHD_Connection *c, void **state)
{
	struct visit *v = calloc(1, sizeof(*v));
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(who);

	if (v == NULL)
		abort();
	v->fd = fd_of(c);
	/* Without a Unix socket nobody is known: they are one user. */
	(void)getsockopt(v->fd, SOL_SOCKET, SO_PEERCRED, &who, &n);
	v->uid = who.uid;
	v->due = clock_boot() + api->config.idle * SECOND;
	*state = v;
	pthread_mutex_lock(&api->lock);
	if (visits_look(api, v->uid) >= API_EACH)
		shutdown(v->fd, SHUT_RDWR);
	v->next = api->visits;
	api->visits = v;
	pthread_mutex_unlock(&api->lock);
}

static void
visit_end(struct api *api, struct visit *v)
{
	pthread_mutex_lock(&api->lock);
	for (struct visit **at = &api->visits; *at != NULL; at = &(*at)->next)
		if (*at == v) {
			*at = v->next;
			break;
		}
	pthread_mutex_unlock(&api->lock);
	free(v);
}

void
visit_notice(void *api, struct MHD_Connection *c, void **state,
    enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		visit_begin(api, c, state);
	else
		visit_end(api, *state);
}

void
visit_wait(struct api *api, struct MHD_Connection *c, bool headers)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct visit *v = info == NULL ? NULL : info->socket_context;

	if (v == NULL)
		return;
	pthread_mutex_lock(&api->lock);
	v->due = headers ? clock_boot() + api->config.idle * SECOND : 0;
	pthread_mutex_unlock(&api->lock);
}

void
visits_tidy(struct api *api)
{
	pthread_mutex_lock(&api->lock);
	(void)visits_look(api, (uid_t)-1);
	pthread_mutex_unlock(&api->lock);
}
