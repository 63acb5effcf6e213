/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/channel.h"

#include <string.h>

#include <curl/curl.h>

#include <muster/program.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/secret.h"

#define TIMEOUT (20 * SECOND)

const char *
notice_subject(struct arena *a, const struct notice *n)
{
	return arena_printf(a, "[muster] %s %s", n->kind, n->subject);
}

/* One line: no line break of a hostile text makes another of it. */
static const char *
one_line(struct arena *a, const char *s)
{
	char *t = arena_str(a, s);

	for (char *p = t; *p != '\0'; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	return t;
}

/* Members of the body that say what a person must know, if there. */
const char *
notice_text(struct arena *a, const struct notice *n)
{
	static const char *const names[] = { "what", "why", "reason", "error",
		"counts", "trips", "choices", "owner", "deadline", "system",
		"verb", NULL };
	struct buf b = { .arena = a };

	buf_printf(&b, "%s: %s\n\n", n->kind, n->subject);
	for (size_t i = 0; names[i] != NULL; i++) {
		const char *v = n->body.text == NULL ?
		    NULL :
		    json_member_text(a, n->body.text, names[i]);

		if (v == NULL && n->body.text != NULL)
			v = json_member(a, n->body.text, names[i]);
		if (v != NULL)
			buf_printf(&b, "%s: %s\n", names[i], one_line(a, v));
	}
	return buf_text(&b);
}

static int
exec_send(const struct channel *c, const struct notice *n, struct arena *a,
    struct err *err)
{
	struct program_def p = { c->program, c->args, 65536 };
	struct buf b = { .arena = a };
	size_t len;

	json_encode(&b, notice_fields, n);
	if (program_check(&p, err) != 0 ||
	    program_run(&p, TIMEOUT, a, buf_text(&b), ERR_BUSY, &len, err) ==
		NULL)
		return -1;
	return 0;
}

/* http:// and plain SMTP are for the same machine alone. */
static bool
is_loopback(const char *url)
{
	const char *host = strstr(url, "://");

	return host != NULL && host_is_loopback(host + 3);
}

/* Which one of the protocols the URL is of, as libcurl calls it; NULL: of
   none. */
static const char *
protocol_of(const char *url, const char *const *protocols)
{
	for (; *protocols != NULL; protocols++) {
		size_t n = strlen(*protocols);

		if (strncmp(url, *protocols, n) == 0 &&
		    strncmp(url + n, "://", 3) == 0)
			return *protocols;
	}
	return NULL;
}

/* Goes to that URL by that protocol and nowhere else: what the environment,
   a .netrc or an answer say of another way is not heard. */
static CURL *
curl_new(const struct channel *c, const char *url, const char *protocol)
{
	CURL *h = curl_easy_init();

	if (h == NULL)
		return NULL;
	curl_easy_setopt(h, CURLOPT_URL, url);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, protocol);
	curl_easy_setopt(h, CURLOPT_REDIR_PROTOCOLS_STR, protocol);
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)TIMEOUT);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (c->ca != NULL)
		curl_easy_setopt(h, CURLOPT_CAINFO, c->ca);
	return h;
}

static size_t
swallow(char *at, size_t size, size_t n, void *ctx)
{
	(void)at, (void)ctx;
	return size * n;
}

static int
curl_go(CURL *h, const struct channel *c, struct err *err)
{
	char why[CURL_ERROR_SIZE] = "";
	long status = 0;
	CURLcode rc;

	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, swallow);
	rc = curl_easy_perform(h);
	curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, NULL);
	/* Not the URL: that of a webhook often is a secret itself. */
	if (rc != CURLE_OK)
		return err_set(err, ERR_BUSY, "channel %s: %s", c->name,
		    why[0] != '\0' ? why : curl_easy_strerror(rc));
	if (status / 100 != 2)
		return err_set(err, ERR_BUSY, "channel %s: status %ld", c->name,
		    status);
	return 0;
}

/* The key that webhooks are signed with: the file's bytes, or what stands
   behind "whsec_" in base64 (Standard Webhooks 1.0, Secrets). */
static const void *
key_of(struct arena *a, const char *text, size_t n, size_t *len)
{
	void *key = n > 6 && strncmp(text, "whsec_", 6) == 0 ?
	    base64_decode(a, text + 6, n - 6, len) :
	    NULL;

	if (key != NULL)
		return key;
	*len = n;
	return text;
}

/* The signature's header, with the key from its file. */
static int
sign(const struct channel *c, struct arena *a, const char *id, const char *at,
    const char *body, struct curl_slist **headers, struct err *err)
{
	unsigned char mac[DIGEST_LEN];
	const char *text = arena_printf(a, "%s.%s.%s", id, at, body);
	const void *key;
	size_t n, len;
	char *file;

	if (c->secret_file == NULL)
		return err_set(err, ERR_INPUT,
		    "channel %s: secret_file: a "
		    "webhook is signed",
		    c->name);
	file = secret_load(c->secret_file, &n, err);
	if (file == NULL)
		return -1;
	key = key_of(a, file, n, &len);
	digest_hmac(mac, key, len, text, strlen(text));
	secret_free(file);
	*headers = curl_slist_append(*headers,
	    arena_printf(a, "webhook-signature: v1,%s",
		base64_encode(a, mac, sizeof(mac))));
	return 0;
}

