/* timed-ceremony.c: the shipped ceremony on the tests' clock */
/* SPDX-License-Identifier: ISC */
#include "../../cmd/ceremony.c"
