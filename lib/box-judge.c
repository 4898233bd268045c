/* box-judge.c: what the floor of a mode asks of a sandbox that runs */
/* SPDX-License-Identifier: ISC */
#include "box-judge.h"

#include "box-key.h"
#include "box-lattice.h"

/* The kernel takes a smaller value for these at any time. */
static bool
can_be_lowered(enum bnd_box_key key)
{
	return key == BND_BOX_MEM || key == BND_BOX_SWAP ||
	    key == BND_BOX_PIDS || key == BND_BOX_CPU;
}

static bool
writes(const struct bnd_box_policy *p)
{
	for (size_t i = 0; i < p->binds; i++)
		if (p->bind[i].rights & BND_BIND_W)
			return true;
	return false;
}

/*
 * What is in force is compared: protect is about sources that are writable, and
 * on-tighten is no right but what becomes of it now.
 */
static bool
counts(const struct bnd_box_policy *p, const struct bnd_box_keydef *k)
{
	if (k->key == BND_BOX_ON_TIGHTEN || k->lattice == BND_LATTICE_FREE)
		return false;
	return k->key != BND_BOX_PROTECT || writes(p);
}

static bool
is_within(const struct bnd_box_policy *running,
    const struct bnd_box_policy *floor, enum bnd_box_key key)
{
	enum bnd_box_order o = bnd_box_compare_key(running, floor, key);

	return o == BND_BOX_EQUAL || o == BND_BOX_TIGHTER;
}

/* A floor that does not say it allows both. */
static bool
freezes(const struct bnd_box_policy *p)
{
	return !p->said[BND_BOX_ON_TIGHTEN] ||
	    p->num[BND_BOX_ON_TIGHTEN] == BND_ACT_FREEZE;
}

enum bnd_box_did
bnd_box_judge(
    const struct bnd_box_policy *running, const struct bnd_box_policy *floor)
{
	enum bnd_box_did did = BND_DID_KEPT;

	if (running == NULL || floor == NULL)
		return BND_DID_KILLED;
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++) {
		if (!counts(running, k) || is_within(running, floor, k->key))
			continue;
		if (!can_be_lowered(k->key))
			return freezes(running) && freezes(floor)
			    ? BND_DID_FROZEN
			    : BND_DID_KILLED;
		did = BND_DID_LOWERED;
	}
	return did;
}

void
bnd_box_lowered(
    struct bnd_box_policy *running, const struct bnd_box_policy *floor)
{
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++)
		if (can_be_lowered(k->key) &&
		    !is_within(running, floor, k->key)) {
			running->num[k->key] = floor->num[k->key];
			running->said[k->key] = true;
		}
}
