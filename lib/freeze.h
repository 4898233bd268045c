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
 * Free, and never stops a tightening.  Asked for without a lock, so that it
 * counts at once, then mode.freeze (or in the spool, and the floor file for
 * boot) and the reason in the state; the generation stays.  Frozen already is
 * success, the first reason stays.  -1 with BND_E_UNLOGGED: frozen, but that is
 * not durably on record; BND_E_CORRUPT: there is no sound state to say so.
 */
int bnd_freeze(const struct bnd_root *root, const char *reason,
    struct bnd_err *err) BND_CHECK;

/* The second half, for a freeze that somebody else asked for. */
int bnd_freeze_settle(const struct bnd_root *root, unsigned lock_ms,
    struct bnd_err *err) BND_CHECK;

/*
 * Uses a ripe ceremony of action unfreeze: mode.unfreeze, durable, with the
 * clock's offset before and now, then the state.  In every mode.
 */
int bnd_unfreeze(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN],
    struct bnd_err *err) BND_CHECK;

#endif
