/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a child can no longer do.  Each row runs in a process of its own,
 * once without the sandbox (the control: it works) and once within.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/landlock.h"
#include "base/sandbox.h"
#include "base/seccomp.h"

static char folder[] = "/tmp/t_sandbox.XXXXXX";
static char open_file[64], shut_file[64], new_file[64];

static int
try_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int
read_open(void)
{
	return try_read(open_file);
}
static int
read_shut(void)
{
	return try_read(shut_file);
}

static int
write_new(void)
{
	int fd = open(new_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	unlink(new_file);
	return 0;
}

static int
make_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int
unix_socket(void)
{
	return make_socket(AF_UNIX);
}
static int
inet_socket(void)
{
	return make_socket(AF_INET);
}

static int
inet_bind(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	int rc = bind(fd, (struct sockaddr *)&a, sizeof(a));
	int saved = errno;
	close(fd);
	return rc == 0 ? 0 : saved;
}

static int
run_program(void)
{
	char *const argv[] = { (char *)"true", NULL }, *const env[] = { NULL };

	execve("/bin/true", argv, env);
	return errno;
}

static int
trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? 0 : errno;
}

static int
gain_rights(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? EPERM : 0;
}

static int
use_stray(void)
{
	return fcntl(9, F_GETFD) >= 0 ? 0 : errno;
}

/* musterd is the parent, of the same user, and a signal reaches the owner of a
   descriptor. */
static int
own_by_parent(void)
{
	struct f_owner_ex owner = { F_OWNER_PID, getppid() };
	pid_t up = getppid();
	int ends[2];

	if (pipe(ends) != 0)
		return 0;
	if (fcntl(ends[0], F_SETOWN, up) == 0 || errno != EPERM ||
	    fcntl(ends[0], F_SETOWN_EX, &owner) == 0 || errno != EPERM ||
	    ioctl(ends[0], FIOSETOWN, &up) == 0 || errno != EPERM ||
	    syscall(SYS_ioctl, ends[0], 1L << 32 | SIOCSPGRP, &up) == 0)
		return 0;
	return errno;
}

static int
signal_parent(void)
{
	pid_t up = getppid();

	return syscall(SYS_tgkill, up, up, 0) == 0 ? 0 : errno;
}

static int
queue_parent(void)
{
	return sigqueue(getppid(), 0, (union sigval){ 0 }) == 0 ? 0 : errno;
}

static int
limit_parent(void)
{
	struct rlimit old;

	return prlimit(getppid(), RLIMIT_NOFILE, NULL, &old) == 0 ? 0 : errno;
}

/* Control in all rows: it may signal and limit itself. */
static int
signal_self(void)
{
	struct rlimit old;

	return raise(0) != 0 || getrlimit(RLIMIT_NOFILE, &old) != 0;
}

/* The kernel does not take these flags together: what matters is whether
   they come that far. */
static int
new_namespace(void)
{
	long rc = syscall(SYS_clone, CLONE_NEWUSER | CLONE_THREAD, 0, 0, 0, 0);

	return rc < 0 && errno == ENOSYS ? ENOSYS : 0;
}

static void *
nothing_do(void *unused)
{
	return unused;
}

static int
new_thread(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, nothing_do, NULL) != 0 ||
	    pthread_join(t, NULL) != 0;
}

#define KILLED 1000 /* by a signal */

/* Answers what the action answered in a child, or KILLED. */
static int
in_child(const struct sandbox_rules *rules, int (*act)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct sandbox_report r;
		struct err e;

		dup2(2, 9);
		if (rules != NULL &&
		    (sandbox_begin(CHILD_CHANNEL, &e) != 0 ||
			sandbox_enter(rules, SANDBOX_BEST_EFFORT, &r, &e) != 0))
			_exit(250);
		_exit(act());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? KILLED : WEXITSTATUS(status);
}

