/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/landlock.h"
#include "base/seccomp.h"

static const char *const mode_words[] = {
	[SANDBOX_REQUIRED] = "required",
	[SANDBOX_BEST_EFFORT] = "best-effort",
	[SANDBOX_OFF] = "off",
};

int
sandbox_mode_named(const char *word, enum sandbox_mode *mode, struct err *e)
{
	for (size_t i = 0; i < sizeof(mode_words) / sizeof(*mode_words); i++)
		if (word != NULL && strcmp(word, mode_words[i]) == 0) {
			*mode = (enum sandbox_mode)i;
			return 0;
		}
	return err_set(e, ERR_INPUT,
	    "sandbox: wants required, best-effort or off");
}

int
sandbox_begin(int fds, struct err *e)
{
	const struct sched_param plain = { 0 };
	const struct rlimit none = { 0, 0 };

	/* A child that a message wakes waits for its turn: musterd has one to
	   send to each of them, and would be pushed off its processor by the
	   first.  No matter if it cannot. */
	sched_setscheduler(0, SCHED_BATCH, &plain);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0) != 0 ||
	    setrlimit(RLIMIT_CORE, &none) != 0)
		return err_set(e, ERR_REFUSED, "sandbox: %s", strerror(errno));
	/* A program that a provider runs gets neither the channel nor the
	   lock: it dies with this process. */
	for (int fd = CHILD_CHANNEL; fd < fds; fd++)
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 && fd == CHILD_CHANNEL)
			return err_set(e, ERR_REFUSED, "no channel: %s",
			    strerror(errno));
	if (close_range((unsigned)fds, ~0u, 0) != 0)
		return err_set(e, ERR_REFUSED, "close_range: %s",
		    strerror(errno));
	return 0;
}

int
sandbox_limit(uint64_t bytes, uint64_t cpu_seconds, struct err *e)
{
	const struct rlimit as = { bytes, bytes };
	const struct rlimit cpu = { cpu_seconds, cpu_seconds };

	if (SANDBOX_BOUNDS_MEMORY && bytes != 0 &&
	    setrlimit(RLIMIT_AS, &as) != 0)
		return err_set(e, ERR_REFUSED, "memory limit: %s",
		    strerror(errno));
	if (cpu_seconds != 0 && setrlimit(RLIMIT_CPU, &cpu) != 0)
		return err_set(e, ERR_REFUSED, "processor limit: %s",
		    strerror(errno));
	return 0;
}

static void
report_write(struct sandbox_report *r)
{
	if (r->landlock == 0 && !r->seccomp)
		snprintf(r->text, sizeof(r->text), "none");
	else if (r->landlock == 0)
		snprintf(r->text, sizeof(r->text), "seccomp");
	else
		snprintf(r->text, sizeof(r->text), "landlock %d%s", r->landlock,
		    r->seccomp ? ", seccomp" : "");
}

int
sandbox_enter(const struct sandbox_rules *rules, enum sandbox_mode mode,
    struct sandbox_report *r, struct err *e)
{
	int version = mode == SANDBOX_OFF ? 0 : landlock_version();

	*r = (struct sandbox_report){ .landlock = version };
	if (version == 0 && mode == SANDBOX_REQUIRED)
		return err_set(e, ERR_REFUSED,
		    "this kernel does not enforce "
		    "Landlock: set \"sandbox\": \"best-effort\" to work "
		    "without it");
	if (version != 0 && landlock_enter(version, rules, e) != 0) {
		if (mode == SANDBOX_REQUIRED)
			return -1;
		r->landlock = 0;
	}
	if (mode != SANDBOX_OFF) {
		r->seccomp = seccomp_enter(rules, e) == 0;
		if (!r->seccomp && mode == SANDBOX_REQUIRED)
			return -1;
	}
	report_write(r);
	return 0;
}
