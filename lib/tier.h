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
};
struct bnd_tier bnd_challenge_tier(
    enum bnd_action action, enum bnd_mode from, unsigned persons);

#define BND_APPROVE_WITHIN_US (600 * UINT64_C(1000000)) /* from opened */
/* How long it may be finished once the cool-down is over. */
uint64_t bnd_challenge_window_us(const struct bnd_challenge *c);

#endif
