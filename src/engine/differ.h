/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The difference between what an identity should hold and what is known of
 * it.  Making one brings the want_ members of its rows up to date and
 * writes nothing else; a plan makes one inside a savepoint and undoes it.
 */
#ifndef ENGINE_DIFFER_H
#define ENGINE_DIFFER_H

#include "engine/policy.h"

struct difference {
	struct many items;   /* struct item, in the order of their verbs */
	struct many matters; /* struct matter_want: what a person must know */
	struct many later;   /* struct effect_count: removals that were
				   decided now and wait for an overlap */
	int64_t due;	     /* when time alone changes it; 0 never */
	bool existed;	     /* an account existed before */
	bool was_cut;	     /* and was cut as a leaver's */
	bool privileged;     /* an item touches a privileged account */
};

int difference_make(struct engine *, const struct identity *,
    const struct desired *, struct difference *, struct err *)
    __attribute__((warn_unused_result));
/* Those of a mode ("enforce") as a new array. */
struct many difference_items(struct engine *, const struct difference *,
    const char *mode);

/*
 * What the files of the difference share while one is made.
 */
struct presence {			 /* an account, or one that is wanted */
	struct account row;		 /* id 0 until it is written */
	const struct want_account *want; /* NULL: not wanted */
	const struct system_def *def;	 /* NULL: no longer configured */
	struct many holdings;		 /* struct holding: the open ones */
	bool gone;			 /* known not to exist there */
	bool kept;			 /* unwanted, but its overlap runs */
	bool stuck;			 /* it has no name: left as it is */
};

struct making {
	struct engine *e;
	const struct identity *who;
	const struct desired *desired;
	struct difference *out;
	struct presence *at;
	size_t n;
	const char *username;
	bool guarded;	     /* nothing of this identity may be touched */
	bool ended;	     /* it left */
	bool paused;	     /* suspended, or not begun */
	bool jumped;	     /* the clock jumped: nothing is deleted */
	struct many waivers; /* struct waiver in force */
};

/* account.origin of what a restored store has as working, and the first
   reconcile found otherwise; and the answer that believes the store. */
#define ORIGIN_RESTORED "restored"
#define RESTORED_GIVE "give"

/* The reason of a membership that was revoked and is there again. */
#define HOLDING_EXCESS "closed before, and found again"

/* want.c: brings want_ members up to date. */
int want_account_row(struct making *, struct presence *, struct err *)
    __attribute__((warn_unused_result));
int want_holdings(struct making *, struct presence *, struct err *)
    __attribute__((warn_unused_result));
void making_due(struct making *, int64_t at);
/* The longest overlap of the roles that stand in the reasons. */
int64_t overlap_of(struct engine *, struct json reasons);
/* What is known of an account's status; NULL: it never existed. */
const char *presence_status(const struct account *);

/* item.c: what is to be done about one account, and whether it may be. */
int items_of(struct making *, struct presence *, struct err *)
    __attribute__((warn_unused_result));
/* Is a change of the account on its way that nobody waits for any longer?
   It may still arrive and make the account work. */
int account_is_unsure(struct making *, const struct account *, struct err *)
    __attribute__((warn_unused_result));
/* May a step of this verb have changed it, and nobody knows? */
int account_is_doubtful(struct making *, const struct account *,
    const char *verb, struct err *) __attribute__((warn_unused_result));
/* protect.c: is it muster's own account, or a protected one? */
bool account_is_protected(const struct engine *, const struct system_def *,
    const char *name, const char *native);

#endif
