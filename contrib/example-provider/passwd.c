/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A complete provider in one file: accounts are lines of a text file,
 *
 *	id:name:active:Full Name
 *
 * It declares its configuration and its operations; the SDK reads, checks
 * and writes all JSON.  Each change replaces the file at once, is looked at
 * again, and does no harm when it is repeated.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <muster/provider.h>

struct config {
	const char *folder, *file;
};

static const struct field config_fields[] = {
	FIELD(struct config, folder, F_NEED, .help = "folder of the file"),
	FIELD(struct config, file, 0, .fallback = "\"accounts\"",
	    .help = "its name"),
	FIELD_END,
};

struct line {
	const char *id, *name, *status, *full;
};

struct lines {
	size_t n;
	struct line at[1000];
};

static char path[4096], fresh[4096 + 4];

static int
example_open(const void *config, void **self, struct err *e)
{
	const struct config *c = config;

	*self = NULL;
	if (c->folder[0] != '/')
		return err_set(e, ERR_INPUT, "folder: wants a full path");
	if (strchr(c->file, '/') != NULL ||
	    snprintf(path, sizeof(path), "%s/%s", c->folder, c->file) >=
		(int)sizeof(path))
		return err_set(e, ERR_INPUT, "file: wants a short plain name");
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	return 0;
}

static int
lines_read(struct arena *a, struct lines *l, struct err *e)
{
	FILE *f = fopen(path, "r");
	char text[1024];

	l->n = 0;
	if (f == NULL)
		return errno == ENOENT ?
		    0 :
		    err_set(e, ERR_BUSY, "%s: %s", path, strerror(errno));
	while (l->n < 1000 && fgets(text, sizeof(text), f) != NULL) {
		char *rest = arena_str(a, text);
		struct line *to = &l->at[l->n++];

		rest[strcspn(rest, "\n")] = '\0';
		to->id = strsep(&rest, ":");
		to->name = rest != NULL ? strsep(&rest, ":") : "";
		to->status = rest != NULL ? strsep(&rest, ":") : "disabled";
		to->full = rest != NULL ? rest : "";
	}
	fclose(f);
	return 0;
}

static int
lines_write(const struct lines *l, struct err *e)
{
	FILE *f = fopen(fresh, "w");

	if (f == NULL)
		return err_set(e, ERR_BUSY, "%s: %s", fresh, strerror(errno));
	for (size_t i = 0; i < l->n; i++)
		fprintf(f, "%s:%s:%s:%s\n", l->at[i].id, l->at[i].name,
		    l->at[i].status, l->at[i].full);
	int bad = fflush(f) != 0 || fsync(fileno(f)) != 0;
	bad |= fclose(f) != 0;
	if (bad || rename(fresh, path) != 0)
		return err_set(e, ERR_BUSY, "%s: %s", path, strerror(errno));
	return 0;
}

static struct line *
line_find(struct lines *l, const char *id, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (id != NULL ?
			strcmp(l->at[i].id, id) == 0 :
			name != NULL && strcmp(l->at[i].name, name) == 0)
			return &l->at[i];
	return NULL;
}

static void
state_fill(struct arena *a, const struct line *from, struct account_state *st)
{
	struct buf b = { .arena = a };

	buf_str(&b, "{\"full\":");
	json_string(&b, from->full);
	buf_char(&b, '}');
	*st = (struct account_state){ .id = from->id,
		.name = from->name,
		.status = from->status,
		.attributes.text = buf_text(&b) };
	st->digest = account_state_digest(a, st);
}

static int
account_list(void *self, struct muster_call *c, struct arena *a, const void *in,
    void *out, struct err *e)
{
	struct lines *l = arena_zero(a, 1, sizeof(*l));
	struct account_state st;

	(void)self, (void)in, (void)out;
	if (lines_read(a, l, e) != 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		state_fill(a, &l->at[i], &st);
		if (muster_row(c, account_state_fields, &st, e) != 0)
			return -1;
	}
	return 0;
}

static int
account_read(void *self, struct muster_call *c, struct arena *a, const void *in,
    void *out, struct err *e)
{
	const struct account_ref *r = in;
	struct lines *l = arena_zero(a, 1, sizeof(*l));

	(void)self, (void)c;
	if (lines_read(a, l, e) != 0)
		return -1;
	const struct line *at = line_find(l, r->id, r->name);
	if (at == NULL)
		return err_set(e, ERR_GONE, "no such account");
	state_fill(a, at, out);
	return 0;
}

