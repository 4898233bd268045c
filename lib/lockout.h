/* lockout.h: how often a passphrase was guessed, and how long that waits */
/* SPDX-License-Identifier: ISC */
#ifndef BND_LOCKOUT_H
#define BND_LOCKOUT_H

#include <stdint.h>

#include "clock.h"
#include "err.h"
#include "root.h"
#include "text.h"

/*
 * In place, 0600, never renamed, its own OFD lock.  A damaged file, or none,
 * is the longest wait, and is made good in place.
 */
#define BND_LOCKOUT_PATH   "var/lib/bnd/lockout"
#define BND_LOCKOUT_LEN	   4096 /* of the file, always */
#define BND_LOCKOUT_MAX_S  900
#define BND_LOCKOUT_MAX_N  32 /* where a count stops */
#define BND_LOCKOUT_NAMES  64 /* counters that names are spread over */
#define BND_LOCKOUT_SPARED 3  /* failures that all together do not wait for */

/*
 * The nth failure is waited for 2^n s of CLOCK_BOOTTIME, at most
 * BND_LOCKOUT_MAX_S.  Every n halves with each hour.
 */
struct bnd_failures {
	uint64_t n;
	uint64_t at_us;	 /* of the last one that was judged */
	uint64_t wait_s; /* from then on */
};

/*
 * A name's counter is found by its hash, whether there is such an approver or
 * not: who is one cannot be told from who has to wait.
 */
struct bnd_lockout {
	char boot[BND_BOOT_ID_LEN + 1];
	uint64_t halved_us;
	struct bnd_failures all;
	struct bnd_failures name[BND_LOCKOUT_NAMES];
};

/* Text to struct and back; one spelling, with a checksum. */
void bnd_lockout_pack(
    const struct bnd_lockout *l, char text[static BND_LOCKOUT_LEN]);
int bnd_lockout_unpack(
    struct bnd_str text, struct bnd_lockout *l, struct bnd_err *err) BND_CHECK;

/* Where there is none yet: no failures. */
int bnd_lockout_make(
    const struct bnd_root *root, struct bnd_err *err) BND_CHECK;

/* One attempt; holds the lock, so derivations run one at a time. */
struct bnd_attempt {
	int lock;
	struct bnd_lockout before;
};

/*
 * Counts the attempt, durably, before anything is judged: one that is killed
 * has failed.  While an earlier failure is waited for it is counted too, but
 * not judged: -1 with BND_E_CEREMONY and *wait_s set.  That does not lengthen
 * the wait, so every wait ends, whoever keeps on trying.
 */
int bnd_lockout_begin(const struct bnd_root *root, const char *name,
    struct bnd_attempt *a, uint64_t *wait_s, struct bnd_err *err) BND_CHECK;

/* It failed: what was counted stands. */
void bnd_lockout_fail(struct bnd_attempt *a);
/*
 * It was good, or nothing was tried: its own count is taken back and no other,
 * so nobody rides on the owner's successes.
 */
int bnd_lockout_forgive(struct bnd_attempt *a, struct bnd_err *err) BND_CHECK;

#endif
