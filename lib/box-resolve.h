/* box-resolve.h: the names of an allow list, asked for once and never again */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_RESOLVE_H
#define BND_BOX_RESOLVE_H

#include <stdint.h>

#include "box-dial.h"
#include "box-policy.h"
#include "err.h"

/*
 * Every pair of the list with its addresses; names by getent(1), so by whatever
 * nsswitch.conf(5) says, in a process of its own.  errnum is ETIMEDOUT when
 * deadline_ms (of bnd_clock_ms()) came first.
 */
int bnd_resolve(const struct bnd_box_policy *p, uint64_t deadline_ms,
    struct bnd_dials *d, struct bnd_err *err) BND_CHECK;

#endif
