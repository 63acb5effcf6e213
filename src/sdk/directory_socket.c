/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The socket of an LDAP connection waits no longer than the call may take.
 * libldap's own limits end where TLS begins: where it is built with GnuTLS,
 * a server that takes a connection and says nothing would keep it busy, and
 * the processor with it, for ever.  So a layer below TLS does the waiting.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "base/clock.h"
#include "sdk/directory.h"

static int
socket_setup(Sockbuf_IO_Desc *io, void *directory)
{
	io->sbiod_pvt = directory;
	return 0;
}

/* Until the socket is ready for these events; false, and errno, if it is not
   in time.  After that nothing leaves it any more: half of a change that was
   said not to be sent must not become a whole one when the rest is flushed. */
static bool
socket_wait(Sockbuf_IO_Desc *io, short events)
{
	struct directory *d = io->sbiod_pvt;
	struct pollfd p = { .fd = -1, .events = events };
	int n;

	if (d == NULL) {
		errno = ETIMEDOUT;
		return false;
	}
	ber_sockbuf_ctrl(io->sbiod_sb, LBER_SB_OPT_GET_FD, &p.fd);
	do {
		int64_t left = d->until - clock_boot();

		left = left < 0 ? 0 : left;
		n = poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		return true;
	if (n == 0) {
		errno = ETIMEDOUT;
		d->late = true;
	}
	io->sbiod_pvt = NULL;
	return false;
}

static ber_slen_t
socket_read(Sockbuf_IO_Desc *io, void *to, ber_len_t n)
{
	return socket_wait(io, POLLIN) ? LBER_SBIOD_READ_NEXT(io, to, n) : -1;
}

static ber_slen_t
socket_write(Sockbuf_IO_Desc *io, void *from, ber_len_t n)
{
	return socket_wait(io, POLLOUT) ? LBER_SBIOD_WRITE_NEXT(io, from, n) :
					  -1;
}

static int
socket_ctrl(Sockbuf_IO_Desc *io, int option, void *value)
{
	return LBER_SBIOD_CTRL_NEXT(io, option, value);
}

static Sockbuf_IO layer = {
	.sbi_setup = socket_setup,
	.sbi_ctrl = socket_ctrl,
	.sbi_read = socket_read,
	.sbi_write = socket_write,
};

static int
connected(LDAP *ld, Sockbuf *sb, LDAPURLDesc *server, struct sockaddr *at,
    struct ldap_conncb *hook)
{
	(void)ld, (void)server, (void)at;
	return ber_sockbuf_add_io(sb, &layer, LBER_SBIOD_LEVEL_PROVIDER + 1,
	    hook->lc_arg);
}

static void
disconnected(LDAP *ld, Sockbuf *sb, struct ldap_conncb *hook)
{
	(void)ld, (void)sb, (void)hook;
}

int
directory_watch(struct directory *d, LDAP *ld)
{
	d->hook = (struct ldap_conncb){ connected, disconnected, d };
	return ldap_set_option(ld, LDAP_OPT_CONNECT_CB, &d->hook);
}
