/* SPDX-License-Identifier: Apache-2.0 */
#include "base/seccomp.h"

#include <asm/sockios.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <seccomp.h>

#include "base/sandbox.h"

#define NAMESPACES \
	((unsigned)(CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | \
	    CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS))

/* No program of ours has a reason for these: the process ends at once, so
   that an attempt is seen and nothing follows it. */
static const char *const fatal[] = { "acct", "add_key", "bpf", "chroot",
	"clock_settime", "delete_module", "finit_module", "fsconfig", "fsmount",
	"fsopen", "init_module", "io_uring_enter", "io_uring_register",
	"io_uring_setup", "ioperm", "iopl", "kcmp", "kexec_file_load",
	"kexec_load", "keyctl", "mount", "mount_setattr", "move_mount",
	"name_to_handle_at", "open_by_handle_at", "open_tree",
	"perf_event_open", "personality", "pivot_root", "process_madvise",
	"process_vm_readv", "process_vm_writev", "ptrace", "quotactl", "reboot",
	"request_key", "setns", "settimeofday", "swapoff", "swapon", "umount2",
	"unshare", "userfaultfd", NULL };

/* What C code with an allocator, threads and timers needs. */
static const char *const plain[] = { "arch_prctl", "brk", "clock_getres",
	"clock_gettime", "clock_nanosleep", "close", "close_range", "dup",
	"dup2", "dup3", "epoll_create1", "epoll_ctl", "epoll_pwait",
	"epoll_wait", "eventfd2", "exit", "exit_group", "fcntl", "fstat",
	"futex", "get_robust_list", "getcpu", "getcwd", "getegid", "geteuid",
	"getgid", "getgroups", "getpgrp", "getpid", "getppid", "getpriority",
	"getrandom", "getresgid", "getresuid", "getrlimit", "getrusage",
	"getsid", "gettid", "gettimeofday", "getuid", "ioctl", "lseek",
	"madvise", "membarrier", "mincore", "mlock", "mlock2", "mmap",
	"mprotect", "mremap", "munlock", "munmap", "nanosleep", "newfstatat",
	"pipe", "pipe2", "poll", "ppoll", "prctl", "pread64", "pselect6",
	"pwrite64", "read", "readv", "recvfrom", "recvmsg", "restart_syscall",
	"rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask",
	"rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
	"sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity",
	"sched_getparam", "sched_getscheduler", "sched_yield", "select",
	"sendmsg", "sendmmsg", "sendto", "set_robust_list", "set_tid_address",
	"setitimer", "shutdown", "sigaltstack", "sysinfo", "time",
	"timer_create", "timer_delete", "timer_settime", "timerfd_create",
	"timerfd_gettime", "timerfd_settime", "umask", "uname", "wait4",
	"waitid", "write", "writev", NULL };

static const char *const files[] = { "access", "chdir", "faccessat",
	"faccessat2", "fadvise64", "fallocate", "fchmod", "fdatasync", "flock",
	"fstatfs", "fsync", "ftruncate", "getdents64", "link", "linkat",
	"lstat", "mkdir", "mkdirat", "open", "openat", "openat2", "readlink",
	"readlinkat", "rename", "renameat", "renameat2", "rmdir", "stat",
	"statfs", "statx", "unlink", "unlinkat", "utimensat", NULL };

static const char *const sockets[] = { "bind", "connect", "getpeername",
	"getsockname", "getsockopt", "setsockopt", "recvmmsg", NULL };

/* A name that this machine's processor does not have is left out. */
static int
names_add(scmp_filter_ctx ctx, uint32_t action, const char *const *names)
{
	int rc = 0;

	for (; *names != NULL && rc == 0; names++) {
		int nr = seccomp_syscall_resolve_name(*names);

		if (nr != __NR_SCMP_ERROR)
			rc = seccomp_rule_add(ctx, action, nr, 0);
	}
	return rc;
}

static int
family_add(scmp_filter_ctx ctx, uint32_t action, int family)
{
	const struct scmp_arg_cmp is = { .arg = 0,
		.op = SCMP_CMP_EQ,
		.datum_a = (scmp_datum_t)family };

	return seccomp_rule_add_array(ctx, action, SCMP_SYS(socket), 1, &is);
}

/* connect to IPv4 and IPv6 only, so musterd's Unix socket is out of reach;
   a pair of sockets reaches nobody else. */
static int
sockets_add(scmp_filter_ctx ctx, bool network)
{
	int rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 0);

	if (rc != 0 || !network)
		return rc;
	rc = family_add(ctx, SCMP_ACT_ALLOW, AF_INET);
	if (rc == 0)
		rc = family_add(ctx, SCMP_ACT_ALLOW, AF_INET6);
	if (rc == 0)
		rc = names_add(ctx, SCMP_ACT_ALLOW, sockets);
	return rc;
}

static int
argument_add(scmp_filter_ctx ctx, uint32_t action, int nr,
    struct scmp_arg_cmp is)
{
	return seccomp_rule_add_array(ctx, action, nr, 1, &is);
}

/* musterd and the workers of other systems run as the same user: no signal
   and no limit goes to them, only to this process itself. */
static int
self_add(scmp_filter_ctx ctx)
{
	const scmp_datum_t self = (scmp_datum_t)getpid();
	int rc = argument_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill),
	    SCMP_A0(SCMP_CMP_EQ, self));

	if (rc == 0)
		rc = argument_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64),
		    SCMP_A0(SCMP_CMP_EQ, 0));
	return rc;
}

/*
 * A new thread or process may have no namespaces of its own, as unshare
 * gives them.  clone3, whose flags no filter can read, is not there:
 * libraries then take clone.
 */
