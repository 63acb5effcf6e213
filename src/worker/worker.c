/* SPDX-License-Identifier: Apache-2.0 */
/*
 * muster-worker: one provider, one system, one call at a time, with as few
 * rights as that takes.  musterd starts it; the two options are for
 * "muster provider show" and "muster check".
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/brood.h"
#include "base/file.h"
#include "base/frame.h"
#include "base/json_faults.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/wire.h"
#include "worker/confine.h"
#include "worker/describe.h"
#include "worker/module.h"
#include "worker/serve.h"

#define CONFIG_MAX ((size_t)1 << 20)

static int
usage(FILE *to, int status)
{
	fputs("usage: muster-worker --describe MODULE\n"
	      "       muster-worker --check MODULE CONFIG\n"
	      "       muster-worker --version\n"
	      "Without an option it is started by musterd.\n",
	    to);
	return status;
}

/* Nothing of musterd's environment is a provider's business.  HOME is where
   libraries would look for a user's own files. */
static void
environment_empty(void)
{
	clearenv();
	setenv("HOME", "/nonexistent", 1);
	setenv("PATH", "/usr/bin:/bin", 1);
}

static int
fail(const struct err *e)
{
	fprintf(stderr, "muster-worker: %s\n", e->text);
	return err_meanings[e->cls].exit;
}

static int
describe(const char *path)
{
	struct arena a = { NULL, 0 };
	struct buf b = { .arena = &a };
	struct err e = { ERR_NONE, 0, "" };
	struct module m;

	if (module_load(path, NULL, &m, &e) != 0)
		return fail(&e);
	describe_provider(&b, m.provider);
	fputs(buf_text(&b), stdout);
	arena_fini(&a);
	return fflush(stdout) == 0 ? 0 : 1;
}

static void
each_fault(void *ctx, const struct err *e)
{
	struct err within = *e;

	(void)err_within(&within, "%s: ", (const char *)ctx);
	fail(&within);
}

/* Everything that is wrong with the members, before the provider judges. */
static int
members_check(const struct module *m, struct arena *a, const char *config,
    const char *text, size_t n)
{
	const struct muster_provider *p = m->provider;

	return p->config == NULL ? 0 :
				   json_decode_faults(a, p->config, text, n,
				       arena_zero(a, 1, p->config_size + 1),
				       each_fault, (void *)(uintptr_t)config);
}

/* The verbs that it offers with this configuration, as a JSON list. */
static void
verbs_print(const struct module *m, struct arena *a)
{
	const struct many ops = module_ops(m, a);
	const struct wire_op *op = ops.item;
	struct buf b = { .arena = a };

	buf_char(&b, '[');
	for (size_t i = 0; i < ops.n; i++) {
		buf_str(&b, i == 0 ? "" : ",");
		json_string(&b, op[i].verb);
	}
	buf_char(&b, ']');
	puts(buf_text(&b));
}

static int
check(const char *path, const char *config)
{
	struct arena a = { NULL, 0 };
	struct err e = { ERR_NONE, 0, "" };
	struct module m;
	size_t n;

	if (module_load(path, NULL, &m, &e) != 0)
		return fail(&e);
	const char *text = file_read(&a, config, CONFIG_MAX, &n, &e);
	if (text == NULL)
		return fail(&e);
	if (members_check(&m, &a, config, text, n) != 0)
		return err_meanings[ERR_INPUT].exit;
	if (module_open(&m, &a, text, n, &e) != 0) {
		err_within(&e, "%s: ", config);
		return fail(&e);
	}
	verbs_print(&m, &a);
	if (m.provider->close != NULL)
		m.provider->close(m.self);
	arena_fini(&a);
	return fflush(stdout) == 0 ? 0 : 1;
}

/* Reads what this worker is to be.  The frame has secrets in clear: it lies
   in locked memory, and is wiped when what it says has been copied. */
static int
start_read(struct arena *a, struct wire_start *s, struct err *e)
{
	struct arena frame = { NULL, 0 };
	char *text;
	size_t n;

	arena_lock(&frame);
	arena_lock(a);
	int rc = frame_read(CHILD_CHANNEL, &frame, &text, &n, e);
	if (rc == 1)
		rc = json_decode(a, wire_start_fields, text, n, s, e);
	else if (rc == 0)
		rc = err_set(e, ERR_INPUT, "no start message");
	arena_fini(&frame);
	return rc;
}

/* Everything between the start message and the first call. */
static int
prepare(struct arena *a, const struct wire_start *s, struct module *m,
    struct sandbox_report *r, struct err *e)
{
	const char *config = s->config.text;

	if (module_load(s->module, s->provider, m, e) != 0)
		return -1;
	if ((m->provider->needs & NEED_EXEC) == 0)
		brood_drop();
	if (module_open(m, a, config, strlen(config), e) != 0)
		return -1;
	return confine_enter(m, a, s->settings.sandbox, r, e);
}

static int
ready_send(struct arena *a, const struct wire_ready *r, struct err *e)
{
	struct buf frame = { .arena = a };

	json_encode(&frame, wire_ready_fields, r);
	return frame_write(CHILD_CHANNEL, frame.at, frame.len, e);
}

static int
refuse(struct arena *a, struct err *why)
{
	struct err e;

	serve_clean(why->text);
	log_error("%s", why->text);
	struct wire_ready r = { .failure = err_meanings[why->cls].word,
		.text = why->text,
		.after_ms = why->after_ms };
	if (ready_send(a, &r, &e) != 0)
		log_error("%s", e.text);
	return 1;
}

static int
work(void)
{
	struct arena a = { NULL, 0 };
	struct err e = { ERR_NONE, 0, "" };
	struct wire_start s = { 0 };
	struct sandbox_report report;
	struct module m;

	if (sandbox_begin(CHILD_FDS, &e) != 0 || brood_begin(&e) != 0 ||
	    start_read(&a, &s, &e) != 0)
		return refuse(&a, &e);
	log_open(arena_printf(&a, "worker %s", s.system), LOG_LEVEL_INFO);
	if (prepare(&a, &s, &m, &report, &e) != 0)
		return refuse(&a, &e);
	if (s.settings.warm)
		serve_warm(CHILD_CHANNEL, &m);
	struct wire_ready r = { .ready = true,
		.abi = MUSTER_PROVIDER_ABI,
		.provider = m.provider->name,
		.ops = module_ops(&m, &a),
		.sandbox = report.text };
	int rc = ready_send(&a, &r, &e);
	if (rc == 0)
		rc = serve_calls(CHILD_CHANNEL, &m, s.settings.verify, &e);
	if (rc != 0)
		log_error("%s", e.text);
	if (m.provider->close != NULL)
		m.provider->close(m.self);
	arena_fini(&a);
	return rc == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	environment_empty();
	log_open("worker", LOG_LEVEL_INFO);
	if (argc == 3 && strcmp(argv[1], "--describe") == 0)
		return describe(argv[2]);
	if (argc == 4 && strcmp(argv[1], "--check") == 0)
		return check(argv[2], argv[3]);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("muster-worker " MUSTER_VERSION) < 0;
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout, 0);
	if (argc != 1 || fcntl(CHILD_CHANNEL, F_SETFD, FD_CLOEXEC) != 0)
		return usage(stderr, 2);
	/* What libraries do at an exit, the sandbox may not allow. */
	_exit(work());
}
