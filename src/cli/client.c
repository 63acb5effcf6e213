/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <curl/curl.h>

enum { REPLY_MAX = 64 << 20 };

struct call {
	struct buf text; /* of the reply, or of an error */
	FILE *to;	 /* of a good reply; NULL: text */
	CURL *curl;
};

static size_t
received(char *data, size_t one, size_t n, void *ctx)
{
	struct call *c = ctx;
	long status = 0;

	n *= one;
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	if (c->to != NULL && status == 200)
		return fwrite(data, 1, n, c->to);
	if (c->text.len + n > REPLY_MAX)
		return 0;
	buf_add(&c->text, data, n);
	return n;
}

const char *
url_quote(struct arena *a, const char *s)
{
	struct buf b = { .arena = a };

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c < 128 && isalnum(c)) || strchr("-._~", c) != NULL)
			buf_char(&b, (char)c);
		else
			buf_printf(&b, "%%%02X", c);
	}
	return buf_text(&b);
}

static const char *
group_of(struct arena *a, gid_t gid)
{
	const struct group *g = getgrgid(gid);

	return g != NULL ? arena_str(a, g->gr_name) :
			   arena_printf(a, "%u", (unsigned)gid);
}

/* Why nobody answers on the socket, and what to do about it. */
static int
unreachable(struct cli *cli, struct err *e)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct stat st;

	if (strlen(cli->socket) >= sizeof(at.sun_path))
		return err_set(e, ERR_INPUT, "%s: too long for a socket",
		    cli->socket);
	memcpy(at.sun_path, cli->socket, strlen(cli->socket) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ret = connect(fd, (struct sockaddr *)&at, sizeof(at));
	int why = errno;
	close(fd);
	if (ret == 0)
		return err_set(e, ERR_BUSY,
		    "musterd closed the connection; "
		    "try again");
	if (why == EACCES && stat(cli->socket, &st) == 0)
		return err_set(e, ERR_DENIED,
		    "you may not open %s: whoever "
		    "uses muster is in the group %s",
		    cli->socket, group_of(&cli->arena, st.st_gid));
	if (why == EACCES)
		return err_set(e, ERR_DENIED, "you may not reach %s",
		    cli->socket);
	return err_set(e, ERR_BUSY,
	    "nobody answers on %s (%s): is musterd "
	    "running? --socket or MUSTER_SOCKET name another place",
	    cli->socket, strerror(why));
}

/* {"failure":"denied","error":"..."} as the error that it is. */
static int
refused(struct cli *cli, const struct call *c, long status, struct err *e)
{
	struct arena *a = &cli->arena;
	struct buf *text = (struct buf *)(uintptr_t)&c->text;
	const char *word = json_member_text(a, buf_text(text), "failure");
	const char *what = json_member_text(a, buf_text(text), "error");

	if (word == NULL || what == NULL)
		return err_set(e, ERR_BUG,
		    "musterd answered %ld, and not as "
		    "muster does: is %s its socket?",
		    status, cli->socket);
	return err_set(e, err_named(word), "%s", what);
}

static CURL *
curl_new(struct cli *cli, struct call *c, const char *path)
{
	static bool ready;

	if (!ready)
		curl_global_init(CURL_GLOBAL_DEFAULT);
	ready = true;
	c->curl = curl_easy_init();
	c->text.arena = &cli->arena;
	curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH, cli->socket);
	curl_easy_setopt(c->curl, CURLOPT_URL,
	    arena_printf(&cli->arena, "http://muster%s", path));
	curl_easy_setopt(c->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, 10L);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, received);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c);
	return c->curl;
}

static int
perform(struct cli *cli, struct call *c, struct curl_slist *headers,
    struct err *e)
{
	long status = 0;

	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
	CURLcode code = curl_easy_perform(c->curl);
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(c->curl);
	curl_slist_free_all(headers);
	if (code == CURLE_WRITE_ERROR && c->to != NULL)
		return err_set(e, ERR_FULL, "writing: %s", strerror(errno));
	/* A request that was refused early may break while it is sent; the
	   answer counts then. */
	if (code != CURLE_OK && (status == 0 || c->text.len == 0)) {
		if (code == CURLE_COULDNT_CONNECT)
			return unreachable(cli, e);
		return err_set(e, ERR_BUSY, "%s: %s", cli->socket,
		    curl_easy_strerror(code));
	}
	return status == 200 ? 0 : refused(cli, c, status, e);
}

const char *
client_call(struct cli *cli, const char *path, const char *body, struct err *e)
{
	struct call c = { .to = NULL };
	struct curl_slist *headers = NULL;
	CURL *curl = curl_new(cli, &c, path);

	/* The daemon answers within 30 s, except for a backup. */
	curl_easy_setopt(curl, CURLOPT_TIMEOUT,
	    strcmp(path, "/v1/backup") == 0 ? 3600L : 60L);
	if (body != NULL) {
		headers = curl_slist_append(NULL,
		    "Content-Type: application/json");
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)strlen(body));
	}
	headers = curl_slist_append(headers, "Expect:");
	return perform(cli, &c, headers, e) != 0 ? NULL : buf_text(&c.text);
}

int
client_save(struct cli *cli, const char *path, FILE *to, struct err *e)
{
	struct call c = { .to = to };

	curl_new(cli, &c, path);
	return perform(cli, &c, NULL, e);
}

const char *
client_send(struct cli *cli, const char *path, FILE *from, long long size,
    struct err *e)
{
	struct call c = { .to = NULL };
	CURL *curl = curl_new(cli, &c, path);
	struct curl_slist *headers = curl_slist_append(NULL,
	    "Content-Type: application/octet-stream");

	curl_easy_setopt(curl, CURLOPT_POST, 1L);
	curl_easy_setopt(curl, CURLOPT_READDATA, from);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
	headers = curl_slist_append(headers, "Expect:");
	return perform(cli, &c, headers, e) != 0 ? NULL : buf_text(&c.text);
}
