/* box-floor.h: the loosest a mode allows, built in and from its files */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_FLOOR_H
#define BND_BOX_FLOOR_H

#include "box-value.h"
#include "root.h"

#define BND_BOX_FLOOR_DIR "etc/bnd/sbx/floor"

/*
 * The floor of a mode: that of its laxer neighbour, what is built in for it,
 * and etc/bnd/sbx/floor/MODE.sbx, each of which can only tighten.  -1: a file
 * is broken or looser; nothing runs then.  BND_LOCKDOWN is always -1 (DENIED).
 */
int bnd_box_floor(const struct bnd_root *root, enum bnd_mode m,
    struct bnd_box_pool *pool, struct bnd_box_policy *floor,
    struct bnd_err *err) BND_CHECK;

#endif
