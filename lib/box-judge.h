/* box-judge.h: what the floor of a mode asks of a sandbox that runs */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_JUDGE_H
#define BND_BOX_JUDGE_H

#include "box-policy.h"

enum bnd_box_did {
	BND_DID_NONE = 0,
	BND_DID_KEPT,
	BND_DID_LOWERED,
	BND_DID_FROZEN,
	BND_DID_THAWED,
	BND_DID_KILLED,
};

/*
 * Pure.  KEPT: it is within the floor; LOWERED: but for limits that can be
 * lowered while it runs (mem, swap, pids, cpu); else FROZEN or KILLED, the
 * tighter of both on-tighten.  running NULL: unreadable, so KILLED; floor NULL:
 * broken, likewise.
 */
enum bnd_box_did bnd_box_judge(
    const struct bnd_box_policy *running, const struct bnd_box_policy *floor);

/* Of running, what it may have at most: those four met with the floor's. */
void bnd_box_lowered(
    struct bnd_box_policy *running, const struct bnd_box_policy *floor);

#endif
