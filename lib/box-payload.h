/* box-payload.h: the payload, from its clone to execve */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_PAYLOAD_H
#define BND_BOX_PAYLOAD_H

#include "box-stage.h"
#include "box-walk.h"

/*
 * In the init's child; the first state is the init's.  A step that fails is a
 * note and _exit(125).  No heap, no stdio, no exit().
 */
_Noreturn void bnd_box_payload(struct bnd_box_child *c);
extern const struct bnd_box_step bnd_box_payload_steps[];

#endif
