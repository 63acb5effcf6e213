/* SPDX-License-Identifier: Apache-2.0 */
#include "null_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct slot {
	char *line, *name; /* name NULL: gone */
};

struct null_store {
	int fd;	    /* -1: in memory only */
	off_t read; /* of the journal, so far */
	size_t n, room;
	struct slot *slot;
};

static const struct field account_fields[] = {
	FIELD(struct null_account, id, F_NEED),
	FIELD(struct null_account, name, F_NEED),
	FIELD(struct null_account, status, F_NEED),
	FIELD(struct null_account, attributes, 0),
	FIELD(struct null_account, entitlements, 0),
	FIELD(struct null_account, secret, 0),
	FIELD(struct null_account, gone, 0),
	FIELD_END,
};

struct null_store *
null_store_open(const char *path, struct err *e)
{
	struct null_store *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->fd = -1;
	if (path == NULL)
		return s;
	s->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (s->fd >= 0)
		return s;
	err_set(e, ERR_INPUT, "%s: %s", path, strerror(errno));
	free(s);
	return NULL;
}

void
null_store_close(struct null_store *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->slot[i].line);
		free(s->slot[i].name);
	}
	free(s->slot);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

static char *
copy(const char *from)
{
	char *to = strdup(from);

	if (to == NULL)
		abort();
	return to;
}

/* Takes over a line; the account's id says where it belongs. */
static int
line_put(struct null_store *s, struct arena *a, const char *line, struct err *e)
{
	struct null_account account = { 0 };

	if (json_decode(a, account_fields, line, strlen(line), &account, e))
		return -1;
	char *end = NULL;
	unsigned long at = account.id[0] == 'n' ?
	    strtoul(account.id + 1, &end, 10) :
	    0;
	if (at == 0 || *end != '\0' || at > s->n + 1)
		return err_set(e, ERR_BUG, "journal: account %s out of order",
		    account.id);
	if (at > s->room) {
		s->room = s->room == 0 ? 64 : 2 * s->room;
		s->slot = realloc(s->slot, s->room * sizeof(*s->slot));
		if (s->slot == NULL)
			abort();
	}
	struct slot *slot = &s->slot[at - 1];
	if (at > s->n) {
		s->n = at;
		*slot = (struct slot){ NULL, NULL };
	}
	free(slot->line);
	free(slot->name);
	slot->line = copy(line);
	slot->name = account.gone ? NULL : copy(account.name);
	return 0;
}

/* Reads what others have written.  A last line without its end was torn by
   a crash: it is cut off, and was never answered for. */
static int
journal_read(struct null_store *s, struct arena *a, struct err *e)
{
	off_t end = lseek(s->fd, 0, SEEK_END);

	if (end <= s->read)
		return 0;
	size_t n = (size_t)(end - s->read);
	char *text = arena_zero(a, n + 1, 1), *at = text, *eol;
	if (pread(s->fd, text, n, s->read) != (ssize_t)n)
		return err_set(e, ERR_BUSY, "journal: %s", strerror(errno));
	for (; (eol = strchr(at, '\n')) != NULL; at = eol + 1) {
		*eol = '\0';
		if (line_put(s, a, at, e) != 0)
			return -1;
	}
	s->read += at - text;
	if (s->read != end && ftruncate(s->fd, s->read) != 0)
		return err_set(e, ERR_BUSY, "journal: %s", strerror(errno));
	return 0;
}

int
null_store_hold(struct null_store *s, struct err *e)
{
	struct arena a = { NULL, 0 };

	if (s->fd < 0)
		return 0;
	if (flock(s->fd, LOCK_EX) != 0)
		return err_set(e, ERR_BUSY, "journal: %s", strerror(errno));
	int rc = journal_read(s, &a, e);
	arena_fini(&a);
	if (rc != 0)
		null_store_release(s);
	return rc;
}

void
null_store_release(struct null_store *s)
{
	if (s->fd >= 0)
		(void)flock(s->fd, LOCK_UN);
}

size_t
null_store_count(const struct null_store *s)
{
	return s->n;
}

int
null_store_load(struct null_store *s, struct arena *a, size_t at,
    struct null_account *account, struct err *e)
{
	const char *line = s->slot[at].line;

	*account = (struct null_account){ 0 };
	return json_decode(a, account_fields, line, strlen(line), account, e);
}

static bool
slot_is(const struct slot *s, size_t at, const char *id, const char *name)
{
	if (s->name == NULL)
		return false;
	if (id == NULL)
		return strcmp(s->name, name) == 0;
	return id[0] == 'n' && strtoul(id + 1, NULL, 10) == at + 1;
}

int
null_store_find(struct null_store *s, struct arena *a, const char *id,
    const char *name, struct null_account *account, struct err *e)
{
	if (id == NULL && name == NULL)
		return err_set(e, ERR_INPUT, "wants an id or a name");
	for (size_t i = 0; i < s->n; i++)
		if (slot_is(&s->slot[i], i, id, name))
			return null_store_load(s, a, i, account, e);
	return err_set(e, ERR_GONE, "no account %s", id != NULL ? id : name);
}

int
null_store_save(struct null_store *s, struct arena *a,
    struct null_account *account, struct err *e)
{
	struct buf b = { .arena = a };

	if (account->id == NULL)
		account->id = arena_printf(a, "n%zu", s->n + 1);
	json_encode(&b, account_fields, account);
	if (s->fd >= 0) {
		const char *line = arena_printf(a, "%s\n", buf_text(&b));
		size_t n = strlen(line);

		if (write(s->fd, line, n) != (ssize_t)n)
			return err_set(e, ERR_BUSY, "journal: %s",
			    strerror(errno));
		s->read += (off_t)n;
	}
	return line_put(s, a, buf_text(&b), e);
}
