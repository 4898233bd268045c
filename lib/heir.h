/* heir.h: what a log that cannot go on still proves for the one after it */
/* SPDX-License-Identifier: ISC */
#ifndef BND_HEIR_H
#define BND_HEIR_H

#include <stdbool.h>

#include "approver.h"
#include "err.h"
#include "finding.h"
#include "pin.h"
#include "succeeds.h"

/*
 * What the provable beginning of a log ends in: every record up to the first
 * finding, from the pinned record 0 on.  Writer and verifier of a succession
 * ask the same function, so root's word enters nowhere.
 */
enum bnd_heir_end {
	BND_END_UNKNOWN = 0, /* no head to tell: a copy */
	BND_END_PROVEN,	     /* the head holds the key of the next record */
	BND_END_LOST,	     /* more was written than can be proven */
};
struct bnd_heir {
	bool from_pin;	       /* nothing left but record 0 in the pin */
	struct bnd_succeeds s; /* no reason; mode is the least */
	enum bnd_heir_end end;
	struct bnd_approver approver[BND_APPROVERS_MAX]; /* live there */
	unsigned approvers;
};

/*
 * dir is the log's directory, -1 if it is gone.  Without a pin (NULL) the
 * log's own record 0 is believed.  -1 if nothing at all is left to prove.
 */
int bnd_heir_read(const struct bnd_pin *pin, int dir, struct bnd_heir *h,
    struct bnd_err *err) BND_CHECK;

/*
 * The mode that LOCKDOWN counts as entered from: where records are lost nobody
 * can say, so it is the strictest there is.
 */
enum bnd_mode bnd_heir_mode(const struct bnd_heir *h);

/*
 * Whether record 0 (its line without the LF) of a successor says what the old
 * log proves: log, last record, mode or stricter, freeze, and exactly its
 * approvers, none more and none less.  Each doubt goes to sink as UNAPPROVED.
 */
bool bnd_heir_is_rightful(const struct bnd_heir *h, const struct bnd_begin *b,
    const struct bnd_sink *sink);

#endif
