/* box-child.h: init and payload: what they do between clone and exec */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_CHILD_H
#define BND_BOX_CHILD_H

#include "box-job.h"
#include "box-stage.h"
#include "err.h"

/*
 * The init (sbx.md 3, 11 to 18): a table {stage, function}; each failure is a
 * note and _exit(125).  Never returns.
 */
_Noreturn void bnd_box_init(struct bnd_box_job *job);
/* The payload (17 to 22), called in the init's child. */
_Noreturn void bnd_box_payload(struct bnd_box_job *job);

/* Test builds replace this: fail, skip, stall or die at step n; else always 0. */
enum bnd_step_fault {
	BND_FAULT_NONE = 0,
	BND_FAULT_SKIP,
	BND_FAULT_FAIL,
};
enum bnd_step_fault bnd_box_fault(enum bnd_box_stage s, unsigned step);

#endif
