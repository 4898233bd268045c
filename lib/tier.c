/* tier.c: the floors of a ceremony and its window */
/* SPDX-License-Identifier: ISC */
#include "tier.h"

#include <inttypes.h>

static const struct bnd_tier low = { .need = 1, .cooldown_s = 30 };
static const struct bnd_tier middle = { .need = 1, .cooldown_s = 60 };
static const struct bnd_tier top = { .need = 2, .cooldown_s = 90 };
static const struct bnd_tier top_alone = {
	.need = 1, .cooldown_s = 900, .single = true
};
static const struct bnd_tier day_alone = {
	.need = 1, .cooldown_s = 86400, .single = true, .another = true
};
static const struct bnd_tier nothing = { .need = 1 }; /* drill */

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

static void
raise_by(struct bnd_tier *t, const struct bnd_policy *p, enum bnd_mode m)
{
	if (p->need[m] > t->need)
		t->need = p->need[m];
	if (p->cooldown_s[m] > t->cooldown_s)
		t->cooldown_s = p->cooldown_s[m];
	t->offline |= p->offline[m];
}

struct bnd_tier
bnd_tier_raised(struct bnd_tier floor, const struct bnd_policy *p,
    enum bnd_action action, enum bnd_mode from)
{
	struct bnd_tier t = floor;

	if (action == BND_ACTION_DRILL)
		return t;
	if (action == BND_ACTION_LOOSEN)
		raise_by(&t, p, from);
	else
		for (int m = BND_MODE_FIRST; m <= BND_MODE_LAST; m++)
			raise_by(&t, p, (enum bnd_mode)m);
	return t;
}

int
bnd_tier_meets(const struct bnd_policy *p, const struct bnd_challenge *c,
    struct bnd_err *err)
{
	struct bnd_tier none = { .need = 0 };
	struct bnd_tier t = bnd_tier_raised(none, p, c->action, c->from);

	if (c->need < t.need)
		return bnd_fail(err, BND_E_CEREMONY,
		    "bnd.conf asks for %u approvals, the ceremony for %u",
		    t.need, c->need);
	if (c->cooldown_s < t.cooldown_s)
		return bnd_fail(err, BND_E_CEREMONY,
		    "bnd.conf asks for a cool-down of %" PRIu64
		    " s, the ceremony for %" PRIu64 " s",
		    t.cooldown_s, c->cooldown_s);
	if (t.offline && !c->offline)
		return bnd_fail(err, BND_E_CEREMONY,
		    "bnd.conf asks for offline keys, the ceremony does not");
	return 0;
}
