/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/entry.h"
#include "base/clock.h"

const struct field record_fields[] = { FIELD(struct record, seq, F_KEY,
					   .help = "number in the log, from 0"),
	FIELD(struct record, at, F_TIME, .help = "when it was written"),
	FIELD(struct record, kind, 0, .help = "what happened"),
	FIELD(struct record, subject, 0, .help = "what it is about"),
	FIELD(struct record, run, 0, .help = "the run it belongs to, or 0"),
	FIELD(struct record, identity, 0,
	    .help = "the identity it belongs to, or 0"),
	FIELD(struct record, body, F_WIDE,
	    .help = "canonical JSON; absent when erased"),
	FIELD(struct record, salt, F_WIDE, .help = "hex; absent when erased"),
	FIELD(struct record, digest, F_WIDE,
	    .help = "SHA-256 of salt and body, hex"),
	FIELD_END };

void
entry_encode(struct buf *b, const struct record *r)
{
	char at[TIME_TEXT];

	buf_str(b, "{\"at\":\"");
	buf_str(b, time_format(at, r->at));
	buf_str(b, "\",\"body\":\"");
	buf_str(b, r->digest);
	buf_str(b, "\",\"kind\":");
	json_string(b, r->kind);
	buf_str(b, ",\"seq\":");
	buf_int(b, r->seq);
	buf_str(b, ",\"subject\":");
	json_string(b, r->subject);
	buf_char(b, '}');
}

void
entry_body_digest(unsigned char out[DIGEST_LEN],
    const unsigned char salt[SALT_LEN], const char *body, size_t n)
{
	const struct part parts[] = { { salt, SALT_LEN }, { body, n } };

	digest_parts(out, parts, 2);
}
