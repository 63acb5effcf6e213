/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the engine's own files share.  Everything durable is a row; what
 * stands here beside the handles can be lost at any moment and is built
 * again by engine_open().
 */
#ifndef ENGINE_INSIDE_H
#define ENGINE_INSIDE_H

#include "base/clock.h"
#include "engine/engine.h"
#include "evidence/evidence.h"
#include "model/account.h"
#include "model/event.h"
#include "model/identity.h"
#include "model/matter.h"
#include "model/plan.h"
#include "model/run.h"
#include "store/store.h"

struct pipe;	 /* one system's traffic: engine/pipe.h */
struct steprows; /* steps kept in memory: engine/steprow.h */

#define POLICY_PARTS 8 /* policy.c */

struct engine {
	struct engine_env env;
	struct store *store;
	struct evidence *evidence;
	const struct config *config;
	struct arena *arena;	/* of this tick */
	struct arena ticks[2];	/* this tick's and the last one's (output) */
	struct arena vaults[2]; /* beside them, locked: secrets that go out */
	int64_t now, boot;	/* of this tick */
	int64_t epoch;
	int64_t next_call; /* low half; the epoch is the high half */
	struct output *out;
	struct output pending; /* of engine_open, for the first tick */
	struct many pipes;     /* struct pipe */
	struct steprows *rows;
	bool only_read, frozen;
	const char *actor; /* of the input being applied; "muster" */
	struct engine_counts counts;
	int64_t skew;			  /* wall - boot, to see a jump */
	int64_t seen_at;		  /* the durable note of the time */
	int64_t checked_at, checked_size; /* last checkpoint */
	bool policy_woken; /* policy_due() may find something now */
	bool guarded;	   /* each part of this tick has a savepoint */
	int64_t crowd_at;  /* when policy last looked at more than cuts */
	int64_t policy_at; /* else not before then */
	int64_t rests[POLICY_PARTS]; /* until when a duty that failed rests */
	int64_t steps_at;	     /* no step is due before; 0: not known */
	int64_t late_at;	     /* when feeds are next looked at: late.c */
	int64_t minded;		     /* when reminders were last looked for */
	int64_t room_seen;	     /* boot clock */
	bool roomless;		     /* the disk is all but full */
	struct verdict_set *verdicts; /* policy's programs: desired.c */
	struct scan_memory *scans;    /* what running scans saw: scan.c */
	bool scans_known;	      /* no other scan is running: scan.c */
	int64_t jumped_until; /* deletes and new grants wait for a person */
	int64_t careful;      /* events still taken one at a time: careful.c */
	int64_t tried;	      /* the event whose attempt was counted; 0 none */
	int64_t tried_at;     /* in this tick (counts.ticks) */
};

/*
 * engine/note.c: evidence of what was decided, in the tick's transaction.
 * body is any struct with its table.
 */
int note(struct engine *, const char *kind, const char *subject, int64_t run,
    int64_t identity, const struct field *, const void *body, struct err *)
    __attribute__((warn_unused_result));
int note_text(struct engine *, const char *kind, const char *subject,
    int64_t run, int64_t identity, const char *json, struct err *)
    __attribute__((warn_unused_result));

/* engine/matter.c: cases, debts, notices. */
struct matter_want {
	const char *kind, *subject, *what, *why;
	struct json choices;
	int64_t run, step, identity;
};
/* Opens one, unless an open one of the same kind and subject exists. */
int matter_open(struct engine *, const struct matter_want *, int64_t *id,
    struct err *) __attribute__((warn_unused_result));
int matter_close(struct engine *, int64_t id, const char *answer,
    const char *note_, struct err *) __attribute__((warn_unused_result));
/* Closes the open ones of this kind and subject, if any. */
int matter_settle(struct engine *, const char *kind, const char *subject,
    const char *why, struct err *) __attribute__((warn_unused_result));
