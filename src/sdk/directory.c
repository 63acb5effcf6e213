/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/directory.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/secret.h"

#define SYSTEM_CA "/etc/ssl/certs/ca-certificates.crt"
#define PAGE 500

static char *
copy(const char *s)
{
	char *to = s != NULL ? strdup(s) : NULL;

	if (s != NULL && to == NULL)
		abort();
	return to;
}

/* libldap compares a certificate not with "localhost" but with the name of
   this machine, so that name cannot work. */
static int
url_check(const char *url, struct err *e)
{
	LDAPURLDesc *u;

	if (url == NULL || ldap_url_parse(url, &u) != 0)
		return err_set(e, ERR_INPUT,
		    "url: not an ldap:// or ldaps:// URL");
	bool tls = strcmp(u->lud_scheme, "ldap") == 0 ||
	    strcmp(u->lud_scheme, "ldaps") == 0;
	bool host = u->lud_host != NULL && u->lud_host[0] != '\0';
	bool local = host && strcasecmp(u->lud_host, "localhost") == 0;
	bool more = u->lud_dn != NULL && u->lud_dn[0] != '\0';
	ldap_free_urldesc(u);
	if (!tls || !host || more)
		return err_set(e, ERR_INPUT,
		    "url: wants ldap://host:port or ldaps://host:port");
	if (local)
		return err_set(e, ERR_INPUT,
		    "url: write 127.0.0.1 or a full name for localhost");
	return 0;
}

int
directory_open(const struct directory_config *c, struct directory **out,
    struct err *e)
{
	if (url_check(c->url, e) != 0)
		return -1;
	if (c->bind_dn == NULL || c->bind_password == NULL ||
	    c->bind_password[0] == '\0')
		return err_set(e, ERR_INPUT, "bind: wants a DN and a password");
	if (c->page < 0 || c->page > 10000)
		return err_set(e, ERR_INPUT, "page: wants 1 to 10000");
	if (c->ca != NULL && file_readable(c->ca, e) != 0)
		return err_within(e, "ca: ");
	struct directory *d = calloc(1, sizeof(*d));
	if (d == NULL)
		abort();
	d->url = copy(c->url);
	d->ca = copy(c->ca != NULL ? c->ca : SYSTEM_CA);
	d->bind_dn = copy(c->bind_dn);
	d->bind_password = secret_copy(c->bind_password);
	d->page = c->page != 0 ? (int)c->page : PAGE;
	/* Neither a user's nor the machine's settings decide how we check
	   certificates. */
	setenv("LDAPNOINIT", "1", 1);
	*out = d;
	return 0;
}

void
directory_drop(struct directory *d)
{
	if (d->ld != NULL)
		ldap_unbind_ext(d->ld, NULL, NULL);
	d->ld = NULL;
}

void
directory_close(struct directory *d)
{
	directory_drop(d);
	free(d->url);
	free(d->ca);
	free(d->bind_dn);
	secret_free(d->bind_password);
	free(d);
}

struct code {
	int code;
	enum err_class cls;
};

/* What is not in the table is ERR_REFUSED: the server understood, and did
   not want. */
