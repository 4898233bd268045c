/* tier.c: floors by what is left and by whom; bnd.conf adds and never takes */
/* SPDX-License-Identifier: ISC */
#include "tier.h"

#include <stdio.h>

#include "tap.h"

static void
floors(void)
{
	static const struct {
		enum bnd_action action;
		enum bnd_mode from;
		unsigned persons, need;
		uint64_t cooldown_s;
		bool single;
	} row[] = {
		{ BND_ACTION_LOOSEN, BND_RESTRICTED, 1, 1, 30, false },
		{ BND_ACTION_LOOSEN, BND_TRUSTED, 5, 1, 30, false },
		{ BND_ACTION_LOOSEN, BND_AIRGAP, 2, 1, 60, false },
		{ BND_ACTION_LOOSEN, BND_COLDROOM, 2, 2, 90, false },
		{ BND_ACTION_LOOSEN, BND_COLDROOM, 1, 1, 900, true },
		{ BND_ACTION_LOOSEN, BND_LOCKDOWN, 8, 2, 90, false },
		{ BND_ACTION_LOOSEN, BND_LOCKDOWN, 1, 1, 900, true },
		{ BND_ACTION_ENROLL, BND_OPEN, 2, 2, 90, false },
		{ BND_ACTION_ENROLL, BND_OPEN, 1, 1, 900, true },
		{ BND_ACTION_REVOKE, BND_OPEN, 3, 2, 90, false },
		{ BND_ACTION_UNFREEZE, BND_AIRGAP, 2, 2, 90, false },
		{ BND_ACTION_SUCCEED, BND_LOCKDOWN, 1, 1, 900, true },
		{ BND_ACTION_DRILL, BND_LOCKDOWN, 8, 1, 0, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct bnd_tier t = bnd_challenge_tier(
		    row[i].action, row[i].from, row[i].persons);

		ok(t.need == row[i].need && t.cooldown_s == row[i].cooldown_s &&
			t.single == row[i].single && !t.offline,
		    "%s from %s by %u: %u persons, %llu s",
		    bnd_action_name(row[i].action), bnd_mode_name(row[i].from),
		    row[i].persons, t.need, (unsigned long long)t.cooldown_s);
	}
}

static struct bnd_tier
raised(const struct bnd_policy *p, enum bnd_action action, enum bnd_mode from)
{
	return bnd_tier_raised(
	    bnd_challenge_tier(action, from, 3), p, action, from);
}

static void
raising(void)
{
	struct bnd_policy p = { .floor = BND_MODE_NONE };
	struct bnd_tier t;

	t = raised(&p, BND_ACTION_LOOSEN, BND_COLDROOM);
	ok(t.need == 2 && t.cooldown_s == 90, "an empty bnd.conf adds nothing");
	p.need[BND_COLDROOM] = 1;
	p.cooldown_s[BND_COLDROOM] = 5;
	t = raised(&p, BND_ACTION_LOOSEN, BND_COLDROOM);
	ok(t.need == 2 && t.cooldown_s == 90, "and takes nothing away");
	p.need[BND_AIRGAP] = 3;
	p.cooldown_s[BND_TRUSTED] = 300;
	p.offline[BND_LOCKDOWN] = true;
	t = raised(&p, BND_ACTION_LOOSEN, BND_AIRGAP);
	ok(t.need == 3 && t.cooldown_s == 60 && !t.offline,
	    "a loosening has what is asked of the mode that is left");
	t = raised(&p, BND_ACTION_LOOSEN, BND_LOCKDOWN);
	ok(t.need == 2 && t.cooldown_s == 90 && t.offline, "of that alone");
	for (int a = BND_ACTION_ENROLL; a < BND_ACTION_DRILL; a++) {
		t = raised(&p, (enum bnd_action)a, BND_OPEN);
		ok(t.need == 3 && t.cooldown_s == 300 && t.offline,
		    "%s has the most that is asked of any",
		    bnd_action_name((enum bnd_action)a));
	}
	t = raised(&p, BND_ACTION_DRILL, BND_LOCKDOWN);
	ok(t.need == 1 && t.cooldown_s == 0 && !t.offline,
	    "a drill stays what it is");
}

static void
meeting(void)
{
	struct bnd_policy p = { .need = { [BND_AIRGAP] = 2 },
		.cooldown_s = { [BND_AIRGAP] = 120 },
		.offline = { [BND_AIRGAP] = true } };
	struct bnd_challenge c = { .action = BND_ACTION_LOOSEN,
		.from = BND_AIRGAP,
		.need = 2,
		.cooldown_s = 120,
		.offline = true };
	struct bnd_err err = { 0 };

	is_int(bnd_tier_meets(&p, &c, &err), 0, "as much as is asked");
	c.need = 1;
	ok(bnd_tier_meets(&p, &c, &err) != 0 && err.kind == BND_E_CEREMONY,
	    "one person less");
	c.need = 2;
	c.cooldown_s = 119;
	ok(bnd_tier_meets(&p, &c, &err) != 0, "one second less");
	c.cooldown_s = 120;
	c.offline = false;
	ok(bnd_tier_meets(&p, &c, &err) != 0, "any kind of key");
	c.from = BND_TRUSTED;
	is_int(bnd_tier_meets(&p, &c, &err), 0, "of another mode");
	c.action = BND_ACTION_REVOKE;
	ok(bnd_tier_meets(&p, &c, &err) != 0, "and of the top tier, again");
}

/* One less, as much, one more, of every mode and of no other. */
static void
edges(void)
{
	struct bnd_err err = { 0 };
	unsigned bad = 0;

	for (int m = BND_MODE_FIRST; m <= BND_MODE_LAST; m++) {
		struct bnd_policy p = { .floor = BND_MODE_NONE };
		struct bnd_challenge c = { .action = BND_ACTION_LOOSEN,
			.from = (enum bnd_mode)m };

		p.need[m] = 3;
		for (c.need = 2; c.need <= 4; c.need++)
			bad += (bnd_tier_meets(&p, &c, &err) == 0) !=
			    (c.need >= 3);
		p.need[m] = 0;
		p.cooldown_s[m] = 120;
		for (c.cooldown_s = 119; c.cooldown_s <= 121; c.cooldown_s++)
			bad += (bnd_tier_meets(&p, &c, &err) == 0) !=
			    (c.cooldown_s >= 120);
		c.from = m != BND_MODE_LAST ? (enum bnd_mode)(m + 1)
					    : BND_MODE_FIRST;
		c.cooldown_s = 0;
		bad += bnd_tier_meets(&p, &c, &err) != 0;
	}
	is_int(bad, 0, "at the edge, in every mode");
}

static void
windows(void)
{
	struct bnd_challenge c = { .cooldown_s = 90 };

	ok(bnd_challenge_window_us(&c) == 600 * UINT64_C(1000000),
	    "ten minutes to use it");
	c.cooldown_s = 86400;
	ok(bnd_challenge_window_us(&c) == 86400 * UINT64_C(1000000),
	    "or as long as its cool-down");
}

int
main(void)
{
	floors();
	raising();
	meeting();
	edges();
	windows();
	return tap_done();
}
