/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A feed file on its way into the spool: written as it arrives, never held
 * in memory, and gone unless it arrived whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/inside.h"
#include "base/digest.h"
#include "base/file.h"
#include "model/config.h"

struct upload {
	char *path; /* heap; NULL once it was handed over */
	int fd;
	size_t size;
	struct digest_ctx *digest;
};

/* The feed of "NAME/load", which must be configured. */
static int
feed_named(struct request *r, const char **feed, struct err *e)
{
	const char *slash = strchr(r->rest, '/');

	if (slash == NULL || slash == r->rest || strcmp(slash, "/load") != 0)
		return err_set(e, ERR_GONE,
		    "a file goes to "
		    "/v1/feeds/NAME/load");
	*feed = arena_mem(&r->arena, r->rest, (size_t)(slash - r->rest));
	pthread_mutex_lock(&r->api->lock);
	bool known = config_feed(r->api->set, *feed) != NULL;
	pthread_mutex_unlock(&r->api->lock);
	if (known)
		return 0;
	return err_set(e, ERR_GONE, "no feed is called \"%.60s\"", *feed);
}

int
upload_begin(struct request *r, struct err *e)
{
	const char *feed;

	if (feed_named(r, &feed, e) != 0)
		return -1;
	struct upload *u = calloc(1, sizeof(*u));
	if (u == NULL)
		abort();
	r->upload = u;
	u->fd = -1;
	u->digest = digest_begin();
	if (asprintf(&u->path, "%s/upload-XXXXXX", r->api->config.spool) < 0)
		abort();
	u->fd = mkostemp(u->path, O_CLOEXEC); /* mode 0600 */
	if (u->fd >= 0)
		return 0;
	int why = errno;
	err_set(e, why == ENOSPC ? ERR_FULL : ERR_BUG, "%s: %s", u->path,
	    strerror(why));
	free(u->path);
	u->path = NULL;
	return -1;
}

int
upload_more(struct request *r, const char *data, size_t n, struct err *e)
{
	struct upload *u = r->upload;

	if (n > r->api->config.upload_max - u->size)
		return err_set(e, ERR_INPUT,
		    "the file is larger than %zu "
		    "bytes",
		    r->api->config.upload_max);
	u->size += n;
	digest_more(u->digest, data, n);
	if (fd_write(u->fd, data, n) == 0)
		return 0;
	return err_set(e,
	    errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_BUG,
	    "the file cannot be kept: %s", strerror(errno));
}

/* Is what arrived what was sent? */
int
upload_end(struct request *r, struct err *e)
{
	struct upload *u = r->upload;
	unsigned char sum[DIGEST_LEN];
	char hex[DIGEST_HEX];
	const char *want = r->query.digest;

	digest_end(u->digest, sum);
	u->digest = NULL;
	hex_encode(hex, sum, sizeof(sum));
	if (u->size == 0)
		return err_set(e, ERR_INPUT,
		    "the file is empty: nothing was "
		    "loaded");
	if (want != NULL && strcasecmp(want, hex) != 0)
		return err_set(e, ERR_INPUT,
		    "the file did not arrive as it "
		    "was sent: its SHA-256 is %s",
		    hex);
	if (fsync(u->fd) != 0)
		return err_set(e, ERR_FULL, "the file cannot be kept: %s",
		    strerror(errno));
	return 0;
}

void
upload_drop(struct upload *u)
{
	unsigned char sum[DIGEST_LEN];

	if (u == NULL)
		return;
	if (u->digest != NULL)
		digest_end(u->digest, sum);
	if (u->fd >= 0)
		close(u->fd);
	if (u->path != NULL)
		unlink(u->path);
	free(u->path);
	free(u);
}

int
answer_load(struct request *r, struct err *e)
{
	struct upload *u = r->upload;
	struct api_upload up = {
		.name = r->query.name == NULL ? "upload" : r->query.name,
		.dated = r->query.dated,
		.dry_run = r->query.dry_run != NULL &&
		    strcmp(r->query.dry_run, "yes") == 0,
	};

	if (feed_named(r, &up.feed, e) != 0 || upload_end(r, e) != 0)
		return -1;
	up.spool = arena_str(&r->arena, u->path);
	/* From here on the file is the feeds code's to remove, unless it
	   refuses at once. */
	int ret = pending_load(r, &up, e);
	free(u->path);
	u->path = NULL;
	return ret;
}
