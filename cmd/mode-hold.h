/* mode-hold.h: a ceremony from its opening to its time, at one terminal */
/* SPDX-License-Identifier: ISC */
#ifndef MODE_HOLD_H
#define MODE_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "ceremony.h"
#include "err.h"
#include "root.h"

/*
 * Whether somebody sits there: stdin and stderr are the controlling terminal
 * of the caller, who is in its foreground.
 */
bool mode_hold_can(void);

/*
 * Open it, let people approve, wait for the cool-down.  0: ripe, id is what
 * bnd_transition() wants as auth, and judges itself.  On -1 nothing has
 * changed; the ceremony is ended, but for a terminal that was lost in the
 * cool-down (BND_E_PENDING): mode-set --ceremony finishes that one.
 */
int mode_hold(const struct bnd_root *root, const struct bnd_ask *ask,
    uint8_t id[static BND_CHALLENGE_ID_LEN], struct bnd_err *err) BND_CHECK;

#endif