static int
clone_allow(scmp_filter_ctx ctx)
{
	return argument_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone),
	    SCMP_A0(SCMP_CMP_MASKED_EQ, NAMESPACES, 0));
}

static int
clone_forbid(scmp_filter_ctx ctx)
{
	int rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3),
	    0);

	for (unsigned flag = 1; flag != 0 && rc == 0; flag <<= 1)
		if ((NAMESPACES & flag) != 0)
			rc = argument_add(ctx, SCMP_ACT_KILL_PROCESS,
			    SCMP_SYS(clone),
			    SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag));
	return rc;
}

/* A process number in a call's first argument, of which the kernel takes no
   more than these bits. */
static int
process_add(scmp_filter_ctx ctx, int nr, pid_t pid)
{
	const scmp_datum_t bits = 0xffffffff;

	return argument_add(ctx, SCMP_ACT_ERRNO(EPERM), nr,
	    SCMP_A0(SCMP_CMP_MASKED_EQ, bits, (scmp_datum_t)pid & bits));
}

/*
 * A program signals and limits what it started, whose numbers nobody knows
 * ahead; but never musterd, nor all at once, and it limits only itself.  Where
 * the kernel has Landlock 6, that keeps all other processes from it.
 */
static int
parent_spare(scmp_filter_ctx ctx)
{
	static const char *const calls[] = { "kill", "tkill", "tgkill",
		"rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", NULL };
	/* 0 where it is in another namespace, and cannot be named. */
	const pid_t musterd = getppid(), group = getpgid(musterd);
	int rc = argument_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64),
	    SCMP_A0(SCMP_CMP_NE, 0));

	for (size_t i = 0; calls[i] != NULL && musterd > 0 && rc == 0; i++)
		rc = process_add(ctx, seccomp_syscall_resolve_name(calls[i]),
		    musterd);
	if (rc == 0 && group > 0)
		rc = process_add(ctx, SCMP_SYS(kill), -group);
	return rc != 0 ? rc : process_add(ctx, SCMP_SYS(kill), -1);
}

/* For a child that runs programs: anything but the fatal calls and other
   families of sockets. */
static int
exec_fill(scmp_filter_ctx ctx, bool network)
{
	const uint32_t no = SCMP_ACT_ERRNO(EAFNOSUPPORT);
	int rc = names_add(ctx, SCMP_ACT_KILL_PROCESS, fatal);

	if (rc == 0)
		rc = clone_forbid(ctx);
	if (rc == 0)
		rc = parent_spare(ctx);
	if (rc != 0)
		return rc;
	if (!network)
		return seccomp_rule_add(ctx, no, SCMP_SYS(socket), 0);
	/* A netlink socket only tells glibc which addresses there are. */
	for (int f = 0; f < AF_MAX && rc == 0; f++)
		if (f != AF_INET && f != AF_INET6 && f != AF_NETLINK)
			rc = family_add(ctx, no, f);
	return rc;
}

static int
plain_fill(scmp_filter_ctx ctx, const struct sandbox_rules *r)
{
	static const char *const exec[] = { "execve", "execveat", NULL };
	int rc = names_add(ctx, SCMP_ACT_KILL_PROCESS, fatal);

	if (rc == 0)
		rc = names_add(ctx, SCMP_ACT_KILL_PROCESS, exec);
	if (rc == 0)
		rc = names_add(ctx, SCMP_ACT_ALLOW, plain);
	if (rc == 0)
		rc = self_add(ctx);
	if (rc == 0)
		rc = clone_allow(ctx);
	if (rc == 0 && (r->read != NULL || r->write != NULL))
		rc = names_add(ctx, SCMP_ACT_ALLOW, files);
	if (rc == 0)
		rc = sockets_add(ctx, r->network);
	return rc;
}

/* A descriptor's owner is sent a signal of one's choice when there is
   something to read: the same as kill. */
static int
owner_forbid(scmp_filter_ctx ctx)
{
	static const struct {
		const char *name;
		scmp_datum_t command;
	} calls[] = { { "fcntl", F_SETOWN }, { "fcntl", F_SETOWN_EX },
		{ "ioctl", FIOSETOWN }, { "ioctl", SIOCSPGRP } };
	int rc = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls) && rc == 0; i++)
		rc = argument_add(ctx, SCMP_ACT_ERRNO(EPERM),
		    seccomp_syscall_resolve_name(calls[i].name),
		    SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, calls[i].command));
	return rc;
}

static int
filter_load(scmp_filter_ctx ctx)
{
	int rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS);

	if (rc == 0)
		rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return rc == 0 ? seccomp_load(ctx) : rc;
}

/* A filter of its own: a list of what is allowed cannot leave out one
   argument of many. */
static int
owner_load(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int rc = ctx == NULL ? -ENOMEM : owner_forbid(ctx);

	if (rc == 0)
		rc = filter_load(ctx);
	seccomp_release(ctx);
	return rc;
}

int
seccomp_enter(const struct sandbox_rules *r, struct err *e)
{
	/* ENOSYS for what is on no list: libraries then take the older way,
	   as they would on an older kernel. */
	scmp_filter_ctx ctx = seccomp_init(
	    r->exec != NULL ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(ENOSYS));

	if (ctx == NULL)
		return err_set(e, ERR_REFUSED, "seccomp: no filter");
	int rc = r->exec != NULL ? exec_fill(ctx, r->network) :
				   plain_fill(ctx, r);
	if (rc == 0)
		rc = owner_load();
	if (rc == 0)
		rc = filter_load(ctx);
	seccomp_release(ctx);
	if (rc != 0)
		return err_set(e, ERR_REFUSED, "seccomp: %s", strerror(-rc));
	return 0;
}
