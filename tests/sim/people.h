/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HR department: what is true of each person over time, and the mails
 * that tell it, early, late, twice, out of order, wrong at first.
 */
#ifndef TESTS_SIM_PEOPLE_H
#define TESTS_SIM_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

struct sim;

#define PEOPLE_MOST 8
#define DEEDS_MOST 10

struct deed {			/* something that became of somebody */
	const char *event;	/* joiner, mover, ... */
	const char *department; /* NULL: as before */
	const char *given;	/* the name; NULL: as before */
	int64_t at;		/* wall clock */
	const char *id;
	bool bogus; /* told, and withdrawn before it was true */
};

struct person_truth {
	char key[16];
	bool service;
	int64_t expires;
	struct deed deed[DEEDS_MOST];
	int n;
};

struct people {
	struct person_truth who[PEOPLE_MOST];
	int n;
	int badges;
	int64_t last; /* boot time by which all was told and is true */
};

/* Draws them, and puts their mails on the wire. */
void people_begin(struct sim *);

/* What is true now, of events that people did not reject. */
struct standing {
	const char *state; /* NULL: nobody; active suspended left */
	const char *department, *given;
};
struct standing people_standing(struct sim *, const struct person_truth *);

#endif
