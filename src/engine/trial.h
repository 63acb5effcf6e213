/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A part of a tick that may be undone alone: rows, evidence, and what it
 * put into the tick's output.
 */
#ifndef ENGINE_TRIAL_H
#define ENGINE_TRIAL_H

#include "engine/inside.h"

struct trial {
	struct evidence_mark mark;
	size_t calls, questions, replies, drops, more;
	int64_t steps; /* written before it */
};

int trial_begin(struct engine *, struct trial *, struct err *)
    __attribute__((warn_unused_result));
int trial_keep(struct engine *, struct err *)
    __attribute__((warn_unused_result));
int trial_undo(struct engine *, const struct trial *, struct err *)
    __attribute__((warn_unused_result));

/* Does the process have to give up, or only this part? */
bool trial_is_fatal(const struct err *);

#endif
