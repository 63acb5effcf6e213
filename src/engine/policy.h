/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy side of the engine, file by file: what an event means
 * (intake), what an identity should hold (desired), how that differs from
 * what is known (converge), and when a person must decide first (guard).
 */
#ifndef ENGINE_POLICY_H
#define ENGINE_POLICY_H

#include "engine/inside.h"

/*
 * phase.c, pure: what an identity's affiliations say at one moment.
 */
struct phase {
	const char *state;		/* pending active suspended left */
	int64_t next;			/* when that may change; 0 never */
	int64_t left_at;		/* when the last one ended; 0 */
	const char *cause;		/* of that end */
	const struct affiliation *main; /* that attributes come from first */
};
void phase_of(const struct affiliation *, size_t n, const struct identity *,
    const struct settings *, int64_t now, struct phase *);
/* The first moment from now on, at most AHEAD later, at which time alone
   makes it leave; 0: it does not. */
#define AHEAD (31 * DAY)
int64_t phase_leaves_at(const struct affiliation *, size_t n,
    const struct identity *, const struct settings *, int64_t now);

/*
 * intake.c: applies one event to affiliation and identity rows, in the
 * caller's savepoint, and touches the identity.  Writes nothing when the
 * event says nothing new.  *identity gets whom it changed (0: nobody).
 * ERR_INPUT: this event can never be applied (it is set aside).
 */
int intake_apply(struct engine *, const struct event *, int64_t *identity,
    struct err *) __attribute__((warn_unused_result));
/* Those that take away from somebody known, before all others: a slice.
   any: there were some. */
int intake_leavers(struct engine *, bool *any, struct err *)
    __attribute__((warn_unused_result));
/* Events that are due or future ones whose time has come; a slice. */
int intake_due(struct engine *, struct err *)
    __attribute__((warn_unused_result));

/*
 * intake.c: one event as it comes in (event.add, a row of an events file,
 * a difference between two snapshots).  body is a struct person; its event
 * word says the kind ("record" if absent).  Stored as "assess" if its
 * effects are to be counted first, else "due" or "future".  The same
 * (source, source id) again is no event: *event is then 0.  ERR_INPUT: the
 * row is wrong.
 */
struct arrival {
	const struct feed_def *feed;
	const char *body, *place;
	const char *kind;      /* instead of the body's event word */
	const char *source_id; /* instead of the body's id; NULL: digest */
	int64_t load;	       /* 0 none */
	const char *actor;
	bool assess;
};
int event_receive(struct engine *, const struct arrival *, int64_t *event,
    struct err *) __attribute__((warn_unused_result));

/*
 * load.c: files of rows as they come in, their differences, the feed gate,
 * and what becomes of a load.  assess.c: effects of each event in state
 * "assess" before anything is applied, as an object in event.effects: a
 * member "EFFECT SYSTEM" with the count for each effect and system
 * ("disable corp": 1), and "protected *" for what touches something
 * protected ({} if there are none).  It leaves the state alone: load.c
 * moves all events of a load at once.
 */
int load_due(struct engine *, struct err *) __attribute__((warn_unused_result));
int assess_due(struct engine *, struct err *)
    __attribute__((warn_unused_result));
int assess_answer(struct engine *, int64_t event, const char *results,
    const struct err *why, struct err *) __attribute__((warn_unused_result));

struct effect_count {
	const char *effect, *system;
	int64_t n;  /* so affected */
	int64_t of; /* that could be */
};
/* 1 when a guard trips; trips gets one text each.  protected_hit: one of
   the effects touches something protected. */
int guard_trips(struct engine *, const struct many *guards,
    const struct effect_count *, size_t n, struct texts *trips, struct err *)
    __attribute__((warn_unused_result));
struct hold_want {
	const char *kind, *subject, *reason, *loaded_by;
	struct json counts, trips;
	int64_t need, load;
};
int hold_open(struct engine *, const struct hold_want *, int64_t *id,
    struct err *) __attribute__((warn_unused_result));
/* Something newer took its place; nothing if it is decided already. */
int hold_supersede(struct engine *, int64_t id, const char *why, struct err *)
    __attribute__((warn_unused_result));
/* What it holds changed: who released it has not seen that. */
int hold_unrelease(struct engine *, int64_t id, struct err *)
    __attribute__((warn_unused_result));
int hold_due(struct engine *, struct err *) /* reminders */
    __attribute__((warn_unused_result));

/* document.c: an identity as policy sees it, the input of its programs and of
   the scope of a plan (NULL: none). */
int document_make(struct engine *, int64_t identity, const char *scope,
    const char **input, struct err *) __attribute__((warn_unused_result));

