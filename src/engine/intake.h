/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of intake share: events as they come in (event.c), what
 * they make of affiliations and identities (intake.c, identify.c), and who
 * answers for whom (owned.c).
 */
#ifndef ENGINE_INTAKE_H
#define ENGINE_INTAKE_H

#include "engine/policy.h"

/* identify.c: whose affiliation this new key is.  The strong key of the
   feed decides, if it has one; else it is a new identity, which is
   written.  created: it is new. */
struct person;
int identify(struct engine *, const struct feed_def *, const struct person *,
    struct identity *, bool *created, struct err *)
    __attribute__((warn_unused_result));
/* The strong key of an identity that is known by another key already. */
int identify_again(struct engine *, const struct feed_def *,
    const struct person *, const struct identity *, struct err *)
    __attribute__((warn_unused_result));

/* owned.c: the identity whose key this is; 0 if nobody's or if it is not
   sure whose. */
int owner_find(struct engine *, const char *key, int64_t *identity,
    struct err *) __attribute__((warn_unused_result));
/* A key became known: whoever names it as its owner has one now. */
int owner_arrived(struct engine *, const char *key, struct err *)
    __attribute__((warn_unused_result));

/* One event that is due, alone in a savepoint. */
int intake_one(struct engine *, const struct event *, struct err *)
    __attribute__((warn_unused_result));
/* assess.c: counts the effects of one, or asks policy first. */
int assess_one(struct engine *, const struct event *, struct err *)
    __attribute__((warn_unused_result));
/* It is not applied; a case says why, and this answer tries it again. */
#define EVENT_AGAIN "again"
int event_set_aside(struct engine *, struct event *, const struct err *why,
    struct err *) __attribute__((warn_unused_result));

/* A person wants the set-aside event of this case's subject tried again. */
int event_again(struct engine *, const char *subject, struct err *)
    __attribute__((warn_unused_result));

/* Evidence of what became of an event. */
int event_note(struct engine *, const struct event *, const char *kind,
    struct err *) __attribute__((warn_unused_result));
/* What people decided of held events. */
int event_holds_due(struct engine *, struct err *)
    __attribute__((warn_unused_result));

#endif
