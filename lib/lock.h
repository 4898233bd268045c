/* lock.h: an open-file-description lock, with a deadline */
/* SPDX-License-Identifier: ISC */
#ifndef BND_LOCK_H
#define BND_LOCK_H

#include <stdbool.h>

#include "err.h"
#include "root.h"

/*
 * Who holds one of these takes another only further down, whom he waits for
 * included; so no two can wait for each other:
 *
 *	run/bnd/usb-baseline.lock	the baseline's editor
 *	run/bnd/refused			how often a login was refused
 *	run/bnd/lock			the state: a transition, a ceremony
 *	run/bnd/net/lock		the seal
 *	run/bnd/net/probe		packets sent at the seal
 *	run/bnd/usb/PORT		what is known of a port
 *	run/bnd/usb/peers		what is admitted beside what
 *	run/bnd/usb-bus-N		who may write to a bus
 *	var/lib/bnd/log/lock		the event log
 *	run/bnd/spool			what the log could not take
 */

/*
 * Lock path (0600, made if make is true; never renamed or unlinked by anybody)
 * and return the descriptor; closing it, or dying, gives the lock back.
 * F_OFD_SETLK with a backoff from 50 us to 5 ms, up to deadline_ms of
 * CLOCK_MONOTONIC, then BND_E_BUSY.  Once held, the descriptor must still be
 * the file of that name, a regular one with one link and the right owner.
 * BND_E_BUSY at once if this process holds it, unless both only read.
 */
int bnd_lock(const struct bnd_root *root, const char *path, bool make,
    bool exclusive, unsigned deadline_ms, struct bnd_err *err) BND_CHECK;

/* Whether the order lets path be locked while after is held. */
bool bnd_lock_may_follow(const char *path, const char *after);

#endif
