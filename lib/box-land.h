/* box-land.h: Landlock: the bind table once more, by another mechanism */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_LAND_H
#define BND_BOX_LAND_H

#include "box-dial.h"
#include "box-job.h"
#include "box-stage.h"
#include "uapi.h"

/* The kernel's ABI (landlock_create_ruleset(2)), 0 without Landlock. */
int bnd_land_abi(void);

/*
 * In the payload, no heap, inside the new root: rules from the job's trees,
 * scratch and, with @ipc, message queues, masked by the ABI; then the proof:
 * mount(MS_PRIVATE) on / succeeds before and is EPERM after (note->value).
 * -1: note's errnum and arg.
 */
int bnd_land_restrict(const struct bnd_box_job *job, struct bnd_box_note *note);

/*
 * In the relay: no file at all, no port but those of d (ABI 4), no signal to
 * others.  The proof: / opens before, and after with *denied, which is EACCES.
 */
int bnd_land_shut(int abi, const struct bnd_dials *d, int *denied) BND_CHECK;

/* What arg means when it is no tree, whose rule was refused. */
enum bnd_land_part {
	BND_LAND_CREATE = 1000,
	BND_LAND_RULE,
	BND_LAND_BEFORE,
	BND_LAND_RESTRICT,
	BND_LAND_AFTER,
	BND_LAND_QUEUES,
};
const char *bnd_land_part_name(unsigned arg);

/* Pure: what a kernel of this ABI is asked to handle; the rights of a tree. */
struct bnd_ll_ruleset bnd_land_handled(int abi, bool net);
uint64_t bnd_land_rights(const struct bnd_box_tree *t);

#endif