static const struct code codes[] = {
	{ LDAP_SUCCESS, ERR_NONE },
	{ LDAP_PROTOCOL_ERROR, ERR_INPUT },
	{ LDAP_TIMELIMIT_EXCEEDED, ERR_BUSY },
	{ LDAP_AUTH_METHOD_NOT_SUPPORTED, ERR_DENIED },
	{ LDAP_STRONG_AUTH_REQUIRED, ERR_DENIED },
	{ LDAP_CONFIDENTIALITY_REQUIRED, ERR_DENIED },
	{ LDAP_NO_SUCH_ATTRIBUTE, ERR_CONFLICT },
	{ LDAP_UNDEFINED_TYPE, ERR_INPUT },
	{ LDAP_INAPPROPRIATE_MATCHING, ERR_INPUT },
	{ LDAP_TYPE_OR_VALUE_EXISTS, ERR_CONFLICT },
	{ LDAP_INVALID_SYNTAX, ERR_INPUT },
	{ LDAP_NO_SUCH_OBJECT, ERR_GONE },
	{ LDAP_INVALID_DN_SYNTAX, ERR_INPUT },
	{ LDAP_INAPPROPRIATE_AUTH, ERR_DENIED },
	{ LDAP_INVALID_CREDENTIALS, ERR_DENIED },
	{ LDAP_INSUFFICIENT_ACCESS, ERR_DENIED },
	{ LDAP_BUSY, ERR_BUSY },
	{ LDAP_UNAVAILABLE, ERR_BUSY },
	{ LDAP_NAMING_VIOLATION, ERR_INPUT },
	{ LDAP_NOT_ALLOWED_ON_RDN, ERR_INPUT },
	{ LDAP_ALREADY_EXISTS, ERR_CONFLICT },
	{ LDAP_NO_OBJECT_CLASS_MODS, ERR_INPUT },
	{ LDAP_OTHER, ERR_BUSY },
	{ LDAP_ASSERTION_FAILED, ERR_CONFLICT },
	{ LDAP_PROXIED_AUTHORIZATION_DENIED, ERR_DENIED },
	/* libldap's own: nothing was answered. */
	{ LDAP_SERVER_DOWN, ERR_BUSY },
	{ LDAP_LOCAL_ERROR, ERR_BUSY },
	{ LDAP_DECODING_ERROR, ERR_BUSY },
	{ LDAP_TIMEOUT, ERR_BUSY },
	{ LDAP_CONNECT_ERROR, ERR_BUSY },
	{ LDAP_ENCODING_ERROR, ERR_INPUT },
	{ LDAP_FILTER_ERROR, ERR_INPUT },
	{ LDAP_PARAM_ERROR, ERR_INPUT },
};

enum err_class
directory_class(int code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i].code == code)
			return codes[i].cls;
	return ERR_REFUSED;
}

int
directory_code(const struct directory *d)
{
	return d->code;
}

int
directory_fail(struct directory *d, int code, const char *what,
    const char *text, struct err *e)
{
	d->code = code;
	bool more = text != NULL && text[0] != '\0';
	return err_set(e, directory_class(code), "%s: %s (%d)%s%.200s", what,
	    ldap_err2string(code), code, more ? ": " : "", more ? text : "");
}

/* Each step is of libldap; what it wants to say stands in the handle. */
static int
handle_fail(struct directory *d, LDAP *ld, int code, const char *what,
    struct err *e)
{
	char *text = NULL;

	ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
	directory_fail(d, code, what, d->late ? "no answer in time" : text, e);
	ldap_memfree(text);
	ldap_unbind_ext(ld, NULL, NULL);
	return -1;
}

static struct timeval
time_left(const struct muster_call *c)
{
	int64_t ms = muster_left(c);

	return (struct timeval){ ms / 1000, ms % 1000 * 1000 };
}

/* What is left is all that the next of libldap's own waits may take. */
static void
limit(LDAP *ld, const struct muster_call *c)
{
	const struct timeval left = time_left(c);

	ldap_set_option(ld, LDAP_OPT_TIMEOUT, &left);
}

/* NEWCTX last: libldap keeps a TLS context that it made before. */
static int
tls_prepare(struct directory *d, LDAP *ld)
{
	const int always = LDAP_OPT_X_TLS_DEMAND, fresh = 0;
	const int min = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;

	if (ldap_set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &always) != 0 ||
	    ldap_set_option(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, &min) != 0 ||
	    ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE, d->ca) != 0)
		return -1;
	return ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &fresh);
}

/* An encrypted connection to a server whose certificate was verified. */
static int
handle_open(struct directory *d, const struct muster_call *c, LDAP **out,
    struct err *e)
{
	const int version = LDAP_VERSION3;
	const struct timeval left = time_left(c);
	LDAP *ld;
	int rc = ldap_initialize(&ld, d->url);

