/* usb-run.c: what touches devices: hook, apply, check */
/* SPDX-License-Identifier: ISC */
#include "usb-guard.h"

#include "cmd.h"

int
usb_hook(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	(void)root, (void)args, (void)err;
	cmd_warn("not built");
	return 2;
}

int
usb_apply(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	(void)root, (void)args, (void)err;
	cmd_warn("not built");
	return 2;
}

int
usb_check(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	(void)root, (void)args, (void)err;
	cmd_warn("not built");
	return 2;
}
