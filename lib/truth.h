/* truth.h: what the log and its spool together say about the mode */
/* SPDX-License-Identifier: ISC */
#ifndef BND_TRUTH_H
#define BND_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "log.h"
#include "mode.h"
#include "root.h"
#include "state.h"
#include "verify.h"

/*
 * Read by whoever cannot go by the state: after a crash, at boot.  Takes the
 * time of a full verification.
 */
struct bnd_truth {
	bool ok;       /* the log verifies, or only lacks a crash's repair */
	bool begun;    /* there is a chain at all */
	char why[200]; /* if it is not ok */
	uint8_t log_id[BND_ID_LEN];
	enum bnd_mode mode;
	uint64_t gen;
	uint64_t until_us; /* boot time of the end of a bounded loosening */
	enum bnd_mode
	    back;     /* where a bounded loosening comes back to, or none */
	bool pending; /* an intent that nothing has answered */
	char txn[BND_TXN_LEN + 1];
	enum bnd_mode from, to; /* of that intent */
	bool frozen;
	char freeze_why[BND_FROZEN_MAX + 1];
	char boot[BND_BOOT_ID_LEN + 1]; /* of the last record on the chain */
	int64_t last_real_us;		/* its wall clock */
	int64_t clock_us;		/* the offset accounted for in it */
};

void bnd_truth_read(const struct bnd_root *root, struct bnd_truth *truth);
/* The same of a log that was verified already. */
void bnd_truth_of(const struct bnd_root *root, const struct bnd_verdict *v,
    struct bnd_truth *truth);

#endif