/*
 * desired.c: the question about an identity, and what its answer means.
 * desired_ask makes its document, lists the programs of all roles, names and
 * protections, and asks, unless the answer is known.
 */
int desired_ask(struct engine *, int64_t identity, enum ask_kind,
    int64_t subject, struct err *) __attribute__((warn_unused_result));

struct want_account {
	const char *system, *kind;
	const char **names; /* candidates, best first; NULL-terminated.
				   NULL: the identity's username */
	struct json attributes;
	const char *status;		/* active, disabled, absent */
	const struct role_account *def; /* of the first role that wants it */
	struct json reasons;
};
struct want_holding {
	const char *system, *kind, *entitlement;
	struct json reasons;
	int64_t overlap; /* of the role that gave it before */
};
struct outside { /* of a system's scope */
	const char *system, *kind;
};
struct desired {
	struct many accounts;	/* struct want_account, in no order */
	struct many holdings;	/* struct want_holding */
	struct many outside;	/* struct outside */
	struct texts usernames; /* candidates; the item after them is NULL */
	bool protected_;
	const char *digest; /* of the answers */
};
/* The same for a plan with a scope, which is one more program. */
int desired_ask_scoped(struct engine *, int64_t identity, int64_t plan,
    const char *scope, struct err *) __attribute__((warn_unused_result));
/* What that one more program said; ERR_INPUT if it is no scope, ERR_REFUSED
   if it cannot say it of this identity. */
int desired_scope(struct engine *, const char *results, bool *inside,
    struct err *) __attribute__((warn_unused_result));
/* ERR_REFUSED: no verdict (an error or a non-boolean, named in the text):
   nothing may be removed because of it.  ERR_CONFLICT: another
   configuration was asked; ask again. */
int desired_read(struct engine *, const struct identity *, const char *results,
    struct desired *, struct err *) __attribute__((warn_unused_result));

/*
 * name.c: draws, reserves and frees login names (also for the plan, inside
 * a savepoint that is undone).  ERR_CONFLICT: every candidate is taken.
 */
int name_draw(struct engine *, const char *space, int64_t identity,
    const char *const *candidates, const char **out, struct err *)
    __attribute__((warn_unused_result));
/* Lower-case letters, digits, ".", "_", "-"; at most 64. */
bool name_is_valid(const char *);
/* One name is given up: it rests until then, for all but its identity. */
int name_rest(struct engine *, const char *space, const char *name,
    int64_t identity, int64_t until, struct err *)
    __attribute__((warn_unused_result));
/* All names of an identity rest until then. */
int name_release(struct engine *, int64_t identity, int64_t until, struct err *)
    __attribute__((warn_unused_result));

/*
 * converge.c: desired against observed, as items in the order of the
 * verbs; updates want_ members of accounts and holdings.  In mode observe
 * or out of scope nothing becomes an item.  For a leaver, desired is
 * empty and no policy is asked.
 */
int converge_items(struct engine *, const struct identity *,
    const struct desired *, struct many *items, struct err *)
    __attribute__((warn_unused_result));
/* Identities that are due: computes their phase, asks or starts a run. */
int converge_due(struct engine *, struct err *)
    __attribute__((warn_unused_result));
/* Those that leave now. */
#define AT_ONCE 1 /* identity.due: before all that is due by now */
int converge_leavers(struct engine *, struct err *)
    __attribute__((warn_unused_result));
int converge_answer(struct engine *, const struct ask *, const char *results,
    const struct err *why, struct err *) __attribute__((warn_unused_result));

/* plan.c and scan.c: their slices, answers and commands. */
int plan_due(struct engine *, struct err *) __attribute__((warn_unused_result));
int plan_answer(struct engine *, int64_t plan, int64_t identity,
    const char *results, const struct err *why, struct err *)
    __attribute__((warn_unused_result));
int scan_due(struct engine *, struct err *) __attribute__((warn_unused_result));

/* Their commands; the contract of policy_command(). */
int event_command(struct engine *, const struct input *, struct buf *,
    struct err *) __attribute__((warn_unused_result));
int load_command(struct engine *, const struct input *, struct buf *,
    struct err *) __attribute__((warn_unused_result));
int hold_command(struct engine *, const struct input *, struct buf *,
    struct err *) __attribute__((warn_unused_result));
int plan_command(struct engine *, const struct input *, struct buf *,
    struct err *) __attribute__((warn_unused_result));
int scan_command(struct engine *, const struct input *, struct buf *,
    struct err *) __attribute__((warn_unused_result));
int identity_command(struct engine *, const struct input *, struct buf *,
    struct err *) __attribute__((warn_unused_result));

#endif
