/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/house.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

static void
os_random(void *ctx, void *out, size_t n)
{
	(void)ctx;
	random_bytes(out, n);
}

/* Whoever can rename what is in it can put a store, a key or a checkpoint of
   his own in its place. */
static int
folder_check(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_INPUT, "%s: not a folder", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(err, ERR_INPUT, "%s: belongs to somebody else",
		    path);
	if ((st.st_mode & S_IWOTH) != 0)
		return err_set(err, ERR_INPUT,
		    "%s: everybody can write it (chmod 700)", path);
	return 0;
}

static int
folder_make(const char *path, struct err *err)
{
	if (mkdir(path, 0700) == 0)
		return 0;
	if (errno == EEXIST)
		return folder_check(path, err);
	return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
}

static const char *
within(struct arena *a, const char *dir, const char *given,
    const char *fallback)
{
	if (given == NULL)
		given = fallback;
	if (given[0] == '/')
		return arena_str(a, given);
	return arena_printf(a, "%s/%s", dir, given);
}

static int
paths_open(struct house *h, struct err *err)
{
	const struct settings *s = &h->config->settings;
	struct arena *a = &h->arena;

	h->state = h->options.state != NULL ?
	    h->options.state :
	    within(a, h->config->dir, s->state, LOCALSTATEDIR "/lib/muster");
	h->store_path = arena_printf(a, "%s/muster.db", h->state);
	h->spool = arena_printf(a, "%s/spool", h->state);
	h->key = within(a, h->state, s->key, "master.key");
	h->socket = h->options.socket != NULL ? h->options.socket :
	    s->socket != NULL		      ? s->socket :
						RUNSTATEDIR "/muster/muster.sock";
	if (folder_make(h->state, err) != 0 ||
	    folder_make(h->spool, err) != 0 ||
	    folder_make(arena_printf(a, "%s/evidence", h->state), err) != 0)
		return -1;
	return 0;
}

static int
evidence_begin(struct house *h, struct err *err)
{
	const struct settings *s = &h->config->settings;
	struct evidence_config c = { .origin = s->origin != NULL ?
		    s->origin :
		    arena_printf(&h->arena, "muster/%s", s->instance),
		.key = within(&h->arena, h->state, s->evidence_key,
		    "evidence/log.key"),
		.checkpoint = within(&h->arena, h->state, s->checkpoint,
		    "evidence/checkpoint") };

	h->evidence = evidence_open(h->store, &c, clock_wall(), &h->only_read,
	    err);
	if (h->evidence == NULL)
		return -1;
	if (h->only_read)
		log_error(
		    "the store does not extend its last outside "
		    "checkpoint (a restored backup?): musterd only reads until"
		    " `muster restore accept`");
	return 0;
}

/* Tells the supervisor what each system's workers are started with. */
static int
systems_define(struct house *h, const struct config *c, struct err *err)
{
	for (size_t i = 0; i < c->systems.n; i++) {
		const struct system_def *d = (const struct system_def *)
						 c->systems.item +
		    i;
		const char *schema = schemas_find(&h->schemas, d->provider,
		    err);
		char *secrets = schema == NULL ?
		    NULL :
		    config_secrets(c, d, schema, err);

		if (secrets == NULL)
			return err_within(err, "%s: ", d->file);
		struct worker_def w = { .system = d->system,
			.provider = d->provider,
			.config = secrets,
			.concurrency = d->concurrency,
			.ahead = d->ahead,
			.idle = d->idle,
			.verify = strcmp(d->verify, "no") != 0 };
		int ret = supervisor_define(h->supervisor, &w, err);

		secret_free(secrets);
		if (ret != 0)
			return -1;
	}
	return 0;
}

static void
systems_forget(struct house *h, const struct config *old,
    const struct config *new)
{
	for (size_t i = 0; i < old->systems.n; i++) {
		const char *name =
		    ((const struct system_def *)old->systems.item)[i].system;

		if (config_system(new, name) == NULL)
			supervisor_forget(h->supervisor, name);
	}
}

