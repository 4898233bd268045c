/* freeze.h: nothing loosens until a ceremony says so */
/* SPDX-License-Identifier: ISC */
#ifndef BND_FREEZE_H
#define BND_FREEZE_H

#include <stdbool.h>
#include <stdint.h>

#include "challenge.h"
#include "err.h"
#include "root.h"

/*
 * Free, and never stops a tightening.  Appends mode.freeze (or spools it) and
 * publishes the reason in the state; the generation stays.  Frozen already is
 * success, the first reason stays.
 */
int bnd_freeze(const struct bnd_root *root, const char *reason,
    struct bnd_err *err) BND_CHECK;

/* Uses a ripe ceremony of action unfreeze: mode.unfreeze, durable, then the state. */
int bnd_unfreeze(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN],
    struct bnd_err *err) BND_CHECK;

#endif
