/* timed-pam-helper.c: the shipped pam-helper on the tests' clock and terminal */
/* SPDX-License-Identifier: ISC */
#include "../../cmd/pam-helper.c"

/* It cannot be traced, so leaks cannot be looked for, and it has no environment. */
const char *__asan_default_options(void);

__attribute__((visibility("default"))) const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}
