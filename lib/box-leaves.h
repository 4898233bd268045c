/* box-leaves.h: the v2 leaves of all sandboxes, and what the kernel says of each */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_LEAVES_H
#define BND_BOX_LEAVES_H

#include <stdbool.h>

/*
 * The directory of all leaves, -1 if there is none (errno ENOENT): no sandbox
 * can run then.  Nothing is made or mounted for it, as bnd_cg_find() would.
 */
int bnd_leaves_open(void);
/* One of them; -1 for what is none, or is gone. */
int bnd_leaf_open(int leaves, const char *name);
/* Pure: whose number it bears; "7r" is of the relay of 7.  False: nobody's. */
bool bnd_leaf_lease(const char *name, unsigned *lease, bool *relay);
/* In how many of them, relays apart, something lives. */
unsigned bnd_leaves_count(int leaves);

/*
 * Whether key of cgroup.events (cgroup-v2.rst: populated, frozen) is or comes to
 * be want within wait_ms.  In a leaf that is gone nothing is.
 */
bool bnd_leaf_is(int leaf, const char *key, int want, unsigned wait_ms);

#endif
