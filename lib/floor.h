/* floor.h: what boot must keep, where a full disk lets it be written */
/* SPDX-License-Identifier: ISC */
#ifndef BND_FLOOR_H
#define BND_FLOOR_H

#include <stdbool.h>

#include "err.h"
#include "mode.h"
#include "root.h"

#define BND_FLOOR_PATH "var/lib/bnd/floor"

/*
 * One block, allocated at --init and written in place: a tightening that could
 * not be logged survives a reboot here.  Unreadable or damaged (a write that
 * the power cut, too) is LOCKDOWN, with the reason in err.
 */
int bnd_floor_make(const struct bnd_root *root, struct bnd_err *err) BND_CHECK;
enum bnd_mode bnd_floor_get(
    const struct bnd_root *root, struct bnd_err *err) BND_CHECK;

/* At least m from now on; m BND_MODE_NONE clears it. */
int bnd_floor_set(const struct bnd_root *root, enum bnd_mode m,
    struct bnd_err *err) BND_CHECK;

/* A freeze that is not on the chain.  Neither touches the other. */
bool bnd_floor_is_frozen(const struct bnd_root *root);
int bnd_floor_freeze(
    const struct bnd_root *root, bool frozen, struct bnd_err *err) BND_CHECK;

#endif
