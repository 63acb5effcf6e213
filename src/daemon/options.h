/* SPDX-License-Identifier: Apache-2.0 */
/*
 * musterd's command line.
 */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>

struct options {
	const char *config; /* folder of the configuration set */
	const char *state;  /* instead of muster.json's */
	const char *socket;
	const char *libexec;   /* folder of muster-worker and muster-eval */
	const char *providers; /* folder of NAME.so */
	bool private_;	       /* musterd's own uid has every role */
	bool once;	       /* do what is due and end */
	bool debug;
};

/* Answers -1 to go on, or the exit status to end with (after --help, or a
   wrong use that was explained on standard error). */
int options_read(int argc, char **argv, struct options *);

#endif
