/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/inside.h"
#include "api/listing.h"
#include "base/log.h"
#include "store/store.h"

/* One page or one row, both of a single snapshot. */
static int
list_read(struct request *r, const struct listing *l, const char *id,
    struct store *s, struct err *e)
{
	if (store_look(s, e) != 0)
		return -1;
	int ret = id == NULL ?
	    listing_page(l, s, &r->arena, &r->query, &r->reply, e) :
	    listing_one(l, s, &r->arena, id, &r->reply, e);
	store_unlook(s);
	return ret;
}

int
answer_list(struct request *r, struct err *e)
{
	size_t n = strcspn(r->rest, "/");
	const struct listing *l = listing_find(r->rest, n);
	const char *id = r->rest[n] == '/' ? r->rest + n + 1 : NULL;

	if (l == NULL)
		return err_set(e, ERR_GONE,
		    "/v1/%.60s: there is no such "
		    "path",
		    r->rest);
	struct store *s = reader_take(r->api, e);
	if (s == NULL)
		return -1;
	int ret = list_read(r, l, id, s, e);
	reader_give(r->api, s);
	return ret;
}

int
answer_command(struct request *r, struct err *e)
{
	const struct command *c = command_served(r->rest);

	if (c == NULL)
		return err_set(e, ERR_GONE, "%.60s: there is no such command",
		    r->rest);
	/* What cannot be right is refused here, before it costs a tick. */
	void *in = arena_zero(&r->arena, 1, c->in_size);
	if (json_decode(&r->arena, c->in, buf_text(&r->body), r->body.len, in,
		e) != 0)
		return err_within(e, "%s: ", c->verb);
	int ret = pending_submit(r, c->verb, buf_text(&r->body), e);
	log_info("api: %s by %s: %s", c->verb, r->actor.name,
	    ret == 0 ? "done" : err_meanings[e->cls].word);
	return ret;
}

int
answer_reload(struct request *r, struct err *e)
{
	int ret = pending_reload(r, e);

	log_info("api: reload by %s: %s", r->actor.name,
	    ret == 0 ? "done" : e->text);
	return ret;
}

struct backup_want {
	const char *path;
};

static const struct field backup_want_fields[] = {
	FIELD(struct backup_want, path, F_NEED,
	    .help = "where to, on the daemon's machine; absolute"),
	FIELD_END
};

int
answer_backup(struct request *r, struct err *e)
{
	struct backup_want w = { NULL };

	if (json_decode(&r->arena, backup_want_fields, buf_text(&r->body),
		r->body.len, &w, e) != 0)
		return -1;
	if (w.path[0] != '/')
		return err_set(e, ERR_INPUT,
		    "path: \"%.100s\" is not "
		    "absolute",
		    w.path);
	int ret = store_backup(r->api->config.store, w.path, e);
	log_info("api: backup to %s by %s: %s", w.path, r->actor.name,
	    ret == 0 ? "done" : e->text);
	if (ret == 0)
		json_encode(&r->reply, backup_want_fields, &w);
	return ret;
}

struct whoami {
	const char *name, *roles;
};

static const struct field whoami_fields[] = { FIELD(struct whoami, name, F_KEY),
	FIELD(struct whoami, roles, 0), FIELD_END };

int
answer_whoami(struct request *r, struct err *e)
{
	struct whoami w = { r->actor.name,
		roles_text(&r->arena, r->actor.roles) };

	(void)e;
	json_encode(&r->reply, whoami_fields, &w);
	return 0;
}
