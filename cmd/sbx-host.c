/* sbx-host.c: what this kernel can enforce, tried */
/* SPDX-License-Identifier: ISC */
#include "cmd.h"
#include "sbx-run.h"

int
sbx_check_host(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	(void)root;
	(void)args;
	(void)bnd_fail(err, BND_E_SYS, "--check-host: not in this build");
	return cmd_fail(err);
}

int
sbx_selftest(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	(void)root;
	(void)args;
	(void)bnd_fail(err, BND_E_SYS, "--selftest: not in this build");
	return cmd_fail(err);
}