static int
children_open(struct house *h, struct err *err)
{
	struct arena *a = &h->arena;
	struct supervisor_paths p = { .worker = arena_printf(a,
					  "%s/muster-worker",
					  h->options.libexec),
		.eval = arena_printf(a, "%s/muster-eval", h->options.libexec),
		.providers = h->options.providers,
		.lock = arena_printf(a, "%s/workers.lock", h->state),
		.sandbox = h->config->settings.sandbox,
		.eval_timeout = 10 * SECOND,
		.eval_workers = 1 };

	h->schemas.worker = p.worker;
	h->schemas.folder = p.providers;
	h->supervisor = supervisor_open(&p, err);
	return h->supervisor == NULL ? -1 : systems_define(h, h->config, err);
}

static int
engine_begin(struct house *h, struct err *err)
{
	struct engine_env env = { .store = h->store,
		.evidence = h->evidence,
		.keyring = h->keyring,
		.config = h->config,
		.random = os_random,
		.only_read = h->only_read };

	h->engine = engine_open(&env, clock_wall(), err);
	return h->engine == NULL ? -1 : 0;
}

static void
each_error(void *ctx, const struct err *e)
{
	size_t *n = ctx;

	if ((*n)++ > 0)
		log_error("%s", e->text);
}

/* All errors but the first are logged; that one is for who asked. */
static struct config *
set_load(struct house *h, struct err *err)
{
	size_t n = 0;

	return config_load(h->options.config, each_error, &n, err);
}

int
house_open(struct house *h, struct err *err)
{
	if ((h->config = set_load(h, err)) == NULL || paths_open(h, err) != 0)
		return -1;
	if ((h->store = store_open(h->store_path, err)) == NULL ||
	    (h->keyring = keyring_open(h->key, 1, err)) == NULL)
		return -1;
	h->queue = queue_new();
	if (evidence_begin(h, err) != 0 || children_open(h, err) != 0 ||
	    engine_begin(h, err) != 0)
		return -1;
	return doors_open(h, err);
}

void
house_close(struct house *h)
{
	doors_close(h);
	if (h->supervisor != NULL)
		supervisor_close(h->supervisor);
	engine_close(h->engine);
	if (h->evidence != NULL)
		evidence_close(h->evidence);
	keyring_close(h->keyring);
	store_close(h->store);
	asks_free(h->asks);
	queue_free(h->queue);
	config_free(h->old);
	config_free(h->config);
	schemas_fini(&h->schemas);
	arena_fini(&h->arena);
}

int
house_reload(struct house *h, struct err *err)
{
	struct config *new, *old = h->config;

	doors_tidy(h);
	if (h->old != NULL)
		return err_set(err, ERR_BUSY,
		    "the last change of the "
		    "configuration is still being taken up");
	new = set_load(h, err);
	if (new == NULL)
		return -1;
	if (systems_define(h, new, err) != 0 ||
	    engine_configure(h->engine, new, clock_wall(), err) != 0) {
		struct err ignored;

		if (systems_define(h, old, &ignored) != 0)
			log_error("%s", ignored.text);
		config_free(new);
		return -1;
	}
	h->config = new;
	systems_forget(h, old, new);
	h->old = old;
	doors_configure(h, new);
	log_info("configuration %s holds", new->digest);
	return 0;
}

static void
system_count(struct house *h, struct arena *a, struct api_state *s)
{
	const struct many *systems = &h->config->systems;
	struct api_system *item = arena_zero(a, systems->n + 1, sizeof(*item));

	for (size_t i = 0; i < systems->n; i++) {
		struct supervisor_counts c;

		item[i].system = ((const struct system_def *)systems->item)[i]
				     .system;
		supervisor_counts(h->supervisor, item[i].system, &c);
		item[i].workers = c.workers;
		item[i].starts = c.starts;
		item[i].crashes = c.crashes;
		item[i].kills = c.kills;
		item[i].calls = c.calls;
		s->workers += c.workers;
	}
	s->systems = (struct many){ systems->n, item };
}

void
house_publish(struct house *h)
{
	struct arena a = { 0 };
	struct api_state s = { .evidence_key = evidence_key(h->evidence, &a),
		.evidence_size = evidence_size(h->evidence),
		.sandbox = h->config->settings.sandbox,
		.only_read = engine_only_read(h->engine),
		.frozen = engine_frozen(h->engine) };

	engine_counts(h->engine, &s.counts);
	system_count(h, &a, &s);
	if (h->api != NULL)
		api_publish(h->api, &s);
	arena_fini(&a);
}
