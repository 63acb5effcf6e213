/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/call.h"

#include "base/clock.h"
#include "base/frame.h"
#include "base/wire.h"

int64_t
muster_left(const struct muster_call *c)
{
	int64_t left = c->deadline - clock_boot();

	return left > 0 ? left : 0;
}

const char *
muster_verb(const struct muster_call *c)
{
	return c->verb;
}

bool
muster_verify(const struct muster_call *c)
{
	return c->verify;
}

/* Waits until musterd has taken one of our frames.  An answer to a frame
   of an earlier call may still be on its way: it is passed over. */
static int
more_wait(struct muster_call *c, struct err *e)
{
	struct wire_call m;
	char *text;
	size_t n;

	do {
		int rc = frame_read(c->fd, &c->arena, &text, &n, e);

		if (rc == 0)
			return err_set(e, ERR_BUSY, "musterd is gone");
		if (rc < 0)
			return -1;
		m = (struct wire_call){ 0 };
		if (json_decode(&c->arena, wire_call_fields, text, n, &m, e))
			return -1;
		if (m.more == 0)
			return err_set(e, ERR_BUG, "a call within a call");
	} while (m.more != c->call);
	c->ahead--;
	return 0;
}

static int
page_send(struct muster_call *c, struct err *e)
{
	struct buf frame = { .arena = &c->arena };

	buf_char(&c->page, ']');
	const struct wire_reply r = { .call = c->call,
		.epoch = c->epoch,
		.rows.text = buf_text(&c->page) };
	json_encode(&frame, wire_reply_fields, &r);
	if (frame_write(c->fd, frame.at, frame.len, e) != 0)
		return -1;
	c->ahead++;
	c->total += c->rows;
	c->rows = 0;
	arena_reset(&c->arena);
	c->page = (struct buf){ .arena = &c->arena };
	return 0;
}

int
call_flush(struct muster_call *c, struct err *e)
{
	return c->rows == 0 ? 0 : page_send(c, e);
}

int
muster_row(struct muster_call *c, const struct field *table, const void *row,
    struct err *e)
{
	size_t before = c->page.len;

	if (!c->streams)
		return err_set(e, ERR_BUG, "this operation has no rows");
	if (c->ahead >= WIRE_AHEAD && more_wait(c, e) != 0)
		return -1;
	c->page.arena = &c->arena;
	buf_char(&c->page, c->rows == 0 ? '[' : ',');
	if (table != NULL)
		json_encode(&c->page, table, row);
	else
		buf_str(&c->page, ((const struct json *)row)->text);
	if (c->page.len - before > WIRE_ROW)
		return err_set(e, ERR_INPUT, "a row of %zu bytes",
		    c->page.len - before);
	c->rows++;
	if (c->rows < WIRE_ROWS && c->page.len < WIRE_BYTES - WIRE_ROW - 2)
		return 0;
	return page_send(c, e);
}

void
call_fini(struct muster_call *c)
{
	arena_fini(&c->arena);
}
