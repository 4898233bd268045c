/* timed-pam-helper.c: the shipped pam-helper on the tests' clock and terminal */
/* SPDX-License-Identifier: ISC */
#include "../../cmd/pam-helper.c"