/* Reminders of cases past their deadline and of debts past a day. */
int matter_due(struct engine *, struct err *)
    __attribute__((warn_unused_result));
/* Queues a notice on every channel that takes its kind. */
int notice_queue(struct engine *, const char *kind, const char *subject,
    const char *body, struct err *) __attribute__((warn_unused_result));

/* engine/engine.c: use this instead of system_mode(). */
const char *engine_mode(struct engine *, const struct system_def *,
    const char *effect);

/* engine/ask.c: questions to the evaluator. */
enum ask_kind { ASK_POLICY, ASK_ASSESS, ASK_PLAN, ASK_SCOPE, ASK_FEED };
struct ask { /* a row: what the answer is for */
	int64_t id;
	int64_t kind;	 /* enum ask_kind */
	int64_t subject; /* identity, event or plan */
	int64_t identity;
	const char *digest; /* of programs and input */
	int64_t asked;
};
extern const struct field ask_fields[];
/* Writes the row and puts the question into the tick's output. */
int ask(struct engine *, enum ask_kind, int64_t subject, int64_t identity,
    const struct texts *programs, const char *input, struct err *)
    __attribute__((warn_unused_result));

/*
 * engine/converge.c (policy side).  identity_touch makes an identity due:
 * policy is asked anew and what differs becomes a run.
 */
int identity_touch(struct engine *, int64_t identity, int64_t due, struct err *)
    __attribute__((warn_unused_result));
/* Work of the policy side that is due (events, identities, holds, plans,
   scans), in slices; sets out->again when more is due now. */
int policy_due(struct engine *, struct err *)
    __attribute__((warn_unused_result));
/* An answer of the evaluator; results is what the incoming said. */
int policy_answer(struct engine *, const struct ask *, const char *results,
    const struct err *why, struct err *) __attribute__((warn_unused_result));
/* Frees what the policy side keeps in memory; engine_close() calls it. */
void policy_fini(struct engine *);
/* Rows and the end of a scan's streaming call. */
int scan_rows(struct engine *, int64_t scan, const char *rows, struct err *)
    __attribute__((warn_unused_result));
int scan_end(struct engine *, int64_t scan, const struct err *why, struct err *)
    __attribute__((warn_unused_result));

/*
 * engine/run.c (execution side).
 */
struct run_want {
	const struct workflow_def *workflow;
	int64_t identity, event, plan, hold;
	int64_t risk; /* 0 ordinary, 100 privileged, 200 for cause */
	const char *actor, *cause, *policy;
	struct many items; /* struct item: what for_each lists draw from */
	struct json input; /* of a workflow started by hand */
};
/* Queues or opens the run; a leaver overtakes its lane. */
int run_start(struct engine *, const struct run_want *, int64_t *id,
    struct err *) __attribute__((warn_unused_result));
/* Ends what is left of an identity's joiner and mover runs. */
int run_overtake(struct engine *, int64_t identity, struct err *)
    __attribute__((warn_unused_result));
/* Is something of this identity still queued or open? 1, 0, -1. */
int run_busy(struct engine *, int64_t identity, struct err *)
    __attribute__((warn_unused_result));
/* What a verified step means for accounts and holdings is written by
   engine/effect.c; after the last step the identity is touched, so that
   convergence says whether anything is left. */

/* A streaming read (account.list, entitlement.list) for a scan, beside the
   calls of steps.  *call gets its number. */
int scan_call(struct engine *, const char *system, const char *verb,
    const char *in, int64_t *call, struct err *)
    __attribute__((warn_unused_result));

/* Commands of the policy side: 1 it was one of mine, 0 not, -1. */
int policy_command(struct engine *, const struct input *, struct buf *reply,
    struct err *) __attribute__((warn_unused_result));
/* Commands of the execution side. */
int run_command(struct engine *, const struct input *, struct buf *reply,
    struct err *) __attribute__((warn_unused_result));

#endif
