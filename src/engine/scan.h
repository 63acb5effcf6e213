/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reconcile: one reading of a system, compared with the ledger.  What was
 * read agrees with the ledger for nearly every row, so agreement writes
 * nothing: which accounts and holdings were seen is kept as bits in memory,
 * and a scan whose memory is lost begins anew.
 *
 * Phases: 0 the accounts (as digests, and once more in full if any digest
 * is new), 1 their entitlements, 2 what the ledger has and nobody listed.
 */
#ifndef ENGINE_SCAN_H
#define ENGINE_SCAN_H

#include "engine/policy.h"

#define FINDINGS_MOST 10000 /* rows of one scan; the counts go on */

struct bits {
	unsigned char *at;
	size_t n; /* bytes */
};
void bits_set(struct bits *, int64_t);
bool bits_has(const struct bits *, int64_t);

struct numbers {
	int64_t *at;
	size_t n, room;
};

struct scan_memory {
	struct scan_memory *next;
	struct scan row; /* as it will be written next */
	char *system;	 /* row.system, for as long as this */
	int64_t saved;	 /* rows when it was written last */
	int64_t accounts_read, holdings_read;
	int64_t findings;
	bool full;	  /* the second reading, with attributes */
	bool fresh;	  /* a digest was new */
	bool no_holdings; /* the provider lists none */
	bool restored;	  /* the first since a backup was restored */
	struct bits accounts, holdings;
	struct numbers gone, lost; /* accounts, holdings not listed */
	int64_t cursor;
	int64_t stage; /* of phase 2 */
	size_t done;
	struct scan_memory *was; /* at the tick's mark, in its arena */
};

struct scan_memory *scan_find(struct engine *, int64_t scan);
void scan_fini(struct engine *);
/* Memory follows the rows: a mark where a tick begins, undone with it. */
void scan_mark(struct engine *);
void scan_undo(struct engine *);
/* Listings of this system that are under way. */
int64_t scan_calls(const struct engine *, const char *system);
/* What was seen is not what the rows say any more: all begin anew. */
int scan_lose(struct engine *, struct err *)
    __attribute__((warn_unused_result));

/* Writes the row; evidence of that kind unless it is NULL. */
int scan_save(struct engine *, struct scan_memory *, const char *kind,
    struct err *) __attribute__((warn_unused_result));
int scan_fail(struct engine *, struct scan_memory *, const char *why,
    bool open_case, struct err *) __attribute__((warn_unused_result));
struct found {
	const char *kind;
	int64_t account, holding;
	const char *subject, *detail;
};
int scan_found(struct engine *, struct scan_memory *, const struct found *,
    struct err *) __attribute__((warn_unused_result));
/* Lets convergence repair it, if the scan was asked to. */
int scan_repair(struct engine *, struct scan_memory *, const struct account *,
    const char *effect, struct err *) __attribute__((warn_unused_result));

/* scan_rows.c: a page of each kind. */
int scan_accounts(struct engine *, struct scan_memory *, const char *rows,
    struct err *) __attribute__((warn_unused_result));
int scan_members(struct engine *, struct scan_memory *, const char *rows,
    struct err *) __attribute__((warn_unused_result));

/* scan_absent.c: a slice of what was not listed; 1 when it is complete,
   or the scan has failed. */
int scan_absent(struct engine *, struct scan_memory *, struct err *)
    __attribute__((warn_unused_result));

#endif
