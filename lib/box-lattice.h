/* box-lattice.h: what is tighter, and the meet of a policy and a floor */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_LATTICE_H
#define BND_BOX_LATTICE_H

#include "box-policy.h"
#include "err.h"

/* What a policy does not say is the loosest there is. */
enum bnd_box_order {
	BND_BOX_EQUAL = 0,
	BND_BOX_TIGHTER,
	BND_BOX_LOOSER,
	BND_BOX_INCOMPARABLE,
};
const char *bnd_box_order_word(enum bnd_box_order o);

/* How a stands to b, of one key and over all that have an order. */
enum bnd_box_order bnd_box_compare_key(const struct bnd_box_policy *a,
    const struct bnd_box_policy *b, enum bnd_box_key key);
enum bnd_box_order bnd_box_compare(
    const struct bnd_box_policy *a, const struct bnd_box_policy *b);

/*
 * p becomes the loosest policy that neither it nor floor forbids; narrowed[key]
 * is set where that changed something, its origin is the floor's.  hide and
 * protect are the floor's too, and not called narrowed: what they refuse
 * box-src.c refuses.  A floor has no binds.  -1: a list would get too long.
 */
int bnd_box_meet(struct bnd_box_policy *p, const struct bnd_box_policy *floor,
    bool narrowed[static BND_BOX_KEYS], struct bnd_err *err) BND_CHECK;

#endif
