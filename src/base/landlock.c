/* SPDX-License-Identifier: Apache-2.0 */
#include "base/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/sandbox.h"

/*
 * The kernel's interface, written out: headers of a distribution are often
 * older than the kernel that runs (Documentation/userspace-api/landlock).
 */
#define RULESET_VERSION 1u /* flag of landlock_create_ruleset */
#define RULE_PATH 1

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

struct path_attr {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));

enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_DIR = 1 << 4,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_DIR = 1 << 7,
	FS_MAKE_REG = 1 << 8,
	FS_MAKE_SYM = 1 << 12,
	FS_REFER = 1 << 13,
	FS_TRUNCATE = 1 << 14,

	FS_FIRST = (1 << 13) - 1, /* all rights of version 1 */
	FS_READ = FS_READ_FILE | FS_READ_DIR,
	FS_WRITE = FS_READ | FS_WRITE_FILE | FS_REMOVE_DIR | FS_REMOVE_FILE |
	    FS_MAKE_DIR | FS_MAKE_REG | FS_MAKE_SYM | FS_REFER | FS_TRUNCATE,
	FS_EXEC = FS_READ | FS_EXECUTE,
	FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE,

	NET_BIND = 1,
	NET_CONNECT = 2,
	SCOPE_ABSTRACT = 1,
	SCOPE_SIGNAL = 2
};

/* What each version can take away: refer 2, truncate 3, TCP 4, ioctl 5
   (left alone: a terminal is never passed), abstract sockets and signals 6. */
static struct ruleset_attr
ruleset_for(int version, const struct sandbox_rules *r)
{
	struct ruleset_attr a = { .fs = FS_FIRST };

	if (version >= 2)
		a.fs |= FS_REFER;
	if (version >= 3)
		a.fs |= FS_TRUNCATE;
	if (version >= 4)
		a.net = r->network ? NET_BIND : NET_BIND | NET_CONNECT;
	if (version >= 6)
		a.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL;
	return a;
}

/* An older kernel takes only as many members as its version has. */
static size_t
ruleset_size(int version)
{
	if (version >= 6)
		return sizeof(struct ruleset_attr);
	if (version >= 4)
		return offsetof(struct ruleset_attr, scoped);
	return offsetof(struct ruleset_attr, net);
}

static int
path_allow(int set, const char *path, uint64_t access, struct err *e)
{
	struct path_attr a = { .access = access };
	struct stat st;

	a.fd = open(path, O_PATH | O_CLOEXEC);
	if (a.fd < 0)
		return 0;
	if (fstat(a.fd, &st) == 0 && !S_ISDIR(st.st_mode))
		a.access &= FS_OF_FILES;
	long rc = syscall(SYS_landlock_add_rule, set, RULE_PATH, &a, 0);
	int saved = errno;
	close(a.fd);
	if (rc != 0)
		return err_set(e, ERR_REFUSED, "landlock: %s: %s", path,
		    strerror(saved));
	return 0;
}

static int
paths_allow(int set, const char *const *paths, uint64_t access, struct err *e)
{
	for (; paths != NULL && *paths != NULL; paths++)
		if (path_allow(set, *paths, access, e) != 0)
			return -1;
	return 0;
}

int
landlock_version(void)
{
	long v = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
	    RULESET_VERSION);

	return v < 0 ? 0 : (int)v;
}

static int
ruleset_enter(int set, const struct ruleset_attr *a,
    const struct sandbox_rules *r, struct err *e)
{
	if (paths_allow(set, r->read, FS_READ & a->fs, e) != 0 ||
	    paths_allow(set, r->write, FS_WRITE & a->fs, e) != 0 ||
	    paths_allow(set, r->exec, FS_EXEC & a->fs, e) != 0)
		return -1;
	if (syscall(SYS_landlock_restrict_self, set, 0) != 0)
		return err_set(e, ERR_REFUSED, "landlock: %s", strerror(errno));
	return 0;
}

int
landlock_enter(int version, const struct sandbox_rules *r, struct err *e)
{
	struct ruleset_attr a = ruleset_for(version, r);
	int set = (int)syscall(SYS_landlock_create_ruleset, &a,
	    ruleset_size(version), 0);

	if (set < 0)
		return err_set(e, ERR_REFUSED, "landlock: %s", strerror(errno));
	int ret = ruleset_enter(set, &a, r, e);
	close(set);
	return ret;
}
