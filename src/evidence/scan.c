/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evidence/scan.h"

static const char tile_start[] = "{\"tile\":", record_start[] = "{\"entry\":",
		  end_start[] = "{\"records\":";

struct cursor {
	const char *at, *end;
};

/* Goes past a text that must stand here. */
static bool
past(struct cursor *c, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(c->end - c->at) < n || memcmp(c->at, text, n) != 0)
		return false;
	c->at += n;
	return true;
}

/* What a lower-case digit stands for; NONE where there is none. */
#define NONE 0xff
/* clang-format off */
static const unsigned char digit[256] = {
	[0 ... '0' - 1] = NONE,
	['0'] = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
	['9' + 1 ... 'a' - 1] = NONE,
	['a'] = 10, 11, 12, 13, 14, 15,
	['f' + 1 ... 255] = NONE
};
/* clang-format on */

/* The digits are judged together at the end: no branch for each. */
static bool
past_hex(struct cursor *c, void *out, size_t n)
{
	const unsigned char *from = (const unsigned char *)c->at;
	unsigned char *to = out, all = 0;

	if ((size_t)(c->end - c->at) < 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned char high = digit[from[2 * i]];
		unsigned char low = digit[from[2 * i + 1]];

		all |= high | low;
		to[i] = (unsigned char)(high << 4 | low);
	}
	c->at += 2 * n;
	return (all & 0xf0) == 0;
}

/* A number from 0 to below 10^18, without leading zeros. */
static bool
past_number(struct cursor *c, int64_t *out)
{
	const char *start = c->at;
	int64_t v = 0;

	for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
		if (c->at - start >= 18)
			return false;
		v = v * 10 + (*c->at - '0');
	}
	*out = v;
	return c->at > start && (*start != '0' || c->at == start + 1);
}

/* The inside of a string and the quote that ends it. */
static bool
past_string(struct cursor *c, struct line *inside)
{
	inside->at = c->at;
	for (; c->at < c->end && *c->at != '"'; c->at++)
		if (*c->at == '\\')
			c->at++;
	if (c->at >= c->end)
		return false;
	inside->n = (size_t)(c->at - inside->at);
	c->at++;
	return true;
}

enum line_kind
line_kind(struct line l)
{
	struct cursor c = { l.at, l.at + l.n };

	if (past(&c, record_start))
		return LINE_RECORD;
	if (past(&c, tile_start))
		return LINE_TILE;
	return past(&c, end_start) ? LINE_END : LINE_OTHER;
}

static bool
entry_scan(struct cursor *c, struct record_line *r)
{
	struct line at;

	r->entry.at = c->at;
	bool good = past(c, "{\"at\":\"") && past_string(c, &at) &&
	    past(c, ",\"body\":\"") && past_hex(c, r->digest, DIGEST_LEN) &&
	    past(c, "\",\"kind\":\"") && past_string(c, &r->kind) &&
	    past(c, ",\"seq\":") && past_number(c, &r->seq) &&
	    past(c, ",\"subject\":\"") && past_string(c, &r->subject) &&
	    past(c, "}");
	r->entry.n = (size_t)(c->at - r->entry.at);
	return good;
}

bool
record_scan(struct line l, struct record_line *r)
{
	struct cursor c = { l.at, l.at + l.n };

	if (!past(&c, record_start) || !entry_scan(&c, r))
		return false;
	r->erased = past(&c, ",\"salt\":null,\"body\":null}");
	if (r->erased)
		return c.at == c.end;
	if (!past(&c, ",\"salt\":\"") || !past_hex(&c, r->salt, SALT_LEN) ||
	    !past(&c, "\",\"body\":{") || c.end - c.at < 2 ||
	    memcmp(c.end - 2, "}}", 2) != 0)
		return false;
	r->body.at = c.at - 1;
	r->body.n = (size_t)(c.end - 1 - r->body.at);
	return true;
}

static bool
path_scan(struct cursor *c, struct tile_line *t)
{
	t->path_len = 0;
	if (!past(c, "["))
		return false;
	if (past(c, "]"))
		return true;
	do
		if (t->path_len == MERKLE_DEPTH || !past(c, "\"") ||
		    !past_hex(c, t->path[t->path_len++], DIGEST_LEN) ||
		    !past(c, "\""))
			return false;
	while (past(c, ","));
	return past(c, "]");
}

bool
tile_scan(struct line l, struct tile_line *t)
{
	struct cursor c = { l.at, l.at + l.n };

	if (!past(&c, tile_start) || !past_number(&c, &t->tile.index) ||
	    t->tile.index > INT64_MAX / TILE_WIDTH - 1 ||
	    !past(&c, ",\"leaves\":\""))
		return false;
	const char *quote = memchr(c.at, '"', (size_t)(c.end - c.at));
	size_t digits = quote == NULL ? 0 : (size_t)(quote - c.at);
	if (digits == 0 || digits % (2 * DIGEST_LEN) != 0 ||
	    digits > sizeof(t->tile.leaf) * 2)
		return false;
	t->tile.n = (int)(digits / (2 * DIGEST_LEN));
	return past_hex(&c, t->tile.leaf, digits / 2) &&
	    past(&c, "\",\"path\":") && path_scan(&c, t) && past(&c, "}") &&
	    c.at == c.end;
}

bool
erasure_scan(const struct record_line *r, int64_t *seq)
{
	struct cursor kind = { r->kind.at, r->kind.at + r->kind.n };
	struct cursor c = { r->subject.at, r->subject.at + r->subject.n };

	return past(&kind, ERASED_KIND) && kind.at == kind.end &&
	    past(&c, "record/") && past_number(&c, seq) && c.at == c.end;
}

bool
end_scan(struct line l, int64_t *records)
{
	struct cursor c = { l.at, l.at + l.n };

	return past(&c, end_start) && past_number(&c, records) &&
	    past(&c, "}") && c.at == c.end;
}
