/* timed-sbx-run.c: the shipped sbx-run on the tests' clock (tests/fake) */
/* SPDX-License-Identifier: ISC */
#include "../../cmd/sbx-run.c"
