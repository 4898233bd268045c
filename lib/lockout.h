/* lockout.h: how often a passphrase was guessed, and how long that waits */
/* SPDX-License-Identifier: ISC */
#ifndef BND_LOCKOUT_H
#define BND_LOCKOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "approver.h"
#include "err.h"
#include "root.h"

/*
 * In place, 0600, never renamed, its own OFD lock; a counter per key and one
 * for all.  A damaged file is the longest wait, never none.
 */
#define BND_LOCKOUT_PATH  "var/lib/bnd/lockout"
#define BND_LOCKOUT_MAX_S 900

/* One attempt; holds the lock, so derivations run one at a time. */
struct bnd_attempt {
	int lock;
	uint8_t id[BND_APPROVER_ID_LEN];
};

/*
 * Counts the attempt, durably, before anything is judged.  An unknown name
 * has an id of zeros and counts like any other.  -1 with BND_E_CEREMONY and
 * *wait_s set while an earlier failure is being waited for (2^n s of
 * CLOCK_BOOTTIME, at most BND_LOCKOUT_MAX_S; a reboot starts it anew).
 */
int bnd_lockout_begin(const struct bnd_root *root,
    const uint8_t id[static BND_APPROVER_ID_LEN], struct bnd_attempt *a,
    uint64_t *wait_s, struct bnd_err *err) BND_CHECK;

/*
 * A good one takes back its own count and no other's (nobody rides on the
 * owner's successes); counters halve with each hour of CLOCK_BOOTTIME.
 * Gives the lock back in either case.
 */
int bnd_lockout_end(const struct bnd_root *root, struct bnd_attempt *a,
    bool good, struct bnd_err *err) BND_CHECK;

#endif
