/* err.c: one sentence, one status */
/* SPDX-License-Identifier: ISC */
#include "err.h"

#include <errno.h>
#include <string.h>

#include "tap.h"

int
main(void)
{
	struct bnd_err err = { 0 };
	char longer[400];

	is_int(bnd_fail(&err, BND_E_BUSY, "%s is held", "x"), -1, "fails");
	is_int(err.kind, BND_E_BUSY, "kind");
	is_str(err.text, "x is held", "text");
	(void)bnd_fail(&err, BND_E_ENFORCER, "1-1: NOT ENFORCED: %s", err.text);
	is_str(err.text, "1-1: NOT ENFORCED: x is held", "around the old text");
	errno = ENOENT;
	is_int(bnd_fail_errno(&err, "cannot open %s", "y"), -1, "fails");
	is_str(err.text, "cannot open y: No such file or directory", "text");
	is_int(err.errnum, ENOENT, "errno kept in the error");
	is_int(errno, ENOENT, "and in errno");
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	is_int(bnd_fail(&err, BND_E_SYS, "%s", longer), -1, "fails");
	is_str(err.text + sizeof(err.text) - 5, "a...", "a cut is marked");
	is_int(bnd_fail(NULL, BND_E_SYS, "x"), -1, "nobody wants to know");
	is_int(bnd_kind_exit(BND_E_NONE), 0, "none is 0");
	is_int(bnd_kind_exit(BND_E_DENIED), 1, "no is 1");
	is_int(bnd_kind_exit(BND_E_ENFORCER), 19, "enforcer is 19");
	is_int(bnd_kind_exit((enum bnd_kind)77), 2,
	    "a kind from nowhere is trouble, not success");
	for (int k = BND_E_DENIED; k <= (int)BND_E_ENFORCER; k++)
		ok(bnd_kind_exit((enum bnd_kind)k) != 0,
		    "no failure has status 0");
	return tap_done();
}
