/* timed-net-seal.c: the shipped net-seal on the tests' clock (tests/fake) */
/* SPDX-License-Identifier: ISC */
#include "../../cmd/net-seal.c"
