/* sbx-go.c: run one command in a sandbox */
/* SPDX-License-Identifier: ISC */
#include "cmd.h"
#include "sbx-run.h"

int
sbx_go(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	(void)root;
	(void)args;
	(void)bnd_fail(err, BND_E_SYS, "COMMAND: not in this build");
	return (cmd_warn_err(err), SBX_TROUBLE);
}
