/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An evidence bundle: one JSON Lines file that proves records of a log to
 * somebody who has nothing but the log's verifier key.
 *
 *   {"format":"muster-evidence/1","origin":"...","vkey":"...",
 *    "checkpoint":"<signed note>","from":0,"to":N,"selection":false,
 *    "rotations":["<signed note>",...],
 *    "since":{"note":"<signed note>","proof":["<hex>",...]}}
 *   {"tile":0,"leaves":"<hex>","path":["<hex>",...]}
 *   {"entry":{...},"salt":"<hex>","body":{...}}
 *   ...
 *   {"records":N}
 *
 * A tile is the list of the leaf hashes of up to 256 records (C2SP
 * tlog-tiles, level 0) with its path to the signed root: the inclusion
 * proof of each of them.  Its records follow it.  entry is the text whose
 * hash is the leaf, salt and body the bytes whose hash the entry names; both
 * are null when the body was erased.  A bundle with selection false has
 * every record of [from, to), or it is refused; one with selection true
 * proves what it holds, and nothing by what it leaves out.  One that has every
 * record up to the last that is signed also has those that say who erased a
 * body: there a body that is missing without such a record is refused.
 */
#ifndef EVIDENCE_BUNDLE_H
#define EVIDENCE_BUNDLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <muster/err.h>

struct store;

struct bundle_filter {
	int64_t from, to;      /* [from, to); to 0: all that is signed */
	int64_t run, identity; /* 0: any */
	const char *kind;      /* NULL: any; "step." all that begin so */
	int64_t since;	       /* size of an older checkpoint to prove
				   consistency with; 0: none */
};

/*
 * Writes a bundle against the newest checkpoint, in one snapshot of its
 * own, with memory for one tile and 64 bytes for each tile of the log.
 * reader: a handle that nobody else uses meanwhile.  ERR_GONE: nothing was
 * signed yet, or not that since, or nothing is what the filter wants.
 * ERR_INPUT: a range beyond what is signed.
 */
int bundle_export(struct store *reader, const struct bundle_filter *, FILE *to,
    struct err *) __attribute__((warn_unused_result));

struct bundle_want {
	const char *vkey;  /* whom the caller trusts; NULL: the bundle's
				   own key is believed, and not trusted */
	const char *since; /* a note that the caller kept: the bundle
				   must prove that it extends it; or NULL */
};

struct bundle_report {
	bool good;
	bool trusted;		 /* signed by the key that was asked for */
	bool selection;		 /* says nothing about what is not in it */
	int64_t size;		 /* of the signed tree */
	int64_t from, to;	 /* records that it is about */
	int64_t records, erased; /* seen and good; of them, erased */
	int64_t unexplained;	 /* of these, without a record in the bundle
				    that says so */
	char origin[256], vkey[384];
	/* If not good: the first thing that is wrong.  bad is the record
	   (or -1: the bundle as a whole), up to bad_last where the proof
	   cannot tell which of a run it is. */
	int64_t bad, bad_last, line;
	char what[320]; /* a sentence, the record named in it */
};

/*
 * Reads a bundle of any size in bounded memory and 8 bytes for each erased
 * record, on two threads, with no store and no network.  Answers 0 with the
 * report filled in, good or not; -1 if the file itself cannot be read.
 */
int bundle_verify(FILE *, const struct bundle_want *, struct bundle_report *,
    struct err *) __attribute__((warn_unused_result));

#endif
