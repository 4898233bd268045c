/* sbx-explain.c: what a sandbox would be allowed, and which of two is tighter */
/* SPDX-License-Identifier: ISC */
#include "cmd.h"
#include "sbx-run.h"

int
sbx_explain(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	(void)root;
	(void)args;
	(void)bnd_fail(err, BND_E_SYS, "--explain: not in this build");
	return cmd_fail(err);
}

int
sbx_compare(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	(void)root;
	(void)args;
	(void)bnd_fail(err, BND_E_SYS, "--compare: not in this build");
	return cmd_fail(err);
}
