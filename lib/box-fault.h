/* box-fault.h: where a test build makes a step go wrong */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_FAULT_H
#define BND_BOX_FAULT_H

#include "box-stage.h"

/* Test builds replace this: fail, skip, stall or die at a step; else always 0. */
enum bnd_step_fault {
	BND_FAULT_NONE = 0,
	BND_FAULT_SKIP,
	BND_FAULT_FAIL,
};
enum bnd_step_fault bnd_box_fault(enum bnd_box_stage s, unsigned step);

#endif
