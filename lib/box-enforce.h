/* box-enforce.h: running sandboxes obey a mode */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_ENFORCE_H
#define BND_BOX_ENFORCE_H

#include "box-judge.h"
#include "err.h"
#include "mode.h"
#include "root.h"

struct bnd_box_acts {
	enum bnd_mode mode; /* that was asked for: never laxer than the state */
	bool no_state;	    /* unusable, so LOCKDOWN */
	bool possible;	    /* there is a place where sandboxes are */
	unsigned running;   /* are left, the frozen ones with them */
	unsigned stopped;   /* those */
	unsigned did[BND_DID_KILLED + 1]; /* a sandbox may count twice */
	unsigned passes;
	bool obeyed; /* read back: populated 0, frozen 1, limits */
	char why[240];
};

/*
 * m or the strictest of state and requests, whichever is more; NONE: those.
 * Takes no lock and, for LOCKDOWN, reads no policy.  -1: it could not even be
 * looked for; whether it worked is in acts->obeyed.
 */
int bnd_box_enforce(const struct bnd_root *root, enum bnd_mode m,
    struct bnd_box_acts *acts, struct bnd_err *err) BND_CHECK;
/* Read back only: whether every running one is within m's floor. */
int bnd_box_obeys(const struct bnd_root *root, enum bnd_mode m,
    struct bnd_box_acts *acts, struct bnd_err *err) BND_CHECK;

#endif
