/* bare.c: a program with mode-set's libraries that does nothing */
/* SPDX-License-Identifier: ISC */
#include "audit.h"
#include "sign.h"

int
main(int argc, char **argv)
{
	(void)argv;
	/* Never; but the linker has to bring them along. */
	if (argc > 100)
		return bnd_sign_init(NULL) + bnd_audit_there(NULL);
	return 0;
}