/* Writes the lines, and looks whether the one with that id is there so. */
static int
commit(struct muster_call *c, struct arena *a, struct lines *l,
    const struct line *want, struct change *ch, struct err *e)
{
	ch->id = want->id;
	ch->name = want->name;
	if (ch->changed && lines_write(l, e) != 0)
		return -1;
	if (!muster_verify(c))
		return 0;
	struct lines *again = arena_zero(a, 1, sizeof(*again));
	if (lines_read(a, again, e) != 0)
		return -1;
	const struct line *now = line_find(again, want->id, NULL);
	ch->verified = now != NULL && strcmp(now->status, want->status) == 0 &&
	    strcmp(now->full, want->full) == 0;
	ch->how = "read-back";
	return 0;
}

static int
account_ensure(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	const struct account_want *w = in;
	struct lines *l = arena_zero(a, 1, sizeof(*l));
	struct change *ch = out;
	const char *full = NULL;

	(void)self;
	if (lines_read(a, l, e) != 0)
		return -1;
	if (w->attributes.text != NULL)
		full = json_member_text(a, w->attributes.text, "full");
	if (full == NULL)
		full = "";
	struct line *at = line_find(l, w->id, w->name);
	if (at == NULL && w->id != NULL)
		return err_set(e, ERR_GONE, "no such account");
	if (at != NULL && w->create_only)
		return err_set(e, ERR_CONFLICT, "%s exists", at->name);
	if ((at == NULL && w->name == NULL) || l->n >= 1000 ||
	    strpbrk(full, ":\n") || (w->name && strpbrk(w->name, ":\n")))
		return err_set(e, ERR_INPUT, "not fit for the file");
	if (at == NULL) {
		at = &l->at[l->n++];
		*at = (struct line){ arena_printf(a, "%zu", l->n), w->name,
			w->disabled ? "disabled" : "active", "" };
		ch->changed = true;
	}
	ch->changed |= strcmp(at->full, full) != 0;
	at->full = full;
	return commit(c, a, l, at, ch, e);
}

static int
status_set(struct muster_call *c, struct arena *a, const struct account_ref *r,
    const char *status, struct change *ch, struct err *e)
{
	struct lines *l = arena_zero(a, 1, sizeof(*l));

	if (lines_read(a, l, e) != 0)
		return -1;
	struct line *at = line_find(l, r->id, r->name);
	if (at == NULL)
		return err_set(e, ERR_GONE, "no such account");
	ch->changed = strcmp(at->status, status) != 0;
	at->status = status;
	return commit(c, a, l, at, ch, e);
}

static int
account_disable(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	(void)self;
	return status_set(c, a, in, "disabled", out, e);
}

static int
account_enable(void *self, struct muster_call *c, struct arena *a,
    const void *in, void *out, struct err *e)
{
	(void)self;
	return status_set(c, a, in, "active", out, e);
}

#define AS(name) name##_fields, sizeof(struct name)

static const struct op ops[] = {
	{ "account.list", OP_READS | OP_STREAMS, account_list, AS(list_want),
	    AS(account_state), "All lines" },
	{ "account.read", OP_READS, account_read, AS(account_ref),
	    AS(account_state), "One line" },
	{ "account.ensure", OP_REPEATABLE, account_ensure, AS(account_want),
	    AS(change), "Adds or changes a line" },
	{ "account.disable", OP_REPEATABLE | OP_REVOKES, account_disable,
	    AS(account_ref), AS(change), "Marks a line as disabled" },
	{ "account.enable", OP_REPEATABLE, account_enable, AS(account_ref),
	    AS(change), "Marks a line as active" },
	{ NULL, 0, NULL, NULL, 0, NULL, 0, NULL },
};

static const char *const write_paths[] = { "folder", NULL };

const struct muster_provider muster_provider = {
	.abi = MUSTER_PROVIDER_ABI,
	.name = "passwd",
	.help = "Accounts in a text file: an example to copy",
	.config = config_fields,
	.config_size = sizeof(struct config),
	.open = example_open,
	.ops = ops,
	.write_paths = write_paths,
};
