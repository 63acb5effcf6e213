/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A local server that answers every request at once with 200 and a small
 * JSON object: the other side of the engine benchmarks.
 *
 *	echo		prints its port and serves until standard input ends
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <microhttpd.h>

static const char body[] = "{\"ok\":true}";

static enum MHD_Result
answer(void *ctx, struct MHD_Connection *c, const char *url, const char *method,
    const char *version, const char *data, size_t *n, void **state)
{
	static int seen;
	struct MHD_Response *r = ctx;

	(void)url, (void)method, (void)version, (void)data;
	if (*state == NULL) {
		*state = &seen;
		return MHD_YES;
	}
	if (*n > 0) {
		*n = 0;
		return MHD_YES;
	}
	return MHD_queue_response(c, MHD_HTTP_OK, r);
}

static void
quiet(void *ctx, const char *fmt, va_list ap)
{
	(void)ctx, (void)fmt, (void)ap;
}

int
main(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct MHD_Response *r = MHD_create_response_from_buffer(sizeof(body) -
		1,
	    (void *)(uintptr_t)body, MHD_RESPMEM_PERSISTENT);
	const union MHD_DaemonInfo *info;
	struct MHD_Daemon *d;
	char ignored[64];

	MHD_add_response_header(r, "Content-Type", "application/json");
	d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD |
		MHD_USE_TCP_FASTOPEN,
	    0, NULL, NULL, answer, r, MHD_OPTION_SOCK_ADDR, &at,
	    MHD_OPTION_CONNECTION_LIMIT, 512U, MHD_OPTION_EXTERNAL_LOGGER,
	    quiet, NULL, MHD_OPTION_END);
	if (d == NULL)
		return 1;
	info = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT);
	printf("%u\n", (unsigned)info->port);
	fflush(stdout);
	while (read(0, ignored, sizeof(ignored)) > 0)
		continue;
	MHD_stop_daemon(d);
	MHD_destroy_response(r);
	return 0;
}
