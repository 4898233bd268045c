/* knob.h: kernel settings that a mode wants tighter, and their way back */
/* SPDX-License-Identifier: ISC */
#ifndef BND_KNOB_H
#define BND_KNOB_H

#include "err.h"
#include "mode.h"
#include "plan.h"
#include "root.h"

#define BND_KNOB_FOUND "run/bnd/knobs"

/*
 * The knobs of bnd(7) below /proc/sys.  apply() writes down what it finds
 * before the first tightening (BND_KNOB_FOUND), sets what plan->mode wants but
 * never less than was found, and reads everything back; in OPEN it puts back
 * exactly what was found.  A knob this kernel lacks is reported as absent.
 * One-way knobs are set only if plan->policy asks for them.
 */
int bnd_knob_apply(const struct bnd_root *root, const struct bnd_plan *plan,
    struct bnd_result *res, struct bnd_err *err) BND_CHECK;
int bnd_knob_check(const struct bnd_root *root, const struct bnd_plan *plan,
    struct bnd_result *res, struct bnd_err *err) BND_CHECK;

/* Row i of the table: its name, and what mode m wants (-1: left alone). */
const char *bnd_knob_name(size_t i);
int bnd_knob_wants(size_t i, enum bnd_mode m);

#endif
