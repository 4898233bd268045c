/* box-land.h: Landlock: the bind table once more, by another mechanism */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_LAND_H
#define BND_BOX_LAND_H

#include "box-job.h"
#include "box-stage.h"
#include "err.h"

/* The kernel's ABI (landlock_create_ruleset(2)), 0 without Landlock. */
int bnd_land_abi(void);

/*
 * In the payload, no heap, inside the new root: rules from the job's trees and
 * scratch, masked by the ABI; then the proof: mount(MS_PRIVATE) on / succeeds
 * before and is EPERM after (note->value).  -1: note's errnum and arg.
 */
int bnd_land_restrict(const struct bnd_box_job *job, struct bnd_box_note *note);

#endif
