/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One way to reach people.  Each blocks until the notice was taken or
 * refused; only the notices' thread calls it.
 */
#ifndef DAEMON_CHANNEL_H
#define DAEMON_CHANNEL_H

#include "model/config.h"
#include "model/matter.h"

/*
 * exec: the notice as JSON on standard input of the program.  smtp: a mail
 * with STARTTLS (RFC 3207), which only a loopback server may do without.
 * webhook: a POST signed as Standard Webhooks say (webhook-id,
 * webhook-timestamp, webhook-signature "v1,BASE64 of HMAC-SHA256 over
 * id.timestamp.body"); http:// only to loopback.
 */
int channel_send(const struct channel *, const struct notice *, struct arena *,
    struct err *) __attribute__((warn_unused_result));

/* What a person reads: a line, and the lines of a mail. */
const char *notice_subject(struct arena *, const struct notice *);
const char *notice_text(struct arena *, const struct notice *);

#endif
