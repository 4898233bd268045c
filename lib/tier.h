/* tier.h: how many must approve, and how long it takes at least and at most */
/* SPDX-License-Identifier: ISC */
#ifndef BND_TIER_H
#define BND_TIER_H

#include <stdbool.h>
#include <stdint.h>

#include "challenge.h"
#include "err.h"
#include "mode.h"
#include "policy.h"

/*
 * The floors (bnd-ceremony(7)), by what is left behind and how many persons hold
 * a live key.  Configuration may raise them, never lower them.
 */
struct bnd_tier {
	unsigned need;	     /* distinct persons */
	uint64_t cooldown_s; /* from the last needed approval */
	bool single;	     /* one person where two are the rule */
	bool another;	     /* whoever is revoked does not count */
	bool offline;	     /* offline keys only; bnd.conf may ask for that */
};
struct bnd_tier bnd_challenge_tier(
    enum bnd_action action, enum bnd_mode from, unsigned persons);
/*
 * The floor of a text.  A revocation that needs one person where there are
 * more is allowed to another person, after a day in which anybody may cancel:
 * the way back when one of two is gone.
 */
struct bnd_tier bnd_challenge_floor(
    const struct bnd_challenge *c, unsigned persons);

/*
 * With what bnd.conf asks beyond them: for a loosening what it says of the mode
 * that is left; for the rest the most that it says of any mode, since a key let
 * in today leaves every mode tomorrow.  A drill is nobody's business.
 */
struct bnd_tier bnd_tier_raised(struct bnd_tier floor,
    const struct bnd_policy *p, enum bnd_action action, enum bnd_mode from);

/* BND_E_CEREMONY when bnd.conf asks for more by now than the text did. */
int bnd_tier_meets(const struct bnd_policy *p, const struct bnd_challenge *c,
    struct bnd_err *err) BND_CHECK;

#define BND_APPROVE_WITHIN_US (600 * UINT64_C(1000000)) /* from opened */
/* How long it may be finished once the cool-down is over. */
uint64_t bnd_challenge_window_us(const struct bnd_challenge *c);

#endif
