/* tier.c: the floors of a ceremony and its window */
/* SPDX-License-Identifier: ISC */
#include "tier.h"

static const struct bnd_tier low = { 1, 30, false, false };
static const struct bnd_tier middle = { 1, 60, false, false };
static const struct bnd_tier top = { 2, 90, false, false };
static const struct bnd_tier top_alone = { 1, 900, true, false };
static const struct bnd_tier day_alone = { 1, 86400, true, true };
static const struct bnd_tier nothing = { 1, 0, false, false }; /* drill */

struct bnd_tier
bnd_challenge_tier(enum bnd_action action, enum bnd_mode from, unsigned persons)
{
	if (action == BND_ACTION_DRILL)
		return nothing;
	if (action == BND_ACTION_LOOSEN && from < BND_AIRGAP)
		return low;
	if (action == BND_ACTION_LOOSEN && from == BND_AIRGAP)
		return middle;
	return persons >= 2 ? top : top_alone;
}

struct bnd_tier
bnd_challenge_floor(const struct bnd_challenge *c, unsigned persons)
{
	if (c->action == BND_ACTION_REVOKE && c->need == 1 && persons >= 2)
		return day_alone;
	return bnd_challenge_tier(c->action, c->from, persons);
}

uint64_t
bnd_challenge_window_us(const struct bnd_challenge *c)
{
	uint64_t own_us = c->cooldown_s * UINT64_C(1000000);

	return own_us > BND_APPROVE_WITHIN_US ? own_us : BND_APPROVE_WITHIN_US;
}
