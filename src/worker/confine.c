/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/confine.h"

#define WORKER_MEMORY ((uint64_t)2 << 30) /* bytes of address space */

/* Public files that libraries open late: name service modules and resolver
   settings at the first look-up of a host, CA files at the first handshake. */
static const char *const shared[] = {
	"/lib",
	"/lib64",
	"/usr/lib",
	"/usr/lib64",
	"/usr/local/lib",
	"/etc/ld.so.cache",
	"/dev/null",
	"/dev/urandom",
	"/etc/localtime",
	"/usr/share/zoneinfo",
	"/etc/resolv.conf",
	"/run/systemd/resolve",
	"/etc/hosts",
	"/etc/host.conf",
	"/etc/nsswitch.conf",
	"/etc/gai.conf",
	"/etc/services",
	"/etc/protocols",
	"/etc/ssl/certs",
	"/etc/ssl/openssl.cnf",
	"/etc/ca-certificates",
	"/usr/share/ca-certificates",
	"/etc/gnutls",
	NULL,
};

/* Where noise goes: what a shell is told to forget it opens for writing. */
static const char *const writable[] = { "/dev/null", NULL };

/* A program brings an interpreter and libraries, which are run as well. */
static const char *const programs[] = {
	"/bin",
	"/sbin",
	"/usr",
	"/lib",
	"/lib64",
	NULL,
};

int
confine_enter(const struct module *m, struct arena *a, const char *mode,
    struct sandbox_report *r, struct err *e)
{
	const struct muster_provider *p = m->provider;
	struct sandbox_rules rules = {
		.network = (p->needs & NEED_NETWORK) != 0,
	};
	enum sandbox_mode how;

	if (sandbox_mode_named(mode, &how, e) != 0)
		return -1;
	rules.read = module_paths(m, a, p->read_paths, shared);
	rules.write = module_paths(m, a, p->write_paths, writable);
	if (p->needs & NEED_EXEC)
		rules.exec = module_paths(m, a, p->exec_paths, programs);
	if (how != SANDBOX_OFF && sandbox_limit(WORKER_MEMORY, 0, e) != 0)
		return -1;
	return sandbox_enter(&rules, how, r, e);
}
