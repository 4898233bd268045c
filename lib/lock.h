/* lock.h: an open-file-description lock, with a deadline */
/* SPDX-License-Identifier: ISC */
#ifndef BND_LOCK_H
#define BND_LOCK_H

#include <stdbool.h>

#include "err.h"
#include "root.h"

/*
 * Lock path (0600, made if make is true; never renamed or unlinked by anybody)
 * and return the descriptor; closing it, or dying, gives the lock back.
 * F_OFD_SETLK with a backoff from 50 us to 5 ms, up to deadline_ms of
 * CLOCK_MONOTONIC, then BND_E_BUSY.  Once held, the descriptor must still be
 * the file of that name, a regular one with one link and the right owner.
 */
int bnd_lock(const struct bnd_root *root, const char *path, bool make,
    bool exclusive, unsigned deadline_ms, struct bnd_err *err) BND_CHECK;

#endif
