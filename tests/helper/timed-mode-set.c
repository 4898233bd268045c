/* timed-mode-set.c: the shipped mode-set on the tests' clock (tests/fake) */
/* SPDX-License-Identifier: ISC */
#include "../../cmd/mode-set.c"
