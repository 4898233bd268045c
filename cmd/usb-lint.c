/* usb-lint.c: rules and settings, parsed and looked over */
/* SPDX-License-Identifier: ISC */
#include "usb-guard.h"

#include "cmd.h"

int
usb_lint(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	(void)root, (void)args, (void)err;
	cmd_warn("not built");
	return 2;
}
