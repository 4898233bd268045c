/* sbx-list.c: the sandboxes that run, and the sweep after a crash */
/* SPDX-License-Identifier: ISC */
#include "cmd.h"
#include "sbx-run.h"

int
sbx_list(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	(void)root;
	(void)args;
	(void)bnd_fail(err, BND_E_SYS, "--list: not in this build");
	return cmd_fail(err);
}

int
sbx_gc(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	(void)root;
	(void)args;
	(void)bnd_fail(err, BND_E_SYS, "--gc: not in this build");
	return cmd_fail(err);
}
