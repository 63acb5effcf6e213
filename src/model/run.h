/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs and steps: one execution of a workflow, and its durable units.
 * Only engine/step.c changes a step's state, only engine/run.c a run's.
 */
#ifndef MODEL_RUN_H
#define MODEL_RUN_H

#include <muster/field.h>

extern const char *const run_classes[];
/* in the order of priority: revoke leave rotate move join review */
extern const char *const run_states[];
/* queued: its lane is taken; open; done; failed: ended with a case or a
   debt; cancelled */

struct run {
	int64_t id;
	const char *workflow, *class_, *state;
	int64_t identity;	   /* its lane; 0 none */
	int64_t priority;	   /* class * 1000 - risk; lower goes first */
	int64_t event, plan, hold; /* what asked for it */
	const char *actor;	   /* who asked */
	const char *cause;
	struct json input;	 /* of a workflow started by hand */
	const char *definitions; /* digest of the configuration set */
	const char *policy; /* digest of program and input of the verdict */
	int64_t steps, open_steps;
	int64_t requested, started, ended;
};
extern const struct field run_fields[];

extern const char *const step_states[];
/* blocked: predecessors; ready; waiting: until due; sent; unknown: probe
   or repeat at due; done; failed; debt: a removal that is not verified,
   still tried; cancelled; skipped */

struct step {
	int64_t id, run;
	const char *name; /* the workflow step */
	const char *system, *verb;
	int64_t account, holding, identity;
	int64_t secret;		/* id of a sealed secret that it carries */
	struct json in;		/* parameters beside the account's own */
	const char *after;	/* names, comma separated; "" none */
	const char *on_failure; /* stop, continue, compensate */
	const char *state;
	const char *undo; /* verb and in that compensates, from before */
	bool removes, repeatable;
	int64_t priority;
	int64_t tries, limit; /* attempts made, and allowed */
	int64_t timeout;      /* ms for one call */
	int64_t due;
	int64_t unsure;	   /* until when an attempt that nobody knows the
				   outcome of may still arrive; 0: none */
	int64_t call;	   /* of the attempt in flight; 0 none */
	const char *phase; /* act, probe, look: what that call is */
	int64_t gone;	   /* times that the target said gone */
	const char *failure, *error; /* of the last attempt */
	struct json before, result;  /* as the provider told them */
	const char *how;	     /* how it was verified */
	int64_t requested, acknowledged, verified;
};
extern const struct field step_fields[];

#endif
