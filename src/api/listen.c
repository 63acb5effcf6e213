/* SPDX-License-Identifier: Apache-2.0 */
#include "api/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128 };

/* Does somebody answer there? */
static bool
answered(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	bool yes = connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0 ||
	    errno == EAGAIN;
	close(fd);
	return yes;
}

static int
stale_remove(const char *path, const struct sockaddr_un *at, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(e, ERR_INPUT,
		    "socket: %s exists and is no "
		    "socket",
		    path);
	if (answered(at))
		return err_set(e, ERR_CONFLICT,
		    "another daemon answers on "
		    "%s",
		    path);
	unlink(path);
	return 0;
}

int
listen_local(const char *path, mode_t mode, struct err *e)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(at.sun_path))
		return err_set(e, ERR_INPUT,
		    "socket: %s: longer than %zu "
		    "bytes",
		    path, sizeof(at.sun_path) - 1);
	memcpy(at.sun_path, path, strlen(path) + 1);
	if (stale_remove(path, &at, e) != 0)
		return -1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(e, ERR_BUG, "socket: %s", strerror(errno));
	/* Nobody can connect before listen(), and then the mode is set. */
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    chmod(path, mode) != 0 || listen(fd, BACKLOG) != 0) {
		err_set(e, ERR_INPUT, "socket: %s: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static bool
address_read(const char *where, struct sockaddr_storage *to, socklen_t *n)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	char host[64];
	unsigned port;
	int used = 0;

	if (sscanf(where, "[%63[^]]]:%5u%n", host, &port, &used) == 2 &&
	    where[used] == '\0' && port < 65536 &&
	    inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 &&
	    IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr)) {
		v6.sin6_port = htons((uint16_t)port);
		memcpy(to, &v6, *n = sizeof(v6));
		return true;
	}
	if (sscanf(where, "%63[^:]:%5u%n", host, &port, &used) == 2 &&
	    where[used] == '\0' && port < 65536 &&
	    inet_pton(AF_INET, host, &v4.sin_addr) == 1 &&
	    (ntohl(v4.sin_addr.s_addr) >> 24) == 127) {
		v4.sin_port = htons((uint16_t)port);
		memcpy(to, &v4, *n = sizeof(v4));
		return true;
	}
	return false;
}

int
listen_loopback(const char *where, struct err *e)
{
	struct sockaddr_storage at = { 0 };
	socklen_t n = 0;
	int on = 1;

	if (!address_read(where, &at, &n))
		return err_set(e, ERR_INPUT,
		    "listen: \"%s\" is not a "
		    "loopback address and port, as 127.0.0.1:9469",
		    where);
	int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(e, ERR_BUG, "listen: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, n) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		err_set(e, ERR_INPUT, "listen: %s: %s", where, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}