	d->until = clock_boot() + muster_left(c);
	d->late = false;
	if (rc != LDAP_SUCCESS)
		return directory_fail(d, rc, d->url, NULL, e);
	ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
	ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
	ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &left);
	if (directory_watch(d, ld) != 0 || tls_prepare(d, ld) != 0)
		return handle_fail(d, ld, LDAP_CONNECT_ERROR, d->ca, e);
	rc = ldap_connect(ld);
	limit(ld, c);
	if (rc == LDAP_SUCCESS && strncasecmp(d->url, "ldaps:", 6) != 0)
		rc = ldap_start_tls_s(ld, NULL, NULL);
	if (rc != LDAP_SUCCESS)
		return handle_fail(d, ld, rc, d->url, e);
	limit(ld, c);
	*out = ld;
	return 0;
}

/* LDAP_SUCCESS, or why not. */
static int
handle_bind(LDAP *ld, const char *dn, const char *secret)
{
	struct berval cred = { strlen(secret), (char *)secret };

	return ldap_sasl_bind_s(ld, dn, LDAP_SASL_SIMPLE, &cred, NULL, NULL,
	    NULL);
}

/* A server closes what was idle too long: seen here, before a change is
   sent into a connection that nobody reads. */
static bool
is_alive(LDAP *ld)
{
	struct timeval now = { 0, 0 };
	LDAPMessage *m = NULL;
	int rc = ldap_result(ld, LDAP_RES_UNSOLICITED, LDAP_MSG_ALL, &now, &m);

	ldap_msgfree(m);
	return rc == 0;
}

int
directory_connect(struct directory *d, const struct muster_call *c,
    struct err *e)
{
	LDAP *ld;

	d->code = LDAP_SUCCESS;
	d->until = clock_boot(); /* no wait for half of a record */
	bool alive = d->ld != NULL && is_alive(d->ld);
	if (!alive)
		directory_drop(d);
	d->until += muster_left(c);
	if (alive)
		return 0;
	if (handle_open(d, c, &ld, e) != 0)
		return -1;
	int rc = handle_bind(ld, d->bind_dn, d->bind_password);
	if (rc != LDAP_SUCCESS)
		return handle_fail(d, ld, rc, d->bind_dn, e);
	d->ld = ld;
	return 0;
}

int
directory_try(struct directory *d, struct muster_call *c, const char *dn,
    const char *secret, bool *taken, struct err *e)
{
	LDAP *ld;

	*taken = false;
	/* An empty password makes an anonymous bind (RFC 4513, 5.1.2). */
	if (secret == NULL || secret[0] == '\0' || dn[0] == '\0')
		return 0;
	if (handle_open(d, c, &ld, e) != 0)
		return -1;
	int rc = handle_bind(ld, dn, secret);
	/* 53: some servers answer so for a locked account. */
	bool no = rc == LDAP_INVALID_CREDENTIALS ||
	    rc == LDAP_UNWILLING_TO_PERFORM || rc == LDAP_INAPPROPRIATE_AUTH;
	if (rc != LDAP_SUCCESS && !no)
		return handle_fail(d, ld, rc, dn, e);
	d->code = rc;
	ldap_unbind_ext(ld, NULL, NULL);
	*taken = rc == LDAP_SUCCESS;
	return 0;
}

int
directory_wait(struct directory *d, const struct muster_call *c, int id,
    enum err_class sent, const char *what, LDAPMessage **m, struct err *e)
{
	struct timeval left = time_left(c);
	int code = LDAP_TIMEOUT;
	int rc = ldap_result(d->ld, id, LDAP_MSG_ONE, &left, m);

	if (rc > 0)
		return 0;
	if (rc < 0)
		ldap_get_option(d->ld, LDAP_OPT_RESULT_CODE, &code);
	directory_drop(d);
	directory_fail(d, code, what, NULL, e);
	e->cls = sent;
	return -1;
}
