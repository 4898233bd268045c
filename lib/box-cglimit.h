/* box-cglimit.h: memory, swap, pids and CPU: written, read back, lowered */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_CGLIMIT_H
#define BND_BOX_CGLIMIT_H

#include "box-cgroup.h"
#include "box-policy.h"
#include "err.h"

/* The facilities that p cannot do without, a bit each; a key at max needs none. */
unsigned bnd_cg_needs(const struct bnd_box_policy *p);

/* Write p's limits to fresh leaves, and read back; BND_E_SYS names the facility. */
int bnd_cg_limit(const struct bnd_cg *cg, const struct bnd_box_policy *p,
    struct bnd_err *err) BND_CHECK;
/* Limits as they are now against what p wants: -1 names file, wanted, seen. */
int bnd_cg_attest(const struct bnd_cg *cg, const struct bnd_box_policy *p,
    struct bnd_err *err) BND_CHECK;
/*
 * Lower what is above p's mem, swap, pids, cpu, and read it back; what is below
 * stays.
 */
int bnd_cg_lower(const struct bnd_cg *cg, const struct bnd_box_policy *p,
    struct bnd_err *err) BND_CHECK;

/* Whether one of them is above p's: 1, 0, or -1. */
int bnd_cg_exceeds(const struct bnd_cg *cg, const struct bnd_box_policy *p,
    struct bnd_err *err) BND_CHECK;

/* Whether this host swaps at all (proc_swaps(5)); if it cannot be told, it does. */
bool bnd_cg_swaps(void);

#endif
