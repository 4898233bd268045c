/* box-effective.h: what would run: a profile, met with the floor of a mode */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_EFFECTIVE_H
#define BND_BOX_EFFECTIVE_H

#include "box-floor.h"
#include "box-lattice.h"
#include "box-load.h"
#include "sign.h"

/*
 * What a run and --explain both start from.  BND_E_DENIED: LOCKDOWN, mode-min
 * is stricter, the floor wants the system's profiles, or hide or protect names
 * a source.
 */
int bnd_box_effective(const struct bnd_root *root,
    const struct bnd_box_ask *ask, enum bnd_mode m, struct bnd_box_pool *pool,
    struct bnd_box_policy *p, bool narrowed[static BND_BOX_KEYS],
    struct bnd_err *err) BND_CHECK;

/*
 * landlock becomes the kernel's ABI, as what is compared later is what is in
 * force.  -1: it is too old for the policy.
 */
int bnd_box_in_force(
    struct bnd_box_policy *p, unsigned abi, struct bnd_err *err) BND_CHECK;

/* SHA-256 of the canonical text: the policy's id. */
void bnd_box_policy_id(struct bnd_str text, uint8_t id[static BND_HASH_LEN]);

#endif
