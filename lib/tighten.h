/* tighten.h: to a stricter mode at once, and what remains when that fails */
/* SPDX-License-Identifier: ISC */
#ifndef BND_TIGHTEN_H
#define BND_TIGHTEN_H

#include "err.h"
#include "mode.h"
#include "txn.h"

/* To t->to or what is stricter by now; takes the lock. */
int bnd_tighten(struct bnd_txn *t, struct bnd_err *err) BND_CHECK;

/* The rest is for who holds the lock, a loosening above all. */

/* From t->from to t->to, for a state that is sound and stable. */
int bnd_tighten_locked(struct bnd_txn *t, struct bnd_err *err) BND_CHECK;
/* What somebody began who died: to t->to, which is no laxer than his. */
int bnd_tighten_recover(struct bnd_txn *t, struct bnd_err *err) BND_CHECK;
/* No state to go by, because of why: LOCKDOWN. */
int bnd_tighten_damaged(struct bnd_txn *t, const struct bnd_err *why,
    struct bnd_err *err) BND_CHECK;
/* The mode wanted is not in force, as the plan says: LOCKDOWN. */
int bnd_tighten_escalate(
    struct bnd_txn *t, enum bnd_txn_event ev, struct bnd_err *err) BND_CHECK;
/* Record and publish what is in force, drop the requests that are met. */
int bnd_tighten_finish(struct bnd_txn *t, enum bnd_txn_event ev,
    enum bnd_mode land, struct bnd_err *err) BND_CHECK;
/* On to what was requested meanwhile; else rc, what there was to say. */
int bnd_tighten_meet(struct bnd_txn *t, int rc, struct bnd_err *err) BND_CHECK;

#endif
