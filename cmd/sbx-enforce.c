/* sbx-enforce.c: running sandboxes obey the mode */
/* SPDX-License-Identifier: ISC */
#include "cmd.h"
#include "sbx-run.h"

int
sbx_enforce(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	(void)root;
	(void)args;
	(void)bnd_fail(err, BND_E_SYS, "--enforce: not in this build");
	return cmd_fail(err);
}
