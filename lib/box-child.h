/* box-child.h: the init of a sandbox, from clone to the last reaped orphan */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_CHILD_H
#define BND_BOX_CHILD_H

#include "box-job.h"
#include "box-stage.h"

/*
 * Waits for its maps, walks bnd_box_init_steps, then reaps until the payload is
 * dead or the supervisor is.  A step that fails is a note and _exit(125).  No
 * heap, no stdio, no exit().
 */
_Noreturn void bnd_box_init(struct bnd_box_job *job);
extern const struct bnd_box_step bnd_box_init_steps[];

#endif
