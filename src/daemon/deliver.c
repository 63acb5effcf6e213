/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/deliver.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <muster/program.h>

#include "base/clock.h"
#include "base/file.h"

#define TIMEOUT (20 * SECOND)

const struct field letter_fields[] = {
	FIELD(struct letter, system, 0, .help = "system of the account"),
	FIELD(struct letter, account, F_KEY, .help = "its login name"),
	FIELD(struct letter, kind, 0, .help = "kind of the account"),
	FIELD(struct letter, purpose, 0, .help = "what the secret is for"),
	FIELD(struct letter, secret, F_SECRET, .help = "its value"), FIELD_END
};

/* A login name as part of a file name: another one for each, so that no
   letter is written over another. */
static const char *
safe(struct arena *a, const char *s)
{
	struct buf b = { .arena = a };

	for (const char *p = s; *p != '\0'; p++)
		if (*p == '/' || *p == '%' || (unsigned char)*p <= ' ' ||
		    *p == 0x7f || (p == s && *p == '.'))
			buf_printf(&b, "%%%02X", (unsigned char)*p);
		else
			buf_char(&b, *p);
	return buf_text(&b);
}

static int
file_deliver(const struct role_account *d, const struct letter *l,
    const char *text, struct arena *a, struct err *err)
{
	if (mkdir(d->deliver_to, 0700) != 0 && errno != EEXIST)
		return err_set(err, ERR_INPUT, "%s: %s", d->deliver_to,
		    strerror(errno));
	return file_replace(arena_printf(a, "%s/%s.%s.json", d->deliver_to,
				safe(a, l->system), safe(a, l->account)),
	    text, strlen(text), 0600, err);
}

static int
exec_deliver(const struct role_account *d, const char *text, struct arena *a,
    struct err *err)
{
	struct program_def p = { d->deliver_to, { 0 }, 65536 };
	size_t n;

	if (program_check(&p, err) != 0 ||
	    program_run(&p, TIMEOUT, a, text, ERR_BUSY, &n, err) == NULL)
		return -1;
	return 0;
}

int
deliver(struct keyring *k, const struct secret *s, const struct account *acc,
    const struct role_account *d, struct arena *a, struct err *err)
{
	const char *context = arena_printf(a, "account/%lld",
	    (long long)acc->id);
	struct letter l = { .system = acc->system,
		.account = acc->name,
		.kind = acc->kind,
		.purpose = s->purpose };
	struct buf b = { .arena = a };
	size_t n;
	char *value = keyring_unseal(k, context, s->sealed, &n, err);
	int ret;

	if (value == NULL)
		return -1;
	l.secret = value;
	json_encode_clear(&b, letter_fields, &l);
	secret_free(value);
	ret = strcmp(d->deliver, "exec") == 0 ?
	    exec_deliver(d, buf_text(&b), a, err) :
	    file_deliver(d, &l, buf_text(&b), a, err);
	explicit_bzero(b.at, b.len);
	return ret;
}
