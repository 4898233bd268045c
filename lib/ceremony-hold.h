/* ceremony-hold.h: the state lock and the chain, while a ceremony goes on */
/* SPDX-License-Identifier: ISC */
#ifndef BND_CEREMONY_HOLD_H
#define BND_CEREMONY_HOLD_H

#include <stdint.h>

#include "challenge.h"
#include "clock.h"
#include "err.h"
#include "json.h"
#include "root.h"
#include "verify.h"

#define BND_CEREMONY_LOCK_MS 2000
#define BND_CEREMONY_BODY    3072

/* The chain as verified under the state lock: what it says stays so. */
struct bnd_hold {
	const struct bnd_root *host;
	const struct bnd_root *root; /* whose chain: host, or &nascent */
	struct bnd_root nascent;
	int lock;
	struct bnd_now now;
	struct bnd_verdict v;
};

/*
 * NULL with BND_E_FROZEN outside the initial time namespace, BND_E_BUSY
 * without the lock, BND_E_CORRUPT when the log does not verify in full.  A last
 * line that was cut short is mended and the spool absorbed before.  Where the
 * host's log is beyond that and a successor waits, it is the chain.
 */
struct bnd_hold *bnd_hold_take(
    const struct bnd_root *root, struct bnd_err *err) BND_CHECK;
void bnd_hold_release(struct bnd_hold **h);
#define SCOPED_HOLD __attribute__((cleanup(bnd_hold_release)))

/* BND_E_CEREMONY unless id is the ceremony that stands open. */
int bnd_hold_check_open(const struct bnd_hold *h,
    const uint8_t id[static BND_CHALLENGE_ID_LEN],
    struct bnd_err *err) BND_CHECK;

/*
 * A record's body: begun, with "open" if there is an id, and appended, but not
 * after until_us (0: never mind).
 */
void bnd_hold_begin(struct bnd_json *j, char buf[static BND_CEREMONY_BODY],
    const uint8_t *open);
int bnd_hold_append(const struct bnd_hold *h, const char *ev,
    struct bnd_json *j, uint64_t until_us, struct bnd_err *err) BND_CHECK;

/* When the open ceremony is over: for approvals, or for what was approved. */
uint64_t bnd_ceremony_ends_us(const struct bnd_open_ceremony *o);

#endif