static void
takes_away(void **state)
{
	const char *const listed[] = { open_file, NULL };
	const char *const system[] = { "/bin", "/usr", "/lib", "/lib64", NULL };
	const struct sandbox_rules
	    none = { 0 },
	    reads = { .read = listed },
	    connects = { .read = listed, .network = true },
	    writes = { .write = (const char *const[]){ folder, NULL } },
	    runs = { .read = listed, .exec = system };
	const int file_no = landlock_version() >= 1 ? EACCES : 0;
	const int bind_no = landlock_version() >= 4 ? EACCES : 0;
	const struct {
		const char *what;
		const struct sandbox_rules *rules;
		int (*act)(void);
		int want;
	} rows[] = {
		{ "no paths: read", &none, read_open, ENOSYS },
		{ "no network: inet", &none, inet_socket, ENOSYS },
		{ "no network: unix", &none, unix_socket, ENOSYS },
		{ "no paths: run", &none, run_program, KILLED },
		{ "trace", &none, trace, KILLED },
		{ "privileges", &none, gain_rights, EPERM },
		{ "descriptors", &none, use_stray, EBADF },
		{ "signal", &none, signal_parent, ENOSYS },
		{ "owner", &none, own_by_parent, EPERM },
		{ "signal, queued", &none, queue_parent, ENOSYS },
		{ "limit", &none, limit_parent, ENOSYS },
		{ "itself", &none, signal_self, 0 },
		{ "namespace", &none, new_namespace, ENOSYS },
		{ "thread", &none, new_thread, 0 },
		{ "network: signal", &connects, signal_parent, ENOSYS },
		{ "run: namespace", &runs, new_namespace, KILLED },
		{ "run: thread", &runs, new_thread, 0 },
		{ "a listed file", &reads, read_open, 0 },
		{ "another file", &reads, read_shut, file_no },
		{ "a new file", &reads, write_new, file_no },
		{ "a new file, listed folder", &writes, write_new, 0 },
		{ "network: inet", &connects, inet_socket, 0 },
		{ "network: unix", &connects, unix_socket, ENOSYS },
		{ "network: bind", &connects, inet_bind, bind_no },
		{ "network: run", &connects, run_program, KILLED },
		{ "run, listed", &runs, run_program, 0 },
		{ "run: another file", &runs, read_shut, file_no },
		{ "run: limit", &runs, limit_parent, EPERM },
		{ "run: itself", &runs, signal_self, 0 },
		{ "run: trace", &runs, trace, KILLED },
		{ "run: unix", &runs, unix_socket, EAFNOSUPPORT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		print_message("%s\n", rows[i].what);
		/* What runs the tests may have given up privileges itself. */
		if (rows[i].act != gain_rights || gain_rights() == 0)
			assert_int_equal(in_child(NULL, rows[i].act), 0);
		assert_int_equal(in_child(rows[i].rules, rows[i].act),
		    rows[i].want);
	}
}

/* Without Landlock: what seccomp alone keeps a program from. */
static int
signal_others(void)
{
	const struct sandbox_rules runs = { .exec = (const char *const[]){
						"/bin", NULL } };
	pid_t up = getppid(), own = fork();
	struct err e;

	if (own == 0)
		_exit(pause());
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    seccomp_enter(&runs, &e) != 0)
		return 1;
	if (kill(up, 0) == 0 || errno != EPERM)
		return 2;
	if (kill(-1, 0) == 0 || errno != EPERM)
		return 3;
	if (kill(-getpgid(up), 0) == 0 || errno != EPERM)
		return 4;
	if (signal_parent() != EPERM || queue_parent() != EPERM ||
	    syscall(SYS_tkill, up, 0) == 0 ||
	    syscall(SYS_pidfd_open, up, 0) >= 0)
		return 5;
	if (own_by_parent() != EPERM)
		return 9;
	/* The upper half of a register, which the kernel does not look at. */
	if (syscall(SYS_kill, (long)up | 1L << 32, 0) == 0 || errno != EPERM)
		return 6;
	/* The control: it ends what it started, and may signal itself. */
	if (kill(own, SIGKILL) != 0 || waitpid(own, NULL, 0) != own)
		return 7;
	return signal_self() == 0 ? 0 : 8;
}

static void
spares_its_parent(void **state)
{
	(void)state;
	assert_int_equal(in_child(NULL, signal_others), 0);
}

static void
modes(void **state)
{
	enum sandbox_mode m = SANDBOX_OFF;
	struct err e = { ERR_NONE, 0, "" };

	(void)state;
	assert_int_equal(sandbox_mode_named("required", &m, &e), 0);
	assert_int_equal(m, SANDBOX_REQUIRED);
	assert_int_equal(sandbox_mode_named("best-effort", &m, &e), 0);
	assert_int_equal(m, SANDBOX_BEST_EFFORT);
	assert_int_equal(sandbox_mode_named("Off", &m, &e), -1);
	assert_int_equal(e.cls, ERR_INPUT);
	assert_int_equal(sandbox_mode_named(NULL, &m, &e), -1);
}

static int
too_much_memory(void)
{
	void *p = malloc((size_t)1 << 30);

	if (p == NULL)
		return ENOMEM;
	free(p);
	return 0;
}

static void
bounds_memory(void **state)
{
	struct err e;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		if (sandbox_limit((uint64_t)1 << 29, 0, &e) != 0)
			_exit(250);
		_exit(too_much_memory());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (SANDBOX_BOUNDS_MEMORY)
		assert_int_equal(WEXITSTATUS(status), ENOMEM);
	assert_int_equal(in_child(NULL, too_much_memory), 0);
}

static void
touch(char *path, size_t n, const char *name)
{
	snprintf(path, n, "%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
}

static int
folder_make(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	touch(open_file, sizeof(open_file), "open");
	touch(shut_file, sizeof(shut_file), "shut");
	snprintf(new_file, sizeof(new_file), "%s/new", folder);
	return 0;
}

static int
folder_remove(void **state)
{
	(void)state;
	unlink(open_file);
	unlink(shut_file);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_away),
		cmocka_unit_test(spares_its_parent),
		cmocka_unit_test(modes),
		cmocka_unit_test(bounds_memory),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