static int
webhook_post(const struct channel *c, const char *url, const struct notice *n,
    struct arena *a, struct err *err)
{
	struct curl_slist *headers = NULL;
	struct buf b = { .arena = a };
	const char *id = arena_printf(a, "notice-%lld", (long long)n->id);
	const char *at = arena_printf(a, "%lld",
	    (long long)(clock_wall() / SECOND));
	static const char *const protocols[] = { "https", "http", NULL };
	const char *protocol = protocol_of(url, protocols);
	CURL *h;
	int ret;

	if (protocol == NULL ||
	    (strcmp(protocol, "https") != 0 && !is_loopback(url)))
		return err_set(err, ERR_INPUT, "channel %s: url: not https://",
		    c->name);
	json_encode(&b, notice_fields, n);
	headers = curl_slist_append(headers, "Content-Type: application/json");
	headers = curl_slist_append(headers,
	    arena_printf(a, "webhook-id: %s", id));
	headers = curl_slist_append(headers,
	    arena_printf(a, "webhook-timestamp: %s", at));
	ret = sign(c, a, id, at, buf_text(&b), &headers, err);
	h = ret == 0 ? curl_new(c, url, protocol) : NULL;
	if (ret == 0 && h == NULL)
		ret = err_set(err, ERR_BUSY, "no handle");
	if (ret == 0) {
		curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(h, CURLOPT_POSTFIELDS, buf_text(&b));
		ret = curl_go(h, c, err);
		curl_easy_cleanup(h);
	}
	curl_slist_free_all(headers);
	return ret;
}

static int
webhook_send(const struct channel *c, const struct notice *n, struct arena *a,
    struct err *err)
{
	size_t len;

	if (c->url_file == NULL)
		return webhook_post(c, c->url, n, a, err);
	char *url = secret_load(c->url_file, &len, err);
	if (url == NULL)
		return -1;
	int ret = webhook_post(c, url, n, a, err);
	secret_free(url);
	return ret;
}

struct mail {
	const char *text;
	size_t left;
};

static size_t
mail_read(char *to, size_t size, size_t n, void *ctx)
{
	struct mail *m = ctx;
	size_t some = size * n < m->left ? size * n : m->left;

	memcpy(to, m->text, some);
	m->text += some;
	m->left -= some;
	return some;
}

/* RFC 5322, with CRLF line ends. */
static const char *
mail_text(const struct channel *c, const struct notice *n, struct arena *a)
{
	struct buf b = { .arena = a };

	buf_printf(&b, "From: %s\r\nSubject: %s\r\n", one_line(a, c->from),
	    one_line(a, notice_subject(a, n)));
	for (size_t i = 0; i < c->to.n; i++)
		buf_printf(&b, "To: %s\r\n", one_line(a, c->to.item[i]));
	buf_printf(&b,
	    "Message-ID: <notice-%lld-%lld@muster>\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n\r\n",
	    (long long)n->id, (long long)n->created);
	for (const char *s = notice_text(a, n); *s != '\0'; s++) {
		if (*s == '\n')
			buf_char(&b, '\r');
		buf_char(&b, *s);
	}
	return buf_text(&b);
}

static int
password_set(CURL *h, const struct channel *c, char **key, struct err *err)
{
	size_t n;

	if (c->user == NULL)
		return 0;
	curl_easy_setopt(h, CURLOPT_USERNAME, c->user);
	if (c->secret_file == NULL)
		return 0;
	*key = secret_load(c->secret_file, &n, err);
	if (*key == NULL)
		return -1;
	curl_easy_setopt(h, CURLOPT_PASSWORD, *key);
	return 0;
}

static int
smtp_send(const struct channel *c, const struct notice *n, struct arena *a,
    struct err *err)
{
	struct curl_slist *to = NULL;
	struct mail m = { .text = mail_text(c, n, a) };
	static const char *const protocols[] = { "smtp", "smtps", NULL };
	const char *protocol = protocol_of(c->url, protocols);
	char *key = NULL;
	CURL *h;
	int ret;

	if (protocol == NULL)
		return err_set(err, ERR_INPUT, "channel %s: url: not smtp://",
		    c->name);
	h = curl_new(c, c->url, protocol);
	if (h == NULL)
		return err_set(err, ERR_BUSY, "no handle");
	m.left = strlen(m.text);
	for (size_t i = 0; i < c->to.n; i++)
		to = curl_slist_append(to, c->to.item[i]);
	curl_easy_setopt(h, CURLOPT_USE_SSL,
	    (long)(is_loopback(c->url) && c->ca == NULL ? CURLUSESSL_TRY :
							  CURLUSESSL_ALL));
	curl_easy_setopt(h, CURLOPT_MAIL_FROM, c->from);
	curl_easy_setopt(h, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(h, CURLOPT_READFUNCTION, mail_read);
	curl_easy_setopt(h, CURLOPT_READDATA, &m);
	curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
	ret = password_set(h, c, &key, err);
	if (ret == 0)
		ret = curl_go(h, c, err);
	curl_easy_cleanup(h);
	secret_free(key);
	curl_slist_free_all(to);
	return ret;
}

static const struct kind {
	const char *type;
	int (*send)(const struct channel *, const struct notice *,
	    struct arena *, struct err *);
} kinds[] = { { "exec", exec_send }, { "smtp", smtp_send },
	{ "webhook", webhook_send }, { NULL, NULL } };

int
channel_send(const struct channel *c, const struct notice *n, struct arena *a,
    struct err *err)
{
	for (const struct kind *k = kinds; k->type != NULL; k++)
		if (strcmp(k->type, c->type) == 0)
			return k->send(c, n, a, err);
	return err_set(err, ERR_INPUT, "channel %s: %s: no such type", c->name,
	    c->type);
}
