/* return.h: who brings a bounded loosening back when its time is over */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RETURN_H
#define BND_RETURN_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "root.h"

#define BND_RETURN_SEEN	   "run/bnd/checked"
#define BND_RETURN_FRESH_S 150 /* the minutely check, and some patience */

/*
 * Readers act on the stricter mode from the end on by themselves; the kernel
 * needs somebody who comes.  Under systemd that is a transient timer that runs
 * mode-set --check.  Elsewhere it is the minutely --check of cron, which must
 * have been seen: it leaves its time in BND_RETURN_SEEN.
 */

/* Whether there is somebody; asked before any human is. */
int bnd_return_can(const struct bnd_root *root, struct bnd_err *err) BND_CHECK;
/* Somebody will come in for_s seconds, whatever becomes of us. */
int bnd_return_arm(
    const struct bnd_root *root, uint64_t for_s, struct bnd_err *err) BND_CHECK;
/* A check was here. */
int bnd_return_seen(const struct bnd_root *root, struct bnd_err *err) BND_CHECK;

#endif
