/* tier.h: how many must approve, and how long it takes at least and at most */
/* SPDX-License-Identifier: ISC */
#ifndef BND_TIER_H
#define BND_TIER_H

#include <stdbool.h>
#include <stdint.h>

#include "challenge.h"
#include "mode.h"

/*
 * The floors (ceremony.md 7), by what is left behind and how many persons hold
 * a live key.  Configuration may raise them, never lower them.
 */
struct bnd_tier {
	unsigned need;	     /* distinct persons */
	uint64_t cooldown_s; /* from the last needed approval */
	bool single;	     /* one person where two are the rule */
	bool another;	     /* whoever is revoked does not count */
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

#define BND_APPROVE_WITHIN_US (600 * UINT64_C(1000000)) /* from opened */
/* How long it may be finished once the cool-down is over. */
uint64_t bnd_challenge_window_us(const struct bnd_challenge *c);

#endif
