/* usb-base.c: what belongs here: the baseline, and the difference */
/* SPDX-License-Identifier: ISC */
#include "usb-guard.h"

#include "cmd.h"

int
usb_baseline(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	(void)root, (void)args, (void)err;
	cmd_warn("not built");
	return 2;
}

int
usb_diff(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	(void)root, (void)args, (void)err;
	cmd_warn("not built");
	return 2;
}
