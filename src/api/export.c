/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence on its way out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/inside.h"
#include "api/listing.h"
#include "evidence/bundle.h"
#include "evidence/evidence.h"
#include "store/store.h"

/* A bundle is written to a file without a name first: it may be large, its
   reader slow, and an error in the middle must still be an error. */
static FILE *
bundle_file(struct request *r, struct err *e)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/export-XXXXXX", r->api->config.spool);
	int fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return err_set(e, ERR_BUG, "%s: %s", path, strerror(errno)),
		       NULL;
	unlink(path);
	r->file = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	FILE *to = r->file < 0 ? NULL : fdopen(fd, "w");
	if (to == NULL) {
		err_set(e, ERR_BUSY, "export: %s", strerror(errno));
		close(fd);
	}
	return to;
}

int
answer_export(struct request *r, struct err *e)
{
	const struct query *q = &r->query;
	struct bundle_filter f = { .from = q->from,
		.to = q->to,
		.run = q->run,
		.kind = q->kind,
		.since = q->since };
	struct store *s = reader_take(r->api, e);

	if (s == NULL)
		return -1;
	int ret = q->identity == NULL ?
	    0 :
	    identity_meant(s, &r->arena, q->identity, &f.identity, e);
	FILE *to = ret == 0 ? bundle_file(r, e) : NULL;
	ret = to == NULL ? -1 : bundle_export(s, &f, to, e);
	reader_give(r->api, s);
	if (to != NULL && fclose(to) != 0 && ret == 0)
		ret = err_set(e, ERR_FULL, "no room for the bundle: %s",
		    strerror(errno));
	r->type = "application/jsonl";
	return ret;
}

struct vkey {
	const char *vkey;
};

static const struct field vkey_fields[] = { FIELD(struct vkey, vkey, F_KEY),
	FIELD_END };

int
answer_key(struct request *r, struct err *e)
{
	struct vkey k = { NULL };

	pthread_mutex_lock(&r->api->lock);
	if (r->api->state.evidence_key != NULL)
		k.vkey = arena_str(&r->arena, r->api->state.evidence_key);
	pthread_mutex_unlock(&r->api->lock);
	if (k.vkey == NULL)
		return err_set(e, ERR_GONE, "this instance signs nothing");
	json_encode(&r->reply, vkey_fields, &k);
	return 0;
}

int
answer_checkpoint(struct request *r, struct err *e)
{
	struct query q = { .limit = 1 };
	struct many rows = { 0 };
	struct store *s = reader_take(r->api, e);

	if (s == NULL)
		return -1;
	int ret = store_list(s, &r->arena, STMT_API_CHECKPOINTS, query_fields,
	    &q, checkpoint_row_fields, sizeof(struct checkpoint_row), 1, &rows,
	    e);
	reader_give(r->api, s);
	if (ret != 0)
		return -1;
	if (rows.n == 0)
		return err_set(e, ERR_GONE,
		    "nothing was signed yet: "
		    "\"muster evidence checkpoint --sign\" signs what "
		    "there is");
	json_encode(&r->reply, checkpoint_row_fields, rows.item);
	return 0;
}
