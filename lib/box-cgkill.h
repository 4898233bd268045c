/* box-cgkill.h: a whole tree killed, and whether it is gone or frozen */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_CGKILL_H
#define BND_BOX_CGKILL_H

#include <stdbool.h>

#include "box-cgroup.h"
#include "err.h"

/* cgroup.kill; cgroup.events: 1 yes, 0 no, -1. */
int bnd_cg_kill(const struct bnd_cg *cg, struct bnd_err *err) BND_CHECK;
int bnd_cg_populated(const struct bnd_cg *cg, struct bnd_err *err) BND_CHECK;
int bnd_cg_frozen(const struct bnd_cg *cg, struct bnd_err *err) BND_CHECK;

/* Until populated 0: BND_E_BUSY after wait_ms. */
int bnd_cg_wait_empty(
    const struct bnd_cg *cg, unsigned wait_ms, struct bnd_err *err) BND_CHECK;

#endif
